"""Tasks of files in a plan: their shots, their controls' sizes, and the time that their images take."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from zoo.errors import for_command
from zoo.plans.estimate import Estimate, work_units
from zoo.plans.tasks import usual_shots
from zoo.plans.transfer import plan_transfer
from zoo.sources.naming import NO_WEIGHTS
from zoo.suites.suite import Suite, TransferPlan
from zoo.tasks.catalogue import outline


def pets(root: Path, cats: int, dogs: int) -> Path:
    generator = np.random.default_rng(0)
    for name, count in (("cat", cats), ("dog", dogs)):
        (root / name).mkdir(parents=True)
        for number in range(count):
            Image.fromarray(generator.integers(0, 256, (9, 9, 3), np.uint8)).save(root / name / f"{number}.png")
    return root


def test_where_no_shots_are_asked_for_what_there_is_is_taken_and_said(tmp_path: Path) -> None:
    said: list[str] = []
    small, large = pets(tmp_path / "small", 8, 20), pets(tmp_path / "large", 20, 20)
    assert usual_shots([str(large), str(small)], "refuse", said.append) == ("all",)
    assert usual_shots(["digits"], "refuse", said.append) == (10,)
    assert said == []
    assert usual_shots(["digits", str(small)], "refuse", said.append) == (6,)
    taken = "so 6 a class are taken, where 10 are usual; --shots asks for others"
    assert [for_command(line) for line in said] == [f"small: class 'cat' has 6 training images, {taken}"]


@pytest.mark.parametrize("task", ["folder", "digits"])
def test_the_control_is_at_the_size_of_the_features_beside_it(task: str, tmp_path: Path) -> None:
    path = str(pets(tmp_path / "pets", 8, 8)) if task == "folder" else task
    plan = TransferPlan((), (path,), ("random_features", "pixels"), shots=(2,), seeds=1, input_size=64)
    models = ("torchvision/resnet18", "torchvision/alexnet")
    planned = plan_transfer(Suite("x", models, transfer=plan))
    sizes = {(item.trial.weights == NO_WEIGHTS, item.trial.transfer.side) for item in planned}
    assert sizes == {(False, 64), (True, 64 if task == "folder" else None)}
    smallest = plan_transfer(Suite("x", models, transfer=replace(plan, input_size="smallest")))
    controls = [item.trial.transfer.side for item in smallest if item.trial.weights == NO_WEIGHTS]
    assert controls == ([32, 64] if task == "folder" else [None])
    assert [item.job.input_size for item in smallest if item.trial.weights == NO_WEIGHTS] == controls


def test_the_time_of_images_that_are_read_is_in_the_estimate(tmp_path: Path) -> None:
    path = str(pets(tmp_path / "pets", 8, 8))
    plan = TransferPlan((), (path,), ("random_features",), shots=(2,), seeds=3, input_size=32)
    trials = [item.trial for item in plan_transfer(Suite("x", ("torchvision/resnet18",), transfer=plan))]
    assert outline(path).read_s > 0
    slow = replace(outline(path), read_s=2.0, train_counts=(1000, 1000))
    estimate = Estimate(tasks={slow.digest: slow})
    estimate.expect(trials)
    computed = sum(work_units(trial, slow) for trial in trials)
    assert estimate.seconds_left() == pytest.approx(2.0 * (slow.test_images + 3 * 2 * 2) + computed)
