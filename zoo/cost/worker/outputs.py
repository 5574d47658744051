"""Outputs of what is measured, held against those of the model as built."""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from zoo.cost.engines.module import few_images, module_as_built
from zoo.cost.inputs import dtype_of, layout_of
from zoo.cost.settings import INT8
from zoo.cost.worker.requests import Compared
from zoo.errors import ZooError
from zoo.loading.specs import spec_of
from zoo.machine.cuda import set_float32
from zoo.models.heads import has_head
from zoo.models.pictures import HELD_OUT, batches, pictures
from zoo.outcome import ReasonError
from zoo.sources.forms import MOST_DIFFERENCE, is_rounding, relative_difference

if TYPE_CHECKING:
    from collections.abc import Callable

    from torch import Tensor

    from zoo.cost.engines.builder import Builder
    from zoo.cost.protocol import Protocol


FEW = 16
"""Real images of a model with random weights, whose classes say nothing."""


@dataclass(frozen=True)
class Expected:
    """What the model as built gives in fp32, on the CPU.

    Attributes
    ----------
    images, scores : Tensor
        A few images of noise, and its outputs.
    held_out : Tensor or None
        Its outputs of real images that nothing is calibrated on, None where they are not compared.
    has_classes : bool
        Whether its weights tell classes.
    """

    images: Tensor
    scores: Tensor
    held_out: Tensor | None = None
    has_classes: bool = False

    @property
    def input_size(self) -> tuple[int, ...]:
        """Channels, height, width."""
        return tuple(self.images.shape[1:])


def expected_outputs(builder: Builder, protocol: Protocol) -> Expected:
    """What the outputs of a model are held against.

    Real images are called where a precision rounds: all that the protocol says of weights that were trained, until
    the time for it is over, and few of random ones, in eight bits alone.
    """
    import torch

    settings = builder.settings
    torch.manual_seed(0)  # as for the model that is measured
    images = few_images(settings)
    with torch.inference_mode(False):
        module = module_as_built(builder.model, builder.weights, settings).to(settings.device)
    if settings.device != "cpu":
        set_float32("fp32")

    def call(given: Tensor) -> Tensor:
        scores: Tensor = module(given.to(settings.device))
        return scores.cpu()

    scores = call(images)
    has_classes = builder.weights is not None and scores.ndim == 2 and has_head(module)
    few = FEW if settings.precision == INT8 else 0
    count = protocol.compared_images if has_classes and settings.precision != "fp32" else few
    try:
        held_out = _called(call, builder, protocol, count, 1) if count else None
    except ZooError:  # of images that are not there, or of other channels
        held_out = None
    return Expected(images, scores, held_out, has_classes)


def compared_with(expected: Expected, call: Callable[[Any], Any], builder: Builder, protocol: Protocol) -> Compared:
    """How far the outputs of what is measured are from what is expected.

    At the setting's batch, which an engine may be built for. The largest relative difference is that of images of
    noise, and in eight bits of real ones: noise is nothing that ranges were found for.

    Raises
    ------
    ReasonError
        Where a form alone should make none, and does.
    """
    import torch

    settings = builder.settings

    def cast(given: Tensor) -> Tensor:
        there = given.to(device=settings.device, dtype=dtype_of(settings), memory_format=layout_of(settings))
        scores: Tensor = call(there)
        return scores.float().cpu()

    torch.set_num_threads(settings.threads)
    wanted = expected.held_out
    batch = next(batches(expected.images, settings.batch))[0]
    found = None if wanted is None else _called(cast, builder, protocol, len(wanted), settings.batch)
    if settings.precision == INT8 and found is not None and wanted is not None:
        scores, held = found, wanted
    else:
        scores, held = cast(batch)[: len(expected.images)], expected.scores
    difference = relative_difference(scores, held[: len(scores)])
    far = settings.precision == "fp32" and difference > MOST_DIFFERENCE
    unstable = far and is_rounding(difference, cast, batch)
    if settings.engine == "eager" and far and not unstable:
        raise ReasonError(
            f"the {settings.form} form gives other outputs than the trained one "
            f"(relative difference {difference:.2g}, at most {MOST_DIFFERENCE:g})"
        )
    blind = _alike(held)
    if found is None or wanted is None or not expected.has_classes:
        return Compared(difference, blind=blind, unstable=unstable)
    same = int((found.argmax(1) == wanted[: len(found)].argmax(1)).sum())
    return Compared(difference, len(found), same, blind, unstable)


def _alike(scores: Tensor) -> bool:
    """Whether outputs of several images differ by no more than two forms of a model may."""
    return len(scores) > 1 and relative_difference(scores[:1].expand_as(scores), scores) <= MOST_DIFFERENCE


def _called(call: Callable[[Tensor], Tensor], builder: Builder, protocol: Protocol, count: int, batch: int) -> Tensor:
    """Outputs of the first real images, as many as there is time for.

    Returns
    -------
    Tensor
        (images, classes), float32, on the CPU.
    """
    import torch

    stated = spec_of(builder.model, builder.weights).preprocessing
    images = pictures(stated, builder.weights, builder.settings.input_size, HELD_OUT, count)
    end, outputs = time.monotonic() + protocol.compared_s, []
    for given, new in batches(images, batch):
        outputs.append(call(given)[:new].clone())  # a graph or a runtime may write the next ones there
        if time.monotonic() >= end:
            break
    return torch.cat(outputs)


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
