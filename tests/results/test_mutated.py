"""Whatever is done to a good record: it is refused by line, or what reads records goes on."""

from __future__ import annotations

import copy
import json
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.results.planted import a_suite, cost, transfer
from zoo.api.results import Results
from zoo.choice.choice import choose
from zoo.cli.main import main
from zoo.compare.compare import compare
from zoo.errors import InputFileError, ZooError
from zoo.report.printed import printed
from zoo.results.importers.file import read_any
from zoo.results.jsonl import write_jsonl
from zoo.results.record import Record
from zoo.store.store import Store

GOOD = [record.to_dict() for record in a_suite()]
COST, TRANSFER = cost("resnet18", 20.0).to_dict(), transfer("resnet18", "full", 0.8).to_dict()
LATENCY = ("outcome", "metrics", "latency_ms")
ACCURACY = ("outcome", "metrics", "accuracy")

Path_ = tuple[str | int, ...]


def changed(record: dict[str, Any], path: Path_, value: object) -> dict[str, Any]:
    data = copy.deepcopy(record)
    place: Any = data
    for key in path[:-1]:
        place = place[key]
    place[path[-1]] = value
    return data


@pytest.mark.parametrize(
    ("record", "path", "value", "expected"),
    [
        (COST, (*LATENCY, "value"), -5.0, "latency_ms.value must be above 0 (ms), not -5.0"),
        (COST, (*LATENCY, "value"), 0, "latency_ms.value must be above 0 (ms), not 0"),
        (COST, (*LATENCY, "low"), -1.0, "latency_ms.low must be above 0 (ms), not -1.0"),
        (COST, (*LATENCY, "unit"), "s", "latency_ms.unit must be 'ms', the unit of latency_ms, not 's'"),
        (COST, (*LATENCY, "low"), 1e9, "latency_ms.low must be at most outcome.metrics.latency_ms.high, 20."),
        (COST, (*LATENCY, "value"), 99.0, "latency_ms.value must be within its interval "),
        (COST, (*LATENCY, "high"), None, "latency_ms must have both low and high, or neither"),
        (COST, (*LATENCY, "n"), 2.5, "latency_ms.n must be a whole number of at least 0, not 2.5"),
        (COST, (*LATENCY, "value"), 10**400, "latency_ms.value must be a finite number, not 1000000"),
        (
            COST,
            ("outcome", "metrics", "warmup_s"),
            {"value": -1, "unit": "s"},
            "warmup_s.value must be at least 0 (s)",
        ),
        (COST, ("outcome", "metrics", "p90_ms"), {"value": 1, "unit": "µs"}, "p90_ms.unit must be 'ms'"),
        (COST, ("outcome", "samples", "round_medians_ms", 3), -1.0, "round_medians_ms must be times above 0"),
        (COST, ("outcome", "samples", "iterations_ms", 0), 1e305, "iterations_ms must be a list of finite numbers"),
        (COST, ("outcome", "notes", "round_index"), [0] * 10, "round_index must be a number of its own each round"),
        (COST, ("outcome", "notes", "cohort"), ["c1"], "outcome.notes.cohort must be text or null"),
        (COST, ("outcome", "started"), -1.0, "outcome.started must be seconds since 1970"),
        (COST, ("outcome", "duration_s"), -2.0, "outcome.duration_s must be seconds, at least 0"),
        (COST, ("trial", "settings", "input_size"), [3, True, 224], "input_size must be [channels, height, width]"),
        (COST, ("trial", "settings", "batch"), 10**30, "batch must be a whole number of at least 1"),
        (COST, ("trial", "settings", "engine"), 5, "settings.engine must be non-empty text, not 5"),
        (COST, ("trial", "settings", "replica"), 0.5, "settings.replica must be a whole number"),
        (COST, ("id",), "a\nb", "id must be at most 200 characters, all of them printable"),
        (COST, ("id",), "x" * 201, "id must be at most 200 characters"),
        (COST, ("suite",), "half \ud800", "half of a character"),
        (TRANSFER, (*ACCURACY, "value"), 1.2, "accuracy.value must be a fraction from 0 to 1, not 1.2"),
        (TRANSFER, (*ACCURACY, "high"), 80.0, "accuracy.high must be a fraction from 0 to 1, not 80.0"),
        (TRANSFER, (*ACCURACY, "unit"), "%", "accuracy.unit must be 'fraction', the unit of accuracy"),
        (TRANSFER, ("outcome", "metrics", "trained_params", "value"), 5.5, "must be a whole number, not 5.5"),
        (TRANSFER, ("outcome", "metrics", "trained_params", "value"), -5, "must be at least 0 (count), not -5"),
        (TRANSFER, ("outcome", "samples", "correct"), [], "0 or 1 for each of the 200 images"),
        (TRANSFER, ("outcome", "samples", "correct", 0), 2, "0 or 1 for each of the 200 images"),
        (TRANSFER, ("trial", "settings", "recipe"), {"steps": 0}, "steps is a whole number from 1"),
        (TRANSFER, ("trial", "settings", "recipe"), {"shift": 10**400}, "trial.settings cannot be read"),
        (TRANSFER, ("trial", "settings", "recipe"), {"colour": 1}, "trial.settings cannot be read"),
        (TRANSFER, ("trial", "settings", "probe"), 3, "probe must be text or null, not 3"),
    ],
    ids=lambda value: "" if isinstance(value, dict) else str(value)[:40],
)
def test_a_number_that_cannot_be_is_refused_with_line_and_field(
    tmp_path: Path, record: dict[str, Any], path: Path_, value: object, expected: str
) -> None:
    file = tmp_path / "r.jsonl"
    file.write_text("".join(json.dumps(one) + "\n" for one in (record, changed(record, path, value))))
    with pytest.raises(InputFileError) as caught:
        read_any(file)
    line = str(caught.value)
    assert line.startswith(f"{file}, line 2: not a whole record: ")
    assert expected in line
    assert line.endswith(" (1 of 2 lines not whole; none is read)")


@pytest.mark.parametrize("part", ["value", "low"])
def test_what_a_store_holds_already_is_named_and_passed_over(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], part: str
) -> None:
    """As an older zoo let it in: neither a choice nor a report falls over it, and both say which it is."""
    bad = cost("vgg16", 9.0)
    metrics = {"latency_ms": replace(bad.outcome.metrics["latency_ms"], **{part: -5.0})}
    bad = replace(bad, outcome=replace(bad.outcome, metrics=metrics))
    url = f"sqlite:///{tmp_path / 's.sqlite'}"
    with Store(url) as store:
        store.add_all([bad, *(record for record in a_suite() if "vgg16" not in record.trial.model)])
    for words in (["choose", "--objective", "latency"], ["report", "planted", "--report", str(tmp_path / "r")]):
        with pytest.raises(SystemExit) as caught:
            main([*words, "--store", url])
        said = capsys.readouterr()
        assert caught.value.code == 0
        assert f"record {bad.id}: not a whole record: outcome.metrics.latency_ms.{part} must be above 0" in said.err
        assert "vgg16" not in said.out
    assert "vgg16" not in (tmp_path / "r" / "README.md").read_text()


def test_rounding_leaves_a_value_within_its_interval(tmp_path: Path) -> None:
    """Wilson's interval of all images right may end a hair below 1."""
    metric = {"value": 1.0, "unit": "fraction", "low": 0.98, "high": 1 - 1e-12, "n": 200}
    data = changed(changed(TRANSFER, ACCURACY, metric), ("outcome", "samples", "correct"), [1] * 200)
    file = tmp_path / "r.jsonl"
    file.write_text(json.dumps(data))
    assert read_any(file)[0].outcome.metrics["accuracy"].value == 1.0


def places(value: Any, path: Path_ = ()) -> Iterator[Path_]:
    children = value.items() if isinstance(value, dict) else enumerate(value[:2]) if isinstance(value, list) else ()
    for key, child in children:
        yield (*path, key)
        yield from places(child, (*path, key))


CHANGES = [(number, path) for number, record in enumerate(GOOD[:12]) for path in places(record)]
VALUES = st.sampled_from(
    [None, True, "", "x", "s", "\n", "<b>", "all", [], {}, [1], [5.0], [0] * 10, [1] * 200, [1] * 100, [3, 32, 32],
     {"a": 1}, -1, 0, 1, 2, 100, 1e-320, 1e300, 10**400, 0.5, -0.5]
)  # fmt: skip


@settings(max_examples=120, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(changes=st.lists(st.tuples(st.sampled_from(CHANGES), VALUES), min_size=1, max_size=2))
def test_a_mutated_record_is_refused_or_everything_that_reads_it_goes_on(
    tmp_path: Path, changes: list[tuple[tuple[int, Path_], object]]
) -> None:
    data = list(GOOD)
    for (number, path), value in changes:
        try:
            data[number] = changed(data[number], path, value)
        except (KeyError, IndexError, TypeError):
            continue  # the other change took the place away
    file = tmp_path / "r.jsonl"
    file.write_text("".join(json.dumps(one) + "\n" for one in data))
    try:
        results = Results(read_any(file))
    except InputFileError as error:
        assert ", line " in str(error)  # noqa: PT017 - refusing is as good as reading
        return
    for reads in (
        lambda: choose(results, "accuracy").to_text(),
        lambda: choose(results, "latency").to_dict(),
        lambda: compare(Results(map(Record.from_dict, GOOD)), results).to_dict(),
        results.to_markdown,
    ):
        try:
            reads()
        except ZooError as error:
            assert "\n" not in str(error)  # noqa: PT017 - one line, of several machines say
    for form in ("table", "json", "csv"):
        printed(results, form)
    write_jsonl(results.records, file)
    assert {record.id for record in read_any(file)} == {record.id for record in results.records}
