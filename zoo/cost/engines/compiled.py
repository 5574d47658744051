"""The compiled engine: torch.compile, before anything is timed."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from zoo.cost.engines.base import Engine
from zoo.cost.engines.eager import EAGER
from zoo.cost.inputs import make_input
from zoo.exporting.quiet import quietly

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from zoo.cost.settings import CostSettings


def build(model: str, weights: str | Path | None, settings: CostSettings) -> Callable[[Any], Any]:
    """The eager engine's module, compiled for the images of the setting.

    With as many threads as it will be called with: the code that is made for a CPU depends on them.
    """
    import torch

    torch.set_num_threads(settings.threads)
    compiled = torch.compile(EAGER.build(model, weights, settings), dynamic=False)
    # As it will be called: in another mode it would be compiled anew.
    with quietly(), torch.inference_mode():
        compiled(make_input(settings))
    return compiled


COMPILED = Engine("compiled", build, forks=False, binds=("threads", "batch"), compiles=True, slow=True)
