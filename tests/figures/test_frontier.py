"""What figures draw: every start of a model apart, controls beside what they are a yardstick for, panels that fit."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from tests.results.planted import a_suite, transfer
from zoo.api.results import Results
from zoo.candidates.candidate import Candidate
from zoo.figures.frontier import LABELLED, FrontierPoint, frontier_figure, frontier_points
from zoo.figures.regimes import regime_points, regimes_figure
from zoo.formats.blocks import figures_of
from zoo.report.page import page_blocks
from zoo.report.sections.base import Context
from zoo.results.record import Record
from zoo.statistics.measurement import Measurement


def drawn(records: list[Record]) -> dict[str, Any]:
    return dict(regimes_figure(regime_points(Results(records))).to_dict())


def marks(figure: dict[str, Any]) -> set[tuple[str, str, float]]:
    return {(value["model"], value["strategy"], round(value["y"])) for value in figure["data"]["values"]}


def with_weights(record: Record, weights: str) -> Record:
    return replace(record, id=record.id + weights, trial=replace(record.trial, weights=weights))


def test_two_sets_of_weights_of_one_model_are_two_places() -> None:
    records = [
        transfer("resnet18", "classifier", 0.6),
        with_weights(transfer("resnet18", "classifier", 0.9), "IMAGENET1K_V1"),
        transfer("resnet18", "scratch", 0.4),
        transfer("", "pixels", 0.5),
    ]
    assert marks(drawn(records)) == {
        ("resnet18.letters-am", "classifier", 60), ("resnet18.IMAGENET1K_V1", "classifier", 90),
        ("resnet18.letters-am", "scratch", 40), ("resnet18.IMAGENET1K_V1", "scratch", 40),
        ("resnet18.letters-am", "pixels", 50), ("resnet18.IMAGENET1K_V1", "pixels", 50),
    }  # fmt: skip


def test_one_set_of_weights_needs_no_name_and_random_starts_alone_have_one() -> None:
    assert {model for model, *_ in marks(drawn(a_suite()))} == {"resnet18", "squeezenet1_0"}
    assert marks(drawn([transfer("vgg16", "scratch", 0.3)])) == {("vgg16", "scratch", 30)}


def test_shots_are_columns_where_there_is_room() -> None:
    few = [transfer("resnet18", s, 0.5, shots=n) for s in ("classifier", "full") for n in (5, 10, 50)]
    assert set(drawn(few)["facet"]) == {"row", "column"}
    many = few + [transfer(m, "full", 0.5, shots=n) for m in ("vgg16", "alexnet") for n in (5, 10, 50)]
    assert set(drawn(many)["facet"]) == {"row"}


def test_without_regimes_there_is_no_figure() -> None:
    assert regime_points(Results([])) == []
    assert list(figures_of(page_blocks(Context(Results([]))))) == []


def candidate(model: str, ms: float | None, accuracy: float | None, params: int | None) -> Candidate:
    costs = {} if ms is None else {"latency": Measurement(ms, "ms", 0.9 * ms, 1.1 * ms)}
    reached = None if accuracy is None else Measurement(accuracy, "fraction")
    return Candidate(f"torchvision/{model}", "random", costs, reached, "full", params, None)


def test_the_frontier_is_of_accuracy_where_any_was_measured() -> None:
    found = [
        candidate("fast", 5.0, 0.7, 10),
        candidate("slow", 9.0, 0.6, 1),
        candidate("good", 20.0, 0.9, 30),
        candidate("untrained", 1.0, None, 5),
        candidate("untimed", None, 1.0, 5),
    ]
    points = frontier_points(found)
    assert [(p.model, p.y, p.frontier) for p in points] == [
        ("fast (full)", 70.0, True), ("slow (full)", 60.0, False), ("good (full)", 90.0, True),
    ]  # fmt: skip
    assert (points[0].latency_low, points[0].latency, points[0].latency_high) == (4.5, 5.0, 5.5)
    assert (points[0].y_low, points[0].y_high) == (70.0, 70.0)


def test_without_accuracies_fewer_parameters_are_better() -> None:
    found = [candidate("small", 5.0, None, 2_000_000), candidate("large", 9.0, None, 9_000_000)]
    points = frontier_points([*found, candidate("uncounted", 1.0, None, None)])
    assert [(p.model, p.y, p.frontier) for p in points] == [
        ("small", 2.0, True), ("large", 9.0, False),
    ]  # fmt: skip


def labels_of(count: int) -> tuple[set[str], set[str], set[float]]:
    """Models that are drawn and that have a label, and the sizes of marks, of a figure with two on its frontier."""
    points = [FrontierPoint("quick", 1, 1, 1, 9, 9, 9, True), FrontierPoint("small", 5, 5, 5, 1, 1, 1, True)]
    points += [FrontierPoint(f"m{number}", x, x, x, x, x, x) for number in range(count) if (x := 10.0 + number)]
    figure = dict(frontier_figure(points, "latency", "", accurate=False).to_dict())
    rows = figure["data"]["values"]
    marks = {layer["mark"]["size"] for layer in figure["layer"] if layer["mark"]["type"] == "point"}
    aligned = {row["model"] for row in rows if row.get("align") in ("left", "right", "center")}
    return {row["model"] for row in rows}, aligned, marks


def test_few_points_all_have_labels_and_of_many_those_on_the_frontier() -> None:
    for count in (LABELLED - 2, LABELLED - 1, 400):
        models, labelled, sizes = labels_of(count)
        assert len(models) == count + 2
        crowded = count + 2 > LABELLED
        assert labelled == ({"quick", "small"} if crowded else models)
        assert sizes == ({25} if crowded else {90})
