"""ImageNet's layout: each folder's name becomes an index of the model's head, or a line that says why not."""

from __future__ import annotations

from pathlib import Path

import pytest
from PIL import Image

from zoo.classes.names import ClassNames
from zoo.classes.order import SUBSETS
from zoo.errors import InputFileError, UnknownNameError
from zoo.tasks.folders.imagenet import read_class_folders


def fill(root: Path, folders: tuple[str, ...], count: int = 2) -> Path:
    for place, folder in enumerate(folders):
        (root / folder).mkdir(parents=True)
        for number in range(count):
            Image.new("RGB", (8, 8), (place, number, 0)).save(root / folder / f"{number}.png")
    return root


def test_wordnet_ids_are_looked_up_in_the_heads_own_label_set(tmp_path: Path) -> None:
    fill(tmp_path / "val", ("n01440764", "n15075141"))
    images = read_class_folders(tmp_path).labelled(1000)
    assert images.labels == (0, 0, 999, 999)
    assert (images.layout, images.classes) == ("WordNet ids", 2)
    assert [file.parent.name for file in images.files] == ["n01440764"] * 2 + ["n15075141"] * 2
    # A head of another label set has other indices for the same ids.
    others = {head: read_class_folders(tmp_path).labelled(head).labels for head in (11821, 21841)}
    assert len({images.labels, *others.values()}) == 3


@pytest.mark.parametrize(
    ("parts", "taken"),
    [
        (("val",), "val"),
        (("Validation", "train"), "Validation"),
        (("train", "test", "val"), "val"),
        (("train", "Test"), "Test"),
    ],
)
def test_the_part_that_is_evaluated_on(tmp_path: Path, parts: tuple[str, ...], taken: str) -> None:
    for part in parts:
        fill(tmp_path / part, ("0", "1"))
    assert read_class_folders(tmp_path).root == tmp_path / taken


def test_a_class_may_be_called_like_a_part(tmp_path: Path) -> None:
    fill(tmp_path, ("bus", "val"), 1)
    assert read_class_folders(tmp_path).labelled(2, ClassNames(("bus", "val"), "a card")).labels == (0, 1)


def test_timm_ships_the_label_sets_that_heads_are_looked_up_in() -> None:
    from timm.data import ImageNetInfo

    assert {head: ImageNetInfo(name).num_classes() for head, name in SUBSETS.items()} == {h: h for h in SUBSETS}


def test_indices_and_class_names(tmp_path: Path) -> None:
    fill(tmp_path / "a", ("0", "003", "10"), 1)
    assert read_class_folders(tmp_path / "a").labelled(11).labels == (0, 3, 10)
    fill(tmp_path / "b", ("cat", "dog"), 1)
    images = read_class_folders(tmp_path / "b").labelled(3, ClassNames(("dog", "bird", "cat"), "a card"))
    assert (images.labels, images.layout) == ((2, 0), "class names")


def test_the_digest_is_of_names_labels_and_bytes(tmp_path: Path) -> None:
    root = fill(tmp_path, ("0", "1"))
    first = read_class_folders(root).digest
    assert read_class_folders(root).digest == first
    Image.new("RGB", (8, 8), (9, 9, 9)).save(root / "1" / "0.png")
    second = read_class_folders(root).digest
    (root / "1" / "0.png").rename(root / "0" / "x.png")
    assert len({first, second, read_class_folders(root).digest}) == 3


@pytest.mark.parametrize(
    ("folders", "head", "said"),
    [
        ((), 10, "no class folders"),
        (("0", "12"), 10, r"folder '12' is beyond the 10 classes"),
        (("n01440764", "3"), 1000, r"folder '3' is neither|folder 'n01440764' is neither"),
        (("cat",), 10, "folder 'cat' is neither a WordNet id"),
        (("n01440764",), 10, "a head of 10 classes is of no ImageNet"),
        (("n00000000",), 1000, "n00000000 is no class of imagenet-1k"),
    ],
)
def test_folders_that_are_no_classes_are_named(
    tmp_path: Path, folders: tuple[str, ...], head: int, said: str
) -> None:
    fill(tmp_path, folders)
    with pytest.raises(InputFileError, match=said):
        read_class_folders(tmp_path).labelled(head)


def test_corrupt_images_are_refused_or_left_out(tmp_path: Path) -> None:
    root = fill(tmp_path, ("0", "1"))
    (root / "1" / "0.png").write_bytes(b"no picture")
    with pytest.raises(InputFileError, match=r"1 corrupt image: 1/0\.png"):
        read_class_folders(root).labelled(2)
    images = read_class_folders(root, corrupt="skip").labelled(2)
    assert (len(images.files), images.skipped) == (3, ("1/0.png",))
    with pytest.raises(UnknownNameError, match="refuse, skip"):
        read_class_folders(root, corrupt="ignore").labelled(2)


def test_an_image_without_a_stated_white_is_named_with_the_reason(tmp_path: Path) -> None:
    root = fill(tmp_path, ("0", "1"))
    Image.new("F", (8, 8)).save(root / "1" / "depth.tiff")
    with pytest.raises(InputFileError, match=r"1 corrupt image: 1/depth\.tiff \(floating point"):
        read_class_folders(root)
    assert len(read_class_folders(root, corrupt="skip").files) == 4


def test_nothing_to_classify_is_one_line(tmp_path: Path) -> None:
    with pytest.raises(InputFileError, match="no such folder"):
        read_class_folders(tmp_path / "absent").labelled(10)
    (tmp_path / "0").mkdir()
    with pytest.raises(InputFileError, match="no images"):
        read_class_folders(tmp_path).labelled(10)
