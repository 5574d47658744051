"""The chart's description, as the script fills it in: scales, ends, titles, points."""

from __future__ import annotations

from typing import Any

import pytest

from tests.results.planted import a_suite
from tests.webpage.script import run
from zoo.candidates.candidates import find_candidates
from zoo.results.view import Results
from zoo.webpage.chart import bundle, chart
from zoo.webpage.data import page_data


@pytest.fixture(scope="module")
def data() -> dict[str, Any]:
    return page_data(*find_candidates(Results(a_suite())))


def filled(data: dict[str, Any], x: str, y: str) -> dict[str, Any]:
    of = {one["name"]: one for one in data["quantities"]}
    script = "chart.described(empty, chart.points(data, x, y), x, y)"
    found: dict[str, Any] = run(script, data=data, empty=chart(data["groups"]), x=of[x], y=of[y])
    return found


def test_points_are_in_the_units_that_tables_have(data: dict[str, Any]) -> None:
    points = {one["model"].split("/")[1]: one for one in filled(data, "params", "accuracy")["datasets"]["points"]}
    assert set(points) == {"resnet18.letters-am", "squeezenet1_0.letters-am"}
    one = points["resnet18.letters-am"]
    assert one["x"] == one["x_low"] == one["x_high"] == pytest.approx(11.68, abs=0.02)
    assert one["y"] == pytest.approx(81.0)
    assert one["y_low"] < one["y"] < one["y_high"]
    assert one["up"] == "accuracy 81.0 [77.9, 84.1] % (full)"
    assert data["models"][one["place"]]["name"] == one["model"]


def test_axes_are_logarithmic_where_that_shows_more_and_say_which_way_is_better(data: dict[str, Any]) -> None:
    for x, y, kinds in (("latency", "params", ("log", "log")), ("latency", "accuracy", ("linear", "linear"))):
        spec = filled(data, x, y)
        for layer in spec["layer"]:
            scales = tuple(layer["encoding"][channel]["scale"]["type"] for channel in ("x", "y"))
            assert scales == kinds
            low, high = layer["encoding"]["x"]["scale"]["domain"]
            points = spec["datasets"]["points"]
            assert low == min(one["x_low"] for one in points)
            assert high == max(one["x_high"] for one in points)
    titles = {layer["encoding"]["y"]["title"] for layer in spec["layer"]}
    assert titles == {"accuracy, % (better: up)"}
    assert {layer["encoding"]["x"]["title"] for layer in spec["layer"]} == {"latency, ms (better: left)"}


def test_one_point_and_none_have_axes(data: dict[str, Any]) -> None:
    one = data | {"models": data["models"][:1]}
    low, high = filled(one, "params", "macs")["layer"][0]["encoding"]["x"]["scale"]["domain"]
    assert low < high
    spec = filled(data | {"models": []}, "params", "macs")
    assert spec["layer"][0]["encoding"]["x"]["scale"]["domain"] == [0, 1]


def test_the_description_is_one_that_vega_draws(data: dict[str, Any]) -> None:
    import vl_convert

    spec = filled(data, "latency", "accuracy")
    drawn = vl_convert.vegalite_to_svg(spec | {"width": 600})
    assert "latency, ms (better: left)" in drawn
    assert drawn.count('aria-roledescription="point"') == 2


def test_the_bundle_is_whole_and_asks_nothing() -> None:
    script = bundle()
    assert len(script) > 500_000
    assert "vegaEmbed" in script
    assert bundle() is script
