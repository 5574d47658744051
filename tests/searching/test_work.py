"""What a process computes for a search: from training images alone, and on from where a training was."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

from zoo.loading.create import create
from zoo.outcome import Outcome, Status
from zoo.regimes.strategies.base import TransferJob
from zoo.regimes.strategies.knn import votes, votes_left_out
from zoo.results.trial import Trial
from zoo.searching import checkpoints, work
from zoo.searching.work import SearchJob, split
from zoo.tasks.task import Task
from zoo.training.recipe import TUNED
from zoo.training.search_settings import SearchSettings
from zoo.weights.digests import digest

NET = "timm/test_resnet"
COUNT = 40
SHORT = replace(TUNED, steps=20)


class Unseen:
    """Test images that nobody may look at."""

    def __getattr__(self, name: str) -> Any:
        raise AssertionError(f"test images were asked for their {name}")

    def __getitem__(self, rows: Any) -> Any:
        raise AssertionError("test images were read")

    def __len__(self) -> int:
        raise AssertionError("test images were counted")


@pytest.fixture
def task(monkeypatch: pytest.MonkeyPatch) -> Task:
    """Two classes of noise, one brighter, and a test part that raises."""
    generator = np.random.default_rng(0)
    labels = np.arange(COUNT) % 2
    images = generator.integers(0, 200, (COUNT, 32, 32, 3)) + 12 * labels[:, None, None, None]
    unseen: Any = Unseen()
    found = Task("noise", ("dark", "bright"), images.astype(np.uint8), labels, unseen, unseen, "of noise", "a test")
    monkeypatch.setattr(work, "get_task", lambda *_: found)
    return found


@pytest.fixture
def weights(tmp_path: Path) -> Path:
    torch.manual_seed(0)
    path = tmp_path / "net.pth"
    torch.save(create(NET, weights=None).state_dict(), path)
    return path


def job(weights: Path, strategy: str = "full", part: float | None = 1.0, checkpoint: Path | None = None) -> SearchJob:
    trained = strategy != "classifier" and part is not None
    settings = SearchSettings("noise", "arm" if part else "scores", strategy, "all", COUNT, 0, (3, 32, 32))
    of = TransferJob(NET, weights, strategy, "noise", "all", 0, 32, recipe=TUNED, rate=1e-3 if trained else None)
    trial = Trial(NET, weights.name, settings, digest(weights))
    return SearchJob(trials=(trial,), label="planted", device="cpu", work=of, part=part, checkpoint=checkpoint)


def ran(job: SearchJob) -> Outcome:
    found = work.run(job, lambda *_: None)
    assert (found.status, found.reason) == (Status.OK, "")
    return found


@pytest.mark.usefixtures("task")
def test_scores_are_of_training_images_each_left_out_in_turn(weights: Path) -> None:
    found = ran(job(weights, part=None))
    assert found.metrics["validation"].n == COUNT
    assert len(found.samples["correct"]) == COUNT
    assert 0 <= float(str(found.notes["knn"])) <= 1
    assert isinstance(found.notes["logme"], float)


@pytest.mark.usefixtures("task")
@pytest.mark.parametrize("strategy", ["full", "lp_ft", "classifier"])
def test_an_arm_is_judged_on_training_images_held_out(strategy: str, weights: Path) -> None:
    found = ran(job(weights, strategy))
    _, held = split(torch.arange(COUNT) % 2, TUNED.validation, 0)
    assert found.metrics["validation"].n == len(held) == 20
    assert found.metrics["log_loss"].value >= 0


@pytest.mark.usefixtures("task")
def test_an_arm_that_goes_on_ends_as_one_that_was_never_stopped(weights: Path, tmp_path: Path) -> None:
    whole = ran(job(weights))
    kept = tmp_path / "arms" / "one.pt"
    first = ran(job(weights, part=1 / 3, checkpoint=kept))
    assert kept.is_file()
    second = ran(job(weights, checkpoint=kept))
    assert (first.notes["went_on_from"], second.notes["went_on_from"]) == (0, first.notes["steps"])
    for name in ("steps", "last_loss"):
        assert second.notes[name] == whole.notes[name]
    assert second.metrics == whole.metrics
    assert second.samples == whole.samples


@pytest.mark.usefixtures("task")
def test_what_is_damaged_or_has_no_room_is_trained_anew(
    weights: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    kept = tmp_path / "arms" / "one.pt"
    kept.parent.mkdir()
    kept.write_bytes(b"cut")
    assert ran(job(weights, part=1 / 3, checkpoint=kept)).notes["went_on_from"] == 0
    monkeypatch.setattr(checkpoints, "MOST_BYTES", 1000)
    ran(job(weights, part=1 / 3, checkpoint=kept))
    assert not kept.exists()
    assert ran(job(weights, checkpoint=kept)).notes["went_on_from"] == 0


@pytest.mark.usefixtures("task")
def test_what_an_arm_raises_is_its_outcome(weights: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*_: Any) -> Any:
        raise ValueError("planted")

    monkeypatch.setattr(work, "score_of", broken)
    found = work.run(job(weights, "classifier"), lambda *_: None)
    assert (found.status, found.reason) == (Status.FAILED, "ValueError: planted")


def test_more_of_a_small_set_is_held_out_and_never_more_than_half() -> None:
    for images, held in ((20, 10), (60, 30), (100, 30), (1000, 200)):
        kept, out = split(torch.arange(images) % 2, 0.2, 0)
        assert len(out) == held
        assert sorted([*kept, *out]) == list(range(images))


@pytest.mark.parametrize(("images", "classes", "folds"), [(160, 10, 5), (60, 2, 2), (1500, 10, 5)])
def test_no_two_folds_hold_out_the_same(images: int, classes: int, folds: int) -> None:
    labels = torch.arange(images) % classes
    found = [split(labels, 0.1, 3, fold) for fold in range(folds)]
    outs = [set(out.tolist()) for _, out in found]
    assert len({len(out) for out in outs}) == 1
    assert len(set.union(*outs)) == sum(map(len, outs))
    for kept, out in found:
        assert sorted([*kept, *out]) == list(range(images))
        assert len(set(np.bincount(labels[out]))) == 1, "as many of each class"


def test_neighbours_of_a_sample_are_the_others() -> None:
    generator = torch.Generator().manual_seed(0)
    features, labels = torch.randn(30, 5, generator=generator), torch.arange(30) % 3
    found = votes_left_out(features, labels, 3)
    for one in range(30):
        others = torch.arange(30) != one
        expected = votes(features[others], labels[others], features[one : one + 1], 3)
        assert torch.allclose(found[one], expected[0], atol=1e-6)
