"""Work in equal steps, told with the time to its end."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

from zoo.executors.events import StepProgress

if TYPE_CHECKING:
    from collections.abc import Callable

    from zoo.executors.events import Event


SEEN_S = 1.0
"""A pace of less is no pace: files are read in bunches, and the first waits for what is imported."""


def paced(
    say: Callable[[Event], None], label: str, clock: Callable[[], float] = time.monotonic
) -> Callable[[int, int], None]:
    """A listener of steps that tells how long the rest takes.

    Parameters
    ----------
    say : callable
    label : str
        What is done.
    clock : callable, optional
        Seconds.
    """
    first: list[tuple[float, int]] = []

    def listen(step: int, total: int) -> None:
        now = clock()
        begun, done = first[0] if first else (now, step)
        first[:] = [(begun, done)]
        seen = now - begun >= SEEN_S and step > done
        say(StepProgress(label, step, total, (now - begun) / (step - done) * (total - step) if seen else None))

    return listen
