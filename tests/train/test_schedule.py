"""The learning rate: up in a line, down along a cosine."""

from __future__ import annotations

import numpy as np

from genre_train.schedule import cosine_decay


def test_it_warms_up_reaches_its_peak_and_ends_at_zero() -> None:
    schedule = cosine_decay(2e-3, steps=100, warmup=20)
    rates = np.array([float(schedule(step)) for step in range(101)])
    np.testing.assert_allclose(rates[[0, 10, 20]], [1e-4, 1.05e-3, 2e-3], rtol=1e-5)
    np.testing.assert_allclose(rates[[60, 100]], [1e-3, 0.0], rtol=1e-5, atol=1e-9)
    assert (np.diff(rates[20:]) < 0).all()
