"""Folders become the classes of the head that a network was trained with, and a second order is never silent."""

from __future__ import annotations

import unicodedata
from pathlib import Path
from typing import Literal

import pytest

from zoo.classes.names import ClassNames
from zoo.classes.order import ClassOrder, own_order, published_order
from zoo.errors import InputFileError

ROOT = Path("data")
IDS = ("n01440764", "n15075141")


def numbers(first: int, last: int) -> tuple[str, ...]:
    return tuple(str(number) for number in range(first, last + 1))


def order(folders: tuple[str, ...], head: int, names: ClassNames | None = None) -> ClassOrder:
    return own_order(ROOT, folders, head, names)


@pytest.mark.parametrize(
    ("folders", "head", "expected", "two"),
    [
        (numbers(0, 11), 12, (0, 1, 4, 5, 6, 7, 8, 9, 10, 11, 2, 3), True),
        (numbers(1, 12), 12, (0, 4, 5, 6, 7, 8, 9, 10, 11, 1, 2, 3), True),
        (numbers(0, 9), 10, tuple(range(10)), False),
        (tuple(f"{n:02}" for n in range(12)), 12, tuple(range(12)), False),
        (("cat", "dog", "ant"), 3, (1, 2, 0), False),
        (("class10", "class2"), 2, (0, 1), True),
        (("Zebra", "ant"), 2, (0, 1), True),  # as text, upper case comes first
        (("0", "2"), 8, (0, 2), False),  # some of the classes
        (("0", "1"), 12, (0, 1), False),  # which have the same places in both orders
        (("2", "10"), 12, (4, 2), True),
        (("01", "10"), 12, (1, 10), True),  # counted from 0, where 01 to 12 were possible too
        (("00", "10"), 12, (0, 10), False),
        (("1", "2", "3", "4"), 5, (1, 2, 3, 4), True),  # stars from 1 to 5 of which nobody gave 5
        (("n02085620", "n01440764"), 2, (1, 0), False),  # a network of one's own on some of ImageNet's folders
        (IDS, 1000, (0, 999), False),
        (("0", "10", "2"), 1000, (0, 10, 2), True),  # ImageNet's classes by number, as ImageNet-V2 has them
    ],
)
def test_a_checkpoint_of_ones_own(folders: tuple[str, ...], head: int, expected: tuple[int, ...], two: bool) -> None:
    found = order(folders, head)
    assert tuple(found.index[name] for name in folders) == expected
    assert bool(found.said) == two
    assert ("name them in that order" in found.said) == two


def test_the_order_of_folders_is_torchvisions_and_the_other_is_timms(tmp_path: Path) -> None:
    from timm.utils.misc import natural_key
    from torchvision.datasets.folder import find_classes

    names = ("10", "9", "a1", "B2", "b10", "Z")
    for name in names:
        (tmp_path / name).mkdir()
    found = order(names, len(names))
    assert found.index == find_classes(str(tmp_path))[1]
    assert f"natural order ({', '.join(sorted(names, key=natural_key)[:3])}" in found.said


def test_the_other_order_is_taken_with_the_file_that_is_named() -> None:
    assert "seq 1 12 > classes.txt" in order(numbers(1, 12), 12).said
    taken = order(numbers(1, 12), 12, ClassNames(numbers(1, 12), "classes.txt", binding=True))
    assert (taken.index, taken.said) == ({str(n): n - 1 for n in range(1, 13)}, "")
    assert "seq" not in order(("class10", "class2"), 2).said


@pytest.mark.parametrize(
    ("folders", "head", "way"),
    [
        (("1", "2", "3", "4"), 5, "on folders 1 to 5, name them in that order: `seq 1 5 >"),
        (("1", "5"), 12, "seq 1 12 | LC_ALL=C sort > classes.txt"),
        (("01", "10"), 12, "on folders 01 to 12, name them in that order: `seq -f %02g 1 12 >"),
    ],
)
def test_some_of_the_classes_by_number_may_count_from_one(folders: tuple[str, ...], head: int, way: str) -> None:
    found = order(folders, head)
    assert found.said.startswith(f"{len(folders)} folders of {head} classes are taken to count from 0")
    assert way in found.said
    wide = len(folders[0]) if folders[0].startswith("0") else 0
    names = tuple(sorted(str(number).zfill(wide) for number in range(1, head + 1)))
    taken = order(folders, head, ClassNames(names, "classes.txt", binding=True))
    assert (taken.index[folders[0]], taken.said) == (0, "")


ACCENTS = ("Äpfel", "Birnen", "Öl")


@pytest.mark.parametrize(("form", "index"), [("NFC", (1, 0, 2)), ("NFD", (0, 1, 2))])
def test_accents_are_ordered_as_they_are_written_and_the_other_way_is_said(
    form: Literal["NFC", "NFD"], index: tuple[int, ...]
) -> None:
    """As text, "Ä" comes after "B", and the "A" of macOS's two characters before it."""
    folders = tuple(unicodedata.normalize(form, name) for name in ACCENTS)
    found = order(folders, 3)
    assert tuple(found.index[name] for name in folders) == index
    assert "writes accents in another way, as macOS and Linux do" in found.said
    stated = ClassNames(("Äpfel", "Öl", "Birnen"), "classes.txt", binding=True)
    taken = order(folders, 3, stated)
    assert (tuple(taken.index[name] for name in folders), taken.said) == ((0, 2, 1), "")
    assert order(("café", "zoo"), 2).said == ""  # which is at the same place either way


def test_signs_that_are_digits_and_no_numbers_are_text() -> None:
    assert order(("²", "1"), 2).index == {"1": 0, "²": 1}


def test_classes_without_a_folder_to_test_on_are_those_of_the_part_to_train_on() -> None:
    found = own_order(ROOT, ("cat", "fox"), 4, trained=("fox", "emu", "cat", "dog"))
    assert found.index == {"cat": 0, "fox": 3}
    with pytest.raises(
        InputFileError, match="2 class folders, and the model's head has 4 classes; give classes the names"
    ):
        own_order(ROOT, ("cat", "fox"), 4, trained=("fox", "dog", "emu"))


def test_names_go_before_all_else() -> None:
    stated = ClassNames(("dog", "cat"), "config.json", others=("a dog", "a cat"))
    assert order(("cat", "dog"), 2, stated).index == {"cat": 1, "dog": 0}
    assert order(("a cat", "a dog"), 2, stated).index == {"a cat": 1, "a dog": 0}
    with pytest.raises(InputFileError, match=r"folder 'emu' is none of the 2 classes that config\.json names"):
        order(("cat", "emu"), 2, stated)
    # Names of another head, as of the weights that a network was tuned from, are passed over, and that is said.
    passed = order(("cat", "dog", "emu"), 3, stated)
    assert passed.index == {"cat": 0, "dog": 1, "emu": 2}
    assert passed.said.startswith("the 2 names in config.json are not those of the folders")


def test_names_of_the_users_are_never_passed_over() -> None:
    given = ClassNames(("dog", "cat"), "classes.txt", binding=True)
    for orders in (own_order, published_order):
        with pytest.raises(InputFileError, match=r"classes\.txt: names 2 classes, and the model's head has 3"):
            orders(ROOT, ("cat", "dog"), 3, given)
        with pytest.raises(InputFileError, match=r"folder '0' is none of the 2 classes that classes\.txt names"):
            orders(ROOT, ("0", "1"), 2, given)
    assert published_order(ROOT, ("cat",), 2, given).index == {"cat": 1}


def test_a_head_of_fewer_classes_is_one_line() -> None:
    with pytest.raises(InputFileError, match="12 class folders, and the model's head has 10 classes; evaluate it on"):
        order(numbers(0, 11), 10)
    with pytest.raises(
        InputFileError, match="2 class folders, and the model's head has 5 classes; give classes the names"
    ):
        order(("cat", "dog"), 5)


def test_published_weights_keep_imagenets_layout() -> None:
    assert published_order(ROOT, ("2", "10"), 12).index == {"2": 2, "10": 10}
    assert published_order(ROOT, ("2", "10"), 12).said == ""
    assert published_order(ROOT, IDS, 1000).index == dict(zip(IDS, (0, 999), strict=True))
    with pytest.raises(InputFileError, match="a head of 12 classes is of no ImageNet"):
        published_order(ROOT, IDS, 12)
