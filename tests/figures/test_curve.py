"""Throughput over batch: a line a model, its knee marked, what did not run a cross, names at the right."""

from __future__ import annotations

import math
from itertools import pairwise
from typing import Any

from tests.results.planted import cost
from zoo.figures.curve import GAP, MOST, Curve, curve_figure, curves_of
from zoo.figures.style import HEIGHT, PALETTE
from zoo.outcome import Status
from zoo.results.record import Record
from zoo.results.view import Results

LEVEL = (100.0, 180.0, 300.0, 304.0, 300.0)


def curve(model: str, *rates: float | None, **changed: Any) -> list[Record]:
    """Records at 1, 2, 4 and so on; None ran out of memory."""
    return [
        cost(
            model,
            1000 * 2**place / (rate or 1.0),
            spread=0.003,
            metric="throughput",
            batch=2**place,
            status=Status.OOM if rate is None else Status.OK,
            **changed,
        )
        for place, rate in enumerate(rates)
    ]


def only(records: list[Record]) -> list[Curve]:
    (curves,) = curves_of(Results(records)).values()
    return curves


def rows(figure: dict[str, Any], kind: str) -> list[dict[str, Any]]:
    return [row for row in figure["data"]["values"] if row["kind"] == kind]


def test_three_batches_make_a_curve_and_two_do_not() -> None:
    records = [*curve("resnet18", 100, 200, 300), *curve("vgg16", 10, 20)]
    (found,) = only(records)
    assert found.model == "torchvision/resnet18.random"
    assert [point.batch for point in found.points] == [1, 2, 4]
    assert curves_of(Results(curve("vgg16", 10, 20))) == {}
    assert curves_of(Results([cost("resnet18", 20.0, batch=batch) for batch in (1, 2, 4)])) == {}
    # Of what never ran there is nothing to draw.
    assert curves_of(Results(curve("vgg16", None, None, None))) == {}


def test_settings_and_machines_have_curves_apart_and_sizes_are_told() -> None:
    records = (
        curve("resnet18", *LEVEL) + curve("resnet18", *LEVEL, threads=2) + curve("resnet18", *LEVEL, machine="m2")
    )
    assert len(curves_of(Results(records))) == 3
    sizes = curve("resnet18", *LEVEL) + curve("resnet18", *LEVEL, input_size=[3, 64, 64])
    assert {one.model for one in only(sizes)} == {
        "torchvision/resnet18.random at 224 px",
        "torchvision/resnet18.random at 64 px",
    }


def test_the_halves_of_a_pair_are_not_two_points() -> None:
    (found,) = only(curve("resnet18", *LEVEL) + curve("resnet18", *LEVEL, replica=1))
    assert [row.settings.replica for row in found.rows] == [0] * 5


def test_every_batch_is_drawn_with_its_interval_and_one_is_the_knee() -> None:
    figure = curve_figure(only(curve("resnet18", *LEVEL) + curve("vgg16", 10, 12, None))).to_dict()
    marks = rows(figure, "point")
    assert [(row["model"], row["batch"]) for row in marks if row["knee"]] == [
        ("torchvision/resnet18.random", 4),
        ("torchvision/vgg16.random", 2),
    ]
    assert len(marks) == 7
    assert all(row["low"] <= row["rate"] <= row["high"] for row in marks)
    (cross,) = rows(figure, "missing")
    assert (cross["model"], cross["batch"]) == ("torchvision/vgg16.random", 4)
    encoding = figure["layer"][1]["encoding"]
    assert (encoding["x"]["scale"]["type"], encoding["x"]["scale"]["base"]) == ("log", 2)
    assert encoding["x"]["axis"]["values"] == [1, 2, 4, 8, 16]
    low, high = encoding["y"]["scale"]["domain"]
    assert all(low < row["low"] <= row["high"] < high for row in marks)
    assert all(low <= tick <= high for tick in encoding["y"]["axis"]["values"])


def test_names_stand_behind_the_lines_and_never_on_each_other() -> None:
    records = [record for place in range(MOST) for record in curve(f"timm/net_{place}", *LEVEL, seed=place)]
    figure = curve_figure(only(records)).to_dict()
    names = rows(figure, "name")
    assert len(names) == MOST
    assert min(row["batch"] for row in names) > 16
    places = sorted(_pixels(figure, row["rate"]) for row in names)
    assert min(b - a for a, b in pairwise(places)) >= GAP - 1e-6
    assert places[0] >= 0
    assert places[-1] <= HEIGHT


def test_of_more_lines_than_colours_the_others_are_dashed() -> None:
    count = len(PALETTE) + 2
    records = [r for place in range(count) for r in curve(f"timm/net_{place}", *(v * 2**place for v in LEVEL))]
    figure = curve_figure(only(records)).to_dict()
    dashed = {row["model"] for row in rows(figure, "line") if row["dashed"]}
    assert dashed == {"timm/net_0.random", "timm/net_1.random"}  # the slowest
    scale = figure["layer"][1]["encoding"]["color"]["scale"]
    assert scale["range"][: len(PALETTE)] == PALETTE
    assert len({*zip(scale["range"], [name in dashed for name in scale["domain"]], strict=True)}) == count


def _pixels(figure: dict[str, Any], rate: float) -> float:
    low, high = (math.log(end) for end in figure["layer"][1]["encoding"]["y"]["scale"]["domain"])
    return HEIGHT * (1 - (math.log(rate) - low) / (high - low))
