"""Planning asks tasks for their outlines: no image is made or read for it a second time."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from PIL import Image

from zoo.errors import ZooError
from zoo.plans.tasks import check_shots, outlines
from zoo.plans.transfer import plan_transfer
from zoo.suites.suite import Suite, TransferPlan
from zoo.tasks import catalogue


def refuse(*_: Any, **__: Any) -> Any:
    raise AssertionError("an image was made to plan")


def test_a_suite_planned_again_makes_no_image(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for index, name in enumerate(("cat", "dog")):
        (tmp_path / name).mkdir()
        for number in range(8):
            Image.new("RGB", (9, 9), (index, number, 0)).save(tmp_path / name / f"{number}.png")
    (tmp_path / "dog" / "0.png").write_bytes(b"no image")
    tasks = ("digits", str(tmp_path))
    plan = TransferPlan(tasks=tasks, strategies=("scratch", "pixels"), shots=(5,), seeds=1, corrupt="skip")
    suite = Suite("planned", ("timm/test_resnet",), transfer=plan)
    first = [item.trial.key for item in plan_transfer(suite)]
    assert len(first) == 4
    # As a new process would.
    catalogue._made_by_name.cache_clear()
    catalogue._made_folder.cache_clear()
    monkeypatch.setattr("zoo.tasks.embedded.definition.EmbeddedTask.make", refuse)
    monkeypatch.setattr(Image, "open", refuse)
    assert [item.trial.key for item in plan_transfer(suite)] == first
    assert [(task.name, task.skipped) for task in outlines(suite).values()] == [
        ("digits", ()),
        (tmp_path.name, ("dog/0.png",)),
    ]
    check_shots(suite)
    few = Suite("few", suite.models, transfer=TransferPlan(tasks=tasks, shots=(5, 7), corrupt="skip"))
    with pytest.raises(ZooError, match="class 'cat' has 6 training images and 7 shots were asked for"):
        check_shots(few)
