"""Draws of training sets: so many of each class, the fewer among the more, another set for another seed."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import pytest

from zoo.errors import ZooError
from zoo.tasks.catalogue import get_task, task_names
from zoo.tasks.splits import check_shots, few_shot

SHOTS = (1, 5, 10, 50)


@pytest.mark.parametrize("name", task_names())
@pytest.mark.parametrize("seed", range(3))
def test_draws_are_stratified_and_nested(name: str, seed: int) -> None:
    labels = get_task(name).train_labels
    draws = [few_shot(labels, shots, seed) for shots in SHOTS]
    for shots, draw in zip(SHOTS, draws, strict=True):
        assert np.bincount(labels[draw]).tolist() == [shots] * (labels.max() + 1)
        assert len(set(draw)) == len(draw)
    for fewer, more in pairwise(draws):
        assert set(fewer) < set(more)


def test_another_seed_draws_other_images_of_every_class() -> None:
    labels = get_task("digits").train_labels
    draws = [few_shot(labels, 10, seed) for seed in range(3)]
    assert np.array_equal(draws[0], few_shot(labels, 10, 0))
    for index in range(10):
        assert len({frozenset(draw[labels[draw] == index]) for draw in draws}) == 3


def test_all_is_every_image_once() -> None:
    labels = np.array([1, 0, 0, 1, 1])
    assert few_shot(labels, "all", 5).tolist() == [0, 1, 2, 3, 4]


def test_a_class_with_too_few_images_is_named() -> None:
    labels = np.array([0, 0, 0, 1, 1])
    with pytest.raises(ZooError, match="class 'dog' has 2 training images and 3 shots were asked for"):
        few_shot(labels, 3, 0, ("cat", "dog"))
    with pytest.raises(ZooError, match="shots must be at least 1 or 'all', not 0"):
        few_shot(labels, 0, 0)


@pytest.mark.parametrize("shots", [3, 0, 9])
def test_counts_alone_are_refused_in_the_same_words(shots: int) -> None:
    labels = np.array([0, 0, 0, 1, 1])
    for names in (("cat", "dog"), None):
        with pytest.raises(ZooError) as drawn:
            few_shot(labels, shots, 0, names)
        with pytest.raises(ZooError) as counted:
            check_shots((3, 2), shots, names)
        assert str(drawn.value) == str(counted.value)
    check_shots((3, 2), 2)
    check_shots((3, 2), "all")
