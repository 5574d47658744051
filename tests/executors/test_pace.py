"""Work in equal steps tells how long the rest takes, by a planted clock."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from zoo.executors.events import StepProgress
from zoo.executors.pace import paced

if TYPE_CHECKING:
    from zoo.executors.events import Event


def told(*seen: tuple[float, int]) -> list[float | None]:
    """Seconds left, of steps to 50 each at a time."""
    events: list[Event] = []
    clock = iter([now for now, _ in seen])
    listen = paced(events.append, "reading pets", lambda: next(clock))
    for _, step in seen:
        listen(step, 50)
    steps = [event for event in events if isinstance(event, StepProgress)]
    assert [(event.label, event.step, event.total) for event in steps] == [("reading pets", s, 50) for _, s in seen]
    return [event.seconds_left for event in steps]


def test_the_rest_goes_on_at_the_pace_so_far() -> None:
    assert told((100.0, 10), (102.0, 20), (104.0, 40), (105.0, 50)) == [
        None,
        pytest.approx(6.0),
        pytest.approx(4 / 3),
        0,
    ]


def test_what_the_first_steps_wait_for_is_no_pace() -> None:
    assert told((100.0, 0), (130.0, 0), (130.1, 10)) == [None, None, pytest.approx(30.1 / 10 * 40)]
    assert told((100.0, 10), (100.5, 20), (101.5, 40)) == [None, None, pytest.approx(0.5)]
