"""What makes an accuracy say less: one class for most images, twins between the parts, classes of a few images."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from zoo.tasks.folders.imagenet import ClassFolders
from zoo.tasks.health import majority_line, majority_share, small_line, twins_line
from zoo.tasks.outline import TaskOutline, outline_of
from zoo.tasks.task import Task, make_task


def noise(train: tuple[int, ...], test: tuple[int, ...], shared: int = 0) -> Task:
    """Noise with so many images a class, the first ``shared`` test images those of the training part."""
    draw = np.random.default_rng(0)

    def part(counts: tuple[int, ...]) -> tuple[np.ndarray, np.ndarray]:
        labels = np.repeat(np.arange(len(counts)), counts)
        return draw.integers(0, 255, (len(labels), 8, 8, 3)).astype(np.uint8), labels

    trained, tested = part(train), part(test)
    tested[0][:shared] = trained[0][:shared]
    return make_task("noise", tuple("abcdefgh"[: len(train)]), trained, tested, "drawn")


def test_a_lopsided_task_tells_what_always_one_class_is_worth() -> None:
    found = outline_of(noise((190, 10), (190, 10)))
    assert found.majority == 0.95
    assert found.health() == ("190 of 200 test images are of class 'a': always to say so has accuracy 0.950",)


@pytest.mark.parametrize(("shared", "expected"), [(0, 0), (1, 1), (12, 12)])
def test_images_of_both_parts_are_counted_by_their_pixels(shared: int, expected: int) -> None:
    found = outline_of(noise((10, 10), (10, 10), shared))
    assert found.twins == expected
    lines = [line for line in found.health() if "among the training images" in line]
    assert lines == ([twins_line(expected, 20)] if expected else [])
    assert all(line.startswith(f"{shared} of 20 test images ") for line in lines)


@pytest.mark.parametrize(("repeats", "expected"), [(0, ""), (1, "1 of 20 test images repeats another of them")])
def test_test_images_that_repeat_others_are_counted(repeats: int, expected: str) -> None:
    """As where a small class was filled up with copies: the interval is that of independent images."""
    task = noise((10, 10), (10, 10))
    assert isinstance(task.test_images, np.ndarray)
    task.test_images[1 : 1 + repeats] = task.test_images[0]
    found = outline_of(task)
    assert found.repeats == repeats
    assert [line.partition(":")[0] for line in found.health()] == ([expected] if expected else [])


def test_one_image_under_two_labels_is_counted_in_either_part() -> None:
    task = noise((10, 10), (10, 10))
    assert isinstance(task.train_images, np.ndarray)
    assert isinstance(task.test_images, np.ndarray)
    task.train_images[10:12] = task.train_images[0:2]
    task.test_images[19] = task.test_images[0]
    found = outline_of(task)
    assert (found.in_two_classes, found.repeats, found.twins) == (3, 1, 0)
    assert any("3 images stand in more than one class" in line for line in found.health())
    assert TaskOutline.from_dict(found.to_dict()) == found


def test_classes_of_a_few_images_are_named_smallest_first() -> None:
    assert outline_of(noise((2, 9, 9), (9, 4, 1))).health() == (
        "1 of 3 classes has under 5 training images ('a': 2)",
        "2 of 3 classes have under 5 test images ('c': 1, 'b': 4)",
    )
    assert small_line("test", list("abcde"), [1, 2, 3, 4, 5]).endswith("('a': 1, 'b': 2, 'c': 3, …)")


def test_a_sound_task_says_nothing_and_is_the_same_when_it_is_recalled() -> None:
    sound = outline_of(noise((10, 10), (10, 12)))
    assert sound.health() == ()
    poor = outline_of(noise((3, 9), (9, 1), 2))
    assert len(poor.health()) == 4
    assert TaskOutline.from_dict(poor.to_dict()) == poor


def test_most_is_more_than_half_way_from_an_equal_share_to_all() -> None:
    assert majority_line("ab", (75, 25)) == ""
    assert "0.760" in majority_line("ab", (76, 24))
    assert "0.600" in majority_line("abcdefghij", (60, *[5] * 8, 0))
    assert majority_line("a", (5,)) == ""
    assert majority_share(()) == 0.0


def test_images_to_evaluate_on_are_told_by_their_folders() -> None:
    files = tuple(Path("data") / name / f"{n}.png" for name, count in (("cat", 38), ("dog", 2)) for n in range(count))
    images = ClassFolders(Path("data"), Path("data"), ("cat", "dog", "empty"), files, tuple(map(str, range(40))), ())
    assert images.majority == 0.95
    assert images.health() == (
        "38 of 40 test images are of class 'cat': always to say so has accuracy 0.950",
        "1 of 2 classes has under 5 test images ('dog': 2)",
    )


def test_equal_files_to_evaluate_on_are_told_too() -> None:
    files = tuple(Path("data") / name / f"{number}.png" for name in ("cat", "dog") for number in range(6))
    digests = ("same", "same", "3", "4", "5", "6", "same", "8", "9", "10", "11", "12")
    images = ClassFolders(Path("data"), Path("data"), ("cat", "dog"), files, digests, ())
    assert images.health() == (
        "2 of 12 test images repeat others of them: an interval over them is too narrow",
        "1 image stands in more than one class: all but one label of it must be wrong",
    )
