"""The module that an engine begins with, in the form of a setting."""

from __future__ import annotations

from typing import TYPE_CHECKING

from zoo.loading.create import create
from zoo.outcome import ReasonError
from zoo.processes.fork import Died, may_fork, run_in_child
from zoo.processes.guard import Failure, guarded
from zoo.registry.catalogue import get
from zoo.sources.forms import DEPLOYED, fold, foldable, fuse

if TYPE_CHECKING:
    from pathlib import Path

    from torch import Tensor, nn

    from zoo.cost.settings import CostSettings


class ForkDiedError(Exception):
    """A fork ended while the model was called in it.

    Attributes
    ----------
    died : Died
    """

    def __init__(self, died: Died) -> None:
        super().__init__(f"exit code {died.exit_code}")
        self.died = died


def module_as_built(model: str, weights: str | Path | None, settings: CostSettings) -> nn.Module:
    """The model as its library builds it, in eval mode, frozen."""
    size = settings.input_size
    side = None if size == get(model).input_size else size[1]
    return create(model, weights=weights, input_size=side).requires_grad_(False)


def module_in_form(model: str, weights: str | Path | None, settings: CostSettings) -> nn.Module:
    """The model in the form of a setting, in eval mode, frozen.

    Raises
    ------
    ReasonError
        Where the model cannot be called, which is needed to see what may be folded.
    ForkDiedError
        Where it ended the process in which it was called.
    """
    module = module_as_built(model, weights, settings)
    if settings.form == DEPLOYED:
        fuse(module)
        fold(module, _foldable(module, settings))
    return module


def few_images(settings: CostSettings) -> Tensor:
    """Two images to compare outputs on, of a setting's size.

    Returns
    -------
    Tensor
        (2, channels, height, width), on the CPU.
    """
    import torch

    return torch.randn(2, *settings.input_size, generator=torch.Generator().manual_seed(1))


def _foldable(module: nn.Module, settings: CostSettings) -> list[tuple[str, str]]:
    """Names of convolutions and batch norms that become one.

    The module is called to see that, on the CPU in a fork where there can be one: a process that times models never
    calls them before.
    """

    def look() -> list[tuple[str, str]]:
        return foldable(module, few_images(settings)[:1])

    found = run_in_child(lambda: guarded(look)) if settings.device == "cpu" and may_fork() else look()
    if isinstance(found, Failure):
        raise ReasonError(found.reason)
    if isinstance(found, Died):
        raise ForkDiedError(found)
    return found
