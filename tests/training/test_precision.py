"""In bf16 a network computes, and nothing else: what it learns and says stays float32, and it learns."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import torch
from torch import nn

from tests.training.test_trainer import TRANSFORM, Net, images_of, trainer
from zoo.training.images import Prepared
from zoo.training.precision import PRECISIONS, computing_in
from zoo.training.recipe import Recipe
from zoo.training.trainer import probabilities


def net() -> Net:
    torch.manual_seed(0)
    return Net()


def outputs(**changes: Any) -> set[torch.dtype]:
    """Types that the convolution gave in a training, which is real in all else."""
    model, seen = net(), set()
    run = trainer(model, **changes)
    model.conv.register_forward_hook(lambda _module, _inputs, out: seen.add(out.dtype))
    run.go(2)
    return seen


@pytest.mark.parametrize(("precision", "dtype"), [("fp32", torch.float32), ("bf16", torch.bfloat16)])
def test_convolutions_are_of_the_precision(precision: str, dtype: torch.dtype) -> None:
    assert outputs(precision=precision) == {dtype}


def test_what_is_not_asked_for_is_float32() -> None:
    assert outputs() == {torch.float32}


def test_parameters_their_gradients_and_averages_stay_float32() -> None:
    run = trainer(net(), precision="bf16")
    run.go(3)
    held = [value for state in run._optimiser.state.values() for value in state.values()]
    held += [*run.opened.model.state_dict().values(), *(p.grad for p in run.opened.model.parameters())]
    assert {value.dtype for value in held if value.is_floating_point()} == {torch.float32}


def test_every_step_computes_with_the_weights_as_they_are_then() -> None:
    """A rounded copy that outlives its step would let the loss stand still."""
    losses = {}
    for precision in PRECISIONS:
        run = trainer(net(), precision=precision, recipe=Recipe(batch=20, shift=0.0), rate=3e-2, steps=60)
        run.go()
        losses[precision] = run.losses
    assert losses["bf16"] != losses["fp32"]
    assert losses["bf16"][-1] < 0.8 * losses["bf16"][0]
    assert losses["bf16"] == pytest.approx(losses["fp32"], abs=0.05)


def test_probabilities_are_float32_and_near_those_of_fp32() -> None:
    model, images = net().eval(), images_of(70)
    full, rounded = (probabilities(model, images, TRANSFORM, precision) for precision in PRECISIONS)
    assert rounded.dtype == torch.float32
    assert not torch.equal(full, rounded)
    assert torch.allclose(full, rounded, atol=0.02)
    assert torch.allclose(rounded.sum(dim=1), torch.ones(70), atol=1e-5)


def test_nothing_is_rounded_outside() -> None:
    layer, ones = nn.Linear(4, 4), torch.ones(1, 4)
    with computing_in("bf16", "cpu"):
        assert layer(ones).dtype == torch.bfloat16
    assert layer(ones).dtype == torch.float32
    with computing_in("fp32", "cpu"):
        assert layer(ones).dtype == torch.float32


def test_a_task_is_learned_as_well() -> None:
    """Bright images against dark ones."""
    pixels = np.full((40, 8, 8, 3), 60, dtype=np.uint8)
    pixels[::2] += 120
    images, labels = Prepared(pixels, np.arange(40), lambda batch: batch), torch.arange(40) % 2
    for precision in PRECISIONS:
        run = trainer(net(), precision=precision, rate=1e-2, steps=40, recipe=Recipe(batch=20))
        run._images, run._labels = images, labels
        run.go()
        found = probabilities(run.opened.model, images, TRANSFORM, precision).argmax(dim=1)
        assert torch.equal(found, labels)
