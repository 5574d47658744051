"""The figure of accuracy over the number of training images a class."""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING, Any

from zoo.figures.labels import Axis, spread_out
from zoo.figures.panels import Panels, room_for
from zoo.figures.style import PALETTE, styled
from zoo.regimes.strategies import find_strategy, in_order

if TYPE_CHECKING:
    from collections.abc import Sequence

    from zoo.figures.regimes import RegimePoint


FEWEST = 2
"""Numbers of images a class under which there is no line."""

HEIGHT = 170
"""Of a panel, in pixels."""

SHARE, AWAY = 0.55, 7
"""Most of a panel that the names of its lines take, and how far they stand from the lines, in pixels."""

GAP, SIZE = 12.5, 11
"""Height of a line of labels, and of their letters, in pixels."""

SOLID, DASHED = [1, 0], [4, 3]


def is_over_shots(points: Sequence[RegimePoint]) -> bool:
    """Whether any model has two numbers of images a class on one task."""
    counts: dict[tuple[str, str, str], set[float]] = {}
    for point in points:
        if point.per_class is not None:
            counts.setdefault((point.model, point.task, point.strategy), set()).add(point.per_class)
    return any(len(found) >= FEWEST for found in counts.values())


def shots_figure(points: Sequence[RegimePoint]) -> Any:
    """Draw accuracy over images a class, a line a strategy, with its interval.

    One row of panels a model, one column a task. Each line is named at its right end.

    Parameters
    ----------
    points : sequence of RegimePoint
        As :func:`zoo.figures.regimes.regime_points` gives them.
    """
    import altair as alt

    drawn = [point for point in points if point.per_class is not None]
    order = in_order(point.strategy for point in drawn)
    panels = Panels.of(drawn, "task", "model", HEIGHT)
    room = room_for(order, SHARE * panels.width)
    across, up = _axes(drawn, panels.width, room + AWAY)
    values = [
        asdict(point) | {"dashed": _is_control(point.strategy), "panel": panels.title(point)} for point in drawn
    ]
    base = alt.Chart(
        alt.Data(values=values + _labels(panels, drawn, order, up, across.to_value(panels.width - room)))
    )
    ticks = sorted({point.per_class for point in drawn if point.per_class is not None})
    x = alt.X(
        "per_class:Q",
        title="training images a class",
        scale=alt.Scale(type="log", domain=[across.low, across.high], nice=False),
        axis=alt.Axis(values=ticks, format=".0f", grid=False),
    )
    scale = alt.Scale(domain=[up.low, up.high], nice=False, zero=False)
    y = alt.Y("y:Q", title="top-1, %", scale=scale, axis=alt.Axis(tickCount=5))
    palette = [PALETTE[place % len(PALETTE)] for place in range(len(order))]
    colour = alt.Color("strategy:N", sort=order, scale=alt.Scale(domain=order, range=palette), legend=None)
    dash = alt.StrokeDash("dashed:N", scale=alt.Scale(domain=[False, True], range=[SOLID, DASHED]), legend=None)
    marks = base.transform_filter("!isValid(datum.label)")
    text = base.transform_filter("isValid(datum.label)").mark_text(
        align="left", baseline="middle", fontSize=SIZE, limit=room
    )
    panel = alt.layer(
        marks.mark_area(opacity=0.13).encode(x, alt.Y("low:Q"), alt.Y2("high:Q"), colour),
        marks.mark_line(strokeWidth=1.8).encode(x, y, colour, dash),
        marks.mark_point(filled=True, size=26, opacity=1).encode(x, y, colour),
        text.encode(x, y, colour, text="label:N"),
    )
    return styled(panels.repeat(panel))


def _is_control(name: str) -> bool:
    strategy = find_strategy(name)
    return strategy is not None and strategy.control


def _axes(points: Sequence[RegimePoint], width: int, room: float) -> tuple[Axis, Axis]:
    """Both axes, the first with room for labels behind the largest number."""
    counts = [point.per_class for point in points if point.per_class is not None]
    low, high = min(counts) / 1.15, max(counts)
    across = Axis(low, low * (high / low) ** (width / (width - room)), width, log=True)
    bottom = max(0.0, 10 * (min(point.low for point in points) // 10))
    return across, Axis(bottom, 100.0, HEIGHT, upward=True)


def _labels(
    panels: Panels, points: Sequence[RegimePoint], order: list[str], up: Axis, x: float
) -> list[dict[str, Any]]:
    """The names of the lines of each panel, beside their last points."""
    lasts: dict[str, dict[str, RegimePoint]] = {}
    for point in sorted(points, key=lambda point: point.per_class or 0.0):
        lasts.setdefault(panels.title(point), {})[point.strategy] = point
    found = []
    for last in lasts.values():
        ends = sorted(last.values(), key=lambda point: order.index(point.strategy))
        places = spread_out([up.to_pixels(point.y) for point in ends], GAP, up.pixels)
        found += [
            {"model": point.model, "task": point.task, "panel": panels.title(point), "strategy": point.strategy}
            | {"label": point.strategy, "per_class": x, "y": up.to_value(place)}
            for point, place in zip(ends, places, strict=True)
        ]
    return found
