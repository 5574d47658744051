"""The size of images that is asked for: native, the smallest, or a side."""

from __future__ import annotations

import sys
from contextlib import closing
from typing import TYPE_CHECKING

from zoo.checks import NATIVE, SMALLEST
from zoo.models.input_size import check_input_size, default_input_size, is_size_known, takes
from zoo.processes.answer import answer_requests
from zoo.processes.child import Child
from zoo.registry.catalogue import get

if TYPE_CHECKING:
    from collections.abc import Iterable
    from multiprocessing.connection import Connection


PATIENCE_S = 300.0


def planned_size(model: str, asked: int | str) -> tuple[int, int, int]:
    """Channels, height and width for a model.

    Parameters
    ----------
    model : str
        ``source/architecture``.
    asked : "native", "smallest" or int
        A number is a side in pixels.

    Raises
    ------
    ZooError
        For a side that is too small for the model; names the smallest.
    """
    channels, height, width = get(model).input_size
    if asked == NATIVE:
        return channels, height, width
    if asked == SMALLEST:
        side = default_input_size(model)
    else:
        side = int(asked)
        check_input_size(model, side)
    return channels, side, side


def learn_sizes(models: Iterable[str], asked: int | str) -> None:
    """Find sizes that nobody asked for before, in a child.

    It imports torch in place of this process, and keeps them in the cache. What it cannot find is found, or
    refused, here.
    """
    if asked == NATIVE:
        return
    side = asked if isinstance(asked, int) else None
    unknown = [(name, side) for name in dict.fromkeys(models) if not is_size_known(name, side)]
    if not unknown or "torch" in sys.modules:
        return
    with closing(Child(_serve, name="zoo-sizes")) as child:
        child.ask(unknown, PATIENCE_S)


def _serve(pipe: Connection) -> None:
    answer_requests(pipe, lambda asked, _step: [_found(name, side) for name, side in asked])


def _found(name: str, side: int | None) -> int:
    return default_input_size(name) if side is None else int(takes(name, side))
