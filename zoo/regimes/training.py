"""Gradient steps on a network, the same again for the same seed."""

from __future__ import annotations

import math
import time
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING

from zoo.regimes.images import shift

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterator

    import torch
    from torch import Tensor, nn

    from zoo.regimes.images import Transform
    from zoo.regimes.recipe import Recipe


EVALUATION_BATCH = 64


class TrainingDivergedError(ArithmeticError):
    """The loss is no longer a number, and what was trained worthless."""


@dataclass(frozen=True)
class Training:
    """What a training run did.

    Attributes
    ----------
    steps, batch : int
        Optimiser steps taken, and images in each.
    seconds : float
        Wall-clock time of the steps.
    batch_norm : str
        ``"train"``, ``"eval"``, or ``"none"`` where the network has none.
    first_loss, last_loss : float
        Cross-entropy of the first step, and mean over the last tenth of them.
    """

    steps: int
    batch: int
    seconds: float
    batch_norm: str
    first_loss: float
    last_loss: float


def train(
    model: nn.Module,
    images: Tensor,
    labels: Tensor,
    *,
    transform: Transform,
    recipe: Recipe,
    steps: int,
    rate: float,
    head: Collection[str],
    head_rate_factor: float,
    freeze_small_batch_norm: bool,
    seed: int,
    on_progress: Callable[[int, int], None] | None = None,
) -> Training:
    """Train all parameters of ``model`` in place, on the device where it is.

    Parameters
    ----------
    model : Module
        Returns logits (N, C), in train mode too.
    images : Tensor
        uint8 (N, 3, S, S), on the CPU.
    labels : Tensor
        (N,) class indices.
    head : collection of str
        Names of the head's parameters, which learn at ``rate * head_rate_factor``.
    freeze_small_batch_norm : bool
        Whether batch norm stays in eval where the batch is under ``recipe.frozen_norm_batch``.
    seed : int
        Of order, shifts and dropout; the caller's random state is left as it was.
    on_progress : callable, optional
        Called with the step and the number of steps after each step.

    Raises
    ------
    TrainingDivergedError
        At the first loss that is not finite.
    """
    import torch
    from torch import nn
    from torch.nn import functional

    device = next(model.parameters()).device
    model.to(memory_format=torch.channels_last)
    batch = min(recipe.batch, len(images))
    frozen = freeze_small_batch_norm and batch < recipe.frozen_norm_batch
    optimiser = _optimiser(model, recipe, rate, head, head_rate_factor)
    peaks = [group["lr"] for group in optimiser.param_groups]
    generator = torch.Generator().manual_seed(seed)
    order = _endless_order(len(images), generator)
    distance = round(recipe.shift * images.shape[-1])
    losses: list[float] = []
    started = time.perf_counter()
    with seeded(seed, device):
        batch_norm = _training_mode(model, frozen)
        for step in range(steps):
            factor = schedule(step, steps, recipe.warmup)
            for group, peak in zip(optimiser.param_groups, peaks, strict=True):
                group["lr"] = peak * factor
            chosen = torch.tensor([next(order) for _ in range(batch)])
            x = transform.normalise(shift(images[chosen], distance, generator).to(device))
            loss = functional.cross_entropy(model(x), labels[chosen].to(device))
            losses.append(loss.item())
            if not math.isfinite(losses[-1]):
                raise TrainingDivergedError(f"the loss became {losses[-1]} at step {step + 1} of {steps}")
            optimiser.zero_grad(set_to_none=True)
            loss.backward()  # type: ignore[no-untyped-call]
            if recipe.clip_norm:
                nn.utils.clip_grad_norm_(model.parameters(), recipe.clip_norm)
            optimiser.step()
            if on_progress is not None:
                on_progress(step + 1, steps)
    seconds = time.perf_counter() - started
    model.eval()
    tail = losses[-max(1, steps // 10) :]
    return Training(steps, batch, seconds, batch_norm, losses[0], sum(tail) / len(tail))


def schedule(step: int, steps: int, warmup: float) -> float:
    """Fraction of the peak rate at a step: a linear rise, then half a cosine."""
    rise = max(1, round(warmup * steps))
    if step < rise:
        return (step + 1) / rise
    return 0.5 * (1 + math.cos(math.pi * (step - rise) / max(1, steps - rise)))


def predict(model: nn.Module, images: Tensor, transform: Transform) -> Tensor:
    """Classes of images, by the model in eval mode.

    Parameters
    ----------
    images : Tensor
        uint8 (N, 3, S, S).

    Returns
    -------
    Tensor
        Indices (N,), on the CPU.

    Raises
    ------
    TrainingDivergedError
        Where a logit is not finite: its class would be an accident.
    """
    import torch

    model.eval()
    device = next(model.parameters()).device
    classes = []
    with torch.inference_mode():
        for batch in images.split(EVALUATION_BATCH):  # type: ignore[no-untyped-call]
            logits = model(transform.normalise(batch.to(device)))
            if not bool(torch.isfinite(logits).all()):
                raise TrainingDivergedError("the trained network returns values that are not finite")
            classes.append(logits.argmax(dim=1).cpu())
    return torch.cat(classes)


@contextmanager
def seeded(seed: int, device: torch.device | str = "cpu") -> Iterator[None]:
    """Random numbers from ``seed`` inside, the caller's state afterwards."""
    import torch

    device = torch.device(device)
    with torch.random.fork_rng(devices=[device] if device.type == "cuda" else []):
        torch.manual_seed(seed)
        yield


def _training_mode(model: nn.Module, frozen: bool) -> str:
    """Put the model into train mode, batch norm too unless ``frozen``.

    Returns
    -------
    str
        What batch norm does, in a word.
    """
    from torch.nn.modules.batchnorm import _BatchNorm

    model.train()
    norms = [module for module in model.modules() if isinstance(module, _BatchNorm)]
    if frozen:
        for norm in norms:
            norm.eval()
    return "none" if not norms else "eval" if frozen else "train"


def _optimiser(
    model: nn.Module, recipe: Recipe, rate: float, head: Collection[str], head_rate_factor: float
) -> torch.optim.Optimizer:
    import torch

    groups: dict[tuple[bool, bool], list[nn.Parameter]] = {}
    for name, parameter in model.named_parameters():
        if parameter.requires_grad:
            # Biases and norms are vectors; decaying them pulls activations toward zero for no gain.
            groups.setdefault((name in head, parameter.ndim > 1), []).append(parameter)
    return torch.optim.AdamW(
        [
            {
                "params": parameters,
                "lr": rate * (head_rate_factor if in_head else 1.0),
                "weight_decay": recipe.weight_decay if decays else 0.0,
            }
            for (in_head, decays), parameters in groups.items()
        ],
        # One pass over memory instead of ten: with the 138 M parameters of VGG-16, seconds a step.
        fused=True,
    )


def _endless_order(samples: int, generator: torch.Generator) -> Iterator[int]:
    """Sample indices without end, a new permutation after each pass."""
    import torch

    while True:
        yield from torch.randperm(samples, generator=generator).tolist()
