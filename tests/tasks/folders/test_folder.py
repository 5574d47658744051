"""Folders of images as tasks: which folders are parts and which classes, at what size, and what is refused."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from zoo.errors import InputFileError, ZooError
from zoo.tasks.folders.folder import load_folder
from zoo.tasks.task import make_task


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


def test_an_image_without_a_stated_white_is_listed_with_the_reason(tmp_path: Path) -> None:
    path = folder(tmp_path, {"cat": 8, "dog": 8})
    Image.fromarray(np.ones((16, 16), np.float32)).save(path / "dog" / "depth.tiff")
    with pytest.raises(ZooError, match=r"1 corrupt image: dog/depth.tiff \(floating point, without a stated white"):
        load_folder(path)
    assert len(load_folder(path, corrupt="skip").skipped) == 1


@pytest.mark.parametrize(("classes", "message"), [({}, "no class folders"), ({"cat": 3}, "only one class")])
def test_a_folder_that_is_no_task_says_why(tmp_path: Path, classes: dict[str, int], message: str) -> None:
    with pytest.raises(ZooError, match=message):
        load_folder(folder(tmp_path, classes))


def parts(path: Path, *names: str) -> Path:
    """Parts with two classes each, the n-th with n images a class."""
    for number, name in enumerate(names, start=1):
        folder(path / name, {"cat": number, "dog": number})
    return path


@pytest.mark.parametrize(
    ("names", "test"),
    [
        (("train", "test"), 2),
        (("Train", "Test"), 2),
        (("train", "val"), 2),
        (("train", "validation"), 2),
        (("training", "testing"), 2),
        (("TRAIN", "VALID"), 2),
        (("train", "val", "test"), 3),
        (("train", "validation", "val"), 3),
        (("train", "validation", "Testing"), 3),
        (("train", "val", "annotations"), 2),
    ],
)
def test_parts_are_known_by_name(tmp_path: Path, names: tuple[str, ...], test: int) -> None:
    task = load_folder(parts(tmp_path, *names))
    assert task.classes == ("cat", "dog")
    assert np.bincount(task.train_labels).tolist() == [1, 1]
    assert np.bincount(task.test_labels).tolist() == [test, test]


@pytest.mark.parametrize(
    ("names", "message"),
    [
        (("train",), "train to train on, but no 'test' or 'val'; add one, or name .*train itself"),
        (("val", "test"), "test and val to test on, but no 'train'"),
        (("train", "training", "test"), "both train and training to train on"),
        (("train", "Test", "test"), "Test and test are one name twice"),
    ],
)
def test_half_a_pair_of_parts_is_no_task(tmp_path: Path, names: tuple[str, ...], message: str) -> None:
    with pytest.raises(InputFileError, match=message):
        load_folder(parts(tmp_path, *names))


@pytest.mark.parametrize("name", ["train", "Validation", "test"])
def test_a_part_beside_a_class_is_refused(tmp_path: Path, name: str) -> None:
    folder(parts(tmp_path, name), {"zebra": 4})
    said = f"'{name}' looks like a part of a data set and 'zebra' like a class; put the classes into 'train' and"
    with pytest.raises(InputFileError, match=said):
        load_folder(tmp_path)


@pytest.mark.parametrize("name", ["train", "test"])
def test_a_class_may_be_called_like_a_part(tmp_path: Path, name: str) -> None:
    assert load_folder(folder(tmp_path, {"bus": 4, name: 4})).classes == ("bus", name)


@pytest.mark.parametrize("beside", [{}, {"zebra": 4}])
def test_images_right_in_a_pair_of_parts_are_no_classes(tmp_path: Path, beside: dict[str, int]) -> None:
    with pytest.raises(InputFileError, match="train: no class folders"):
        load_folder(folder(tmp_path, {"train": 4, "test": 4} | beside))


def noise(path: Path, sides: dict[str, list[int]]) -> dict[str, list[np.ndarray]]:
    """Square images without loss, a file each, and their pixels."""
    generator = np.random.default_rng(3)
    made: dict[str, list[np.ndarray]] = {}
    for name, each in sides.items():
        (path / name).mkdir(parents=True)
        made[name] = [generator.integers(0, 256, (side, side, 3), np.uint8) for side in each]
        for number, pixels in enumerate(made[name]):
            Image.fromarray(pixels).save(path / name / f"{number}.png")
    return made


@pytest.mark.parametrize("side", [8, 256])
def test_images_of_the_kept_size_keep_their_pixels(tmp_path: Path, side: int) -> None:
    made = noise(tmp_path, {"train/cat": [side], "train/dog": [side], "test/cat": [side], "test/dog": [side]})
    train, test = ((np.stack(made[f"{part}/cat"] + made[f"{part}/dog"]), np.arange(2)) for part in ("train", "test"))
    task = load_folder(tmp_path)
    assert task.digest == make_task("x", ("cat", "dog"), train, test, "").digest


@pytest.mark.parametrize(
    ("sides", "kept"), [((8, 8, 8, 8), 8), ((8, 12, 9, 40), 40), ((300, 8, 8, 8), 256), ((8, 8, 8, 300), 256)]
)
def test_no_task_is_larger_than_its_largest_image(tmp_path: Path, sides: tuple[int, ...], kept: int) -> None:
    places = ("train/cat", "train/dog", "test/cat", "test/dog")
    noise(tmp_path, {place: [side] for place, side in zip(places, sides, strict=True)})
    task = load_folder(tmp_path)
    assert task.native_size == kept
    assert task.train_images.shape == task.test_images.shape == (2, kept, kept, 3)


def test_what_is_transparent_is_white_and_sixteen_bits_are_eight(tmp_path: Path) -> None:
    hidden = Image.new("RGBA", (8, 8), (0, 0, 255, 0))
    grey = Image.fromarray(np.full((8, 8), 100 * 257, np.uint16))
    for name, image in (("grey", grey), ("hidden", hidden)):
        (tmp_path / name).mkdir()
        for number in range(2):
            image.save(tmp_path / name / f"{number}.png")
    task = load_folder(tmp_path)
    assert [int(image.mean()) for image in task.train_images] == [100, 255]
