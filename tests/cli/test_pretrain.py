"""`zoo pretrain` on a folder says what its images are worth, before and beside the accuracy."""

from __future__ import annotations

import shutil
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from zoo.cli.main import main

NAME = "timm/test_resnet"


def pets(root: Path, counts: dict[str, int]) -> Path:
    generator = np.random.default_rng(0)
    for name, count in counts.items():
        (root / name).mkdir(parents=True)
        for number in range(count):
            Image.fromarray(generator.integers(0, 256, (9, 9, 3), np.uint8)).save(root / name / f"{number}.png")
    return root


def pretrained(folder: Path, capsys: pytest.CaptureFixture[str]) -> tuple[str, list[str]]:
    """What it prints, and what it says on the way."""
    with pytest.raises(SystemExit) as ended:
        main(["pretrain", NAME, "--task", str(folder), "--steps", "1"])
    shown = capsys.readouterr()
    assert ended.value.code == 0, shown.err
    return shown.out, shown.err.splitlines()


def test_a_majority_stands_beside_the_accuracy(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    out, said = pretrained(pets(tmp_path / "pets", {"cat": 2, "dog": 40}), capsys)
    assert "test images of pets (the most frequent class alone: 90.9%), 1 steps" in out
    assert said[0] == "pets: 10 of 11 test images are of class 'dog': always to say so has accuracy 0.909"


def test_a_test_on_what_was_trained_on_is_called_none(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    pets(tmp_path / "birds" / "train", {"owl": 6, "kite": 6})
    shutil.copytree(tmp_path / "birds" / "train", tmp_path / "birds" / "val")
    (tmp_path / "birds" / "val" / "owl" / "notes.txt").write_text("x")
    out, said = pretrained(tmp_path / "birds", capsys)
    assert "the most frequent class alone: 50.0%" in out
    assert "birds: 1 file left out, which Pillow reads no image from here (.txt 1)" in said[0]
    assert said[1] == (
        "birds: 12 of 12 test images stand among the training images too (kite/0.png, kite/1.png, kite/2.png, …): "
        "an accuracy on them is no test"
    )
