"""Tasks are the same every time, nested in their shots, and hard enough for raw pixels."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from zoo.errors import ZooError
from zoo.tasks.catalogue import get_task, task_names
from zoo.tasks.folder import load_folder
from zoo.tasks.splits import few_shot
from zoo.transfer.regimes import TransferJob, run_job


@pytest.mark.parametrize("name", task_names())
def test_every_class_is_in_both_parts(name: str) -> None:
    task = get_task(name)
    classes = set(range(len(task.classes)))
    assert set(task.train_labels) == set(task.test_labels) == classes


def test_shots_are_stratified_and_nested() -> None:
    labels = get_task("digits").train_labels
    five, ten = few_shot(labels, 5, 1), few_shot(labels, 10, 1)
    assert set(five) < set(ten)
    assert np.bincount(labels[ten]).tolist() == [10] * 10


def test_raw_pixels_stay_under_six_tenths_at_ten_shots() -> None:
    hits = []
    for seed in range(3):
        outcome = run_job(TransferJob("control/pixels", None, "pixels", "digits", 10, seed, None))
        hits.append(outcome.metrics["accuracy"].value)
    assert 0.3 < sum(hits) / 3 < 0.6


def folder(path: Path, classes: dict[str, int]) -> Path:
    for index, (name, count) in enumerate(classes.items()):
        (path / name).mkdir(parents=True)
        for number in range(count):
            Image.new("RGB", (20 + number, 16), (40 * index, number, 9)).save(path / name / f"{number}.png")
    return path


def test_a_folder_is_a_task_and_corrupt_files_are_listed(tmp_path: Path) -> None:
    path = folder(tmp_path, {"cat": 8, "dog": 8})
    assert load_folder(path, side=16).classes == ("cat", "dog")
    (path / "dog" / "3.png").write_bytes(b"no image")
    with pytest.raises(ZooError, match=r"1 corrupt image: dog/3.png"):
        load_folder(path)
    assert load_folder(path, corrupt="skip").skipped == ("dog/3.png",)


@pytest.mark.parametrize(("classes", "message"), [({}, "no class folders"), ({"cat": 3}, "only one class")])
def test_a_folder_that_is_no_task_says_why(tmp_path: Path, classes: dict[str, int], message: str) -> None:
    with pytest.raises(ZooError, match=message):
        load_folder(folder(tmp_path, classes))
