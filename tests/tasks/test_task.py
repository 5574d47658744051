"""The digest of a task, which the keys of records depend on: it must never be another for the same pixels."""

from __future__ import annotations

import numpy as np

from zoo.tasks.task import make_task

PIXELS = np.arange(24, dtype=np.uint8).reshape(2, 2, 2, 3)


def test_the_digest_is_what_it_was_in_the_first_records() -> None:
    task = make_task("x", ("a", "b"), (PIXELS, np.arange(2)), (PIXELS + 7, np.array([1, 0])), "made")
    assert task.digest == "8c00529695581dc405221d50490f816a0ce9dedd714af81817358a5192dd4e2d"


def test_another_class_label_or_pixel_is_another_task() -> None:
    train, test = (PIXELS, np.arange(2)), (PIXELS, np.arange(2))
    digests = {
        make_task("x", ("a", "b"), train, test, "").digest,
        make_task("x", ("a", "c"), train, test, "").digest,
        make_task("x", ("a", "b"), train, (PIXELS, np.array([1, 0])), "").digest,
        make_task("x", ("a", "b"), (PIXELS + 1, np.arange(2)), test, "").digest,
    }
    assert len(digests) == 4
