"""A machine's yardstick: a fixed matrix product and a convolution."""

from __future__ import annotations

import json
import math
import os
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from zoo.errors import option
from zoo.machine.allocator import keep_freed_memory
from zoo.statistics.intervals import median

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable


LARGEST_RATIO = 1.5
"""By how many times two yardsticks of one machine may differ; see docs/measuring.md#the-yardstick."""

BUDGET_S = 0.4
"""Seconds for each of the two, the call that warms up among them."""

ROUNDS = 60
"""Of each of the two, so many are enough."""

PATIENCE_S = 120.0
"""For torch to be imported and the answer to come."""

SCRIPT = "from zoo.machine.yardstick import answer; answer()"


@dataclass(frozen=True, slots=True)
class Yardstick:
    """How fast a machine computes, in median milliseconds.

    Of a core's time on one thread, so that other programs do not count; see docs/measuring.md#the-yardstick.

    Attributes
    ----------
    matmul_ms : float
        A product of two float32 matrices of 512 × 512.
    convolution_ms : float
        A 3 × 3 convolution, 64 channels to 64, of 56 × 56 pixels in float32.
    """

    matmul_ms: float
    convolution_ms: float

    def to_dict(self) -> dict[str, object]:
        """Plain values for JSON."""
        return {"matmul_ms": self.matmul_ms, "convolution_ms": self.convolution_ms}

    @classmethod
    def from_dict(cls, data: Any) -> Yardstick:
        """Undo :meth:`to_dict`.

        Raises
        ------
        TypeError, ValueError
            Where the data is no yardstick.
        """
        found = cls(**data)
        for ms in (found.matmul_ms, found.convolution_ms):
            if isinstance(ms, bool) or not 0 < ms < math.inf:
                raise ValueError("a time must be above 0")
        return found

    def __str__(self) -> str:
        return f"{self.matmul_ms:.2f} and {self.convolution_ms:.2f} ms"


def ratio(a: Yardstick, b: Yardstick) -> float:
    """By how many times two yardsticks differ, in the part that does more."""
    parts = ((a.matmul_ms, b.matmul_ms), (a.convolution_ms, b.convolution_ms))
    return max(max(x / y, y / x) for x, y in parts)


def disagrees(a: Yardstick, b: Yardstick) -> bool:
    """Whether two yardsticks differ by more than one machine's may."""
    return ratio(a, b) > LARGEST_RATIO


def differs(now: Yardstick | None, then: Iterable[Yardstick | None]) -> str:
    """Say in one line that records at hand are of a machine of another speed.

    Parameters
    ----------
    now : Yardstick or None
        The machine's at the start of this run.
    then : iterable of Yardstick or None
        That of each record that would be taken as done; None has none, and is passed over.

    Returns
    -------
    str
        Empty where no yardstick disagrees.
    """
    kept = [yardstick for yardstick in then if yardstick is not None]
    if now is None or not (other := [yardstick for yardstick in kept if disagrees(now, yardstick)]):
        return ""
    furthest = max(other, key=lambda yardstick: ratio(now, yardstick))
    of_all = f"{len(other)} of the {len(kept)} records at hand" if len(kept) > 1 else "the record at hand"
    records = f"{of_all} {'were' if len(other) > 1 else 'was'}"
    return (
        f"this machine's speed has changed: a fixed matrix product and a fixed convolution take {now}, and took "
        f"{furthest} when {records} made ({ratio(now, furthest):.1f} times; {LARGEST_RATIO:g} is allowed): "
        f"{'none of these is' if len(other) > 1 else 'it is not'} taken as done; run again when the machine is as it "
        f"was, measure all anew with {option('again', 'True')}, or keep the new records apart with "
        f"{option('store_url')}"
    )


def measure_yardstick() -> tuple[Yardstick | None, str]:
    """Measure the yardstick in a process of its own.

    It computes for less than a second; the import of torch comes on top.

    Returns
    -------
    Yardstick or None
    str
        Why there is none; empty where there is one.
    """
    found = str(Path(__file__).resolve().parents[2])  # this zoo, wherever the process is started
    paths = os.pathsep.join(filter(None, [found, os.environ.get("PYTHONPATH")]))
    try:
        asked = subprocess.run(  # noqa: S603 - our own interpreter and words
            [sys.executable, "-P", "-c", SCRIPT],
            capture_output=True,
            text=True,
            timeout=PATIENCE_S,
            check=False,
            env=os.environ | {"PYTHONPATH": paths, "OMP_NUM_THREADS": "1"},
        )
    except subprocess.TimeoutExpired:
        return None, f"no answer within {PATIENCE_S:g} s"
    if asked.returncode:
        said = (asked.stderr.strip().splitlines() or ["no word"])[-1]
        return None, f"the process that measured it ended with exit code {asked.returncode} ({said[:200]})"
    try:
        return Yardstick.from_dict(json.loads(asked.stdout.strip().splitlines()[-1])), ""
    except (IndexError, TypeError, ValueError):
        return None, f"the process that measured it answered {asked.stdout[:80]!r}"


def answer() -> None:
    """Print the yardstick as JSON, in the process that measures it."""
    print(json.dumps(time_both().to_dict()))


def time_both(
    clock: Callable[[], float] = time.thread_time, now: Callable[[], float] = time.perf_counter
) -> Yardstick:
    """Time both in this process on one thread, each within its budget."""
    import torch

    torch.set_num_threads(1)
    torch.manual_seed(0)
    keep_freed_memory()
    left, right = torch.randn(512, 512), torch.randn(512, 512)
    images, kernels = torch.randn(1, 64, 56, 56), torch.randn(64, 64, 3, 3)
    with torch.inference_mode():
        return Yardstick(
            matmul_ms=median_ms(lambda: left @ right, clock, now),
            convolution_ms=median_ms(lambda: torch.conv2d(images, kernels, padding=1), clock, now),
        )


def median_ms(call: Callable[[], object], clock: Callable[[], float], now: Callable[[], float]) -> float:
    """Median milliseconds of a call, of as many as the budget allows.

    Each is timed on ``clock``, the budget on ``now``. The first call warms up and is not counted; the second always
    is.
    """
    started = now()
    call()
    taken: list[float] = []
    while not taken or (len(taken) < ROUNDS and now() - started < BUDGET_S):
        before = clock()
        call()
        taken.append(1000 * (clock() - before))
    return median(taken)
