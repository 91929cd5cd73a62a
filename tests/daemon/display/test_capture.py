"""A picture of the display."""

from __future__ import annotations

from genre_daemon.display.capture import draw_svg
from genre_daemon.display.nodes import NodeState
from genre_daemon.display.view import Broker, View


def test_a_frame_can_be_drawn_as_svg() -> None:
    broker = Broker("192.0.2.10:1883", connected=True)
    node = NodeState("kitchen").receive(
        "state", b'{"genre": "rock", "confidence": 0.94}', retained=False, now_s=1e9
    )
    drawn = draw_svg(View(1e9, broker, (node,)), 80, 24)
    assert drawn.startswith("<svg")
    assert "kitchen" in drawn
    assert "94&#160;%" in drawn
