"""A metric that is neither a time nor a rate is right wherever costs are read: disk in kilobytes, lower is better."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

import zoo
from tests.results.planted import cost
from zoo.api.results import Results
from zoo.cli.measured import measured_lines
from zoo.cli.progress import describe
from zoo.compare.compare import compare, compare_models
from zoo.cost.metrics import METRICS
from zoo.cost.metrics.base import Metric
from zoo.errors import ZooError
from zoo.formats import render
from zoo.outcome import Status
from zoo.report.sections.costs import cost_tables
from zoo.report.sections.flags import flags_table
from zoo.report.sections.noise import noise_floors
from zoo.results.jsonl import read_jsonl, write_jsonl
from zoo.results.record import Record
from zoo.statistics.intervals import summarise_rounds
from zoo.statistics.quantity import Quantity

DISK = Quantity("disk_kb", "disk", "KB", "lower", words=("SMALLER", "LARGER"))
EFFICIENCY = Quantity("efficiency", "efficiency", "images/J", "higher")


@pytest.fixture(autouse=True)
def metrics() -> Iterator[None]:
    for quantity in (DISK, EFFICIENCY):
        METRICS.register(quantity.label, Metric(quantity.label, quantity, take=lambda model, images, settings: 1.0))
    yield
    for quantity in (DISK, EFFICIENCY):
        METRICS.unregister(quantity.label)


def of(quantity: Quantity, model: str, value: float, **how: object) -> Record:
    """A cost of that quantity, of the rounds that a latency of ``value`` would have."""
    record = cost(model, value, metric=quantity.label, **how)  # type: ignore[arg-type]
    outcome, rounds = record.outcome, record.outcome.samples.get("round_medians_ms", [])
    metrics = {quantity.key: summarise_rounds(rounds, quantity.unit)} if rounds else {}
    samples = {f"rounds_{quantity.unit}": rounds} if rounds else {}
    return replace(record, outcome=replace(outcome, metrics=metrics, samples=samples))


def disk(model: str, kb: float, **how: object) -> Record:
    return of(DISK, model, kb, **({"spread": 0.0} | how))


def test_its_table_has_its_unit_and_its_arrow_and_the_best_first() -> None:
    records = [disk("resnet18", 46800.0), disk("squeezenet1_0", 5000.0), disk("alexnet", 1.0, status=Status.FAILED)]
    latency, table = cost_tables(Results([cost("resnet18", 20.0), *records]))
    assert (latency.title, table.title) == ("Latency, batch 1, cpu", "Disk, batch 1, cpu")
    assert table.headers == ("model", "disk, 1 thread, KB ↓", "params, M ↓", "MACs, G ↓", "input, px")
    assert [(row[0], row[1]) for row in table.rows] == [
        ("torchvision/squeezenet1_0.random", "5000 [5000, 5000]"),
        ("torchvision/resnet18.random", "46800 [46800, 46800]"),
        ("torchvision/alexnet.random", "failed"),
    ]
    assert "published" not in render(table, "md"), "that stands beside the latency"
    page = Results(records).to_markdown()
    assert "### Disk, batch 1, cpu" in page
    assert "KB ↓" in page


def test_what_is_better_higher_is_sorted_so() -> None:
    records = [of(EFFICIENCY, "resnet18", 3.0), of(EFFICIENCY, "squeezenet1_0", 9.0)]
    [table] = cost_tables(Results(records))
    assert table.headers[1] == "efficiency, 1 thread, images/J ↑"
    assert [row[0] for row in table.rows] == ["torchvision/squeezenet1_0.random", "torchvision/resnet18.random"]


def test_cards_and_progress_say_the_unit() -> None:
    assert measured_lines(Results([disk("resnet18", 46800.0)])) == [
        "disk, cpu, batch 1, 1 thread: 46800 [46800, 46800] KB"
    ]
    assert describe(disk("resnet18", 46800.0)).endswith("disk, cpu, batch 1, 1 thread: 46800 [46800, 46800] KB")


@pytest.mark.parametrize(
    ("quantity", "factor", "word", "code"),
    [
        (DISK, 1.25, "LARGER", 1),
        (DISK, 0.8, "SMALLER", 0),
        (DISK, 1.0, "SAME", 0),
        (EFFICIENCY, 1.25, "BETTER", 0),
        (EFFICIENCY, 0.8, "WORSE", 1),
    ],
)
def test_a_comparison_calls_it_by_its_own_direction(quantity: Quantity, factor: float, word: str, code: int) -> None:
    before, after = (of(quantity, "resnet18", 4000.0 * f, spread=0.003, seed=i) for i, f in enumerate((1.0, factor)))
    comparison = compare(Results([before]), Results([after]))
    [row] = comparison.rows
    assert (row.verdict, comparison.exit_code) == (word, code)
    assert row.unit == f"ratio of {quantity.label}"
    assert row.value == pytest.approx(factor, rel=0.01)
    assert row.change.endswith(f"] {quantity.label}")
    assert row.what == f"{quantity.label}, cpu, batch 1, 1 thread"
    assert f"A time or {quantity.label} is SAME within ±2%" in comparison.table().caption
    assert set(json.loads(json.dumps(comparison.to_dict()))["rows"][0]) == {
        "name", "what", "change", "verdict", "unit", "value", "low", "high", "p", "records_a", "records_b",
        "doubts",
    }  # fmt: skip


def test_what_is_no_time_is_not_judged_against_the_movement_of_all() -> None:
    models = ("resnet18", "vgg16", "alexnet", "googlenet", "mobilenet_v2")
    before, after = ([disk(model, 1000.0 * f, seed=i) for model in models] for i, f in enumerate((1.0, 1.1)))
    comparison = compare(Results(before), Results(after))
    assert comparison.moved == ()
    assert [row.verdict for row in comparison.rows] == ["LARGER"] * 5
    assert comparison.rows[0].change == "+10.0% [+10.0%, +10.0%] disk"


def test_two_models_of_one_run_are_compared_by_it() -> None:
    records = Results([disk("resnet18", 46800.0), disk("squeezenet1_0", 5000.0)])
    assert [row.verdict for row in compare_models(records, "resnet18", "squeezenet1_0").rows] == ["SMALLER"]
    assert compare_models(records, "squeezenet1_0", "resnet18").exit_code == 1


def test_one_round_has_no_interval_and_no_verdict() -> None:
    record = disk("resnet18", 46800.0)
    once = replace(record, outcome=replace(record.outcome, samples={"rounds_KB": [46800.0]}, notes={}))
    comparison = compare(Results([record]), Results([replace(once, id="once")]))
    assert [(row.verdict, row.change) for row in comparison.rows] == [
        ("UNRESOLVED", "too few rounds for an interval")
    ]
    assert comparison.exit_code == 3


def test_a_value_of_nothing_is_a_record_and_has_no_ratio(tmp_path: Path) -> None:
    none, some = disk("resnet18", 0.0), disk("resnet18", 5.0)
    write_jsonl([none], tmp_path / "none.jsonl")
    assert read_jsonl(tmp_path / "none.jsonl") == [none]
    assert compare(Results([none]), Results([some])).exit_code == 3


def test_its_noise_floor_and_its_flags_are_told() -> None:
    results = Results(
        [
            disk("resnet18", 1000.0, flags=("disk was busy",)),
            disk("resnet18", 1000.0, replica=1),
            of(EFFICIENCY, "vgg16", 3.0, status=Status.UNCONVERGED, reason="±3.1% after 12 rounds"),
        ]
    )
    [floor] = noise_floors(results)
    assert floor.to_text() == (
        "torchvision/resnet18, disk on cpu, 1 thread, batch 1: +0.00% [+0.00, +0.00] "
        "(10 rounds in common; the interval holds 1)"
    )
    table = flags_table(results)
    assert table is not None
    assert [row[1:] for row in table.rows] == [
        ("disk, cpu, batch 1, 1 thread", "disk was busy"),
        ("efficiency, cpu, batch 1, 1 thread", "±3.1% after 12 rounds"),
    ]


def test_its_records_are_written_and_read(tmp_path: Path) -> None:
    file = tmp_path / "disk.jsonl"
    write_jsonl([disk("resnet18", 46800.0)], file)
    assert measured_lines(Results(read_jsonl(file)))[0].endswith("46800 [46800, 46800] KB")


def test_a_metric_that_is_not_known_here_is_shown_without_unit_and_arrow(tmp_path: Path) -> None:
    records = [disk("resnet18", 46800.0), disk("squeezenet1_0", 5000.0)]
    file = tmp_path / "disk.jsonl"
    write_jsonl(records, file)
    METRICS.unregister("disk")
    found = Results(read_jsonl(file))
    [table] = cost_tables(found)
    assert table.headers[:2] == ("model", "disk, 1 thread")
    assert [row[1] for row in table.rows] == ["ok", "ok"]
    assert compare(found, found).exit_code == 3


def test_its_limit_is_given_by_name_and_held() -> None:
    results = Results([disk("resnet18", 46800.0), disk("squeezenet1_0", 5000.0)])
    choice = zoo.choose(results, "disk", limits={"max_disk_kb": 6000})
    assert choice.chosen is not None
    assert choice.chosen.model == "torchvision/squeezenet1_0"
    assert [candidate.model for candidate, _ in choice.excluded] == ["torchvision/resnet18"]
    with pytest.raises(ZooError, match="max_disk_kb must be a number above 0, not '6 MB'"):
        zoo.choose(results, "disk", limits={"max_disk_kb": "6 MB"})  # type: ignore[dict-item]
