"""torchvision's data sets by name: their images, classes and parts, lazily, and nothing brought unasked."""

from __future__ import annotations

import socket
from collections import Counter
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from tests.datasets.sets import SETS, cifar, eurosat, pixels
from zoo.api.transfer import transfer
from zoo.cli.main import main
from zoo.datasets.files import data_set_files, fewer
from zoo.datasets.table import DATA_SETS, VTAB, data_set_names
from zoo.errors import InputFileError, ZooError
from zoo.tasks.catalogue import get_task, outline


@pytest.fixture
def root(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("ZOO_DATA", str(tmp_path / "data"))
    return tmp_path / "data"


@pytest.mark.parametrize("name", SETS)
def test_a_data_set_has_its_classes_and_its_parts(name: str, root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    train, test = SETS[name](root, monkeypatch)
    found = data_set_files(name)
    assert {label: len(files) for label, files in found.train.items()} == train
    assert (None if found.test is None else {label: len(files) for label, files in found.test.items()}) == test
    every = [file for part in (found.train, found.test or {}) for files in part.values() for file in files]
    assert all(file.is_file() and file.is_relative_to(found.root) for file in every)
    known = outline(name)
    assert (known.name, known.classes) == (name, tuple(sorted(train)))
    counts = Counter(dict(zip(known.classes, known.train_counts, strict=True)))
    counts += Counter(dict(zip(known.classes, known.test_counts, strict=True)))
    assert counts == Counter(train) + Counter(test or {})
    assert known.twins == known.repeats == known.in_two_classes == 0
    assert known.native_size is None


def test_there_are_fifteen_and_nine_of_vtab() -> None:
    from torchvision import datasets

    assert len(DATA_SETS) == 15
    assert set(SETS) == set(DATA_SETS)
    assert len(VTAB) == 9
    assert all(hasattr(datasets, name) for name in DATA_SETS)
    assert set(VTAB.values()) <= set(DATA_SETS)


def test_images_in_one_file_are_unpacked_once_and_without_loss(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    cifar(root, monkeypatch)
    files = data_set_files("CIFAR10")
    # The first batch's first image is an aeroplane, drawn from the seed 100.
    first = min(files.train["airplane"])
    assert np.array_equal(np.asarray(Image.open(first)), pixels(100))
    before = {file: file.stat().st_mtime_ns for part in files.train.values() for file in part}
    monkeypatch.setattr("torchvision.datasets.CIFAR10", None)  # not asked again
    again = data_set_files("CIFAR10")
    assert again == files
    assert {file: file.stat().st_mtime_ns for part in again.train.values() for file in part} == before


def test_planning_reads_each_file_once_and_a_second_time_none(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    eurosat(root, monkeypatch)
    first = outline("EuroSAT")
    monkeypatch.setattr("zoo.tasks.folders.folder.read_files", None)
    assert outline("EuroSAT") == first


def test_what_is_not_there_is_one_line(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def offline(*_args: object, **_named: object) -> None:
        raise AssertionError("nothing is brought unasked")

    monkeypatch.setattr(socket.socket, "connect", offline)
    with pytest.raises(InputFileError) as caught:
        data_set_files("CIFAR10")
    assert str(caught.value).startswith(f"CIFAR10: no folder {root}; ")
    eurosat(root, monkeypatch)  # a root that holds another
    for name in ("CIFAR10", "DTD", "Caltech101", "SUN397", "OxfordIIITPet", "StanfordCars", "STL10"):
        with pytest.raises(InputFileError) as caught:
            data_set_files(name)
        line = str(caught.value)
        assert line.startswith(f"{name} is not whole in {root}: "), line
        assert "\n" not in line
        assert "ZOO_DATA" in line
    with pytest.raises(InputFileError) as caught:
        data_set_files("PCAM")
    assert str(caught.value).startswith("PCAM ")


def test_a_damaged_file_is_one_line(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    cifar(root, monkeypatch)
    batch = next(root.rglob("data_batch_3"))
    batch.write_bytes(batch.read_bytes()[:-9])
    with pytest.raises(InputFileError, match=r"CIFAR10 is not whole in .*: Dataset not found or corrupted"):
        data_set_files("CIFAR10")


def test_bringing_is_asked_for_and_fails_in_one_line(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refused(*_args: object, **_named: object) -> None:
        raise OSError("planted: no network")

    monkeypatch.setattr("torchvision.datasets.dtd.download_and_extract_archive", refused)
    with pytest.raises(InputFileError, match=f"DTD: cannot be brought to {root}: planted: no network"):
        transfer("timm/test_resnet", "DTD", download=True)


def test_a_name_that_is_near(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(ZooError, match="'CIFAR-10': did you mean CIFAR10"):
        transfer("timm/test_resnet", "CIFAR-10")
    with pytest.raises(SystemExit) as caught:
        main(["transfer", "timm/test_resnet", "--task", "vtab-pet"])
    assert caught.value.code == 2
    assert "vtab-pets" in capsys.readouterr().err


def test_fewer_images_are_as_many_of_each_class_and_the_same_anywhere(tmp_path: Path) -> None:
    def part(root: Path) -> dict[str, list[Path]]:
        counts = {"a": 50, "b": 3, "c": 50}
        return {name: [root / name / f"{i}.png" for i in range(count)] for name, count in counts.items()}

    here, there = (fewer(part(root), 33, root) for root in (tmp_path / "here", tmp_path / "there"))
    assert {name: len(files) for name, files in here.items()} == {"a": 15, "b": 3, "c": 15}
    assert {name: [file.name for file in files] for name, files in here.items()} == {
        name: [file.name for file in files] for name, files in there.items()
    }
    # More are the same and others: sets are nested, and no class is taken in the order of its names.
    more = fewer(part(tmp_path), 60, tmp_path)
    assert {file.name for file in here["a"]} <= {file.name for file in more["a"]}
    assert [file.name for file in here["a"]] != [f"{i}.png" for i in range(15)]
    assert fewer(part(tmp_path), 1000, tmp_path).keys() == {"a", "b", "c"}


def test_vtab_takes_a_thousand_and_the_whole_test(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    SETS["DTD"](root, monkeypatch)
    monkeypatch.setattr("zoo.datasets.table.VTAB_IMAGES", 6)
    whole, part = data_set_files("DTD"), data_set_files("vtab-dtd")
    assert {name: len(files) for name, files in part.train.items()} == {"banded": 3, "dotted": 3}
    assert part.test == whole.test
    assert outline("vtab-dtd").name == "vtab-dtd"
    assert outline("vtab-dtd").digest != outline("DTD").digest
    assert get_task("vtab-dtd").source == "the data set vtab-dtd"


@pytest.mark.parametrize("name", data_set_names())
def test_every_name_is_a_task(name: str) -> None:
    with pytest.raises(InputFileError, match=r"no folder|is not whole|needs the package"):
        outline(name)


def test_a_network_is_trained_on_one(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    cifar(root, monkeypatch)
    results = transfer("timm/test_resnet", "CIFAR10", strategies=("random_features",), seeds=1, input_size=32)
    [record] = results.kind("transfer")
    assert record.trial.transfer.task == "CIFAR10"
    assert record.outcome.metrics["accuracy"].n == 20
