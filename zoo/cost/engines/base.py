"""An engine: which settings it takes, and how it makes a model that runs."""

from __future__ import annotations

import importlib.util
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from zoo.cost.settings import FLOATING
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
        None for all floating ones that the device takes.
    forks : bool
        Whether a fork of the process that built it may call it: false for what starts threads while it is built.
        Rounds on the CPU then share one process.
    trains : bool
        Whether what it builds is a module that takes steps of training.
    layouts : tuple of str or None
        Memory formats, None for all.
    binds : tuple of str
        Settings that what it builds is made for beside those of :attr:`CostSettings.built_for`: ``"threads"``,
        ``"batch"``. It is built anew for others.
    compiles : bool
        Whether building takes so long that it is a cost of its own.
    packages : tuple of str
        That it needs beside the zoo's own.
    slow : bool
        Whether building takes minutes, so that nobody tries it unasked.
    """

    name: str
    build: Build
    devices: tuple[str, ...] = ("cpu", "cuda")
    precisions: tuple[str, ...] | None = None
    forks: bool = True
    trains: bool = False
    layouts: tuple[str, ...] | None = None
    binds: tuple[str, ...] = ()
    compiles: bool = False
    packages: tuple[str, ...] = ()
    slow: bool = False

    @property
    def is_at_hand(self) -> bool:
        """Whether the packages that it needs are installed."""
        return all(importlib.util.find_spec(name) is not None for name in self.packages)

    def takes(self, precision: str) -> bool:
        """Whether it runs models in a precision, as far as the device does."""
        return precision in (FLOATING if self.precisions is None else self.precisions)

    def built_for(self, settings: CostSettings) -> tuple[object, ...]:
        """What of a setting a model is built for, input size aside."""
        return *settings.built_for, *(getattr(settings, name) for name in self.binds)

    def check(self, settings: CostSettings, *, trains: bool = False) -> None:
        """Refuse a setting that it cannot take.

        Parameters
        ----------
        settings : CostSettings
        trains : bool
            Whether gradients are needed.

        Raises
        ------
        ReasonError
            The reason of the row.
        """
        if trains and not self.trains:
            raise ReasonError(f"engine {self.name!r} computes no gradients")
        device = settings.device.partition(":")[0]
        if device not in self.devices:
            raise ReasonError(f"engine {self.name!r} runs on {' and '.join(self.devices)}, not on {settings.device}")
        if self.layouts is not None and settings.memory_format not in self.layouts:
            taken = ", ".join(self.layouts)
            raise ReasonError(f"engine {self.name!r} takes memory format {taken}, not {settings.memory_format}")
        if not self.takes(settings.precision):
            taken = ", ".join(FLOATING if self.precisions is None else self.precisions)
            raise ReasonError(f"engine {self.name!r} takes precision {taken}, not {settings.precision}")
