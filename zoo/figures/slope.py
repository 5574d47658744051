"""The figure of slopes, from the classifier alone to training everything."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any

from zoo.advice.similarity import CLASSIFIER, FULL
from zoo.figures.labels import Axis, spread_out
from zoo.figures.panels import Panels, room_for
from zoo.figures.style import PALETTE, styled
from zoo.results.variants import variants

if TYPE_CHECKING:
    from collections.abc import Sequence

    from zoo.advice.rule import Cell


FEWEST = 2
"""Models under which there is nothing to compare."""

UP, DOWN, OPEN = "full is better", "classifier is better", "unresolved"

COLOURS = {UP: PALETTE[0], DOWN: PALETTE[1], OPEN: "#8a8a8a"}

HEIGHT, GAP, SIZE = 210, 13.5, 11
"""Of a panel, of a line of labels, and of their letters, in pixels."""

LEFT, SHORTEST, THREAD = 14, 60, 18
"""Pixels of a panel before a slope, of the slope at least, and of the thread from it to its name."""


@dataclass(frozen=True)
class Slope:
    """One model on one task with so many images, as it is drawn.

    Attributes
    ----------
    model : str
        Its label: without the source, with the weights only where they differ within a model.
    task, shots : str
        What names the column and the row of its panel.
    classifier, full : float
        Accuracies in percent.
    verdict : str
        Whether the difference is resolved, and to which side.
    """

    model: str
    task: str
    shots: str
    classifier: float
    full: float
    verdict: str


def slopes(found: Sequence[Cell]) -> list[Slope]:
    """One slope for each cell of the rule, none for fewer than two models."""
    apart = variants([row for cell in found for row in cell.line.here.values()])
    weights: dict[str, set[str]] = {}
    for cell in found:
        weights.setdefault(cell.frozen.model, set()).add(cell.frozen.weights)
    drawn = []
    for cell in found:
        row, tuned = cell.frozen, cell.line.here[FULL]
        if row.accuracy is None or tuned.accuracy is None:
            continue
        name = row.model if len(weights[row.model]) == 1 else row.name
        drawn.append(
            Slope(
                model=name.rpartition("/")[2],
                task=row.task + apart(row, cell.line.recipe),
                shots=f"{row.shots} images a class",
                classifier=100 * row.accuracy.value,
                full=100 * tuned.accuracy.value,
                verdict=_verdict(cell),
            )
        )
    return drawn if len({slope.model for slope in drawn}) >= FEWEST else []


def _verdict(cell: Cell) -> str:
    """Equal within a point is no difference, though it supports the classifier."""
    difference = cell.full_over_classifier
    if difference is None:
        return OPEN
    if cell.supported == FULL:
        return UP
    return DOWN if cell.supported == CLASSIFIER and difference.high < 0 else OPEN


def slope_figure(drawn: Sequence[Slope]) -> Any:
    """Draw a slope for each model, a panel for each task and number of images.

    Parameters
    ----------
    drawn : sequence of Slope
        At least one.
    """
    import altair as alt

    panels = Panels.of(drawn, "task", "shots", HEIGHT)
    room = room_for([slope.model for slope in drawn], panels.width - LEFT - SHORTEST - THREAD) + 2
    right = round(panels.width - room - THREAD)
    ends = [value for slope in drawn for value in (slope.classifier, slope.full)]
    up = Axis(max(0.0, min(ends) - 5), min(100.0, max(ends) + 4), HEIGHT, upward=True)
    base = alt.Chart(alt.Data(values=_rows(panels, drawn, up, right)))
    scale = alt.Scale(domain=[0, panels.width], nice=False)
    names = f"datum.value == {LEFT} ? '{CLASSIFIER}' : '{FULL}'"
    axis = alt.Axis(values=[LEFT, right], labelExpr=names, grid=True, ticks=False, domain=False)
    x = alt.X("left:Q", title=None, scale=scale, axis=axis)
    y = alt.Y(
        "y:Q",
        title="top-1, % (better: up)",
        scale=alt.Scale(domain=[up.low, up.high], nice=False, zero=False),
        axis=alt.Axis(tickCount=5),
    )
    known = [verdict for verdict in COLOURS if any(slope.verdict == verdict for slope in drawn)]
    colour = alt.Color(
        "verdict:N",
        sort=known,
        scale=alt.Scale(domain=known, range=[COLOURS[verdict] for verdict in known]),
        legend=alt.Legend(title=None, orient="top", symbolType="stroke", symbolStrokeWidth=3, labelFontSize=12),
    )
    marks = base.transform_filter("datum.label == '' && !datum.thread")
    threads = base.transform_filter("datum.thread").mark_line(strokeWidth=0.6)
    panel = alt.layer(
        threads.encode(x, y, colour, detail="model:N"),
        marks.mark_line(strokeWidth=1.8).encode(x, y, colour, detail="model:N"),
        marks.mark_point(filled=True, size=34, opacity=1).encode(x, y, colour),
        base.transform_filter("datum.label != ''")
        .mark_text(align="left", baseline="middle", fontSize=SIZE, limit=room)
        .encode(x, y, colour, text="label:N"),
    )
    return styled(panels.repeat(panel))


def _rows(panels: Panels, drawn: Sequence[Slope], up: Axis, right: int) -> list[dict[str, Any]]:
    """Both ends of each slope, and its name beside the right one, with a thread between the two."""
    rows = []
    for panel in dict.fromkeys(map(panels.title, drawn)):
        here = [slope for slope in drawn if panels.title(slope) == panel]
        places = spread_out([up.to_pixels(slope.full) for slope in here], GAP, up.pixels)
        for slope, place in zip(here, places, strict=True):
            said = asdict(slope) | {"panel": panel, "label": "", "thread": False}
            named = {"left": right + THREAD, "y": up.to_value(place)}
            rows += [
                said | {"left": LEFT, "y": slope.classifier},
                said | {"left": right, "y": slope.full},
                said | {"left": right + 4, "y": slope.full, "thread": True},
                said | named | {"thread": True},
                said | named | {"left": right + THREAD + 2, "label": slope.model},
            ]
    return rows
