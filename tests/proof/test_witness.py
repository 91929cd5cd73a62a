"""Whether a lost, a doubled and a misplaced change are noticed."""

from __future__ import annotations

from tests.proof.witness import Change, judge_changes, repeated

JAZZ = Change(100.0, "silence", "jazz", late=False)
POP = Change(120.0, "jazz", "pop", late=True)
ROCK = Change(140.0, "pop", "rock", late=False)


def test_a_whole_chain_is_right_however_late_a_link_came() -> None:
    assert judge_changes([JAZZ, ROCK, POP], []) == []


def test_a_missing_link_is_a_lost_change() -> None:
    (wrong,) = judge_changes([JAZZ, ROCK], [])
    assert wrong.startswith("a change is missing between")
    assert "silence -> jazz" in wrong


def test_while_it_could_not_hear_a_chain_may_begin_anew() -> None:
    assert judge_changes([JAZZ, ROCK], [(110.0, 130.0)]) == []
    assert judge_changes([JAZZ, ROCK], [(10.0, 30.0)]) != []


def test_changes_out_of_order_are_wrong() -> None:
    late = Change(90.0, "rock", "silence", late=True)
    assert judge_changes([late, JAZZ, POP, ROCK], [(0.0, 99.0)]) == []
    assert "out of order on history" in judge_changes([POP, late], [(0.0, 200.0)])


def test_a_change_that_came_twice_is_counted_and_is_no_lost_one() -> None:
    again = Change(120.0, "jazz", "pop", late=False)
    assert repeated([JAZZ, POP, ROCK]) == 0
    assert repeated([JAZZ, again, POP, ROCK]) == 1
    assert judge_changes([JAZZ, again, POP, ROCK], []) == []
