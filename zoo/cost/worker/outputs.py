"""Outputs of what is measured, held against those of the model as built."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from zoo.cost.engines.module import few_images, module_as_built
from zoo.cost.inputs import dtype_of, layout_of
from zoo.machine.cuda import set_float32
from zoo.outcome import ReasonError
from zoo.sources.forms import MOST_DIFFERENCE, relative_difference

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from torch import Tensor

    from zoo.cost.settings import CostSettings

    Expected = tuple[Tensor, Tensor]


def expected_outputs(model: str, weights: str | Path | None, settings: CostSettings) -> Expected:
    """A few images, and what the model as built gives for them in fp32.

    Both on the CPU.
    """
    import torch

    torch.manual_seed(0)  # as for the model that is measured
    images = few_images(settings)
    with torch.inference_mode(False):
        module = module_as_built(model, weights, settings).to(settings.device)
    if settings.device != "cpu":
        set_float32("fp32")
    return images, module(images.to(settings.device)).cpu()


def difference_from(expected: Expected, call: Callable[[Any], Any], settings: CostSettings) -> float:
    """The largest relative difference of an output from what is expected.

    At the setting's batch, which an engine may be built for.

    Raises
    ------
    ReasonError
        Where a form alone should make none, and does.
    """
    import torch

    images, outputs = expected
    torch.set_num_threads(settings.threads)
    batch = images.repeat(-(-settings.batch // len(images)), 1, 1, 1)[: settings.batch]
    given = batch.to(device=settings.device, dtype=dtype_of(settings), memory_format=layout_of(settings))
    found = call(given)[: len(images)].float().cpu()
    difference = relative_difference(found, outputs[: len(found)])
    if (settings.engine, settings.precision) == ("eager", "fp32") and difference > MOST_DIFFERENCE:
        raise ReasonError(
            f"the {settings.form} form gives other outputs than the trained one "
            f"(relative difference {difference:.2g}, at most {MOST_DIFFERENCE:g})"
        )
    return difference


def check_output(output: Any, batch: int) -> None:
    """Refuse what is no tensor of finite numbers with a row for each image."""
    import torch

    if not isinstance(output, torch.Tensor):
        raise TypeError(f"forward returned {type(output).__name__} instead of a tensor")
    if output.shape[:1] != (batch,):
        raise ValueError(f"forward returned shape {tuple(output.shape)} for a batch of {batch}")
    if not bool(torch.isfinite(output).all()):
        kind = "NaN" if bool(torch.isnan(output).any()) else "infinite values"
        raise ValueError(f"forward returned {kind} for normally distributed images")
