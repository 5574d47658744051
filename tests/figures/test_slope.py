"""Slopes from the classifier to training everything, coloured by whether the difference is resolved."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import pytest

from tests.advice.planted import cell
from zoo.advice.rule import cells
from zoo.figures.slope import COLOURS, GAP, HEIGHT, Slope, slope_figure, slopes
from zoo.results.record import Record
from zoo.results.view import Results

TRUTHS = {"resnet18": (0.4, 0.8), "vgg16": (0.8, 0.5), "alexnet": (0.6, 0.6)}


def suite(targets: tuple[str, ...] = ("digits",), shots: tuple[int, ...] = (10,)) -> list[Record]:
    rng = np.random.default_rng(0)
    return [
        record
        for task in targets for count in shots for model, (frozen, tuned) in TRUTHS.items()
        for record in cell(rng, {"classifier": frozen, "full": tuned}, count, task, model)
    ]  # fmt: skip


def drawn(records: list[Record]) -> list[Slope]:
    return slopes(cells(Results(records)))


def test_a_slope_is_up_down_or_unresolved() -> None:
    found = {slope.model: slope for slope in drawn(suite())}
    assert {model: slope.verdict for model, slope in found.items()} == {
        "resnet18": "full is better", "vgg16": "classifier is better", "alexnet": "unresolved",
    }  # fmt: skip
    assert found["resnet18"].classifier == pytest.approx(40, abs=6)
    assert found["resnet18"].full == pytest.approx(80, abs=6)


def test_equal_within_a_point_is_no_slope_down() -> None:
    rng, records = np.random.default_rng(0), []
    for model in ("resnet18", "vgg16"):
        for name in ("classifier", "full"):
            records += cell(rng, {name: 1.0}, model=model)
    (one, _) = cells(Results(records))
    assert one.supported == "classifier"
    assert {slope.verdict for slope in drawn(records)} == {"unresolved"}


def test_it_takes_two_models() -> None:
    assert drawn([record for record in suite() if record.trial.model == "torchvision/resnet18"]) == []
    assert drawn([]) == []


def test_panels_are_targets_by_numbers_of_images_and_labels_keep_apart() -> None:
    figure = slope_figure(drawn(suite(("digits", "gratings"), (5, 50)))).to_dict()
    facet = figure["facet"]
    assert facet["column"]["sort"] == ["digits", "gratings"]
    assert facet["row"]["sort"] == ["5 images a class", "50 images a class"]
    rows = figure["data"]["values"]
    names = [row for row in rows if row["label"]]
    assert len(names) == 2 * 2 * len(TRUTHS)
    marks = [row for row in rows if not row["label"] and not row["thread"]]
    assert len(marks) == 2 * len(names)
    encoding = figure["spec"]["layer"][1]["encoding"]
    assert encoding["color"]["scale"] == {"domain": list(COLOURS), "range": list(COLOURS.values())}
    low, high = encoding["y"]["scale"]["domain"]
    for panel in {row["panel"] for row in names}:
        places = sorted(HEIGHT * (row["y"] - low) / (high - low) for row in names if row["panel"] == panel)
        assert min(b - a for a, b in pairwise(places)) >= GAP - 1e-6


def test_weights_are_named_where_a_model_has_several() -> None:
    rng = np.random.default_rng(0)
    truths = {"classifier": 0.5, "full": 0.7}
    records = [record for tag in ("letters-am", "packaged") for record in cell(rng, truths, weights=tag)]
    assert [slope.model for slope in drawn(records)] == ["resnet18.letters-am", "resnet18.packaged"]
