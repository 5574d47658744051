"""Training step: forward, backward and optimiser, together and apart."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any

from zoo.cost.metrics.timed import OTHERS, WORDS, TimedMetric
from zoo.statistics.quantity import Quantity

if TYPE_CHECKING:
    from collections.abc import Callable

    from zoo.cost.settings import CostSettings


FORWARD = Quantity("forward_ms", "forward", "ms", "lower", words=WORDS)
BACKWARD = Quantity("backward_ms", "backward", "ms", "lower", words=WORDS)
OPTIMISER = Quantity("optimiser_ms", "optimiser", "ms", "lower", words=WORDS)

RATE = 1e-6
"""So small that weights stay what they are, near enough, however many steps are timed."""


class Step:
    """One step of training, of every parameter and in train mode.

    The loss is the cross-entropy of random labels, the optimiser AdamW.

    Attributes
    ----------
    parts : dict of str to float
        Seconds of the forward pass with the loss, the backward pass and the optimiser in the last step. On a GPU
        these are what it takes to queue them.
    """

    def __init__(self, model: Any, images: Any) -> None:
        import torch

        self.parts: dict[str, float] = {}
        self._model = model.train().requires_grad_(True)
        # Tensors of inference mode cannot be saved for a backward pass.
        with torch.inference_mode(False):
            self._images = images.clone()
            self._optimiser = torch.optim.AdamW(model.parameters(), lr=RATE, fused=True)
        self._labels: Any = None

    def __call__(self) -> Any:
        """Take the step, and return the scores."""
        import torch
        from torch.nn import functional

        with torch.inference_mode(False), torch.enable_grad():
            start = time.perf_counter()
            scores = self._model(self._images)
            if self._labels is None:
                generator = torch.Generator().manual_seed(0)
                labels = torch.randint(scores.shape[1], (len(scores),), generator=generator)
                self._labels = labels.to(scores.device)
            loss = functional.cross_entropy(scores.float(), self._labels)
            forward = time.perf_counter()
            loss.backward()  # type: ignore[no-untyped-call]
            backward = time.perf_counter()
            self._optimiser.step()
            self._optimiser.zero_grad(set_to_none=True)
            end = time.perf_counter()
        self.parts = {
            FORWARD.key: forward - start,
            BACKWARD.key: backward - forward,
            OPTIMISER.key: end - backward,
        }
        return scores.detach()


def step(model: Any, images: Any, _settings: CostSettings) -> Callable[[], Any]:
    """What is timed: a step of the model on its images."""
    return Step(model, images)


TRAINING = TimedMetric(
    "training",
    Quantity("training_ms", "training step", "ms", "lower", words=WORDS, hint="Milliseconds a batch.", example="200"),
    (*OTHERS, FORWARD, BACKWARD, OPTIMISER),
    at_batches=True,
    threads="throughput_threads",
    make_call=step,
    trains=True,
)
