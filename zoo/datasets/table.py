"""Data sets by name, with what torchvision's classes call their parts."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from zoo.errors import UnknownNameError

if TYPE_CHECKING:
    from collections.abc import Mapping

    Part = Mapping[str, object]


@dataclass(frozen=True)
class DataSet:
    """A class of ``torchvision.datasets``.

    Attributes
    ----------
    name : str
        Of the class.
    train, test : tuple of mapping
        What the class is called with for each part; without a part to test on a quarter of each class is kept for
        it, chosen by content and always the same.
    has_loader : bool
        Whether the class takes what opens an image, and so can be asked for its path alone.
    is_packed : bool
        Whether its images lie in one file, or a few, as numbers.
    """

    name: str
    train: tuple[Part, ...] = field(default=({},))
    test: tuple[Part, ...] = ()
    has_loader: bool = False
    is_packed: bool = False


def _split(*names: str) -> tuple[Part, ...]:
    return tuple({"split": name} for name in names)


_TRAINED: tuple[Part, ...] = ({"train": True},)
_TESTED: tuple[Part, ...] = ({"train": False},)

DATA_SETS = {
    one.name: one
    for one in (
        DataSet("CIFAR10", _TRAINED, _TESTED, is_packed=True),
        DataSet("CIFAR100", _TRAINED, _TESTED, is_packed=True),
        DataSet("Flowers102", _split("train", "val"), _split("test"), has_loader=True),
        DataSet("OxfordIIITPet", _split("trainval"), _split("test")),
        DataSet("DTD", _split("train", "val"), _split("test"), has_loader=True),
        DataSet("EuroSAT", has_loader=True),
        DataSet("SVHN", _split("train"), _split("test"), is_packed=True),
        DataSet("FGVCAircraft", _split("trainval"), _split("test"), has_loader=True),
        DataSet("StanfordCars", _split("train"), _split("test"), has_loader=True),
        DataSet("Food101", _split("train"), _split("test"), has_loader=True),
        DataSet("Caltech101"),
        DataSet("GTSRB", _split("train"), _split("test")),
        DataSet("PCAM", _split("train"), _split("test"), is_packed=True),
        DataSet("STL10", _split("train"), _split("test"), is_packed=True),
        DataSet("SUN397", has_loader=True),
    )
}
"""Every data set, by torchvision's name of it."""

PREFIX = "vtab-"

VTAB = {
    PREFIX + short: name
    for short, name in {
        "caltech101": "Caltech101",
        "cifar100": "CIFAR100",
        "dtd": "DTD",
        "flowers102": "Flowers102",
        "pets": "OxfordIIITPet",
        "sun397": "SUN397",
        "svhn": "SVHN",
        "eurosat": "EuroSAT",
        "patch_camelyon": "PCAM",
    }.items()
}
"""Tasks of VTAB-1k (Zhai et al., arXiv 1910.04867) whose images torchvision reads."""

VTAB_IMAGES = 1000
"""Training images of a task of VTAB-1k, 200 of which are for choosing."""


def data_set_names() -> tuple[str, ...]:
    """Names that a task may have."""
    return (*DATA_SETS, *VTAB)


def data_set(name: str) -> tuple[DataSet, int | None]:
    """A data set by its name, and how many training images are taken.

    Raises
    ------
    UnknownNameError
    """
    if name in VTAB:
        return DATA_SETS[VTAB[name]], VTAB_IMAGES
    if name not in DATA_SETS:
        raise UnknownNameError("data set", name, data_set_names(), f"known are {', '.join(data_set_names())}")
    return DATA_SETS[name], None
