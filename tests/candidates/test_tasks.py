"""A task is its digest: its name, its digits or the path of its folder find it, and two of a name are told apart."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.results.planted import transfer
from zoo.candidates import tasks
from zoo.choice.choice import choose
from zoo.errors import UnknownNameError, ZooError
from zoo.results.view import Results

BIRDS, OTHERS = "abcdef01" * 8, "98765432" * 8


def birds(model: str, accuracy: float, digest: str = BIRDS, name: str = "birds") -> object:
    return transfer(model, "full", accuracy, task=name, task_digest=digest)


def chosen(results: Results, task: str | None = None) -> tuple[str, object]:
    choice = choose(results, task=task)
    assert choice.chosen is not None
    return choice.chosen.model.rpartition("/")[2], choice.basis.cell and choice.basis.cell[0]


def test_one_folder_under_two_names_is_one_task() -> None:
    results = Results([birds("resnet18", 0.5), birds("vgg16", 0.9, name="vogels")])
    assert chosen(results)[0] == "vgg16"
    assert choose(results).ranked == 2


def test_a_folder_is_found_however_its_path_is_written(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "birds" / "train").mkdir(parents=True)
    monkeypatch.chdir(tmp_path / "birds")
    results = Results([birds("resnet18", 0.5), transfer("vgg16", "full", 0.9)])
    for written in ("birds", f"{tmp_path}/birds", f"{tmp_path}/birds/", "../birds", ".", "../birds/./", BIRDS[:8]):
        assert chosen(results, written) == ("resnet18", "birds"), written
    with pytest.raises(UnknownNameError, match="unknown task 'bards': did you mean birds"):
        choose(results, task="bards")


def test_two_tasks_of_a_name_are_told_apart_by_their_digests(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    results = Results([birds("resnet18", 0.5), birds("vgg16", 0.9, OTHERS)])
    with pytest.raises(ZooError, match="several tasks are called birds: name one as birds@98765432, birds@abcdef01"):
        choose(results, task="birds")
    assert chosen(results, "birds@abcdef01") == ("resnet18", "birds@abcdef01")
    shown = choose(results, task="birds@abcdef01").to_dict()
    assert shown["basis"]["task_digest"] == BIRDS
    assert shown["chosen"]["records"] == {"accuracy": [results.records[0].id]}
    assert chosen(results, "98765432") == ("vgg16", "birds@98765432")
    # The images of a folder that is there say which of them it is.
    (tmp_path / "birds").mkdir()
    monkeypatch.setattr(tasks, "outline", lambda _path: type("Outline", (), {"digest": OTHERS}))
    assert chosen(results, f"{tmp_path}/birds/") == ("vgg16", "birds@98765432")
