"""The embedded tasks: nothing of the test part is in the training part, and raw pixels do not solve them."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from zoo.regimes.cell import run_job
from zoo.regimes.strategies.base import TransferJob
from zoo.tasks.catalogue import get_task, task_names
from zoo.tasks.embedded import digits, photographs


def distinct(images: NDArray[np.uint8]) -> set[bytes]:
    return {image.tobytes() for image in images}


@pytest.mark.parametrize("name", task_names())
def test_every_class_is_in_both_parts_and_no_image_is(name: str) -> None:
    task = get_task(name)
    classes = set(range(len(task.classes)))
    assert set(task.train_labels) == set(task.test_labels) == classes
    train, test = distinct(task.train_images), distinct(task.test_images)
    assert not train & test
    assert len(test) == len(task.test_images)
    assert len(train) == len(task.train_images)


def test_no_handwritten_original_is_in_both_parts(monkeypatch: pytest.MonkeyPatch) -> None:
    originals: list[bytes] = []
    lay = digits.lay

    def seen(mask: Any, *args: Any, **kwargs: Any) -> Any:
        originals.append(mask.tobytes())
        return lay(mask, *args, **kwargs)

    monkeypatch.setattr(digits, "lay", seen)
    task = digits.digits()
    count = len(task.train_labels)
    assert len(originals) == count + len(task.test_labels) == 1797
    assert not set(originals[:count]) & set(originals[count:])


def test_no_pixel_of_a_photograph_is_in_both_parts(monkeypatch: pytest.MonkeyPatch) -> None:
    from sklearn.datasets import load_sample_images

    # Bands alternately bright and dark, so far apart that the change of light does not mix them up.
    there = load_sample_images()
    rows = np.arange(there.images[0].shape[0]) // photographs.BAND % 2
    striped = np.broadcast_to(np.where(rows, 80, 200).astype(np.uint8)[:, None, None], there.images[0].shape)
    there.images = [striped, striped]
    monkeypatch.setattr("sklearn.datasets.load_sample_images", lambda: there)
    monkeypatch.setattr(photographs, "CONTRAST", 0.0)  # within a band there is none
    task = photographs.photographs()
    assert task.train_images.min() >= 200 * 0.7 - 1
    assert task.test_images.max() <= 80 * 1.2 + 1


def test_raw_pixels_stay_under_six_tenths_at_ten_shots() -> None:
    hits = []
    for seed in range(3):
        outcome = run_job(TransferJob("control/pixels", None, "pixels", "digits", 10, seed, None))
        hits.append(outcome.metrics["accuracy"].value)
    assert 0.3 < sum(hits) / 3 < 0.6
