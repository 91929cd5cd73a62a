"""Trains the network that names genres.

Data flows one way::

    arrays or folder -> data set with a split -> augmented batches -> run folder

Features come from ``genre_daemon``: what is trained on is what will be heard.
"""
