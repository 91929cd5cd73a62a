"""The machine's sleep.

A machine cannot be suspended in a test, nor its clock be set: the clocks are faked,
as the kernel is known to run them (clock_getres(2)).
"""

from __future__ import annotations

from genre_daemon.suspend import Suspension


class Clocks:
    """The kernel's two monotonic clocks."""

    def __init__(self) -> None:
        self.awake_s = 100.0
        self.always_s = 250.0

    def run(self, seconds: float) -> None:
        """Let time pass."""
        self.awake_s += seconds
        self.always_s += seconds

    def sleep(self, seconds: float) -> None:
        """Suspend and resume."""
        self.always_s += seconds

    def suspension(self) -> Suspension:
        """Return what is tested, on these clocks."""
        return Suspension(lambda: self.awake_s, lambda: self.always_s)


def test_each_sleep_is_told_once_with_its_length() -> None:
    clocks = Clocks()
    suspension = clocks.suspension()
    clocks.run(3_600.0)
    assert suspension.slept_s() == 0.0
    clocks.sleep(7_200.0)
    clocks.run(5.0)
    clocks.sleep(60.0)
    assert suspension.slept_s() == 7_260.0
    assert suspension.slept_s() == 0.0


def test_reading_one_clock_a_little_after_the_other_is_no_sleep() -> None:
    clocks = Clocks()
    suspension = clocks.suspension()
    for _ in range(1_000):
        clocks.run(1.0)
        clocks.always_s += 1e-5
        assert suspension.slept_s() in (0.0, clocks.always_s - clocks.awake_s - 150.0)


def test_this_machine_has_not_slept_just_now() -> None:
    assert Suspension().slept_s() == 0.0
