"""Accuracy over images a class: a panel a model and target, lines named at their ends, controls dashed."""

from __future__ import annotations

from itertools import pairwise
from typing import Any

import numpy as np
import pytest

from tests.advice.planted import cell
from zoo.figures.regimes import RegimePoint, regime_points
from zoo.figures.shots import GAP, HEIGHT, is_over_shots, shots_figure
from zoo.results.record import Record
from zoo.results.view import Results

TRUTHS = {"classifier": 0.5, "full": 0.6, "scratch": 0.4, "random_features": 0.3, "pixels": 0.35}
MODELS = ("resnet18", "vgg16", "alexnet", "squeezenet1_0", "googlenet", "mobilenet_v2")
TARGETS = ("digits", "letters-nz", "photographs")


def suite(models: tuple[str, ...], targets: tuple[str, ...], shots: tuple[int | str, ...], **at: Any) -> list[Record]:
    rng = np.random.default_rng(0)
    every = ((model, task, count) for task in targets for model in models for count in shots)
    return [record for model, task, count in every for record in cell(rng, TRUTHS, count, task, model, **at)]


def points(*args: Any, **at: Any) -> list[RegimePoint]:
    return regime_points(Results(suite(*args, **at)))


def rows(figure: dict[str, Any], *, named: bool) -> list[dict[str, Any]]:
    return [row for row in figure["data"]["values"] if ("label" in row) is named]


def test_one_panel_is_a_model_on_a_target_and_every_accuracy_is_a_point() -> None:
    drawn = points(MODELS, TARGETS, (5, 10, 50))
    figure = shots_figure(drawn).to_dict()
    assert (figure["facet"]["row"]["sort"], figure["facet"]["column"]["sort"]) == (list(MODELS), list(TARGETS))
    marks = rows(figure, named=False)
    assert len(marks) == len(MODELS) * len(TARGETS) * 3 * len(TRUTHS)
    assert {row["per_class"] for row in marks} == {5.0, 10.0, 50.0}
    assert all(row["low"] < row["y"] < row["high"] for row in marks)
    assert {row["strategy"] for row in marks if row["dashed"]} == {"random_features", "pixels"}
    x = figure["spec"]["layer"][1]["encoding"]["x"]
    assert x["scale"]["type"] == "log"
    assert x["axis"]["values"] == [5.0, 10.0, 50.0]


def test_labels_stand_behind_the_lines_and_never_on_each_other() -> None:
    figure = shots_figure(points(MODELS, TARGETS, (5, 10, 50))).to_dict()
    names = rows(figure, named=True)
    assert len(names) == len(MODELS) * len(TARGETS) * len(TRUTHS)
    low, high = figure["spec"]["layer"][1]["encoding"]["y"]["scale"]["domain"]
    for panel in {row["panel"] for row in names}:
        places = sorted(HEIGHT * (row["y"] - low) / (high - low) for row in names if row["panel"] == panel)
        assert min(b - a for a, b in pairwise(places)) >= GAP - 1e-6
        assert places[0] >= GAP / 2 - 1e-6
        assert places[-1] <= HEIGHT - GAP / 2 + 1e-6
    assert {row["per_class"] > 50 for row in names} == {True}


def test_many_targets_and_many_models_of_one_follow_each_other() -> None:
    for models, targets in ((MODELS[:2], (*TARGETS, "gratings")), (MODELS, TARGETS[:1])):
        figure = shots_figure(points(models, targets, (5, 50))).to_dict()
        assert figure["columns"] == 3
        assert figure["facet"]["sort"] == [f"{task}, {model}" for model in models for task in targets]


@pytest.mark.parametrize(
    ("shots", "notes", "enough"),
    [((10,), {}, False), ((5, 10), {}, True), ((10, "all"), {}, False), ((10, "all"), {"train_images": 900}, True)],
)
def test_it_takes_two_numbers_of_images(shots: tuple[int | str, ...], notes: dict[str, int], enough: bool) -> None:
    drawn = points(("resnet18",), ("digits",), shots, notes=notes)
    assert is_over_shots(drawn) is enough
    if notes:
        figure = shots_figure(drawn).to_dict()
        assert {row["per_class"] for row in rows(figure, named=False)} == {10.0, 90.0}


def test_nothing_measured_is_no_figure() -> None:
    assert not is_over_shots([])
