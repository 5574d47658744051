"""Counts and published figures beside a cost are of the size that stands in its line, or say theirs."""

from __future__ import annotations

from dataclasses import replace

from tests.results.planted import cost
from zoo.report.outputs import OFF
from zoo.report.sections.costs import PUBLISHED, cost_tables
from zoo.results.record import Record
from zoo.results.view import Results
from zoo.statistics.intervals import wilson_interval
from zoo.statistics.measurement import Measurement


def noting(record: Record, macs: float) -> Record:
    return replace(record, outcome=replace(record.outcome, notes=record.outcome.notes | {"macs": macs}))


def test_macs_are_those_of_the_size_and_a_published_figure_says_its_own() -> None:
    small = noting(cost("alexnet", 1.0, input_size=[3, 64, 64]), 98144960.0)
    (table,) = cost_tables(Results([small, cost("alexnet", 9.0)]))
    shown = [dict(zip(table.headers, row, strict=True)) for row in table.rows]
    assert [(row["input, px"], row["MACs, G ↓"], row[PUBLISHED]) for row in shown] == [
        ("64", "0.098", "56.52 (IMAGENET1K_V1, at 224 px)"),
        ("224", "0.714", "56.52 (IMAGENET1K_V1)"),
    ]


def off_by(record: Record, difference: float) -> Record:
    metrics = dict(record.outcome.metrics) | {"output_difference": Measurement(difference, "relative")}
    return replace(record, outcome=replace(record.outcome, metrics=metrics))


def test_each_form_has_its_table_with_its_own_counts() -> None:
    name = "timm/mobileone_s0"
    deployed, trained = cost_tables(Results([off_by(cost(name, 1.0), 4e-7), cost(name, 5.0, form="trained")]))
    assert (deployed.title, trained.title) == ("Latency, batch 1, cpu", "Latency, batch 1, cpu, trained form")
    counts = [dict(zip(table.headers, table.rows[0], strict=True)) for table in (deployed, trained)]
    assert [(row["params, M ↓"], row["MACs, G ↓"]) for row in counts] == [("2.08", "0.275"), ("5.29", "1.05")]
    assert "In the deployed form, whose outputs are those of the model as built to 4e-07." in deployed.caption
    assert "In the trained form." in trained.caption


def test_a_lower_precision_has_a_column_of_how_far_its_outputs_are() -> None:
    records = [off_by(cost("resnet18", 1.0, precision="bf16"), 0.0047), cost("vgg16", 2.0, precision="bf16")]
    (table,) = cost_tables(Results(records))
    assert [row[table.headers.index(OFF)] for row in table.rows] == ["0.005", "n/a"]
    (exact,) = cost_tables(Results([cost("resnet18", 1.0)]))
    assert OFF not in exact.headers


def test_eight_bits_say_what_ranges_are_of_and_on_how_many_images_the_class_is_the_same() -> None:
    def eight(model: str, alike: int, threads: int = 1) -> Record:
        record = off_by(cost(model, 1.0, precision="int8", engine="openvino", threads=threads), 0.21)
        metrics = dict(record.outcome.metrics)
        metrics["agreement"] = Measurement(alike / 200, "fraction", *wilson_interval(alike, 200), 200)
        images = "crops of scikit-learn's two photographs"
        notes = record.outcome.notes | {"calibrated_on": f"64 {images}", "compared_on": images}
        return replace(record, outcome=replace(record.outcome, metrics=metrics, notes=notes))

    untold = cost("vgg16", 2.0, precision="int8", engine="openvino")
    (table,) = cost_tables(Results([eight("resnet18", 194), eight("resnet18", 190, threads=2), untold]))
    cells = [(row[table.headers.index(OFF)], row[table.headers.index("same top-1, % ↑")]) for row in table.rows]
    assert cells == [("0.2", "95.0 [91.0, 97.3]"), ("n/a", "n/a")], "the least of both threads"
    assert "cpu, batch 1, int8, contiguous, engine openvino" in table.caption
    assert (
        "Calibrated on 64 crops of scikit-learn's two photographs. Same top-1: as the model as built in fp32, of "
        "other 200 crops of scikit-learn's two photographs [95% interval]."
    ) in table.caption
    (plain,) = cost_tables(Results([cost("resnet18", 1.0)]))
    assert "same top-1, % ↑" not in plain.headers
    assert "Calibrated" not in plain.caption


def test_what_a_program_takes_that_was_told_nothing_of_freed_memory_stands_beside_the_table() -> None:
    records = [cost("resnet18", 10.0), cost("vgg16", 100.0), cost("resnet18", 16.0, allocator="default")]
    kept, default = cost_tables(Results(records))
    assert (kept.title, default.title) == ("Latency, batch 1, cpu", "Latency, batch 1, cpu, default allocator")
    assert "In a program with the C library's default allocator: torchvision/resnet18.random ×1.6" in kept.caption
    assert "vgg16" not in kept.caption
    assert "fast_allocator" not in default.caption
