"""Tasks that format 2 called by their paths are the task of their digest, under a name without a path."""

from __future__ import annotations

import json
import shutil
from dataclasses import replace
from pathlib import Path

import pytest

from zoo.api.results import Results
from zoo.regimes.settings import TransferSettings
from zoo.results.jsonl import read_jsonl, write_jsonl
from zoo.results.record import Record
from zoo.results.trial import Trial
from zoo.store.store import Store

WRITTEN = Path(__file__).parent / "written_by_2"
"""A store and its export by the zoo before a task was its digest: one folder of images as ``/srv/ada/flowers/``, as
``flowers`` and as ``/srv/ada/flowers``, two seeds each, and two evaluations on it."""


@pytest.fixture
def old(tmp_path: Path) -> Path:
    path = tmp_path / "records.sqlite"
    shutil.copy(WRITTEN / "records.sqlite", path)
    return path


def first_line() -> dict[str, object]:
    line = (WRITTEN / "records.jsonl").read_text().splitlines()[0]
    return dict(json.loads(line))


def test_one_folder_by_three_paths_is_one_task(old: Path) -> None:
    exported = read_jsonl(WRITTEN / "records.jsonl")
    trained = [record for record in exported if record.trial.kind == "transfer"]
    assert len(trained) == 6
    assert {record.trial.transfer.task for record in trained} == {"flowers"}
    assert len({record.trial.key for record in trained}) == 2  # one a seed
    with Store(f"sqlite:///{old}", read_only=True) as store:
        assert {record.id: record for record in store.records(latest=False)} == {one.id: one for one in exported}
        assert len(store.records(kind="transfer")) == 2
    with Store(f"sqlite:///{old}") as store:
        stored = store.records()
        assert len(stored) == 4
        assert all(store.find(record.trial.key, record.machine) == record for record in stored)
    (row,) = Results(stored).transfer_rows()
    assert (row.task, row.seeds) == ("flowers", (0, 1))


def test_no_path_is_written_again(old: Path, tmp_path: Path) -> None:
    with Store(f"sqlite:///{old}") as store:
        records = store.records(latest=False)
    write_jsonl(records, tmp_path / "export.jsonl")
    Results(records).write_report(tmp_path / "report")
    written = [tmp_path / "export.jsonl", *(tmp_path / "report").rglob("*")]
    assert [str(file) for file in written if file.is_file() and b"/srv" in file.read_bytes()] == []


@pytest.mark.parametrize(
    ("path", "name"),
    [
        ("/home/ada/my flowers/", "my flowers"),
        ("../flowers", "flowers"),
        ("C:\\ada\\flowers\\.", "flowers"),
        ("/", "folder"),
    ],
)
def test_a_path_becomes_its_last_name(path: str, name: str) -> None:
    data = first_line()
    data["trial"]["settings"]["task"] = path  # type: ignore[index]
    data["outcome"] |= {"status": "failed", "reason": f"{path.rstrip('/')}/1/3.png: gone"}  # type: ignore[operator]
    record = Record.from_dict(data)
    assert record.trial.transfer.task == name
    assert "ada" not in json.dumps(record.to_dict())
    assert record.trial.key == Record.from_dict(first_line()).trial.key


def test_a_task_of_the_table_keeps_its_name_and_folders_without_a_digest_stay_apart() -> None:
    keys, names = set(), set()
    for path in ("/ada/flowers", "/ada/flowers/", "/bob/flowers", "digits"):
        data = first_line()
        settings = data["trial"]["settings"]  # type: ignore[index]
        settings |= {"task": path}
        del settings["task_digest"]
        trial = Record.from_dict(data).trial
        keys.add(trial.key)
        names.add(trial.transfer.task)
    assert len(keys) == len(names) == 3
    assert "digits" in names
    assert not any("/" in name for name in names)


def test_a_name_is_no_part_of_what_has_a_digest_and_all_else_is() -> None:
    settings = TransferSettings("flowers", "full", 10, 0, None, task_digest="a" * 64)
    unnamed = replace(settings, task_digest="")
    alike = [settings, replace(settings, task="blumen")]
    others = [
        replace(settings, task_digest="b" * 64),
        replace(settings, shots=5),
        unnamed,
        replace(unnamed, task="x"),
    ]
    assert len({Trial("m/a", "random", one).key for one in alike}) == 1
    assert len({one.cell for one in alike}) == 1
    assert len({Trial("m/a", "random", one).key for one in [*alike, *others]}) == 5
    assert settings.is_alike(alike[1])
    assert not settings.is_alike(others[0])
