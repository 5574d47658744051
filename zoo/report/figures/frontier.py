"""The figure of accuracy against latency, with the Pareto frontier."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from zoo.report.figures.labels import Axis, Point, place_labels
from zoo.report.figures.style import DOMINATED, FRONTIER, HEIGHT, WIDTH, styled
from zoo.statistics.frontier import pareto_frontier

if TYPE_CHECKING:
    import altair as alt

    from zoo.choice.candidates import Candidate


def points(candidates: list[Candidate]) -> list[dict[str, Any]]:
    """Candidates with a latency, as rows of a figure; accuracy in percent where it was measured.

    Where no candidate has an accuracy the vertical axis is parameters in millions, and less is better.
    """
    timed = [c for c in candidates if c.latency is not None]
    accurate = [c for c in timed if c.accuracy is not None]
    rows = []
    for candidate in accurate or timed:
        assert candidate.latency is not None
        row: dict[str, Any] = {
            "model": candidate.model.rpartition("/")[2],
            "latency": candidate.latency.value,
            "latency_low": candidate.latency.low or candidate.latency.value,
            "latency_high": candidate.latency.high or candidate.latency.value,
        }
        if candidate.accuracy is not None:
            accuracy = candidate.accuracy
            row["y"] = accuracy.value * 100
            row["y_low"] = 100 * (accuracy.value if accuracy.low is None else accuracy.low)
            row["y_high"] = 100 * (accuracy.value if accuracy.high is None else accuracy.high)
            row["model"] += f" ({candidate.strategy})"
        elif candidate.params is not None:
            row["y"] = row["y_low"] = row["y_high"] = candidate.params / 1e6
        else:
            continue
        rows.append(row)
    better = 1 if accurate else -1
    front = set(pareto_frontier([(row["latency"], better * row["y"]) for row in rows]))
    for index, row in enumerate(rows):
        row["frontier"] = index in front
    return rows


def frontier_figure(candidates: list[Candidate], setting: str, cell: str) -> alt.LayerChart | None:
    """Accuracy against latency with error bars, the Pareto frontier drawn; None without a latency."""
    import altair as alt

    rows = points(candidates)
    if not rows:
        return None
    accurate = any(c.latency is not None and c.accuracy is not None for c in candidates)
    title = f"top-1 on {cell}, % (better: up)" if accurate else "parameters, millions (better: down)"
    across, up = _axes(rows, accurate)
    for row, (align, left, top) in zip(rows, place_labels([_point(row) for row in rows], across, up), strict=True):
        row |= {"align": align, "label_x": left, "label_y": top}
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
        base.mark_point(filled=True, size=90, opacity=1).encode(
            x,
            y,
            color=colour,
            shape=alt.condition("datum.frontier", alt.value("circle"), alt.value("square")),
        ),
    ]
    for align in dict.fromkeys(row["align"] for row in rows):
        text = base.transform_filter(f"datum.align == '{align}'").mark_text(
            align=align, baseline="middle", fontSize=13
        )
        layers.append(text.encode(alt.X("label_x:Q"), alt.Y("label_y:Q"), text="model:N", color=colour))
    return styled(alt.layer(*layers).properties(width=WIDTH, height=HEIGHT))


def _axes(rows: list[dict[str, Any]], accurate: bool) -> tuple[Axis, Axis]:
    """Both axes with room for labels; an accuracy ends at 100%."""
    low, high = min(row["latency_low"] for row in rows), max(row["latency_high"] for row in rows)
    across = Axis(low * 0.8, high * 1.3, WIDTH, log=True)
    bottom, top = min(row["y_low"] for row in rows), max(row["y_high"] for row in rows)
    if not accurate:
        return across, Axis(bottom * 0.7, top * 1.5, HEIGHT, log=True, upward=True)
    margin = max(0.08 * (top - bottom), 2.0)
    return across, Axis(max(0.0, bottom - margin), min(100.0, top + margin), HEIGHT, upward=True)


def _point(row: dict[str, Any]) -> Point:
    bars = (row["latency_low"], row["latency_high"], row["y_low"], row["y_high"])
    return Point(row["model"], row["latency"], row["y"], *bars)
