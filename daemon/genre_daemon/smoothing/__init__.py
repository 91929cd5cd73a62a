"""Smoothing: predictions in, verdicts out.

Three questions are answered apart. *Which genre?* A sticky hidden Markov model's
forward filter (``belief``). *How sure?* The mean probability since that genre took
over, sharpened until it is the share of verdicts that are right. *Is there anything
to hear?* The level, with hysteresis (``silence``). ``smoother`` puts them together.
"""

from genre_daemon.smoothing.settings import FilterSettings, SmoothingSettings
from genre_daemon.smoothing.silence import SilenceGate
from genre_daemon.smoothing.smoother import Smoother

__all__ = ["FilterSettings", "SilenceGate", "Smoother", "SmoothingSettings"]
