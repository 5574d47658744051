"""Class folders as indices of a model's head."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from zoo.errors import InputFileError, option
from zoo.paths import composed

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    from zoo.classes.names import ClassNames


WORDNET_ID = re.compile(r"n\d{8}")

CLASSES = option("classes")
"""The argument by which a user names the classes."""

SUBSETS = {
    1000: "imagenet-1k",
    11221: "imagenet-21k-miil",
    11821: "imagenet-12k",
    21841: "imagenet-22k",
    21842: "imagenet-22k-ms",
    21843: "imagenet-21k-goog",
}
"""Which of the label sets that timm ships a head of so many classes was trained on."""

SHOWN = 3
"""So many names tell one order from another."""


@dataclass(frozen=True)
class ClassOrder:
    """The index of each class folder in a head.

    Attributes
    ----------
    layout : str
        What the folders are named by: ``"WordNet ids"``, ``"indices"`` or ``"class names"``.
    index : mapping of str to int
    said : str
        Where the classes may stand in another order: which was taken, and how to take the other.
    """

    layout: str
    index: Mapping[str, int]
    said: str = ""


def published_order(root: Path, folders: Sequence[str], head: int, names: ClassNames | None = None) -> ClassOrder:
    """The classes of published weights, and of those that bring their names.

    Parameters
    ----------
    root : Path
        Holds the folders; for errors.
    folders : sequence of str
    head : int
        Classes of the model; WordNet ids are looked up in the label set of a head of that width.
    names : ClassNames, optional
        Of the model's classes; they go before all else.

    Raises
    ------
    InputFileError
        Folders whose names are no classes of the model.
    """
    if names is not None and (order := _named(root, folders, head, names)):
        return order
    if _are_wordnet(folders):
        return _wordnet(root, folders, head)
    if _are_numerals(folders):
        beyond = [name for name in folders if int(name) >= head]
        if beyond:
            raise InputFileError(f"{root}: folder {beyond[0]!r} is beyond the {head} classes of the model (from 0)")
        return ClassOrder("indices", {name: int(name) for name in folders})
    # Where ids and indices are mixed, the first folder is as good to name as any.
    stranger = next((n for n in folders if not WORDNET_ID.fullmatch(n) and not n.isdigit()), folders[0])
    known = f", or one of the model's {len(names.names)} class names" if names is not None else ""
    raise InputFileError(
        f"{root}: folder {stranger!r} is neither a WordNet id (n01440764) nor an index from 0{known}; name the "
        f"folders by one of these, all alike, or give {CLASSES} the names of the model's classes in order"
    )


def own_order(
    root: Path, folders: Sequence[str], head: int, names: ClassNames | None = None, trained: Sequence[str] = ()
) -> ClassOrder:
    """The classes of a checkpoint of the user's own.

    By their names where these are stated; else as torchvision's ``ImageFolder`` orders the folders that a network is
    trained on: by name, as text. ImageNet's own ids and indices keep their places in a head of one of its sizes.

    Parameters
    ----------
    root, folders, head, names
        As of :func:`published_order`.
    trained : sequence of str
        Class folders of the part to train on, where there is one.

    Raises
    ------
    InputFileError
        Folders that are not the head's classes.
    """
    if names is not None and (order := _named(root, folders, head, names)):
        return order
    passed = ""
    if names is not None:
        if len(names.names) == head and not _are_numerals(folders):
            raise _stranger(root, folders, names)
        passed = f"the {len(names.names)} names in {names.where.rpartition('/')[2]} are not those of the folders; "
    if head in SUBSETS and _are_wordnet(folders):
        return _wordnet(root, folders, head)
    if head in SUBSETS and _are_numerals(folders) and all(int(name) < head for name in folders):
        return _by_number(folders, head, passed)
    known, all_named = _all_classes(root, folders, head, trained)
    place = None if known is None else {name: index for index, name in enumerate(known)}
    index = {name: int(name) if place is None else place[name] for name in folders}
    layout = "indices" if _are_numerals(folders) else "class names"
    other = "" if all_named else _from_one(folders, head)
    if known is not None and not other:
        other = _other_order(known, folders)
    return ClassOrder(layout, index, passed + other if other else passed.removesuffix("; "))


def _named(root: Path, folders: Sequence[str], head: int, names: ClassNames) -> ClassOrder | None:
    """The order that names state; None where they are not those of the head or of the folders."""
    if len(names.names) == head:
        for words in (names.names, names.others):
            if set(map(composed, folders)) <= set(words):
                return ClassOrder("class names", {name: words.index(composed(name)) for name in folders})
    if not names.binding:
        return None
    if len(names.names) != head:
        raise InputFileError(
            f"{names.where}: names {len(names.names)} classes, and the model's head has {head}; name all of them"
        )
    raise _stranger(root, folders, names)


def _stranger(root: Path, folders: Sequence[str], names: ClassNames) -> InputFileError:
    other = next(name for name in map(composed, folders) if name not in names.names)
    way = "name the folders so" if names.binding else f"name the folders so, or give {CLASSES} their names in order"
    return InputFileError(
        f"{root}: folder {other!r} is none of the {len(names.names)} classes that {names.where} names "
        f"({_beginning(names.names)}); {way}"
    )


def _all_classes(
    root: Path, folders: Sequence[str], head: int, trained: Sequence[str]
) -> tuple[list[str] | None, bool]:
    """Names of a head's classes in order, and whether folders name them all.

    None instead of names where each folder states its own index.
    """
    for known in (trained, folders):
        if len(known) == head and set(folders) <= set(known):
            return sorted(known), True
    if len(folders) < head and _are_numerals(folders) and all(int(name) < head for name in folders):
        counted = sorted(map(str, range(head)))
        return (counted if set(folders) <= set(counted) else None), False
    if len(folders) > head:
        raise InputFileError(
            f"{root}: {len(folders)} class folders, and the model's head has {head} classes; evaluate it on the "
            "classes that it was trained on"
        )
    raise InputFileError(
        f"{root}: {len(folders)} class folders, and the model's head has {head} classes; give {CLASSES} "
        f"the names of all {head}, in order"
    )


def _by_number(folders: Sequence[str], head: int, passed: str) -> ClassOrder:
    """Indices of ImageNet's classes, as its sets of folders named by number have them."""
    counted = sorted(map(str, range(head)))
    said = (
        f"folders are taken as indices by number; where the network was trained on folders in torchvision's order "
        f"({_beginning(counted)}), name them in that order: "
        f"`seq 0 {head - 1} | LC_ALL=C sort > classes.txt`, and `zoo evaluate --classes classes.txt`"
    )
    moved = any(counted.index(name) != int(name) for name in folders if name in counted)
    return ClassOrder("indices", {name: int(name) for name in folders}, passed + (said if moved else ""))


def _from_one(folders: Sequence[str], head: int) -> str:
    """What is said of some of a head's classes by number where the first may be 1 as well as 0."""
    if any(int(name) == 0 for name in folders):
        return ""
    wide = max(map(len, folders)) if any(name.startswith("0") for name in folders) else 0
    as_text = not wide and head > len("0123456789")
    text = ", in the order of torchvision's ImageFolder, as text" if as_text else ""
    way = f"seq {f'-f %0{wide}g ' if wide else ''}1 {head}{' | LC_ALL=C sort' if as_text else ''} > classes.txt"
    return (
        f"{len(folders)} folders of {head} classes are taken to count from 0{text}; where the network was trained "
        f"on folders {'1'.zfill(wide)} to {str(head).zfill(wide)}, name them in that order: "
        f"`{way}`, and `zoo evaluate --classes classes.txt`"
    )


def _other_order(known: Sequence[str], folders: Sequence[str]) -> str:
    """What is said where natural order, in which timm reads folders, is another for them."""
    natural = sorted(known, key=_natural)
    if all(natural.index(name) == known.index(name) for name in folders):
        return _other_writing(known, folders)
    first = int(natural[0]) if _are_numerals(natural) else 0
    counted = natural == [str(first + place) for place in range(len(natural))]
    way = f": seq {first} {first + len(natural) - 1} > classes.txt" if counted else ", one a line"
    return (
        f"folders are taken in the order of torchvision's ImageFolder, as text ({_beginning(known)}); where the "
        f"network was trained in natural order ({_beginning(natural)}), as timm reads folders, name "
        f"them in that order{way}"
    )


def _other_writing(known: Sequence[str], folders: Sequence[str]) -> str:
    """What is said where accents that are characters of their own, or are none, make another order."""
    written = "".join(known)
    form: Literal["NFC", "NFD"] = "NFD" if unicodedata.is_normalized("NFC", written) else "NFC"
    other = sorted(known, key=lambda name: unicodedata.normalize(form, name))
    if all(other.index(name) == known.index(name) for name in folders):
        return ""
    return (
        f"folders are taken in the order of torchvision's ImageFolder as they are written here "
        f"({_beginning(known)}); where the network was trained on a system that writes accents in another way, as "
        f"macOS and Linux do, name them in its order ({_beginning(other)}), one a line"
    )


def _natural(name: str) -> list[tuple[bool, int | str]]:
    """A key by which numbers in names count, and upper case does not."""
    parts = re.split(r"(\d+)", name.lower())
    return [(part.isdecimal(), int(part) if part.isdecimal() else part) for part in parts]


def _beginning(names: Sequence[str]) -> str:
    return ", ".join(names[:SHOWN]) + (", …" if len(names) > SHOWN else "")


def _are_wordnet(folders: Sequence[str]) -> bool:
    return all(WORDNET_ID.fullmatch(name) for name in folders)


def _are_numerals(folders: Sequence[str]) -> bool:
    return all(name.isascii() and name.isdigit() for name in folders)


def _wordnet(root: Path, folders: Sequence[str], head: int) -> ClassOrder:
    from timm.data import ImageNetInfo

    if head not in SUBSETS:
        raise InputFileError(
            f"{root}: folders are named by WordNet ids, and a head of {head} classes is of no ImageNet that is "
            "known; name the folders by index"
        )
    there = {name: index for index, name in enumerate(ImageNetInfo(SUBSETS[head]).label_names())}
    missing = [name for name in folders if name not in there]
    if missing:
        raise InputFileError(
            f"{root}: {missing[0]} is no class of {SUBSETS[head]}, nor are {len(missing) - 1} others"
        )
    return ClassOrder("WordNet ids", {name: there[name] for name in folders})
