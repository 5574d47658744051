"""An engine: which settings it takes, and how it makes a model that runs."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from zoo.outcome import ReasonError

if TYPE_CHECKING:
    from pathlib import Path

    from zoo.cost.settings import CostSettings

Build = Callable[[str, "str | Path | None", "CostSettings"], Callable[[Any], Any]]


@dataclass(frozen=True)
class Engine:
    """One way to run a model.

    Attributes
    ----------
    name : str
        In suites, options and records: ``"eager"``.
    build : callable
        From ``source/architecture``, a tag or the path of a checkpoint (None for random weights) and the settings to
        what is called: a module, or anything else from images (batch, channels, height, width) to a tensor of scores.
        It runs in the worker, which calls the result for the first time afterwards; what takes long belongs here.
    devices : tuple of str
        ``"cpu"``, ``"cuda"``.
    precisions : tuple of str or None
        None for all that the device takes.
    forks : bool
        Whether a fork of the process that built it may call it: false for what starts threads while it is built.
        Rounds on the CPU then share one process.
    """

    name: str
    build: Build
    devices: tuple[str, ...] = ("cpu", "cuda")
    precisions: tuple[str, ...] | None = None
    forks: bool = True

    def check(self, settings: CostSettings) -> None:
        """Refuse a setting that it cannot take.

        Raises
        ------
        ReasonError
            The reason of the row.
        """
        device = settings.device.partition(":")[0]
        if device not in self.devices:
            raise ReasonError(f"engine {self.name!r} runs on {' and '.join(self.devices)}, not on {settings.device}")
        if self.precisions is not None and settings.precision not in self.precisions:
            taken = ", ".join(self.precisions)
            raise ReasonError(f"engine {self.name!r} takes precision {taken}, not {settings.precision}")
