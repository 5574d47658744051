"""Image files of a data set by class, to train and to test on."""

from __future__ import annotations

import hashlib
import json
import shutil
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from zoo.datasets.table import data_set
from zoo.errors import InputFileError, ZooError, option
from zoo.paths import cache_dir, data_dir

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from zoo.datasets.table import DataSet, Part

    ByClass = dict[str, list[Path]]


BRING = "{} brings it where there is a network, and ZOO_DATA names another folder"

WHOLE = "whole"
"""File that says that all images of a part are unpacked, with the names of the classes."""


@dataclass(frozen=True)
class DataSetFiles:
    """Image files of a data set.

    Attributes
    ----------
    root : Path
        A folder that holds all of them.
    train : dict of str to list of Path
        By class.
    test : dict of str to list of Path, or None
        None of a data set without a part to test on.
    """

    root: Path
    train: ByClass
    test: ByClass | None


def data_set_files(name: str) -> DataSetFiles:
    """Image files of a data set under :func:`zoo.paths.data_dir`.

    Those of a data set that lies in one file (CIFAR, SVHN, STL10, PCAM) are unpacked into the cache once, without
    loss.

    Parameters
    ----------
    name : str
        Of :data:`zoo.datasets.table.DATA_SETS` or :data:`zoo.datasets.table.VTAB`.

    Raises
    ------
    UnknownNameError
    InputFileError
        Not there, damaged, or in need of a package that is not installed.
    """
    found, count = data_set(name)
    train = _by_class(found, found.train)
    test = _by_class(found, found.test) if found.test else None
    root = _unpacked_dir(found) if found.is_packed else data_dir()
    if count is not None:
        train = fewer(train, count, root)
    return DataSetFiles(root, train, test)


def download(name: str) -> None:
    """Bring a data set from where torchvision knows it to lie.

    What is there already is left.

    Raises
    ------
    UnknownNameError
    InputFileError
        Where it cannot be brought.
    """
    found, _ = data_set(name)
    data_dir().mkdir(parents=True, exist_ok=True)
    for part in (*found.train, *found.test):
        _opened(found, part, download=True)


def fewer(part: ByClass, count: int, root: Path) -> ByClass:
    """So many images of a part, as equally many of each class as there are.

    The same on every machine: in each class they come in the order of a digest of their paths below ``root``.
    """
    ordered = {
        label: sorted(files, key=lambda file: hashlib.sha256(file.relative_to(root).as_posix().encode()).digest())
        for label, files in part.items()
    }
    kept: ByClass = {label: [] for label in part}
    turns = ((place, label) for place in range(max(map(len, part.values()))) for label in part)
    for place, label in turns:
        if sum(map(len, kept.values())) >= count:
            break
        kept[label] += ordered[label][place : place + 1]
    return {label: files for label, files in kept.items() if files}


def _opened(found: DataSet, part: Part, *, download: bool = False) -> Any:
    """Torchvision's own data set of a part."""
    root = data_dir()
    if not root.is_dir():
        raise InputFileError(f"{found.name}: no folder {root}; {BRING.format(option('download', 'True'))}")
    try:
        from torchvision import datasets

        loader = {"loader": lambda path: path} if found.has_loader else {}
        return getattr(datasets, found.name)(str(root), **part, **loader, **({"download": True} if download else {}))
    except ModuleNotFoundError as error:
        raise InputFileError(f"{found.name} needs the package {error.name!r}: pip install {error.name}") from None
    except (RuntimeError, OSError, ValueError, EOFError, KeyError) as error:
        if download:
            raise InputFileError(f"{found.name}: cannot be brought to {root}: {_line(error)}") from None
        brings = BRING.format(option("download", "True"))
        raise InputFileError(f"{found.name} is not whole in {root}: {_line(error)}; {brings}") from None


def _line(error: BaseException) -> str:
    return (str(error) or type(error).__name__).strip().splitlines()[0].rstrip(".")


def _by_class(found: DataSet, parts: Sequence[Part]) -> ByClass:
    held: ByClass = {}
    for part in parts:
        names, samples = _unpacked(found, part) if found.is_packed else _listed(found, _opened(found, part))
        for file, label in samples:
            held.setdefault(names[label] if label < len(names) else f"{label:03d}", []).append(file)
    return dict(sorted(held.items()))


def _class_names(opened: Any) -> list[str]:
    """Names of the classes by index, none where the set has none."""
    found = getattr(opened, "classes", None) or getattr(opened, "categories", None) or []
    names = [name if isinstance(name, str) else " ".join(map(str, name)) for name in found]
    return names if len(set(names)) == len(names) else []


def _listed(found: DataSet, opened: Any) -> tuple[list[str], Iterable[tuple[Path, int]]]:
    """Names of the classes, and path and class of each image; no image is read."""
    samples: Iterable[tuple[Any, int]]
    if found.has_loader:
        samples = (opened[place] for place in range(len(opened)))
    elif found.name == "OxfordIIITPet":
        samples = zip(opened._images, opened._labels, strict=True)
    elif found.name == "GTSRB":
        samples = opened._samples
    else:  # Caltech101
        folder = Path(opened.root) / "101_ObjectCategories"
        samples = (
            (folder / opened.categories[label] / f"image_{number:04d}.jpg", label)
            for number, label in zip(opened.index, opened.y, strict=True)
        )
    return _class_names(opened), ((Path(path), int(label)) for path, label in samples)


def _unpacked_dir(found: DataSet) -> Path:
    """Where the images of a data set that lies in one file are unpacked."""
    place = hashlib.sha256(str(data_dir().resolve()).encode()).hexdigest()[:16]
    return cache_dir() / "datasets" / f"{found.name}-{place}"


def _unpacked(found: DataSet, part: Part) -> tuple[list[str], Iterable[tuple[Path, int]]]:
    """The same of a set that holds images as numbers, which are PNG files from then on."""
    folder = _unpacked_dir(found) / "-".join(f"{value}".lower() for value in part.values())
    whole = folder / WHOLE
    if not whole.is_file():
        opened = _opened(found, part)
        try:
            shutil.rmtree(folder, ignore_errors=True)
            folder.mkdir(parents=True)
            for place in range(len(opened)):
                image, label = opened[place]
                image.save(folder / f"{place:06d}-{int(label):03d}.png", compress_level=1)
            whole.write_text(json.dumps(_class_names(opened)), encoding="utf-8")
        except OSError as error:
            raise ZooError(f"{folder}: cannot unpack {found.name} there: {error.strerror}; make room") from None
    names: list[str] = json.loads(whole.read_text(encoding="utf-8"))
    return names, ((file, int(file.stem.rpartition("-")[2])) for file in sorted(folder.glob("*.png")))
