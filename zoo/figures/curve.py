"""The figure of throughput over batch, a line a model, its knee marked."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from functools import cached_property
from typing import TYPE_CHECKING, Any

from zoo.cost.metrics import METRICS
from zoo.figures.labels import Axis, spread_out
from zoo.figures.panels import room_for
from zoo.figures.style import HEIGHT, PALETTE, WIDTH, styled
from zoo.statistics.curve import CurvePoint, Knee, knee

if TYPE_CHECKING:
    from collections.abc import Sequence

    from zoo.cost.settings import CostSettings
    from zoo.results.rows import CostRow
    from zoo.results.view import Results


FEWEST = 3
"""Batches under which there is no curve."""

MOST = 12
"""Lines that can be told apart, by their colours and dashes."""

GAP, SIZE, AWAY = 13, 11, 14
"""Height of a line of labels and of their letters, and how far they stand from the lines, in pixels."""

SHARE = 0.35
"""Most of the figure's width that labels take."""

SOLID, DASHED = [1, 0], [5, 3]

Setting = tuple["CostSettings", str]
"""Settings but for batch, size and code, and the machine: what the curves of one figure share."""


@dataclass(frozen=True)
class Curve:
    """Rates of one model at one setting, batch by batch.

    Attributes
    ----------
    model : str
        Its name with the weights, and with the size where the figure has several.
    rows : tuple of CostRow
        The smallest batch first.
    """

    model: str
    rows: tuple[CostRow, ...]

    @property
    def points(self) -> list[CurvePoint]:
        """What came of each batch."""
        return [CurvePoint(row.settings.batch, row.value, "" if row.value else str(row.status)) for row in self.rows]

    @cached_property
    def knee(self) -> Knee | None:
        """Its knee, None where nothing ran."""
        return knee(self.points)

    @property
    def best(self) -> float:
        """The highest rate, 0 where nothing ran."""
        return 0.0 if self.knee is None or self.knee.best.rate is None else self.knee.best.rate.value


def curves_of(results: Results) -> dict[Setting, list[Curve]]:
    """Curves of three batches and more, by their setting.

    Of several records that differ in what no table says, the newest counts.
    """
    found: dict[Setting, dict[tuple[str, int], dict[int, CostRow]]] = {}
    for row in sorted(results.cost_rows(), key=lambda row: row.record.outcome.started):
        if row.metric in METRICS and METRICS.get(row.metric).curved:
            shared = replace(row.settings, batch=0, input_size=(0, 0, 0), code="")
            lines = found.setdefault((shared, row.machine), {})
            lines.setdefault((row.name, row.settings.side), {})[row.settings.batch] = row
    curves = {setting: _curves(lines) for setting, lines in found.items()}
    return {setting: some for setting, some in curves.items() if some}


def _curves(lines: dict[tuple[str, int], dict[int, CostRow]]) -> list[Curve]:
    whole = {at: by_batch for at, by_batch in lines.items() if len(by_batch) >= FEWEST}
    apart = len({side for _, side in whole}) > 1
    found = [
        Curve(f"{name} at {side} px" if apart else name, tuple(by_batch[batch] for batch in sorted(by_batch)))
        for (name, side), by_batch in whole.items()
    ]
    return [curve for curve in found if curve.knee is not None]


def curve_figure(curves: Sequence[Curve]) -> Any:
    """Draw rates over batches with intervals, a line a model, its knee large.

    Both axes are logarithmic. A batch that did not run is a cross. Each line is named at the right.

    Parameters
    ----------
    curves : sequence of Curve
        At least one.
    """
    import altair as alt

    order = [curve.model for curve in sorted(curves, key=lambda curve: -curve.best)]
    room = room_for(order, SHARE * WIDTH)
    across, up = _axes(curves, room + AWAY)
    base = alt.Chart(alt.Data(values=_marks(curves, order) + _names(curves, order, across, up, room)))
    batches = sorted({row.settings.batch for curve in curves for row in curve.rows})
    x = alt.X(
        "batch:Q",
        title="images a call",
        scale=alt.Scale(type="log", base=2, domain=[across.low, across.high], nice=False),
        axis=alt.Axis(values=batches, format=".0f", grid=False),
    )
    scale = alt.Scale(type="log", domain=[up.low, up.high], nice=False)
    y = alt.Y(
        "rate:Q", title="images a second (better: up)", scale=scale, axis=alt.Axis(values=_ticks(up), format="~g")
    )
    palette = [PALETTE[place % len(PALETTE)] for place in range(len(order))]
    colour = alt.Color("model:N", sort=order, scale=alt.Scale(domain=order, range=palette), legend=None)
    dash = alt.StrokeDash("dashed:N", scale=alt.Scale(domain=[False, True], range=[SOLID, DASHED]), legend=None)
    drawn, lines = (base.transform_filter(f"datum.kind == '{kind}'") for kind in ("point", "line"))
    missing, leads, names = (base.transform_filter(f"datum.kind == '{kind}'") for kind in ("missing", "lead", "name"))
    chart = alt.layer(
        leads.mark_line(strokeWidth=0.7, opacity=0.5).encode(x, y, colour),
        lines.mark_line(strokeWidth=1.6).encode(x, y, colour, dash),
        drawn.mark_rule(strokeWidth=1.6).encode(x, alt.Y("low:Q"), alt.Y2("high:Q"), colour),
        drawn.transform_filter("!datum.knee").mark_point(filled=True, size=22, opacity=1).encode(x, y, colour),
        drawn.transform_filter("datum.knee").mark_point(filled=True, size=110, opacity=1).encode(x, y, colour),
        missing.mark_point(shape="cross", angle=45, size=60, filled=True, opacity=1).encode(x, y, colour),
        names.mark_text(align="left", baseline="middle", fontSize=SIZE, limit=room).encode(
            x, y, colour, text="model:N"
        ),
    )
    return styled(chart.properties(width=WIDTH, height=HEIGHT))


def _axes(curves: Sequence[Curve], room: float) -> tuple[Axis, Axis]:
    """Both axes, the first with room for names behind the largest batch."""
    batches = [row.settings.batch for curve in curves for row in curve.rows]
    ends = [end for curve in curves for row in curve.rows if row.value for end in _ends(row)]
    low, high = min(batches) / 1.15, max(batches)
    across = Axis(low, low * (high / low) ** (WIDTH / (WIDTH - room)), WIDTH, log=True)
    return across, Axis(min(ends) / 1.2, max(ends) * 1.2, HEIGHT, log=True, upward=True)


def _ticks(up: Axis) -> list[float]:
    """Ones, twos and fives within an axis."""
    powers = range(math.floor(math.log10(up.low)), math.ceil(math.log10(up.high)))
    every = [step * 10.0**power for power in powers for step in (1, 2, 5)]
    return [tick for tick in every if up.low <= tick <= up.high]


def _ends(row: CostRow) -> tuple[float, float, float]:
    """The rate of a row that ran, and the ends of its interval."""
    assert row.value is not None
    found = row.value.value
    return (
        found,
        found if row.value.low is None else row.value.low,
        found if row.value.high is None else row.value.high,
    )


def _marks(curves: Sequence[Curve], order: Sequence[str]) -> list[dict[str, Any]]:
    """What is drawn of each batch: a point on a line, or a cross behind it."""
    found: list[dict[str, Any]] = []
    for curve in curves:
        shared = {"model": curve.model, "dashed": order.index(curve.model) >= len(PALETTE)}
        assert curve.knee is not None
        last = 0.0
        for row in curve.rows:
            at = shared | {"batch": row.settings.batch}
            if row.value is not None:
                last, low, high = _ends(row)
                is_knee = row.settings.batch == curve.knee.point.batch
                found.append(at | {"kind": "point", "rate": last, "low": low, "high": high, "knee": is_knee})
                found.append(at | {"kind": "line", "rate": last})
            elif last:
                found.append(at | {"kind": "missing", "rate": last})
    return found


def _names(
    curves: Sequence[Curve], order: Sequence[str], across: Axis, up: Axis, room: float
) -> list[dict[str, Any]]:
    """The names of the lines at the right, each led to by a thin line from the end of its own."""
    ends = sorted(curves, key=lambda curve: order.index(curve.model))
    lasts = [next(row for row in reversed(curve.rows) if row.value is not None) for curve in ends]
    places = spread_out([up.to_pixels(_ends(row)[0]) for row in lasts], GAP, HEIGHT)
    x = across.to_value(WIDTH - room)
    found = []
    for curve, row, place in zip(ends, lasts, places, strict=True):
        name: dict[str, Any] = {"model": curve.model}
        y = up.to_value(place)
        start = {"batch": row.settings.batch, "rate": _ends(row)[0]}
        stop = {"batch": across.to_value(WIDTH - room - 3), "rate": y}
        found += [name | {"kind": "lead"} | start, name | {"kind": "lead"} | stop]
        found.append(name | {"kind": "name", "batch": x, "rate": y})
    return found
