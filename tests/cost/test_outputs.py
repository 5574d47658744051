"""Outputs held against fp32: differences and equal classes, counted on planted ones."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
import torch
from torch import Tensor

from zoo.cost.engines.base import Engine
from zoo.cost.engines.builder import Builder
from zoo.cost.protocol import Protocol
from zoo.cost.settings import CostSettings
from zoo.cost.worker import outputs
from zoo.cost.worker.outputs import Expected, compared_with, expected_outputs
from zoo.cost.worker.requests import Compared
from zoo.models.pictures import HELD_OUT, pictures
from zoo.outcome import ReasonError
from zoo.sources.forms import MOST_DIFFERENCE

SIZE = (3, 32, 32)
INT8 = CostSettings("latency", "cpu", 4, 1, "int8", "contiguous", SIZE, "planted", "deployed")
PROTOCOL = Protocol(compared_images=10)


def builder(settings: CostSettings = INT8, weights: str | Path | None = None) -> Builder:
    return Builder("timm/test_resnet", weights, settings, Engine("planted", lambda *_: abs, precisions=("int8",)))


class Planted:
    """Scores that are those expected, but for the images that it mistakes."""

    def __init__(self, expected: Tensor, wrong: set[int]) -> None:
        self.scores = expected.clone()
        for place in wrong:
            self.scores[place] = self.scores[place].roll(1)
        self.seen: list[Tensor] = []

    def __call__(self, images: Tensor) -> Tensor:
        begin = sum(len(batch) for batch in self.seen)
        self.seen.append(images)
        return self.scores[[(begin + place) % len(self.scores) for place in range(len(images))]]


HELD = torch.eye(10) * 4
FEW = torch.zeros(2, *SIZE)


def test_equal_classes_are_counted_and_the_difference_is_that_of_real_images() -> None:
    expected = Expected(FEW, torch.zeros(2, 10), HELD, has_classes=True)
    planted = Planted(HELD, {0, 4, 9})
    assert compared_with(expected, planted, builder(), PROTOCOL) == Compared(1.0, 10, 7)
    assert [len(batch) for batch in planted.seen] == [4, 4, 4], "at the batch of the setting, noise at none"
    stated = outputs.spec_of("timm/test_resnet", None).preprocessing
    held_out = torch.stack(list(pictures(stated, None, SIZE, HELD_OUT, 10)))
    assert torch.equal(torch.cat(planted.seen)[:10], held_out)


def test_without_classes_there_is_a_difference_alone() -> None:
    planted = Planted(HELD + 0.2, set())
    found = compared_with(Expected(FEW, torch.zeros(2, 10), HELD), planted, builder(), PROTOCOL)
    assert found.images == found.alike == 0
    assert found.difference == pytest.approx(0.05)


def test_outputs_that_are_one_for_all_images_are_called_blind() -> None:
    def found(expected: Tensor) -> Compared:
        kept = Expected(FEW, expected, None)
        return compared_with(kept, lambda images: expected[:1].expand(len(images), 10), builder(), PROTOCOL)

    one = torch.linspace(-1, 1, 10)
    blind = found(torch.stack([one, one + 9e-4]))
    assert blind.blind
    assert blind.difference < MOST_DIFFERENCE, "a model that ignores the image passes"
    assert found(torch.stack([one, one + 2e-3])) == Compared(pytest.approx(2e-3, rel=0.01))


@pytest.mark.parametrize("engine", ["eager", "planted"])
def test_a_difference_that_rounding_makes_is_noted_and_fails_nothing(engine: str) -> None:
    noise, images = torch.stack([torch.ones(10), -torch.ones(10)]), torch.rand(2, *SIZE)
    own = builder(replace(INT8, precision="fp32", engine=engine))

    def found(amplified: float) -> Compared:
        def call(given: Tensor) -> Tensor:
            moved = 0.0 if torch.equal(given[:2], images) else amplified
            return noise[[0, 1, 0, 1]] * (1.1 + moved)

        return compared_with(Expected(images, noise), call, own, PROTOCOL)

    assert found(0.1) == Compared(pytest.approx(0.1), unstable=True)
    if engine == "planted":
        assert found(0.01) == Compared(pytest.approx(0.1))
    else:
        with pytest.raises(ReasonError, match=r"other outputs than the trained one \(relative difference 0\.1, at"):
            found(0.01)


def test_other_precisions_differ_by_noise_and_agree_on_real_images() -> None:
    noise = torch.stack([torch.ones(10), -torch.ones(10)])
    rounded = builder(replace(INT8, precision="bf16"))
    types: list[torch.dtype] = []

    def call(images: Tensor) -> Tensor:
        types.append(images.dtype)
        is_noise = bool((images == 0).all())
        return noise[[0, 1, 0, 1]] * 1.5 if is_noise else HELD[:4]

    expected = Expected(FEW, noise, HELD[:4], has_classes=True)
    assert compared_with(expected, call, rounded, PROTOCOL) == Compared(0.5, 4, 4)
    assert set(types) == {torch.bfloat16}


def test_no_more_images_are_called_once_the_time_is_over(monkeypatch: pytest.MonkeyPatch) -> None:
    clock = iter([0.0, 1.0, 31.0])
    monkeypatch.setattr(outputs, "time", SimpleNamespace(monotonic=lambda: next(clock)))
    expected = Expected(FEW, torch.zeros(2, 10), HELD, has_classes=True)
    planted = Planted(HELD, {0})
    assert compared_with(expected, planted, builder(), PROTOCOL) == Compared(1.0, 8, 7)


@pytest.fixture
def trained(tmp_path: Path) -> Path:
    path = tmp_path / "trained.pth"
    torch.save(outputs.module_as_built("timm/test_resnet", None, INT8).state_dict(), path)
    return path


def test_what_is_expected_is_of_the_model_as_built_in_fp32(trained: Path) -> None:
    def expected(settings: CostSettings, weights: Any) -> Expected:
        return expected_outputs(builder(settings, weights), PROTOCOL)

    with torch.inference_mode():
        real = expected(INT8, trained)
        assert real.has_classes
        assert real.input_size == SIZE
        assert real.held_out is not None
        stated = outputs.spec_of("timm/test_resnet", trained).preprocessing
        module = outputs.module_as_built("timm/test_resnet", trained, INT8)
        images = torch.stack(list(pictures(stated, trained, SIZE, HELD_OUT, 10)))
        assert torch.allclose(real.held_out, module(images), atol=1e-5)
        random = expected(INT8, None)
        assert random.held_out is not None
        assert (len(random.held_out), random.has_classes) == (16, False)
        assert expected(replace(INT8, precision="fp32"), trained).held_out is None
        assert expected(replace(INT8, precision="bf16"), None).held_out is None
        rounded = expected(replace(INT8, precision="bf16"), trained)
        assert rounded.held_out is not None
        assert torch.equal(rounded.held_out, real.held_out)
