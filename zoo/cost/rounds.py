"""The order of a round, its length, and when there are enough of them."""

from __future__ import annotations

import random
from typing import TYPE_CHECKING, TypeVar

from zoo.statistics.intervals import median, summarise_rounds

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from zoo.cost.protocol import Protocol


T = TypeVar("T")


def balanced_orders(items: Sequence[T], seed: int) -> Iterator[list[T]]:
    """Orders without end, in which each item holds each place equally often.

    In every block of ``len(items)`` rounds it holds each once.

    Each block is a cyclic Latin square over a new shuffle, its rows shuffled too, so that neither the
    place nor the neighbour of an item is tied to the item.
    """
    generator = random.Random(seed)
    while True:
        base = list(items)
        generator.shuffle(base)
        starts = list(range(len(base)))
        generator.shuffle(starts)
        for start in starts:
            yield base[start:] + base[:start]


def collect_round(
    time_call: Callable[[], tuple[float, float | None]], protocol: Protocol
) -> list[tuple[float, float | None]]:
    """One unrecorded call, then as many as the protocol asks of a round.

    The unrecorded call brings the model's weights back into the caches that the previous model filled.

    Parameters
    ----------
    time_call : callable
        Seconds of wall time, and of device time where there is one.
    protocol : Protocol
    """
    time_call()
    times: list[tuple[float, float | None]] = []
    total = 0.0
    while not _round_is_full(len(times), total, protocol):
        times.append(time_call())
        total += times[-1][0]
    return times


def _round_is_full(iterations: int, seconds: float, protocol: Protocol) -> bool:
    if iterations == 0:
        return False
    if seconds >= protocol.round_s:
        return True
    return iterations >= protocol.min_iterations and seconds >= protocol.min_round_s


def warm_process(time_call: Callable[[], tuple[float, float | None]], protocol: Protocol) -> None:
    """Make the unrecorded calls of a new process, which are slower."""
    spent = 0.0
    for _ in range(protocol.process_calls):
        if spent >= protocol.round_s:
            return
        spent += time_call()[0]


def warm_up(time_call: Callable[[], tuple[float, float | None]], protocol: Protocol) -> tuple[float, bool]:
    """Call until two successive medians agree.

    Returns
    -------
    (float, bool)
        Seconds that it took, and whether they agreed in time.
    """
    spent = 0.0
    previous: float | None = None
    while True:
        times: list[float] = []
        # Groups of slow calls are cut short as rounds are.
        while not times or (len(times) < protocol.warmup_iterations and sum(times) < protocol.round_s):
            times.append(time_call()[0])
        spent += sum(times)
        current = median(times)
        if previous is not None and abs(current - previous) <= protocol.warmup_agreement * previous:
            return spent, True
        if spent >= protocol.warmup_s:
            return spent, False
        previous = current


def is_resolved(values: Sequence[float], protocol: Protocol, enough: int | None = None) -> bool:
    """Whether the median's interval is narrow enough, or rounds are enough."""
    if enough is not None and len(values) >= enough:
        return True
    if len(values) < protocol.min_rounds:
        return False
    if min(values) == max(values):  # also where they are zero, of which no width is a fraction
        return True
    width = half_width(values)
    return width is not None and width <= protocol.target_half_width


def half_width(values: Sequence[float]) -> float | None:
    """Half the interval of the median over rounds, as a fraction of it.

    None where there is no such interval.
    """
    return summarise_rounds(values, "").relative_half_width if values else None
