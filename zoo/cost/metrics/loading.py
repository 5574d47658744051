"""Load time, cold and warm, and the first call of a process."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any

from zoo.cost.clock import clock_for
from zoo.cost.inputs import make_input
from zoo.cost.metrics.base import Metric
from zoo.cost.metrics.timed import FIRST_CALL, WORDS
from zoo.outcome import ReasonError
from zoo.statistics.quantity import Quantity

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from zoo.cost.engines.builder import Builder
    from zoo.cost.settings import CostSettings


LOAD = Quantity(
    "load_ms", "load time", "ms", "lower", words=WORDS, hint="Milliseconds, the file in memory.", example="500"
)
COLD = Quantity("load_cold_ms", "load time from the disk", "ms", "lower", words=WORDS)


def load(builder: Builder, settings: CostSettings) -> dict[str, float]:
    """Milliseconds from a name to a model on its device.

    Once from the disk and once from the system's cache. The digest of the file is checked each time, as always. What
    a process imports on the way is imported before.
    """
    file = builder.file
    if file is None:
        raise ReasonError("random weights are loaded from no file; measure weights that are at hand")
    builder()
    found: dict[str, float] = {}
    if _forget(file):
        found[COLD.key] = _milliseconds(builder, settings.device)
    found[LOAD.key] = _milliseconds(builder, settings.device)
    return found


def _milliseconds(call: Callable[[], Any], device: str) -> float:
    seconds, _ = clock_for(device).time_call(call)
    return seconds * 1000


def _forget(file: Path) -> bool:
    """Have the system drop a file from its cache, where it takes that advice."""
    if not hasattr(os, "posix_fadvise"):
        return False
    handle = os.open(file, os.O_RDONLY)
    try:
        os.fsync(handle)  # what is not yet written cannot be dropped
        os.posix_fadvise(handle, 0, 0, os.POSIX_FADV_DONTNEED)
    except OSError:
        return False
    finally:
        os.close(handle)
    return True


def first_call(builder: Builder, settings: CostSettings) -> float:
    """Milliseconds of the first call in a process that called no model yet."""
    import torch

    torch.set_num_threads(settings.threads)
    model, images = builder(), make_input(settings)
    return _milliseconds(lambda: model(images), settings.device)


LOADING = Metric("load", LOAD, (COLD,), take_afresh=load, anchored=False)
FIRST = Metric("first_call", FIRST_CALL, take_afresh=first_call)
