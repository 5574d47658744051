"""Real images as weights want them: which, how prepared, in which batches."""

from __future__ import annotations

import pytest
import torch

from zoo.errors import ZooError
from zoo.models.pictures import CALIBRATION, HELD_OUT, batches, images_text, pictures
from zoo.sources.spec import Preprocessing
from zoo.tasks.catalogue import get_task

STATED = Preprocessing(64, 73, mean=(0.5, 0.5, 0.5), std=(0.25, 0.25, 0.25))


def test_images_of_photographs_are_normalised_and_of_the_size() -> None:
    found = list(pictures(STATED, "packaged", (3, 96, 96), CALIBRATION, 8))
    assert [one.shape for one in found] == [(3, 96, 96)] * 8
    assert all(-2.0 <= float(one.min()) < float(one.max()) <= 2.0 for one in found)
    other = list(pictures(STATED, None, (3, 96, 96), HELD_OUT, 8))
    assert not any(torch.equal(one, two) for one in found for two in other)


def test_weights_named_after_a_task_have_its_images_whole() -> None:
    task = get_task("gratings")
    for part, of_task in ((CALIBRATION, task.train_images), (HELD_OUT, task.test_images)):
        (found,) = pictures(STATED, "gratings", (3, 32, 32), part, 1)
        pixels = torch.round((found * 0.25 + 0.5) * 255).permute(1, 2, 0).to(torch.uint8)
        assert any(torch.equal(pixels, torch.from_numpy(image)) for image in of_task)
    assert images_text("gratings") == "images of gratings"
    assert images_text("packaged") == images_text(None) == "crops of scikit-learn's two photographs"


def test_images_of_no_square_and_of_other_channels() -> None:
    (found,) = pictures(None, None, (3, 40, 56), CALIBRATION, 1)
    assert found.shape == (3, 40, 56)
    with pytest.raises(ZooError, match="photographs of 3 channels, and the model takes 4"):
        next(pictures(None, None, (4, 40, 40), CALIBRATION, 1))


def test_the_last_batch_is_filled_up_with_those_it_begins_with() -> None:
    images = [torch.full((3, 1, 1), float(place)) for place in range(5)]
    found = [(batch[:, 0, 0, 0].tolist(), new) for batch, new in batches(images, 4)]
    assert found == [([0.0, 1.0, 2.0, 3.0], 4), ([4.0, 4.0, 4.0, 4.0], 1)]
    assert [new for _, new in batches([], 4)] == []
