"""Figures of a report: one Altair description each, written as SVG and PNG."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from zoo.report.labels import Axis, Point, place_labels
from zoo.report.variants import variants
from zoo.statistics.frontier import pareto_frontier

if TYPE_CHECKING:
    from pathlib import Path

    import altair as alt

    from zoo.choose.candidates import Candidate
    from zoo.results.results import Results, TransferRow

WIDTH, HEIGHT = 720, 380

GRID_MODELS = 6
"""Most models over all columns of a grid of panels: more would leave five marks of each no room."""

SCALE = 2
FRONTIER, DOMINATED = "#0072B2", "#999999"
"""Colours of Okabe and Ito's palette, told apart by readers of every colour vision and in grey."""

PALETTE = ["#0072B2", "#D55E00", "#009E73", "#CC79A7", "#E69F00"]


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
    return _styled(alt.layer(*layers).properties(width=WIDTH, height=HEIGHT))


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


def regimes_figure(results: Results) -> Any | None:
    """Accuracy of each regime and control by model; None without transfer.

    One row of panels a task, and one column a number of images where that leaves each panel room enough.
    """
    import altair as alt

    from zoo.transfer.strategies import STRATEGIES

    rows = _regime_points(results)
    if not rows:
        return None
    order = [name for name in STRATEGIES if any(row["strategy"] == name for row in rows)]
    names = list(dict.fromkeys(row["model"] for row in rows))
    shots = list(dict.fromkeys(row["shots"] for row in rows))
    cells = list(dict.fromkeys(row["cell"] for row in rows))
    grid = len(shots) > 1 and len(names) * len(shots) <= GRID_MODELS
    base = alt.Chart(alt.Data(values=rows))
    x = alt.X("model:N", title=None, sort=names, axis=alt.Axis(labelAngle=0 if len(names) < 5 else -30))
    offset = alt.XOffset("strategy:N", sort=order)
    colour = alt.Color(
        "strategy:N",
        sort=order,
        scale=alt.Scale(domain=order, range=PALETTE[: len(order)]),
        legend=alt.Legend(title=None, orient="top", symbolSize=120),
    )
    shape = alt.Shape("strategy:N", sort=order, legend=None)
    y = alt.Y("y:Q", title="top-1, % (better: up)", scale=alt.Scale(domain=[0, 100]))
    dots = base.mark_point(filled=True, size=70, opacity=1).encode(x, y, offset, colour, shape)
    bars = base.mark_rule(strokeWidth=1.5).encode(x, alt.Y("low:Q"), alt.Y2("high:Q"), offset, colour)
    panel = alt.layer(bars, dots).properties(width=WIDTH // len(shots) if grid else WIDTH, height=260)
    header = alt.Header(labelFontSize=13)
    if grid:
        row, column = alt.Row("task:N", title=None, header=header), alt.Column("shots:N", sort=shots, title=None)
        return _styled(panel.facet(row=row, column=column.header(labelFontSize=13)))
    return _styled(panel.facet(row=alt.Row("cell:N", sort=cells, title=None, header=header)))


def _regime_points(results: Results) -> list[dict[str, Any]]:
    """What is drawn: a row of values for each row of results, and one a model for what stands beside several."""
    every = [row for row in results.transfer_rows() if row.accuracy is not None]
    owned = [row for row in every if row.strategy != "pixels"]
    starts: dict[str, list[str]] = {}
    for row in owned:
        labels = starts.setdefault(row.model, [])
        if row.weights != "random" and row.name not in labels:
            labels.append(row.name)
    # A model is named by its weights too only where they differ within it.
    labels_of = {model: labels if len(labels) > 1 else [model] for model, labels in starts.items()}
    apart = variants(every)

    def places(row: TransferRow) -> list[tuple[str, str]]:
        """Labels of a row, each with what is said of its panel; a control stands in every panel it is beside."""
        if row.strategy == "pixels":
            beside = dict.fromkeys(place for other in owned if other.is_beside(row) for place in places(other))
            return list(beside) or [(row.model, apart(row))]
        labels = [row.name] if row.name in labels_of[row.model] else labels_of[row.model]
        return [(label, apart(row)) for label in labels]

    points = []
    for row in every:
        assert row.accuracy is not None
        points += [
            {
                "model": label.rpartition("/")[2],
                "strategy": row.strategy,
                "task": row.task + said,
                "shots": f"{row.shots} images a class",
                "cell": f"{row.task}, {row.shots} images a class{said}",
                "y": row.accuracy.value * 100,
                "low": 100 * (row.accuracy.low or 0.0),
                "high": 100 * (row.accuracy.high or 0.0),
            }
            for label, said in places(row)
        ]
    return points


def _styled(chart: Any) -> Any:
    return chart.configure(background="white", font="DejaVu Sans, sans-serif").configure_axis(
        labelFontSize=12, titleFontSize=13, titleFontWeight="normal", gridColor="#e6e6e6"
    )


def write_figure(chart: Any, path: Path) -> list[Path]:
    """Write a figure as ``path.svg`` and ``path.png``; both paths."""
    import vl_convert

    spec = chart.to_json()
    svg, png = path.with_suffix(".svg"), path.with_suffix(".png")
    svg.write_text(vl_convert.vegalite_to_svg(spec) + "\n")
    png.write_bytes(vl_convert.vegalite_to_png(spec, scale=SCALE))
    return [svg, png]
