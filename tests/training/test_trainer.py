"""A training step does what the recipe says: rates over time and layers, shifts, batch norm, weight decay."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from torch import nn

from zoo.training.augment import shift
from zoo.training.images import Prepared, Transform
from zoo.training.opened import Opened
from zoo.training.openings import everything
from zoo.training.recipe import Recipe
from zoo.training.trainer import Trainer, Training, schedule

TRANSFORM = Transform(8, (0.0,) * 3, (1.0,) * 3)


class Net(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.conv = nn.Conv2d(3, 4, 3)
        self.norm = nn.BatchNorm2d(4)
        self.fc = nn.Linear(4, 2)

    def forward(self, images: torch.Tensor) -> torch.Tensor:
        out: torch.Tensor = self.fc(self.norm(self.conv(images)).mean(dim=(2, 3)))
        return out


def images_of(count: int, side: int = 8) -> Prepared:
    pixels = np.random.default_rng(1).integers(0, 256, (count, side, side, 3), dtype=np.uint8)
    return Prepared(pixels, np.arange(count), lambda batch: batch)


def trainer(model: nn.Module, **changes: Any) -> Trainer:
    settings: dict[str, Any] = {
        "transform": TRANSFORM,
        "recipe": Recipe(batch=20),
        "steps": 10,
        "rate": 1e-3,
        "seed": 0,
    }
    settings |= changes
    opened = settings.pop("opened", None) or everything(model, settings["recipe"])
    return Trainer(opened, images_of(20), torch.arange(20) % 2, **settings)


def trained(model: nn.Module, **changes: Any) -> Training:
    return trainer(model, **changes).go()


def watch(monkeypatch: pytest.MonkeyPatch) -> list[list[tuple[int, float, float]]]:
    """Parameters, rate and weight decay of each group at each step."""
    seen: list[list[tuple[int, float, float]]] = []
    plain = torch.optim.AdamW.step

    def step(self: torch.optim.AdamW, *args: Any) -> Any:
        groups = self.param_groups
        seen.append([(sum(p.numel() for p in g["params"]), g["lr"], g["weight_decay"]) for g in groups])
        return plain(self, *args)

    monkeypatch.setattr(torch.optim.AdamW, "step", step)
    return seen


def test_the_head_learns_faster_and_vectors_do_not_decay(monkeypatch: pytest.MonkeyPatch) -> None:
    seen = watch(monkeypatch)
    trained(Net(), recipe=Recipe(batch=20, warmup=0.0, weight_decay=0.1))
    # conv weight; conv bias and norm; head weight; head bias
    assert sorted(seen[0]) == [(2, 0.01, 0.0), (8, 0.01, 0.1), (12, 0.001, 0.0), (108, 0.001, 0.1)]


def test_the_rate_rises_then_falls_along_a_cosine(monkeypatch: pytest.MonkeyPatch) -> None:
    seen = watch(monkeypatch)
    trained(Net(), steps=20, recipe=Recipe(batch=20, warmup=0.2))
    rates = [min(rate for _, rate, _ in groups) for groups in seen]
    assert rates == pytest.approx([1e-3 * schedule(step, 20, 0.2) for step in range(20)])
    assert rates[:4] == pytest.approx([0.25e-3, 0.5e-3, 0.75e-3, 1e-3])
    assert rates[12] == pytest.approx(0.5e-3)  # half of the way down
    assert all(rate > 0 for rate in rates)
    assert rates[4:] == sorted(rates[4:], reverse=True)


@pytest.mark.parametrize("frozen", [True, False])
def test_frozen_batch_norm_keeps_its_statistics_while_all_parameters_learn(frozen: bool) -> None:
    model = Net()
    before = {name: value.clone() for name, value in model.state_dict().items()}
    recipe = Recipe(batch=20, frozen_norm_batch=21)
    opened = Opened(model, everything(model, recipe).factors, "open" if frozen else "train")
    done = trained(model, recipe=recipe, opened=opened)
    assert done.batch_norm == ("eval" if frozen else "train")
    after = model.state_dict()
    for name in ("norm.running_mean", "norm.running_var"):
        assert torch.equal(after[name], before[name]) == frozen
    for name in ("conv.weight", "norm.weight", "fc.weight"):
        assert not torch.equal(after[name], before[name])


def test_training_images_are_shifted_each_by_its_own_distance(monkeypatch: pytest.MonkeyPatch) -> None:
    batches: list[torch.Tensor] = []
    plain = Transform.normalise

    def normalise(self: Transform, batch: torch.Tensor) -> torch.Tensor:
        batches.append(batch.clone())
        return plain(self, batch)

    monkeypatch.setattr(Transform, "normalise", normalise)
    trained(Net(), steps=4, recipe=Recipe(batch=20, shift=0.25))
    moved = {tuple(batch.flatten().tolist()) for batch in (torch.stack(sorted_images(b)) for b in batches)}
    assert len(moved) == 4  # the same twenty images, differently each time
    batches.clear()
    trained(Net(), steps=4, recipe=Recipe(batch=20, shift=0.0))
    assert len({tuple(torch.stack(sorted_images(b)).flatten().tolist()) for b in batches}) == 1


def sorted_images(batch: torch.Tensor) -> list[torch.Tensor]:
    return sorted(batch, key=lambda image: image.flatten().tolist())


def test_a_shift_moves_by_at_most_its_distance_and_repeats_edges() -> None:
    image = torch.arange(64, dtype=torch.uint8).reshape(1, 1, 8, 8).expand(200, 3, 8, 8)
    moved = shift(image, 2, torch.Generator().manual_seed(0))
    assert moved.shape == image.shape
    # The middle pixel tells how far each image went: eight a row, one a column.
    offsets = {divmod(int(one[0, 4, 4]) - 36 + 18, 8) for one in moved}
    assert offsets == {(y, x) for y in range(5) for x in range(5)}
    assert torch.equal(shift(image, 0, torch.Generator()), image)


def test_a_pause_changes_nothing() -> None:
    class Dropping(Net):
        def forward(self, images: torch.Tensor) -> torch.Tensor:
            return super().forward(nn.functional.dropout(images, 0.5, self.training))

    def states(*pauses: int) -> dict[str, torch.Tensor]:
        torch.manual_seed(0)
        model = Dropping()
        going = trainer(model)
        for until in pauses:
            going.go(until)
            torch.manual_seed(99)  # what others draw meanwhile is nothing to it
        assert len(going.losses) == pauses[-1]
        return model.state_dict()

    whole, paused = states(10), states(3, 4, 10)
    assert all(torch.equal(whole[name], paused[name]) for name in whole)


def test_an_extension_goes_on_from_where_it_ended_at_the_peak_rate(monkeypatch: pytest.MonkeyPatch) -> None:
    seen = watch(monkeypatch)
    going = trainer(Net(), steps=10, recipe=Recipe(batch=20, warmup=0.1))
    first = going.go()
    going.extend()
    second = going.go()
    assert (first.steps, second.steps) == (10, 20)
    rates = [min(rate for _, rate, _ in groups) for groups in seen]
    assert rates[10:] == pytest.approx(rates[:10])


def test_a_training_goes_on_from_its_state_as_if_it_had_never_stopped(tmp_path: Path) -> None:
    def fresh() -> Trainer:
        torch.manual_seed(0)
        return trainer(Net(), recipe=Recipe(batch=8, augment="standard"))

    whole = fresh()
    whole.go()
    first = fresh()
    first.go(4)
    torch.save(first.state(), tmp_path / "state.pt")
    second = fresh()
    second.restore(torch.load(tmp_path / "state.pt", weights_only=True))
    assert len(second.losses) == 4
    second.go()
    assert second.losses == whole.losses
    expected = whole.opened.model.state_dict()
    found = second.opened.model.state_dict()
    assert all(torch.equal(found[name], value) for name, value in expected.items())
