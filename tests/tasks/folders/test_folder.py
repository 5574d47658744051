"""Folders of images as tasks: which folders are parts and which classes, at what size, and what is refused."""

from __future__ import annotations

import errno
import os
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from zoo.errors import InputFileError, ZooError
from zoo.images import files as images_module
from zoo.images.files import FileImages
from zoo.paths import cache_dir
from zoo.tasks.folders.folder import load_folder
from zoo.tasks.folders.imagenet import read_class_folders


def folder(path: Path, classes: dict[str, int]) -> Path:
    for index, (name, count) in enumerate(classes.items()):
        (path / name).mkdir(parents=True)
        for number in range(count):
            Image.new("RGB", (20 + number, 16), (40 * index, number, 9)).save(path / name / f"{number}.png")
    return path


def test_a_folder_is_a_task_and_corrupt_files_are_listed(tmp_path: Path) -> None:
    path = folder(tmp_path, {"cat": 8, "dog": 8})
    assert load_folder(path).classes == ("cat", "dog")
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


@pytest.mark.parametrize("place", [".", "cat", "cat/more"])
def test_a_folder_that_may_not_be_read_is_refused_and_not_passed_over(
    place: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Else a class is trained on half of its images, and nothing says so."""
    for name in ("cat", "dog"):
        (tmp_path / name / "more").mkdir(parents=True)
        for number in range(4):
            Image.new("L", (8, 8), number + 9 * (name == "cat")).save(
                tmp_path / name / ("more" if number % 2 else ".") / f"{number}.png"
            )
    forbidden = tmp_path / place

    def plant(function: str) -> None:
        usual = getattr(os, function)

        def listed(folder: Any = ".") -> Any:
            if not isinstance(folder, int) and Path(folder) == forbidden:
                raise PermissionError(errno.EACCES, "Permission denied", str(folder))
            return usual(folder)

        monkeypatch.setattr(os, function, listed)

    plant("listdir")
    plant("scandir")
    for read in (load_folder, read_class_folders):
        with pytest.raises(InputFileError, match="cannot be read: Permission denied; permit it") as refused:
            read(tmp_path)
        assert str(refused.value).startswith(f"{forbidden}: ")


def test_a_file_that_may_not_be_read_is_listed_with_the_reason(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("cat", "dog"):
        (tmp_path / name).mkdir()
        for number in range(3):
            Image.new("L", (8, 8), number + 9 * (name == "cat")).save(tmp_path / name / f"{number}.png")
    usual = Path.read_bytes

    def read(path: Path) -> bytes:
        if path.name == "1.png":
            raise PermissionError(errno.EACCES, "Permission denied", str(path))
        return usual(path)

    monkeypatch.setattr(Path, "read_bytes", read)
    with pytest.raises(InputFileError, match=r"cat/1\.png \(Permission denied\), dog/1\.png \(Permission denied\)"):
        load_folder(tmp_path)


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


@pytest.mark.parametrize("side", [8, 300])
def test_images_at_their_own_size_keep_their_pixels(tmp_path: Path, side: int) -> None:
    made = noise(tmp_path, {"train/cat": [side], "train/dog": [side], "test/cat": [side], "test/dog": [side]})
    task = load_folder(tmp_path)
    for part, images in (("train", task.train_images), ("test", task.test_images)):
        assert isinstance(images, FileImages)
        assert np.array_equal(images.at(side), np.stack(made[f"{part}/cat"] + made[f"{part}/dog"]))


def test_a_size_is_scaled_from_the_file_in_one_step_and_whole(tmp_path: Path) -> None:
    """A stripe at the very end of a panorama, and a pattern finer than a smaller copy could hold."""
    wide = np.zeros((64, 640, 3), np.uint8)
    wide[:, -64:] = 255
    fine = np.zeros((512, 512, 3), np.uint8)
    fine[::2] = 255
    for name, pixels in (("wide", wide), ("fine", fine)):
        for part in ("train", "test"):
            (tmp_path / part / name).mkdir(parents=True)
            Image.fromarray(pixels).save(tmp_path / part / name / "1.png")
    task = load_folder(tmp_path)
    assert task.classes == ("fine", "wide")
    assert isinstance(task.train_images, FileImages)
    assert task.train_images.at(100)[1][:, -10:].mean() > 240
    assert task.train_images.at(100)[1][:, :80].max() == 0
    assert np.array_equal(task.train_images.at(512)[0], fine)
    assert task.native_size is None


def test_what_a_camera_turned_and_a_printer_needs_is_whole_at_its_size(tmp_path: Path) -> None:
    """A turned panorama keeps its end, and CMYK its colour; both are larger than any cached size was."""
    for name in ("turned", "printed"):
        (tmp_path / name).mkdir()
    for number in range(2):
        tall = Image.new("RGB", (700 + number, 50))
        tall.paste((255, 255, 255), (0, 0, 70, 50))
        exif = Image.Exif()
        exif[274] = 6  # to be turned by 90° clockwise: its left end is then on top
        tall.save(tmp_path / "turned" / f"{number}.png", exif=exif)
        Image.new("CMYK", (400 + number, 300), (0, 255, 255, 0)).save(
            tmp_path / "printed" / f"{number}.jpg", quality=95
        )
    task = load_folder(tmp_path)
    assert task.classes == ("printed", "turned")
    assert isinstance(task.test_images, FileImages)
    printed, turned = task.test_images.at(384)
    assert printed.reshape(-1, 3).mean(0) == pytest.approx((255, 0, 0), abs=4)
    assert turned[:30].min() > 240
    assert turned[60:].max() == 0


def test_pixels_are_scaled_once_for_a_size_and_only_those_that_are_asked_for(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    images = load_folder(folder(tmp_path, {"cat": 8, "dog": 8})).train_images
    assert isinstance(images, FileImages)
    scaled: list[Path] = []
    usual = images_module._scaled
    monkeypatch.setattr(images_module, "_scaled", lambda file, **how: (scaled.append(file), usual(file, **how))[1])
    first = images[[0, 5]].at(24)
    assert len(scaled) == 2
    whole = images.at(24)
    assert len(scaled) == len(images)
    assert np.array_equal(whole[[0, 5]], first)
    images.at(24)
    assert len(scaled) == len(images)
    images.at(25)
    assert len(scaled) == 2 * len(images)


def test_what_was_used_longest_ago_makes_room(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    images = load_folder(folder(tmp_path, {"cat": 8, "dog": 8})).train_images
    assert isinstance(images, FileImages)
    kept = cache_dir() / "pixels"
    sizes = {side: 12 * side * side * 3 for side in (10, 11, 12)}
    monkeypatch.setenv("ZOO_CACHE_BYTES", str(sizes[11] + sizes[12]))
    for number, side in enumerate(sizes):
        images.at(side)
        for file in kept.glob("*.pixels"):
            if file.stat().st_size == sizes[side]:
                os.utime(file, (number, number))
    assert sorted(file.stat().st_size for file in kept.glob("*.pixels")) == [sizes[11], sizes[12]]
    assert len(list(kept.glob("*.done"))) == 2


def test_a_cache_that_cannot_be_written_is_done_without(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    images = load_folder(folder(tmp_path / "pets", {"cat": 8, "dog": 8})).train_images
    assert isinstance(images, FileImages)
    expected = images.at(16)
    (tmp_path / "file").write_text("no folder")
    monkeypatch.setenv("ZOO_CACHE", str(tmp_path / "file"))
    assert np.array_equal(images.at(16), expected)


def test_what_is_transparent_is_white_and_sixteen_bits_are_eight(tmp_path: Path) -> None:
    hidden = Image.new("RGBA", (8, 8), (0, 0, 255, 0))
    grey = Image.fromarray(np.full((8, 8), 100 * 257, np.uint16))
    for name, image in (("grey", grey), ("hidden", hidden)):
        (tmp_path / name).mkdir()
        for number in range(2):
            image.resize((8 + number, 8)).save(tmp_path / name / f"{number}.png")
    task = load_folder(tmp_path)
    assert isinstance(task.train_images, FileImages)
    assert [int(image.mean()) for image in task.train_images.at(8)] == [100, 255]
