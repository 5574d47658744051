"""The figure of accuracy against latency, with the Pareto frontier."""

from __future__ import annotations

from dataclasses import asdict, dataclass, replace
from typing import TYPE_CHECKING, Any

from zoo.figures.labels import Axis, Point, place_labels
from zoo.figures.style import DOMINATED, FRONTIER, HEIGHT, WIDTH, styled
from zoo.statistics.frontier import pareto_frontier
from zoo.statistics.quantity import ACCURACY, PARAMS

if TYPE_CHECKING:
    from collections.abc import Sequence

    from zoo.candidates.candidate import Candidate

LABELLED = 40
"""Of more points than these those on the frontier alone have labels, and all are small."""


@dataclass(frozen=True)
class FrontierPoint:
    """A candidate as it is drawn.

    Attributes
    ----------
    model : str
        Its label: without the source, with the regime of its accuracy.
    latency, latency_low, latency_high : float
        Milliseconds.
    y, y_low, y_high : float
        Accuracy in percent, or parameters in millions.
    frontier : bool
        Whether no other is better in both.
    """

    model: str
    latency: float
    latency_low: float
    latency_high: float
    y: float
    y_low: float
    y_high: float
    frontier: bool = False


def is_accurate(candidates: Sequence[Candidate]) -> bool:
    """Whether any candidate has both a latency and an accuracy."""
    return any(c.latency is not None and c.accuracy is not None for c in candidates)


def frontier_points(candidates: Sequence[Candidate]) -> list[FrontierPoint]:
    """Candidates with a latency as points.

    The vertical axis is accuracy, or parameters, of which fewer are better, where no candidate has an accuracy.
    """
    timed = [c for c in candidates if c.latency is not None]
    accurate = is_accurate(candidates)
    drawn = [_drawn(c) for c in timed if (c.accuracy if accurate else c.params) is not None]
    vertical = ACCURACY if accurate else PARAMS
    front = set(pareto_frontier([(point.latency, -vertical.rank(point.y)) for point in drawn]))
    return [replace(point, frontier=place in front) for place, point in enumerate(drawn)]


def _drawn(candidate: Candidate) -> FrontierPoint:
    latency, accuracy, params = candidate.latency, candidate.accuracy, candidate.params
    assert latency is not None
    label = candidate.model.rpartition("/")[2]
    across = (latency.value, latency.low or latency.value, latency.high or latency.value)
    if accuracy is None:
        assert params is not None
        millions = params / 1e6
        return FrontierPoint(label, *across, millions, millions, millions)
    low, high = (accuracy.value if end is None else end for end in (accuracy.low, accuracy.high))
    up = (accuracy.value * 100, 100 * low, 100 * high)
    return FrontierPoint(f"{label} ({candidate.strategy})", *across, *up)


def frontier_figure(points: Sequence[FrontierPoint], setting: str, cell: str, *, accurate: bool) -> Any:
    """Draw accuracy against latency, with the Pareto frontier and intervals.

    Parameters
    ----------
    points : sequence of FrontierPoint
        At least one.
    setting, cell : str
        Of the latencies and of the accuracies, for the titles of the axes.
    accurate : bool
        Whether the vertical axis is accuracy.
    """
    import altair as alt

    title = f"top-1 on {cell}, % (better: up)" if accurate else "parameters, millions (better: down)"
    across, up = _axes(points, accurate)
    crowded = len(points) > LABELLED
    named = [point for point in points if point.frontier] if crowded else points
    labels = place_labels([_point(point) for point in named], across, up)
    rows = [
        asdict(point) | {"align": align, "label_x": left, "label_y": top}
        for point, (align, left, top) in zip(named, labels, strict=True)
    ]
    if crowded:  # first, so that they lie under the frontier
        rows = [asdict(point) for point in points if not point.frontier] + rows
    x = alt.X(
        "latency:Q",
        title=f"{setting}, ms (better: left)",
        scale=alt.Scale(type="log", domain=[across.low, across.high], nice=False),
    )
    kind = "linear" if accurate else "log"
    y = alt.Y("y:Q", title=title, scale=alt.Scale(type=kind, domain=[up.low, up.high], nice=False, zero=False))
    base = alt.Chart(alt.Data(values=rows))
    colour = alt.condition("datum.frontier", alt.value(FRONTIER), alt.value(DOMINATED))
    bars = base.mark_rule(strokeWidth=1.5)
    layers = [
        base.transform_filter("datum.frontier")
        .mark_line(interpolate="step-after", color=FRONTIER, strokeDash=[4, 3], strokeWidth=1.5)
        .encode(x, y),
        bars.encode(alt.X("latency_low:Q"), alt.X2("latency_high:Q"), y, color=colour),
        bars.encode(x, alt.Y("y_low:Q"), alt.Y2("y_high:Q"), color=colour),
        base.mark_point(filled=True, size=25 if crowded else 90, opacity=1).encode(
            x,
            y,
            color=colour,
            shape=alt.condition("datum.frontier", alt.value("circle"), alt.value("square")),
        ),
    ]
    for align in dict.fromkeys(align for align, *_ in labels):
        text = base.transform_filter(f"datum.align == '{align}'").mark_text(
            align=align, baseline="middle", fontSize=13
        )
        layers.append(text.encode(alt.X("label_x:Q"), alt.Y("label_y:Q"), text="model:N", color=colour))
    return styled(alt.layer(*layers).properties(width=WIDTH, height=HEIGHT))


def _axes(points: Sequence[FrontierPoint], accurate: bool) -> tuple[Axis, Axis]:
    """Both axes with room for labels."""
    low, high = min(point.latency_low for point in points), max(point.latency_high for point in points)
    across = Axis(low * 0.8, high * 1.3, WIDTH, log=True)
    bottom, top = min(point.y_low for point in points), max(point.y_high for point in points)
    if not accurate:
        return across, Axis(bottom * 0.7, top * 1.5, HEIGHT, log=True, upward=True)
    margin = max(0.08 * (top - bottom), 2.0)
    return across, Axis(max(0.0, bottom - margin), min(100.0, top + margin), HEIGHT, upward=True)


def _point(point: FrontierPoint) -> Point:
    bars = (point.latency_low, point.latency_high, point.y_low, point.y_high)
    return Point(point.model, point.latency, point.y, *bars)
