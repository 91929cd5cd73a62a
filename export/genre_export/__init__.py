"""Turns a trained network into the one file that the daemon runs.

Artefacts flow one way::

    run folder -> int8 flatbuffer -> calibrated, compared with the float -> bundle
"""
