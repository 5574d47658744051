"""Places of labels beside the points of a figure, off all that is drawn."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence


LETTER, LINE = 7.2, 15.0
"""Width of a letter and height of a line at 13 pixels, the size of the labels."""

MARK = 7.0
"""Half the side of the square that a point's mark takes."""

PLACES = (
    ("left", 9, -10), ("left", 9, 11), ("right", -9, -10), ("right", -9, 11), ("center", 0, -19), ("center", 0, 20),
    ("left", 9, -25), ("left", 9, 26), ("right", -9, -25), ("right", -9, 26), ("center", 0, -34), ("center", 0, 35),
    ("left", 9, -40), ("left", 9, 41), ("right", -9, -40), ("right", -9, 41),
)  # fmt: skip
"""Alignment and offset in pixels of the middle of a label's line from its point, the preferred first."""

ON_LABEL, ON_MARK, ON_BAR = 10.0, 5.0, 1.0
"""How bad it is to cover a pixel of each."""

Box = tuple[float, float, float, float]
"""Left, top, right and bottom in pixels."""


@dataclass(frozen=True)
class Axis:
    """From data to pixels and back.

    Attributes
    ----------
    low, high : float
        Ends of the domain.
    pixels : float
        Length of the axis.
    log, upward : bool
        Logarithmic; growing against the pixels, as a vertical axis does.
    """

    low: float
    high: float
    pixels: float
    log: bool = False
    upward: bool = False

    def to_pixels(self, value: float) -> float:
        """Place of a value."""
        low, high, v = (math.log(x) if self.log else x for x in (self.low, self.high, value))
        share = (v - low) / (high - low)
        return self.pixels * (1 - share if self.upward else share)

    def to_value(self, place: float) -> float:
        """Value at a place."""
        share = place / self.pixels
        share = 1 - share if self.upward else share
        low, high = (math.log(x) if self.log else x for x in (self.low, self.high))
        value = low + share * (high - low)
        return math.exp(value) if self.log else value


@dataclass(frozen=True)
class Point:
    """A labelled point with its bars, in data.

    Attributes
    ----------
    x, y : float
    x_low, x_high, y_low, y_high : float
        Ends of the bars.
    """

    text: str
    x: float
    y: float
    x_low: float
    x_high: float
    y_low: float
    y_high: float


class _Taken:
    """What is drawn already, found by the strips of a line's height that it touches."""

    def __init__(self) -> None:
        self._boxes: list[tuple[Box, float]] = []
        self._strips: dict[int, list[int]] = {}

    def add(self, box: Box, weight: float) -> None:
        """Take what is drawn in a box, and how bad it is to cover a pixel of it."""
        for strip in self._touched(box):
            self._strips.setdefault(strip, []).append(len(self._boxes))
        self._boxes.append((box, weight))

    def near(self, box: Box) -> list[tuple[Box, float]]:
        """What may share an area with a box, in the order in which it came."""
        found = {number for strip in self._touched(box) for number in self._strips.get(strip, ())}
        return [self._boxes[number] for number in sorted(found)]

    @staticmethod
    def _touched(box: Box) -> range:
        return range(int(box[1] // LINE), int(box[3] // LINE) + 1)


def place_labels(points: Sequence[Point], x: Axis, y: Axis) -> list[tuple[str, float, float]]:
    """Alignment and anchor, in data, of each point's label.

    Labels are placed from the most crowded point on; each takes the first of :data:`PLACES` that covers the
    least of what is there already.
    """
    marks = [_mark(point, x, y) for point in points]
    taken = _Taken()
    for boxes in marks:
        for box, weight in zip(boxes, (ON_MARK, ON_BAR, ON_BAR), strict=True):
            taken.add(box, weight)
    pixels = [(x.to_pixels(point.x), y.to_pixels(point.y)) for point in points]
    order = sorted(range(len(points)), key=lambda i: _room(i, pixels))
    found: dict[int, tuple[str, float, float]] = {}
    for index in order:
        point = points[index]
        left, top = x.to_pixels(point.x), y.to_pixels(point.y)
        choices = [(align, left + dx, top + dy) for align, dx, dy in PLACES]
        best = min(choices, key=lambda choice: _cost(_label(point.text, *choice), taken, x, y))
        taken.add(_label(point.text, *best), ON_LABEL)
        found[index] = best[0], x.to_value(best[1]), y.to_value(best[2])
    return [found[index] for index in range(len(points))]


def spread_out(places: Sequence[float], gap: float, most: float) -> list[float]:
    """Places at least a gap apart, in their order, moved as little as can be.

    Least squares under that order, by pooling neighbours that would overlap. All stay half a gap within 0 and
    ``most``; where there is no room for them, the gap gives way.

    Parameters
    ----------
    places : sequence of float
        In pixels, in any order.
    gap, most : float
    """
    if not places:
        return []
    gap = min(gap, most / len(places))
    order = sorted(range(len(places)), key=lambda i: places[i])
    # Less the gaps before it, each place only has to be no smaller than the one before.
    pools: list[tuple[float, int]] = []
    for rank, index in enumerate(order):
        total, count = places[index] - rank * gap, 1
        while pools and pools[-1][0] / pools[-1][1] > total / count:
            total, count = total + pools[-1][0], count + pools[-1][1]
            pools.pop()
        pools.append((total, count))
    last = most - (len(places) - 0.5) * gap
    level = [max(gap / 2, min(last, total / count)) for total, count in pools for _ in range(count)]
    found = dict(zip(order, (value + rank * gap for rank, value in enumerate(level)), strict=True))
    return [found[index] for index in range(len(places))]


def _mark(point: Point, x: Axis, y: Axis) -> list[Box]:
    """The mark and the two bars of a point."""
    left, top = x.to_pixels(point.x), y.to_pixels(point.y)
    return [
        (left - MARK, top - MARK, left + MARK, top + MARK),
        (left - 2, y.to_pixels(point.y_high), left + 2, y.to_pixels(point.y_low)),
        (x.to_pixels(point.x_low), top - 2, x.to_pixels(point.x_high), top + 2),
    ]


def _label(text: str, align: str, left: float, top: float) -> Box:
    width = LETTER * len(text)
    start = {"left": left, "right": left - width, "center": left - width / 2}[align]
    return start, top - LINE / 2, start + width, top + LINE / 2


def _cost(label: Box, taken: _Taken, x: Axis, y: Axis) -> float:
    outside = (label[2] - label[0]) * LINE - _shared(label, (0.0, 0.0, x.pixels, y.pixels))
    return sum(weight * _shared(label, box) for box, weight in taken.near(label)) + 20 * outside


def _shared(a: Box, b: Box) -> float:
    """Area that two boxes have in common."""
    width = min(a[2], b[2]) - max(a[0], b[0])
    height = min(a[3], b[3]) - max(a[1], b[1])
    return max(0.0, width) * max(0.0, height)


def _room(index: int, pixels: Sequence[tuple[float, float]]) -> float:
    """Distance in pixels to the nearest other point."""
    here = pixels[index]
    return min((math.dist(here, other) for place, other in enumerate(pixels) if place != index), default=math.inf)
