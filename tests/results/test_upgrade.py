"""Records that an older zoo wrote are read, reported and found again; a newer zoo's are refused by an older one."""

from __future__ import annotations

import json
import shutil
import sqlite3
from dataclasses import replace
from pathlib import Path

import pytest

from zoo.api.results import Results
from zoo.errors import StoreError
from zoo.plans.cost import plan_cost
from zoo.plans.transfer import plan_transfer
from zoo.registry.own_tags import own_path
from zoo.results.jsonl import read_jsonl
from zoo.results.record import Record
from zoo.results.trial import Trial
from zoo.store import migrate, schema
from zoo.store.store import Store
from zoo.suites.file import load_suite
from zoo.training.recipe import Recipe
from zoo.weights.digests import remember

WRITTEN = Path(__file__).parent / "written_by_1"
"""A store and its export by the zoo before settings were typed: ``smoke``, ``quick`` on two threads, an evaluation of
weights made here, two published results, and a model of a user's that raised."""

COUNTS = {"cost": 22, "transfer": 43, "pretrain": 4, "evaluate": 1, "published": 2}


def counts(records: list[Record]) -> dict[str, int]:
    kinds = [record.trial.kind for record in records]
    return {kind: kinds.count(kind) for kind in COUNTS}


@pytest.fixture
def old(tmp_path: Path) -> Path:
    path = tmp_path / "records.sqlite"
    shutil.copy(WRITTEN / "records.sqlite", path)
    return path


def test_every_record_is_read_from_the_file_and_from_the_store(old: Path) -> None:
    exported = read_jsonl(WRITTEN / "records.jsonl")
    assert counts(exported) == COUNTS
    with Store(f"sqlite:///{old}", read_only=True) as store:
        assert counts(store.records()) == COUNTS
    with sqlite3.connect(old) as connection:
        assert connection.execute("select version from schema").fetchall() == [(1,)]  # reading changed nothing
    with Store(f"sqlite:///{old}") as store:
        migrated = store.records()
    assert counts(migrated) == COUNTS
    assert {record.id: record for record in migrated} == {record.id: record for record in exported}


def test_every_record_is_reported(old: Path) -> None:
    with Store(f"sqlite:///{old}") as store:
        results = Results(store.records())
    page = " ".join(results.to_markdown().split())
    assert "torchvision/vgg16.random" in page
    assert "timm/test_resnet.letters-am" in page
    assert "mine/broken.random" in page
    assert "ValueError: planted" in page
    assert "52 of imgs" in page
    frame = results.to_frame()
    assert len(frame.run.unique()) == 5
    assert set(frame.kind) == set(COUNTS)


def test_the_store_has_todays_keys_once_it_was_written_to(old: Path) -> None:
    with Store(f"sqlite:///{old}") as store:
        assert all(store.find(record.trial.key, record.machine) == record for record in store.records())
    with sqlite3.connect(old) as connection:
        assert connection.execute("select version from schema").fetchall() == [(schema.SCHEMA_VERSION,)]
        tables = [name for (name,) in connection.execute("select name from sqlite_master where type = 'table'")]
        parts = [json.loads(body) for (body,) in connection.execute("select body from parts")]
    assert sorted(tables) == ["faults", "parts", "records", "samples", "schema"]
    assert any("precision" in part for part in parts)
    assert any("cpu" in part for part in parts)
    assert "freed memory" not in json.dumps(parts)  # no prose is part of a key


@pytest.mark.parametrize("name", ["smoke", "quick"])
def test_every_trial_of_a_suite_finds_its_record(name: str, old: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with Store(f"sqlite:///{old}") as store:
        records = store.records()
    for record in records:
        if record.trial.kind == "pretrain":  # its weights are at hand, as they were
            path = own_path(record.trial.model, "letters-am")
            path.parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(WRITTEN / path.with_suffix(".json").name, path.with_suffix(".json"))
            path.write_bytes(b"")
            remember(path, record.outcome.notes["sha256"])
    monkeypatch.setattr("os.sched_getaffinity", lambda _pid: {0, 1})
    monkeypatch.setenv("CUDA_VISIBLE_DEVICES", "")
    suite = load_suite(name)
    assert suite.transfer is not None
    # Rates were not found then, and the suite had eight models.
    of_then = [tuple(model for model in part.models if "lite0" not in model) for part in (suite, suite.transfer)]
    transfer = replace(suite.transfer, models=of_then[1], recipe=Recipe())
    assert suite.cost is not None
    cost = replace(suite.cost, forms=("trained",))  # all that there was
    suite = replace(suite, models=of_then[0], cost=cost, transfer=transfer)
    asked: list[Trial] = [item.trial for item in (*plan_cost(suite), *plan_transfer(suite))]
    # What probes choose by is a newer protocol of trainings.
    asked = [replace(trial, protocol=1) if trial.kind == "transfer" else trial for trial in asked]
    known = {record.trial.key for record in records}
    assert len(asked) == {"smoke": 7, "quick": 57}[name]
    assert [trial for trial in asked if trial.key not in known] == []
    assert "control/pixels" in {trial.model for trial in asked}


def test_an_older_zoo_refuses_a_store_of_this_one(old: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with Store(f"sqlite:///{old}"):
        pass
    monkeypatch.setattr("zoo.store.database.SCHEMA_VERSION", 2)  # as the older one has it
    with pytest.raises(
        StoreError, match=r"written by a newer zoo \(schema 3; this one knows 2\); upgrade backbone-zoo"
    ):
        Store(f"sqlite:///{old}").__enter__()


def test_a_round_that_was_taken_in_another_way_is_another_trial() -> None:
    line = next(
        line
        for line in (WRITTEN / "records.jsonl").read_text().splitlines()
        if json.loads(line)["trial"]["kind"] == "cost"
    )
    data = json.loads(line)
    today = Record.from_dict(data).trial
    data["trial"]["settings"]["round"] = "in one process"
    other = Record.from_dict(data).trial
    assert (today.protocol, other.protocol) == (2, 1)
    assert today.key != other.key
    assert json.loads(other.cost.other) == {"round": "in one process"}
    assert Record.from_dict(Record.from_dict(data).to_dict()).trial == other


def test_a_migration_that_is_cut_leaves_the_old_store(old: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    class CutError(Exception):
        pass

    def cut(*_args: object) -> None:
        raise CutError

    with monkeypatch.context() as patch:
        patch.setattr(migrate, "insert", cut)
        with pytest.raises(CutError):
            Store(f"sqlite:///{old}").__enter__()
    with sqlite3.connect(old) as connection:
        assert connection.execute("select version from schema").fetchall() == [(1,)]
    with Store(f"sqlite:///{old}") as store:
        assert counts(store.records()) == COUNTS
