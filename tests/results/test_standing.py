"""Of several records of one trial the right one stands, in whichever order they came."""

from __future__ import annotations

from dataclasses import replace
from itertools import permutations
from pathlib import Path

import pytest

from tests.results.planted import cost, transfer
from zoo.outcome import Status
from zoo.results.record import Record
from zoo.results.standing import passed_over_line
from zoo.results.view import Results
from zoo.store.store import Store


def at(started: float, status: Status = Status.OK, name: str = "") -> Record:
    record = cost("resnet18", 20.0, status=status, reason="" if status == Status.OK else "planted")
    return replace(record, id=name or f"{status}-{started:g}", outcome=replace(record.outcome, started=started))


CASES = {
    "the newer": ([at(1), at(2)], "ok-2", []),
    "never what did not converge for what did": ([at(1), at(2, Status.UNCONVERGED)], "ok-1", ["unconverged-2"]),
    "nor what failed": (
        [at(1), at(2, Status.OOM), at(3, Status.FAILED), at(4, Status.TIMEOUT)],
        "ok-1",
        ["oom-2", "failed-3", "timeout-4"],
    ),
    "what converged for a newer that did not": ([at(1, Status.UNCONVERGED), at(2)], "ok-2", []),
    "nothing is passed over for what is newer": ([at(1), at(2, Status.FAILED), at(3)], "ok-3", []),
    "of those that are not ok the newer": ([at(1, Status.UNCONVERGED), at(2, Status.FAILED)], "failed-2", []),
    "among equals the id decides": ([at(1, name="a"), at(1, name="c"), at(1, name="b")], "c", []),
}


@pytest.mark.parametrize("case", CASES)
def test_one_rule_in_a_view_of_records_in_any_order(case: str) -> None:
    given, expected, passed = CASES[case]
    other = transfer("resnet18", "full", 0.8)
    for order in permutations(given):
        view = Results([*order, other])
        assert {record.id for record in view.records} == {expected, other.id}
        assert [one.record.id for one in view.passed_over] == passed


@pytest.mark.parametrize("case", CASES)
def test_the_same_rule_in_a_store_filled_in_any_order(case: str, tmp_path: Path) -> None:
    given, expected, passed = CASES[case]
    other = transfer("resnet18", "full", 0.8)
    for name, order in {"forth": [*given, other], "back": [other, *reversed(given)]}.items():
        with Store(f"sqlite:///{tmp_path / name}") as store:
            store.add_all(order)
            found = store.find(given[0].trial.key, "m1")
            assert found is not None
            assert found.id == expected
            assert {record.id for record in store.records()} == {expected, other.id}
            read = Results(store.records(passed_over=True))
            assert {record.id for record in read.records} == {expected, other.id}
            assert [one.record.id for one in read.passed_over] == passed
            assert {record.id for record in store.stream()} == {expected, other.id}


def test_stores_of_the_same_records_give_them_in_the_same_order(tmp_path: Path) -> None:
    records = [
        replace(one, id=f"{model}-{started:g}", outcome=replace(one.outcome, started=started))
        for started, model in enumerate(("vgg16", "resnet18", "vgg16", "alexnet"), start=1)
        for one in [cost(model, 9.0)]
    ]
    for name, order in {"forth": records, "back": records[::-1]}.items():
        with Store(f"sqlite:///{tmp_path / name}") as store:
            for record in order:
                store.add(record)
            assert [record.id for record in store.records()] == ["resnet18-2", "vgg16-3", "alexnet-4"]


def test_what_is_passed_over_is_said_in_one_line() -> None:
    found = Results([at(86400), at(2e9, Status.UNCONVERGED)]).on("m1").passed_over
    assert passed_over_line(found).startswith("passed over 1 newer record that is not ok, for an older one that is: ")
    assert passed_over_line(found).endswith("cpu, batch 1, 1 thread: unconverged, and ok on 1970-01-02")
    assert "\n" not in passed_over_line(found)
    assert passed_over_line(()) == ""
