"""Crops of the two photographs: the same each time, of two parts that share no pixel."""

from __future__ import annotations

import numpy as np
import pytest

from zoo.errors import ZooError
from zoo.images import crops as module
from zoo.images.crops import crops


def test_crops_are_the_same_each_time_and_of_several_sizes() -> None:
    first, again = list(crops(0, 12)), list(crops(0, 12))
    assert [np.asarray(one).tolist() for one in first] == [np.asarray(one).tolist() for one in again]
    assert all(one.width == one.height and 160 <= one.width <= 320 and one.mode == "RGB" for one in first)
    assert len({one.size for one in first}) > 6
    assert [one.size for one in crops(0, 5)] == [one.size for one in first[:5]], "fewer are the first of more"


def test_the_two_parts_share_no_pixel(monkeypatch: pytest.MonkeyPatch) -> None:
    """Of pictures whose left half is dark and whose right half is bright."""
    halves = np.zeros((427, 640, 3), dtype=np.uint8)
    halves[:, 320:] = 200
    monkeypatch.setattr(module, "_pixels", lambda name: halves)
    assert {int(np.asarray(one).max()) for one in crops(0, 40)} == {0}
    assert min(int(np.asarray(one).min()) for one in crops(1, 40)) >= 0.7 * 200 - 1


def test_photographs_that_are_missing_are_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "find_spec", lambda name: None)
    with pytest.raises(ZooError, match=r"china\.jpg: the photograph of scikit-learn is not there"):
        next(crops(0, 1))
