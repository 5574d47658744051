"""Labels of a figure lie beside their points, in the plot, and on nothing that is there."""

from __future__ import annotations

from itertools import combinations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.optimize import minimize

from zoo.figures.labels import LETTER, LINE, Axis, Point, place_labels, spread_out

X, Y = Axis(8, 125, 720, log=True), Axis(65, 100, 380, upward=True)


def boxes(points: list[Point]) -> list[tuple[float, float, float, float]]:
    found = []
    for point, (align, x, y) in zip(points, place_labels(points, X, Y), strict=True):
        width = LETTER * len(point.text)
        left = X.to_pixels(x) - {"left": 0, "center": width / 2, "right": width}[align]
        found.append((left, Y.to_pixels(y) - LINE / 2, left + width, Y.to_pixels(y) + LINE / 2))
    return found


def overlap(a: tuple[float, ...], b: tuple[float, ...]) -> bool:
    return min(a[2], b[2]) - max(a[0], b[0]) > 0.01 and min(a[3], b[3]) - max(a[1], b[1]) > 0.01


def point(text: str, x: float, y: float) -> Point:
    return Point(text, x, y, 0.99 * x, 1.01 * x, y - 3, y + 3)


def test_crowded_points_have_labels_apart() -> None:
    points = [
        point("mobilenet_v2 (full)", 9.4, 75.2),
        point("squeezenet1_0 (classifier)", 13.5, 76.3),
        point("alexnet (full)", 13.9, 77.6),
        point("resnet18 (full)", 14.2, 89.5),
        point("densenet161 (full)", 60.8, 89.9),
        point("vgg16 (full)", 97.0, 80.1),
    ]
    found = boxes(points)
    assert not any(overlap(a, b) for a, b in combinations(found, 2))
    marks = [(X.to_pixels(p.x) - 5, Y.to_pixels(p.y) - 5, X.to_pixels(p.x) + 5, Y.to_pixels(p.y) + 5) for p in points]
    assert not any(overlap(label, mark) for label in found for mark in marks)
    assert all(left >= 0 and right <= 720 and top >= 0 and bottom <= 380 for left, top, right, bottom in found)


def test_a_point_alone_has_its_label_to_the_upper_right() -> None:
    ((align, x, y),) = place_labels([point("one", 30, 80)], X, Y)
    assert align == "left"
    assert x > 30
    assert y > 80


@given(st.floats(8, 125), st.booleans(), st.booleans())
def test_pixels_and_values_are_each_others_inverse(value: float, log: bool, upward: bool) -> None:
    axis = Axis(8, 125, 500, log=log, upward=upward)
    assert axis.to_value(axis.to_pixels(value)) == pytest.approx(value)


@pytest.mark.parametrize("seed", range(10))
def test_labels_of_one_column_keep_apart_and_move_as_little_as_can_be(seed: int) -> None:
    """Held against SciPy's quadratic programme of the same order."""
    rng = np.random.default_rng(seed)
    places, gap, most = rng.uniform(20, 180, 7).tolist(), 12.0, 200.0
    found = spread_out(places, gap, most)
    order = np.argsort(places)
    known = minimize(
        lambda moved: float(((moved - np.sort(places)) ** 2).sum()), np.linspace(10, 190, 7), method="SLSQP",
        jac=lambda moved: 2 * (moved - np.sort(places)), bounds=[(gap / 2, most - gap / 2)] * 7,
        constraints={"type": "ineq", "fun": lambda moved: np.diff(moved) - gap},
    )  # fmt: skip
    assert np.array(found)[order] == pytest.approx(known.x, abs=0.01)


def test_labels_without_room_share_what_there_is() -> None:
    assert spread_out([5.0] * 4, 12.0, 20.0) == pytest.approx([2.5, 7.5, 12.5, 17.5])
    assert spread_out([], 12.0, 20.0) == []
    assert spread_out([1.0], 12.0, 200.0) == [6.0]
