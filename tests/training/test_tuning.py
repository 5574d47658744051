"""A rate is found on training images alone, by as many trials for everyone."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest
import torch
from torch import nn

from tests.training.test_trainer import TRANSFORM, Net, images_of
from zoo.training import cell as cells
from zoo.training import tuning
from zoo.training.cell import Cell
from zoo.training.opened import Opened
from zoo.training.openings import everything
from zoo.training.recipe import Recipe
from zoo.training.trainer import Trainer, TrainingDivergedError
from zoo.training.tuning import train_tuned
from zoo.training.validation import held_out, score_of

TUNED = Recipe(steps=6, batch=8, tuning="rates", least_to_choose=8)


def cell(images: int = 24) -> Cell:
    labels = torch.arange(images) % 2
    return Cell(images_of(images), labels, images_of(10), 2, TRANSFORM, seed=0)


def network(rows: Any = None) -> Opened:
    torch.manual_seed(0)
    return everything(Net(), TUNED)


class Planted:
    """Trainers whose predictions on held-out images are planted by their rate, and by what batch norm does."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch, quality: dict[float, float], kept: float = 0.0) -> None:
        self.taken: dict[float, int] = {}
        self.full: list[float] = []
        self.sizes: set[int] = set()
        self.norms: list[str] = []
        planted = self

        class Counted(Trainer):
            def __init__(self, opened: Opened, images: Any, labels: Any, **settings: Any) -> None:
                super().__init__(opened, images, labels, **settings)
                opened.model.rate = settings["rate"]  # type: ignore[assignment]
                planted.sizes.add(len(images))
                if len(images) == 24:
                    planted.full.append(settings["rate"])
                    planted.norms.append(settings["recipe"].batch_norm)
                opened.model.gain = kept * (settings["recipe"].batch_norm == "eval")  # type: ignore[assignment]

            def _step(self) -> None:
                quality_of = next(q for rate, q in quality.items() if abs(rate / self.rate - 1) < 1e-6)
                if quality_of < 0:
                    raise TrainingDivergedError("planted")
                self.losses.append(0.1)
                key = round(self.rate, 9)
                if len(self._images) < 24:
                    planted.taken[key] = planted.taken.get(key, 0) + 1

        def predicted(model: nn.Module, images: Any, *_: Any) -> torch.Tensor:
            true = next(q for rate, q in quality.items() if abs(rate / model.rate - 1) < 1e-6)  # type: ignore[operator]
            true += model.gain  # type: ignore[operator]
            return torch.tensor([[true, 1 - true]]).expand(len(images), 2)

        monkeypatch.setattr(tuning, "Trainer", Counted)
        monkeypatch.setattr(cells, "probabilities", predicted)


def rounded(values: Any) -> list[float]:
    return sorted(round(value, 9) for value in values)


def test_the_worst_is_dropped_after_each_part_and_the_best_is_trained_on_everything(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    planted = Planted(monkeypatch, {1e-4: 0.4, 3e-4: 0.45, 9e-4: 0.3})
    said: list[tuple[int, int]] = []
    found = train_tuned(network, cell(), TUNED, rate=3e-4, from_random=False, on_progress=lambda *at: said.append(at))
    steps = TUNED.steps_for(20, from_random=False)
    assert planted.taken == {9e-4: round(steps / 3), 1e-4: round(2 * steps / 3), 3e-4: steps}
    assert planted.full == [3e-4]
    assert found.notes["chosen_rate"] == pytest.approx(3e-4)
    assert found.notes["chosen_by"] == "accuracy on 4 training images held out"
    assert len(found.notes["rates"]) == 3
    assert said[-1][0] <= said[-1][1]


@pytest.mark.parametrize(("best", "beyond"), [(1e-4, 1e-4 / 3), (9e-4, 2.7e-3)])
def test_a_best_rate_at_the_edge_is_widened_once(monkeypatch: pytest.MonkeyPatch, best: float, beyond: float) -> None:
    qualities = dict.fromkeys((0.0001, 0.0003, 0.0009), 0.3) | {best: 0.4, beyond: 0.49}
    planted = Planted(monkeypatch, qualities)
    found = train_tuned(network, cell(), TUNED, rate=3e-4, from_random=False)
    assert planted.full == [pytest.approx(beyond)]
    assert len(found.notes["rates"]) == 4


def test_a_rate_that_diverges_is_left_out_and_said(monkeypatch: pytest.MonkeyPatch) -> None:
    planted = Planted(monkeypatch, {1e-4: 0.4, 3e-4: 0.45, 9e-4: -1.0})
    found = train_tuned(network, cell(), TUNED, rate=3e-4, from_random=False)
    assert planted.full == [pytest.approx(3e-4)]
    assert [entry.get("diverged") for entry in found.notes["rates"]].count("planted") == 1
    Planted(monkeypatch, dict.fromkeys((1e-4, 3e-4, 9e-4), -1.0))
    with pytest.raises(TrainingDivergedError, match="planted"):
        train_tuned(network, cell(), TUNED, rate=3e-4, from_random=False)


def test_under_sixteen_a_class_all_rates_predict_together(monkeypatch: pytest.MonkeyPatch) -> None:
    planted = Planted(monkeypatch, {1e-4: 0.4, 3e-4: 0.9, 9e-4: 0.8})
    found = train_tuned(network, cell(), replace(TUNED, least_to_choose=16), rate=3e-4, from_random=False)
    assert rounded(planted.full) == [1e-4, 3e-4, 9e-4]
    assert planted.sizes == {24}
    assert found.probabilities[0, 0] == pytest.approx(0.7)
    assert found.validation is None
    assert found.notes["chosen_by"] == "nothing, the average of all"


CHOOSING = replace(TUNED, batch_norm="chosen", frozen_norm_batch=8)


@pytest.mark.parametrize(("gain", "norm"), [(0.02, "eval"), (-0.02, "train"), (0.0, "train")])
def test_what_batch_norm_does_is_chosen_at_the_best_rate(
    monkeypatch: pytest.MonkeyPatch, gain: float, norm: str
) -> None:
    planted = Planted(monkeypatch, {1e-4: 0.4, 3e-4: 0.45, 9e-4: 0.3}, gain)
    said: list[tuple[int, int]] = []
    found = train_tuned(
        network, cell(), CHOOSING, rate=3e-4, from_random=False, on_progress=lambda *at: said.append(at)
    )
    steps = CHOOSING.steps_for(20, from_random=False)
    assert planted.taken[3e-4] == 2 * steps  # with statistics of the batch, and with those of the weights
    assert planted.norms == [norm]
    assert found.notes["chosen_rate"] == pytest.approx(3e-4)
    assert [(entry["rate"], entry["batch_norm"]) for entry in found.notes["rates"][-2:]] == [
        (pytest.approx(3e-4), "train"), (pytest.approx(3e-4), "eval"),
    ]  # fmt: skip
    assert found.training.batch_norm == norm
    assert said[-1][0] <= said[-1][1]


def test_batch_norm_is_not_chosen_where_it_is_settled(monkeypatch: pytest.MonkeyPatch) -> None:
    quality = {1e-4: 0.4, 3e-4: 0.45, 9e-4: 0.3}
    steps = CHOOSING.steps_for(20, from_random=False)
    small = replace(CHOOSING, frozen_norm_batch=9)  # batches of eight
    for asked, recipe, does in (
        ("train", CHOOSING, "train"), ("eval", CHOOSING, "eval"), ("open", small, "eval"),
        ("open", replace(CHOOSING, batch_norm="eval"), "eval"),
    ):  # fmt: skip
        planted = Planted(monkeypatch, quality, 0.02)
        found = train_tuned(
            lambda rows, asked=asked: replace(network(), batch_norm=asked),  # type: ignore[misc]
            cell(), recipe, rate=3e-4, from_random=False,
        )  # fmt: skip
        assert planted.taken[3e-4] == steps, (asked, recipe)
        assert found.training.batch_norm == does


def test_without_batch_norm_there_is_nothing_to_choose(monkeypatch: pytest.MonkeyPatch) -> None:
    class Plain(Net):
        def __init__(self) -> None:
            super().__init__()
            self.norm = nn.Identity()  # type: ignore[assignment]

    planted = Planted(monkeypatch, {1e-4: 0.4, 3e-4: 0.45, 9e-4: 0.3}, 0.02)
    found = train_tuned(lambda rows: everything(Plain(), TUNED), cell(), CHOOSING, rate=3e-4, from_random=False)
    assert planted.taken[3e-4] == CHOOSING.steps_for(20, from_random=False)
    assert found.training.batch_norm == "none"


@pytest.mark.parametrize("tuning", ["rates", "none"])
def test_with_few_images_batch_norm_keeps_its_statistics(monkeypatch: pytest.MonkeyPatch, tuning: str) -> None:
    planted = Planted(monkeypatch, {1e-4: 0.4, 3e-4: 0.9, 9e-4: 0.8})
    few = replace(CHOOSING, least_to_choose=16, tuning=tuning)
    found = train_tuned(network, cell(), few, rate=3e-4, from_random=False)
    assert set(planted.norms) == {"eval"}
    assert found.training.batch_norm == "eval"
    enough = replace(CHOOSING, tuning="none")
    assert train_tuned(network, cell(), enough, rate=3e-4, from_random=False).training.batch_norm == "train"


def test_trainings_are_counted_as_they_are_taken(monkeypatch: pytest.MonkeyPatch) -> None:
    for recipe in (TUNED, CHOOSING, replace(CHOOSING, least_to_choose=16), replace(CHOOSING, tuning="none")):
        planted = Planted(monkeypatch, {1e-4: 0.4, 3e-4: 0.45, 9e-4: 0.3})
        train_tuned(network, cell(), recipe, rate=3e-4, from_random=False)
        taken = sum(planted.taken.values()) / recipe.steps_for(20, from_random=False) + len(planted.full)
        assert taken == pytest.approx(recipe.trainings(cell().fewest), abs=0.1)


def test_without_tuning_there_is_one_training_at_the_strategys_own_rate(monkeypatch: pytest.MonkeyPatch) -> None:
    planted = Planted(monkeypatch, {3e-4: 0.4})
    found = train_tuned(network, cell(), replace(TUNED, tuning="none"), rate=3e-4, from_random=False)
    assert planted.full == [3e-4]
    assert found.notes == {}


def test_a_training_that_was_cut_short_goes_on_and_says_where_from() -> None:
    recipe = replace(TUNED, tuning="none", learnt_loss=1e-6, extensions=2)
    found = train_tuned(network, cell(), recipe, rate=3e-4, from_random=False)
    first = recipe.steps_for(24, from_random=False)
    assert found.training.steps == 3 * first
    assert found.notes["extended_from"]["steps"] == first


def test_the_last_training_takes_more_steps_than_those_rates_are_tried_for(monkeypatch: pytest.MonkeyPatch) -> None:
    longer = replace(TUNED, last_steps_factor=2.0)
    planted = Planted(monkeypatch, {1e-4: 0.4, 3e-4: 0.45, 9e-4: 0.3})
    found = train_tuned(network, cell(), longer, rate=3e-4, from_random=False)
    assert planted.taken[3e-4] == longer.steps_for(20, from_random=False)
    assert found.training.steps == 2 * longer.steps_for(24, from_random=False)
    assert longer.trainings(cell().fewest) == TUNED.trainings(cell().fewest) + 1
    few = train_tuned(network, cell(), replace(longer, least_to_choose=16), rate=3e-4, from_random=False)
    assert few.training.steps == longer.steps_for(24, from_random=False)


def test_test_images_change_nothing_that_is_chosen() -> None:
    one = train_tuned(network, cell(), TUNED, rate=3e-4, from_random=False)
    other = train_tuned(network, replace(cell(), test=images_of(10)[::-1]), TUNED, rate=3e-4, from_random=False)
    assert one.notes == other.notes
    assert one.validation == other.validation
    assert torch.equal(one.probabilities.flip(0), other.probabilities)


def test_some_of_each_class_are_held_out_the_same_for_all() -> None:
    labels = np.repeat([0, 1, 2], [20, 16, 5])
    held = held_out(labels, 0.2, seed=3)
    assert np.bincount(labels[held]).tolist() == [4, 3, 1]
    assert np.array_equal(held, held_out(labels, 0.2, seed=3))
    assert not np.array_equal(held, held_out(labels, 0.2, seed=4))


def test_the_measure_decides_and_the_log_loss_between_equals() -> None:
    labels = torch.tensor([0, 0, 0, 1])
    lazy, sharp = torch.tensor([[0.9, 0.1]] * 4), torch.tensor([[0.6, 0.4], [0.4, 0.6], [0.4, 0.6], [0.2, 0.8]])
    assert score_of(lazy, labels, "accuracy") > score_of(sharp, labels, "accuracy")
    assert score_of(lazy, labels, "balanced_accuracy") < score_of(sharp, labels, "balanced_accuracy")
    found = score_of(lazy, labels, "accuracy")
    assert (found.accuracy, found.balanced, found.value) == (0.75, 0.5, 0.75)
    surer = torch.tensor([[0.95, 0.05]] * 3 + [[0.8, 0.2]])
    assert score_of(surer, labels, "accuracy") > score_of(lazy, labels, "accuracy")
