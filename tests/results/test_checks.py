"""A record that a table would fall over is refused where it comes in, in one line that says where and why."""

from __future__ import annotations

import copy
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.results.planted import a_suite, cost, transfer
from zoo.errors import InputFileError, StoreError
from zoo.results.importers.file import read_any
from zoo.results.jsonl import read_jsonl, write_jsonl
from zoo.results.record import Record
from zoo.results.store import store as store_module
from zoo.results.store.store import Store

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
    (COST, lambda r: r.update(machine=5), "machine must be text, not 5"),
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
def test_a_broken_row_of_a_store_is_named_and_can_be_removed(tmp_path: Path, body: str) -> None:
    """What an older version let in must not lock the rest of the store away for ever."""
    good, bad = cost("vgg16", 9.0), cost("resnet18", 20.0)
    with Store(f"sqlite:///{tmp_path / 's.sqlite'}") as store:
        store.add_all([good, bad])
        with store._engine.begin() as connection:
            rows = store_module.RECORDS
            connection.execute(rows.update().where(rows.c.id == bad.id).values(body=body))
        with pytest.raises(StoreError) as caught:
            store.records()
        line = str(caught.value)
        assert line.startswith(f"{store.name}, record {bad.id}: not a whole record: ")
        assert f"`zoo results remove --record {bad.id}`" in line
        with pytest.raises(StoreError, match=bad.id):
            store.find(bad.trial.key, bad.machine)
        assert [outline["id"] for outline in store.outlines(run="run-0")] == [good.id, bad.id]
        assert store.remove([bad.id]) == 1
        assert store.records() == [good]


def test_a_record_removed_lets_the_older_one_count_again(tmp_path: Path) -> None:
    older, newer = cost("resnet18", 20.0), cost("resnet18", 30.0, seed=1)
    with Store(f"sqlite:///{tmp_path / 's.sqlite'}") as store:
        store.add_all([older, newer])
        assert store.remove([newer.id, "no such"]) == 1
        assert store.records() == [older]


def test_from_dict_undoes_to_dict() -> None:
    for record in a_suite():
        assert Record.from_dict(json.loads(json.dumps(record.to_dict()))) == record
