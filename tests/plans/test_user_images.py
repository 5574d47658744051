"""A user's images are planned as their weights want them, drawn ones as before; a long run says what takes less."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from tests.plans.test_tasks import pets
from zoo.errors import for_command
from zoo.plans.plan import Plan, plan_suite
from zoo.plans.savings import savings
from zoo.plans.transfer import PlannedTransfer, plan_transfer
from zoo.regimes.strategies.base import TransferJob
from zoo.regimes.strategies.inputs import transform_for
from zoo.suites.suite import Suite, TransferPlan
from zoo.tasks.catalogue import get_task
from zoo.training.recipe import TUNED, Recipe

MODEL = "torchvision/resnet18"


def planned(*tasks: str, **changes: object) -> list[PlannedTransfer]:
    plan = replace(
        TransferPlan(tasks=tasks, strategies=("full", "pixels"), shots=(5,), seeds=1, device="cpu"), **changes
    )
    return plan_transfer(Suite("p", (MODEL,), transfer=plan))


@pytest.fixture
def folder(tmp_path: Path) -> str:
    return str(pets(tmp_path / "pets", 8, 9))


def test_files_are_cropped_at_the_weights_own_size_and_changed_by_crops_and_flips(folder: str) -> None:
    full, pixels = (item.trial.transfer for item in planned(folder, weights="IMAGENET1K_V1"))
    assert (full.side, full.fit) == (224, "crop")
    assert (pixels.side, pixels.fit) == (224, "crop")
    assert full.recipe == replace(TUNED, augment="standard")


def test_drawn_images_are_planned_as_they_were(folder: str) -> None:
    full, pixels = (item.trial.transfer for item in planned("gratings", weights="IMAGENET1K_V1"))
    assert (full.side, full.fit) == (32, "squash")
    assert (pixels.side, pixels.fit) == (None, "squash")
    assert full.recipe == TUNED
    asked = planned("gratings", fit="pad", recipe=Recipe())[0].trial.transfer
    assert (asked.fit, asked.recipe) == ("squash", Recipe())  # a square has nothing to pad


def test_what_is_asked_for_is_planned(folder: str) -> None:
    wanted = {"input_size": 64, "fit": "pad", "augment": "none", "weights": "IMAGENET1K_V1"}
    full, pixels = (item.trial.transfer for item in planned(folder, **wanted))
    assert (full.side, full.fit, full.recipe) == (64, "pad", replace(TUNED, augment="none"))
    assert (pixels.side, pixels.fit) == (64, "pad")


def test_a_model_that_is_faster_in_bf16_computes_in_it_on_a_users_images_and_no_control_does(folder: str) -> None:
    wanted = {"weights": "IMAGENET1K_V1", "in_bf16": (MODEL,)}
    full, pixels = planned(folder, **wanted)
    assert (full.trial.transfer.precision, full.job.precision) == ("bf16", "bf16")
    assert (pixels.trial.transfer.precision, pixels.job.precision) == ("fp32", "fp32")
    assert planned("gratings", **wanted)[0].trial.transfer.precision == "fp32"
    assert planned(folder, weights="IMAGENET1K_V1", in_bf16=("timm/resnet18",))[0].job.precision == "fp32"
    assert planned("gratings", weights="IMAGENET1K_V1", precision="bf16")[0].job.precision == "bf16"


def test_a_precision_is_part_of_a_trials_key_where_it_is_not_the_usual_one() -> None:
    usual = planned("gratings", weights="IMAGENET1K_V1")[0].trial
    other = planned("gratings", weights="IMAGENET1K_V1", precision="bf16")[0].trial
    assert "precision" not in usual.settings.to_dict()
    assert other.key != usual.key


def test_weights_that_are_still_to_be_made_are_trained_on_at_the_size_they_will_have(folder: str) -> None:
    full = planned(folder)[0].trial.transfer
    assert full.side == 32


def test_a_probe_on_all_images_is_one_trial_whatever_the_seeds(folder: str) -> None:
    found = planned(folder, shots=("all", 5), seeds=3, strategies=("classifier", "full", "random_features", "pixels"))
    counts: dict[tuple[str, object], int] = {}
    for item in found:
        key = item.trial.transfer.strategy, item.trial.transfer.shots
        counts[key] = counts.get(key, 0) + 1
    assert counts == {
        ("classifier", "all"): 1, ("classifier", 5): 3, ("full", "all"): 3, ("full", 5): 3,
        ("random_features", "all"): 3, ("random_features", 5): 3, ("pixels", "all"): 1, ("pixels", 5): 3,
    }  # fmt: skip


def test_the_preprocessing_is_that_of_the_weights(folder: str) -> None:
    task = get_task(folder)
    job = TransferJob("timm/resnet50", "a1_in1k", "full", folder, 5, 0, 224, fit="crop")
    found = transform_for(job, task)
    assert (found.size, found.shorter, found.interpolation, found.fit) == (224, 236, "bicubic", "crop")
    squashed = transform_for(replace(job, fit="squash"), task)
    assert (squashed.fit, squashed.shorter, squashed.mean) == ("squash", None, found.mean)
    assert found.prepare(task.train_images).take([0]).shape == (1, 3, 236, 236)
    assert transform_for(replace(job, fit="pad"), task).prepare(task.test_images).take([0]).shape == (1, 3, 224, 224)


def test_a_long_run_says_what_would_take_less(folder: str, monkeypatch: pytest.MonkeyPatch) -> None:
    suite = Suite(
        "p", (MODEL,), transfer=TransferPlan(tasks=(folder,), strategies=("scratch",), shots=("all",), seeds=1)
    )
    plan: Plan = plan_suite(suite)
    keys = {item.trial.key for item in plan.transfers}
    assert savings(plan, keys) == ""
    monkeypatch.setattr("zoo.plans.savings.LONG_S", 0.0)
    line = for_command(savings(plan, keys))
    assert line.startswith("trainings are expected to take about ")
    assert savings(plan, set()) == "trainings are expected to take about 1 s"
    drawn = plan_suite(replace(suite, transfer=replace(suite.transfer, tasks=("digits",))))  # type: ignore[type-var]
    assert savings(drawn, {item.trial.key for item in drawn.transfers}) == "trainings are expected to take about 1 s"
