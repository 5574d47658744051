"""Gradient steps on a network, the same again for the same seed."""

from __future__ import annotations

import math
import time
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from zoo.training.augment import augment
from zoo.training.order import Order
from zoo.training.precision import FP32, computing_in

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    import torch
    from torch import Tensor, nn

    from zoo.training.images import Prepared, Transform
    from zoo.training.opened import Opened
    from zoo.training.recipe import Recipe


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
        ``"train"``, ``"eval"``, ``"train, eval in frozen stages"``, or ``"none"`` where the network has none.
    first_loss, last_loss : float
        Cross-entropy of the first step, and mean over the last tenth of them.
    """

    steps: int
    batch: int
    seconds: float
    batch_norm: str
    first_loss: float
    last_loss: float


class Trainer:
    """A training run that can pause and go on.

    Parameters
    ----------
    opened : Opened
        The network, which is trained in place, on the device where it is.
    images : Prepared
    labels : Tensor
        (N,) class indices.
    transform : Transform
    recipe : Recipe
    steps : int
        In all, over which the rate rises and falls.
    rate : float
        At its peak.
    seed : int
        Of order, changes of images and dropout; the caller's random state is left as it was.
    precision : str
        One of :data:`zoo.training.precision.PRECISIONS`.

    Attributes
    ----------
    losses : list of float
        Of each step so far.
    """

    def __init__(
        self,
        opened: Opened,
        images: Prepared,
        labels: Tensor,
        *,
        transform: Transform,
        recipe: Recipe,
        steps: int,
        rate: float,
        seed: int,
        precision: str = FP32,
    ) -> None:
        import torch

        self.opened, self.transform, self.recipe = opened, transform, recipe
        self.steps, self.rate, self.precision = steps, rate, precision
        self._images, self._labels = images, labels
        self._device = next(opened.model.parameters()).device
        if self._device.type == "cuda":
            # On a CPU the optimiser would copy every gradient: see docs/measuring.md#channels-last.
            opened.model.to(memory_format=torch.channels_last)
        opened.freeze()
        self._batch = min(recipe.batch, len(images))
        self._optimiser = _optimiser(opened, recipe, rate)
        self._peaks = [group["lr"] for group in self._optimiser.param_groups]
        self._generator = torch.Generator().manual_seed(seed)
        self._order = Order(len(images), self._generator)
        self._start = 0
        self.losses: list[float] = []
        self._seconds = 0.0
        self._batch_norm = ""
        with seeded(seed, self._device):
            self._state = _random_state(self._device)

    def go(self, until: int | None = None, on_step: Callable[[], None] | None = None) -> Training:
        """Take steps up to a number of them, all by default.

        Raises
        ------
        TrainingDivergedError
            At the first loss that is not finite.
        """
        end = self.steps if until is None else until
        started = time.perf_counter()
        with seeded(0, self._device):
            _set_random_state(self._state, self._device)
            self._batch_norm = self.opened.set_mode(self._batch, self.recipe)
            while len(self.losses) < end:
                self._step()
                if on_step is not None:
                    on_step()
            self._state = _random_state(self._device)
        self.opened.model.eval()
        self._seconds += time.perf_counter() - started
        return self.done

    def extend(self) -> None:
        """Let a training go on for as many steps again.

        The rate rises to its peak once more.
        """
        length = self.steps - self._start
        self._start = self.steps
        self.steps += length

    def state(self) -> dict[str, Any]:
        """Everything that the steps to come depend on, to be saved."""
        return {
            "model": self.opened.model.state_dict(),
            "optimiser": self._optimiser.state_dict(),
            "generator": self._generator.get_state(),
            "order": list(self._order.left),
            "random": self._state,
            "losses": list(self.losses),
            "seconds": self._seconds,
            "batch_norm": self._batch_norm,
        }

    def restore(self, state: dict[str, Any]) -> None:
        """Go on from the state of a trainer that was made alike and not extended."""
        self.opened.model.load_state_dict(state["model"])
        self._optimiser.load_state_dict(state["optimiser"])
        self._generator.set_state(state["generator"])
        self._order.left, self._state = list(state["order"]), state["random"]
        self.losses, self._seconds, self._batch_norm = list(state["losses"]), state["seconds"], state["batch_norm"]

    @property
    def done(self) -> Training:
        """What was done so far."""
        tail = self.losses[-max(1, len(self.losses) // 10) :]
        return Training(
            len(self.losses), self._batch, self._seconds, self._batch_norm, self.losses[0], sum(tail) / len(tail)
        )

    def _step(self) -> None:
        import torch
        from torch import nn
        from torch.nn import functional

        step, recipe, model = len(self.losses), self.recipe, self.opened.model
        factor = schedule(step - self._start, self.steps - self._start, recipe.warmup)
        for group, peak in zip(self._optimiser.param_groups, self._peaks, strict=True):
            group["lr"] = peak * factor
        chosen = self._order.take(self._batch)
        changed = augment(
            self._images.take(chosen), recipe.augment, self.transform.size, recipe.shift, self._generator
        )
        with computing_in(self.precision, self._device):
            logits = model(self.transform.normalise(changed.to(self._device)))
        loss = functional.cross_entropy(logits.float(), self._labels[torch.tensor(chosen)].to(self._device))
        value = loss.item()
        if not math.isfinite(value):
            raise TrainingDivergedError(f"the loss became {value} at step {step + 1} of {self.steps}")
        self.losses.append(value)
        self._optimiser.zero_grad(set_to_none=True)
        loss.backward()  # type: ignore[no-untyped-call]
        if recipe.clip_norm:
            nn.utils.clip_grad_norm_(model.parameters(), recipe.clip_norm)
        self._optimiser.step()


def schedule(step: int, steps: int, warmup: float) -> float:
    """Fraction of the peak rate at a step: a linear rise, then half a cosine."""
    rise = max(1, round(warmup * steps))
    if step < rise:
        return (step + 1) / rise
    return 0.5 * (1 + math.cos(math.pi * (step - rise) / max(1, steps - rise)))


def probabilities(model: nn.Module, images: Prepared, transform: Transform, precision: str = FP32) -> Tensor:
    """Probabilities of the classes of images, by the model in eval mode.

    Returns
    -------
    Tensor
        Float32 (N, C), on the CPU.

    Raises
    ------
    TrainingDivergedError
        Where a logit is not finite: its class would be an accident.
    """
    import torch

    model.eval()
    device = next(model.parameters()).device
    found = []
    with torch.inference_mode(), computing_in(precision, device):
        for batch in images.batches(EVALUATION_BATCH):
            logits = model(transform.network_input(batch.to(device)))
            if not bool(torch.isfinite(logits).all()):
                raise TrainingDivergedError("the trained network returns values that are not finite")
            found.append(logits.float().softmax(dim=1).cpu())
    return torch.cat(found)


@contextmanager
def seeded(seed: int, device: torch.device | str = "cpu") -> Iterator[None]:
    """Random numbers from ``seed`` inside, the caller's state afterwards."""
    import torch

    device = torch.device(device)
    with torch.random.fork_rng(devices=[device] if device.type == "cuda" else []):
        torch.manual_seed(seed)
        yield


def _random_state(device: torch.device) -> list[Tensor]:
    import torch

    on_gpu = [torch.cuda.get_rng_state(device)] if device.type == "cuda" else []
    return [torch.get_rng_state(), *on_gpu]


def _set_random_state(state: list[Tensor], device: torch.device) -> None:
    import torch

    torch.set_rng_state(state[0])
    if device.type == "cuda":
        torch.cuda.set_rng_state(state[1], device)


def _optimiser(opened: Opened, recipe: Recipe, rate: float) -> torch.optim.Optimizer:
    import torch

    groups: dict[tuple[float, bool], list[nn.Parameter]] = {}
    for name, parameter in opened.model.named_parameters():
        if name in opened.factors:
            # Biases and norms are vectors; decaying them pulls activations toward zero for no gain.
            groups.setdefault((opened.factors[name], parameter.ndim > 1), []).append(parameter)
    return torch.optim.AdamW(
        [
            {
                "params": parameters,
                "lr": rate * factor,
                "weight_decay": recipe.weight_decay if decays else 0.0,
            }
            for (factor, decays), parameters in groups.items()
        ],
        # One pass over memory instead of ten: with the 138 M parameters of VGG-16, seconds a step.
        fused=True,
    )
