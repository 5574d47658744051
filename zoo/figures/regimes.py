"""The figure of accuracies by regime and control."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any

from zoo.advice.amount import images_per_class
from zoo.figures.style import PALETTE, WIDTH, styled
from zoo.regimes.strategies import in_order
from zoo.results.lines import lines
from zoo.results.variants import variants
from zoo.sources.naming import NO_WEIGHTS, RANDOM

if TYPE_CHECKING:
    from collections.abc import Sequence

    from zoo.results.lines import Line
    from zoo.results.rows import TransferRow
    from zoo.results.view import Results


MARGIN = 7
"""Pixels above and below the scale, so that a mark at either end is whole."""

GRID_MODELS = 6
"""Most models over all columns of a grid of panels: more would leave five marks of each no room."""

LEGEND_COLUMNS = 7
"""Strategies in a line of the legend."""


@dataclass(frozen=True)
class RegimePoint:
    """One accuracy as it is drawn.

    Attributes
    ----------
    model : str
        Its label: without the source, with the weights only where they differ within a model.
    strategy, task, shots : str
    cell : str
        Task and shots, the title of a panel.
    y, low, high : float
        Accuracy in percent, with the ends of its interval.
    per_class : float or None
        Training images a class; None where all were taken and no record says how many.
    """

    model: str
    strategy: str
    task: str
    shots: str
    cell: str
    y: float
    low: float
    high: float
    per_class: float | None = None


def regimes_figure(points: Sequence[RegimePoint]) -> Any:
    """Draw the accuracy of each regime and control by model.

    One row of panels a task, and one column a number of images where that leaves each panel room enough.
    """
    import altair as alt

    order = in_order(point.strategy for point in points)
    names = list(dict.fromkeys(point.model for point in points))
    shots = list(dict.fromkeys(point.shots for point in points))
    cells = list(dict.fromkeys(point.cell for point in points))
    grid = len(shots) > 1 and len(names) * len(shots) <= GRID_MODELS
    base = alt.Chart(alt.Data(values=[asdict(point) for point in points]))
    x = alt.X("model:N", title=None, sort=names, axis=alt.Axis(labelAngle=0 if len(names) < 5 else -30))
    offset = alt.XOffset("strategy:N", sort=order)
    # One legend of colours and shapes: of many strategies some share a colour.
    legend = alt.Legend(title=None, orient="top", symbolSize=120, columns=LEGEND_COLUMNS)
    colours = alt.Scale(domain=order, range=PALETTE[: len(order)])
    colour = alt.Color("strategy:N", sort=order, scale=colours, legend=legend)
    shape = alt.Shape("strategy:N", sort=order, scale=alt.Scale(domain=order), legend=legend)
    y = alt.Y("y:Q", title="top-1, % (better: up)", scale=alt.Scale(domain=[0, 100], padding=MARGIN))
    dots = base.mark_point(filled=True, size=70, opacity=1).encode(x, y, offset, colour, shape)
    bars = base.mark_rule(strokeWidth=1.5).encode(x, alt.Y("low:Q"), alt.Y2("high:Q"), offset, colour)
    panel = alt.layer(bars, dots).properties(width=WIDTH // len(shots) if grid else WIDTH, height=260)
    header = alt.Header(labelFontSize=13)
    if grid:
        row, column = alt.Row("task:N", title=None, header=header), alt.Column("shots:N", sort=shots, title=None)
        return styled(panel.facet(row=row, column=column.header(labelFontSize=13)))
    return styled(panel.facet(row=alt.Row("cell:N", sort=cells, title=None, header=header)))


def regime_points(results: Results) -> list[RegimePoint]:
    """Accuracies as points: one for each row of results.

    What stands beside several sets of weights, as a control does, is a point beside each.
    """
    every = [row for row in results.transfer_rows() if row.accuracy is not None]
    owned = [row for row in every if row.weights != NO_WEIGHTS]
    starts: dict[str, list[str]] = {}
    for row in owned:
        labels = starts.setdefault(row.model, [])
        if row.weights != RANDOM and row.name not in labels:
            labels.append(row.name)
    # A model is named by its weights too only where they differ within it.
    labels_of = {model: labels if len(labels) > 1 else [model] for model, labels in starts.items()}
    apart = variants(every)

    stands_in: dict[int, list[Line]] = {}
    for line in lines(every):
        for row in line.here.values():
            stands_in.setdefault(id(row), []).append(line)

    def labels_at(row: TransferRow) -> list[str]:
        return [row.name] if row.name in labels_of[row.model] else labels_of[row.model]

    def places(row: TransferRow) -> list[tuple[str, str]]:
        """Labels of a row, each with what sets the line apart that it stands in."""
        found: dict[tuple[str, str], None] = {}
        for line in stands_in.get(id(row), ()):
            said = apart(line.lead, line.recipe)
            labels = labels_at(line.lead if row.weights == NO_WEIGHTS else row)
            found |= dict.fromkeys((label, said) for label in labels)
        return list(found) or [(row.model, apart(row))]

    points = []
    for row in every:
        assert row.accuracy is not None
        points += [
            RegimePoint(
                model=label.rpartition("/")[2],
                strategy=row.strategy,
                task=row.task + said,
                shots=f"{row.shots} images a class",
                cell=f"{row.task}, {row.shots} images a class{said}",
                y=row.accuracy.value * 100,
                low=100 * (row.accuracy.low or 0.0),
                high=100 * (row.accuracy.high or 0.0),
                per_class=images_per_class(row),
            )
            for label, said in places(row)
        ]
    return points
