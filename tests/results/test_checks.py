"""A record that a table would fall over is refused where it comes in, in one line that says where and why."""

from __future__ import annotations

import copy
import json
import sqlite3
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from tests.results.planted import a_suite, cost, transfer
from zoo.errors import InputFileError, StoreError
from zoo.results.importers.file import read_any
from zoo.results.jsonl import read_jsonl, write_jsonl
from zoo.results.record import Record
from zoo.store.store import Store

COST = cost("resnet18", 20.0).to_dict()
TRANSFER = transfer("resnet18", "full", 0.8).to_dict()

Change = Callable[[dict[str, Any]], Any]

BROKEN: list[tuple[dict[str, Any], Change, str]] = [
    (COST, lambda r: r["trial"]["settings"].pop("metric"), "trial.settings lacks 'metric'"),
    (COST, lambda r: r["trial"]["settings"].pop("device"), "trial.settings lacks 'device'"),
    (COST, lambda r: r["trial"]["settings"].update(input_size=[224]), "input_size must be [channels, height, width]"),
    (COST, lambda r: r["trial"].update(settings=None), "trial.settings must be an object, not None"),
    (COST, lambda r: r["trial"].update(kind="costs"), "trial.kind must be one of cost, transfer"),
    (COST, lambda r: r["trial"].update(colour="red"), "trial has the unknown key 'colour'"),
    (COST, lambda r: r.update(environment=None), "environment must be an object, not None"),
    (COST, lambda r: r["environment"].update(libraries=3), "environment.libraries must be an object"),
    (COST, lambda r: r.update(machine=5), "machine must be non-empty text, not 5"),
    (COST, lambda r: r.pop("id"), "id must be non-empty text"),
    (COST, lambda r: r["outcome"].update(started=1e300), "outcome.started must be seconds since 1970"),
    (COST, lambda r: r["outcome"].update(status="fine"), "outcome.status must be one of ok"),
    (COST, lambda r: r["outcome"].update(status=[]), "outcome.status must be one of ok"),
    (COST, lambda r: r["outcome"].update(flags="none"), "outcome.flags must be a list of text"),
    (COST, lambda r: r["outcome"]["metrics"]["latency_ms"].update(value="abc"), "latency_ms.value must be a finite"),
    (COST, lambda r: r["outcome"]["metrics"].update(latency_ms=5), "latency_ms must be an object, not 5"),
    (COST, lambda r: r["outcome"]["metrics"].clear(), "outcome.metrics lacks 'latency_ms'"),
    (COST, lambda r: r["outcome"]["samples"].clear(), "outcome.samples lacks 'round_medians_ms'"),
    (COST, lambda r: r["outcome"]["samples"].update(round_medians_ms=[1.0, "x"]), "a list of finite numbers"),
    (COST, lambda r: r["outcome"]["notes"].update(round_index=[0]), "round_index must be 10 numbers, one a round"),
    (TRANSFER, lambda r: r["outcome"]["samples"]["correct"].pop(), "0 or 1 for each of the 200 images"),
    (
        COST,
        lambda r: r["outcome"]["metrics"].update(
            p90_ms={"value": 50.0, "unit": "ms"}, p99_ms={"value": 9.0, "unit": "ms"}
        ),
        "metrics.p99_ms.value is less than that of p90_ms",
    ),
    (
        COST,
        lambda r: r["outcome"]["metrics"].update(latency_ms={"value": 1.0, "unit": "ms", "low": 1.0, "high": 1.0}),
        "latency_ms.value must be among its rounds, 19.9479 to 20.2881, not 1.0",
    ),
    (COST, lambda r: r["outcome"]["notes"].update(macs=-5.0), "notes.macs must be from 0 to 1e+300, not -5.0"),
    (COST, lambda r: r["outcome"]["notes"].update(macs="many"), "notes.macs must be a finite number"),
    (TRANSFER, lambda r: r["outcome"]["notes"].update(majority=7), "majority must be from 0 to 1, not 7"),
    (
        TRANSFER,
        lambda r: r["outcome"]["metrics"]["accuracy"].update(value=0.1, low=0.05, high=0.2),
        "accuracy.value must be 0.8, the share of samples that are right, not 0.1",
    ),
    (TRANSFER, lambda r: r["outcome"]["metrics"].pop("seconds"), "outcome.metrics lacks 'seconds'"),
    (TRANSFER, lambda r: r["trial"]["settings"].update(seed="first"), "seed must be a whole number"),
]


def changed(whole: dict[str, Any], change: Change) -> dict[str, Any]:
    data = copy.deepcopy(whole)
    change(data)
    return data


@pytest.mark.parametrize(("whole", "change", "expected"), BROKEN, ids=[expected for *_, expected in BROKEN])
def test_a_broken_record_is_refused_by_line(
    tmp_path: Path, whole: dict[str, Any], change: Change, expected: str
) -> None:
    path = tmp_path / "r.jsonl"
    path.write_text(json.dumps(whole) + "\n" + json.dumps(changed(whole, change)) + "\n")
    with pytest.raises(InputFileError) as caught:
        read_any(path)
    line = str(caught.value)
    assert line.startswith(f"{path}, line 2: not a whole record: ")
    assert expected in line
    assert "\n" not in line


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        (json.dumps(COST).replace("2.0", "NaN", 1), "line 1: NaN is no number that JSON knows"),
        ("[3]", "line 1: not a record of the zoo"),
        ("[" * 100_000, "recursion"),
        ('{"benchmarks": 5}', "'benchmarks' is no list of objects"),
    ],
    ids=["NaN", "list", "deep", "benchmarks"],
)
def test_lines_that_are_no_records(tmp_path: Path, content: str, expected: str) -> None:
    path = tmp_path / "r.jsonl"
    path.write_text(content)
    with pytest.raises(InputFileError) as caught:
        read_any(path)
    assert str(caught.value).startswith(str(path))
    assert expected in str(caught.value)


def test_every_planted_record_and_a_failure_are_whole(tmp_path: Path) -> None:
    write_jsonl(a_suite(), tmp_path / "r.jsonl")
    assert read_jsonl(tmp_path / "r.jsonl") == a_suite()


STATS = {"median": 0.02, "data": [0.02, 0.021]}


@pytest.mark.parametrize(
    ("info", "expected"),
    [
        ({"settings": {"metric": "latency"}}, "KeyError: 'device'"),
        ({"settings": {}}, "KeyError: 'metric'"),
        ({"settings": 5}, "benchmark 'bench_x': not whole"),
        ({"model": 5}, "trial.model must be text, not 5"),
    ],
)
def test_a_broken_benchmark_is_named(tmp_path: Path, info: dict[str, Any], expected: str) -> None:
    info = {"model": "torchvision/resnet18", "weights": "random", "settings": COST["trial"]["settings"]} | info
    path = tmp_path / "b.json"
    path.write_text(json.dumps({"benchmarks": [{"name": "bench_x", "extra_info": info, "stats": STATS}]}))
    with pytest.raises(InputFileError, match="benchmark 'bench_x': not whole") as caught:
        read_any(path)
    assert expected in str(caught.value)


def test_a_benchmark_without_a_date_is_the_same_record_each_time(tmp_path: Path) -> None:
    info = {"model": "torchvision/resnet18", "weights": "random", "settings": COST["trial"]["settings"]}
    path = tmp_path / "b.json"
    path.write_text(json.dumps({"datetime": "yesterday", "benchmarks": [{"extra_info": info, "stats": STATS}]}))
    [first], [second] = read_any(path), read_any(path)
    assert first.id == second.id


@pytest.mark.parametrize("body", ["{broken", json.dumps(changed(COST, BROKEN[0][1]))], ids=["text", "settings"])
def test_a_broken_row_of_an_old_store_is_named_and_passed_over_and_can_be_removed(tmp_path: Path, body: str) -> None:
    """What an older version let in must not lock the rest of the store away."""
    good, bad = cost("vgg16", 9.0), cost("resnet18", 20.0)
    path = tmp_path / "s.sqlite"
    rows = [(good, json.dumps(good.to_dict())), (bad, body)]
    with sqlite3.connect(path) as old:
        old.execute("create table schema (version integer not null)")
        old.execute("insert into schema values (2)")
        old.execute(
            "create table records (number integer primary key, id, key, machine, kind, suite, run, started, body)"
        )
        for record, text in rows:
            about = record.id, record.trial.key, record.machine, "cost", "planted", record.run, 1.7e9, text
            old.execute("insert into records values (null, ?, ?, ?, ?, ?, ?, ?, ?)", about)
    old.close()
    for read_only in (True, False):  # as it is, and with today's tables
        with Store(f"sqlite:///{path}", read_only=read_only) as store:
            assert store.records() == [good]
            [line] = store.faults()
            assert line.startswith(f"{store.name}, record {bad.id}: not a whole record: ")
            assert f"`zoo results remove --record {bad.id}`" in line
            assert store.find(bad.trial.key, bad.machine) is None
            assert store.find(good.trial.key, good.machine) == good
            assert [outline["id"] for outline in store.outlines(run="run-0")] == [good.id, bad.id]
            assert store.count() == 2
    with Store(f"sqlite:///{path}") as store:
        assert store.remove([bad.id]) == 1
        assert store.records() == [good]
        assert store.faults() == []


def test_a_record_that_is_not_whole_is_kept_and_named_and_passed_over(tmp_path: Path) -> None:
    good, bad = cost("vgg16", 9.0), cost("resnet18", 20.0)
    bad = replace(bad, outcome=replace(bad.outcome, metrics={}))
    with Store(f"sqlite:///{tmp_path / 's.sqlite'}") as store:
        assert store.add_all([bad, good]) == 2
        assert store.records(latest=False) == [good]
        [line] = store.faults()
        assert f"record {bad.id}: not a whole record: outcome.metrics lacks 'latency_ms'" in line


@pytest.mark.parametrize("damage", ["update records set metrics = '{broken'", "update samples set body = '[1]'"])
def test_a_record_that_was_damaged_since_is_named(tmp_path: Path, damage: str) -> None:
    with Store(f"sqlite:///{tmp_path / 's.sqlite'}") as store:
        store.add(cost("resnet18", 20.0))
        with store._engine.begin() as connection:
            connection.exec_driver_sql(damage)
        [record] = store.records()
        with pytest.raises(StoreError, match=f"record {record.id}: not a whole record: "):
            record.to_dict()


def test_a_record_removed_lets_the_older_one_count_again(tmp_path: Path) -> None:
    older, newer = cost("resnet18", 20.0), cost("resnet18", 30.0, seed=1)
    with Store(f"sqlite:///{tmp_path / 's.sqlite'}") as store:
        store.add_all([older, newer])
        assert store.remove([newer.id, "no such"]) == 1
        assert store.records() == [older]


def test_from_dict_undoes_to_dict() -> None:
    for record in a_suite():
        assert Record.from_dict(json.loads(json.dumps(record.to_dict()))) == record
