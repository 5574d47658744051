"""The section of throughput over batch: curves, and their knees."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from zoo.cost.metrics.timed import LATENCY
from zoo.figures.curve import MOST, curve_figure, curves_of
from zoo.figures.leaders import leaders
from zoo.formats.blocks import Figure, Heading
from zoo.formats.table import Table
from zoo.report.numbers import plain, with_interval
from zoo.report.sections.base import Section
from zoo.report.sections.costs import marks_of, marks_text
from zoo.results.quantities import quantity_of
from zoo.statistics.curve import WITHIN, beyond
from zoo.statistics.measurement import Measurement

if TYPE_CHECKING:
    from zoo.figures.curve import Curve, Setting
    from zoo.formats.blocks import Block
    from zoo.report.sections.base import Context
    from zoo.results.rows import CostRow
    from zoo.results.view import Results
    from zoo.statistics.curve import Knee


RULE = (
    f"The knee is the smallest batch whose throughput is within {WITHIN:.0%} of the highest; in brackets are the "
    "smallest that may be by the 95% intervals, and the smallest that surely is. A call is of the knee's images, "
    "gain is over the smallest batch, and beyond is what is known of larger ones."
)

HIGHEST = "highest, images/s ↑"

HEADERS = ("model", "knee, batch", "there, images/s ↑", "gain", "a call, ms ↓", HIGHEST, "beyond")


def knee_tables(results: Results) -> list[Table]:
    """A table of knees for each setting of which there are curves."""
    return [_table(setting, curves) for setting, curves in curves_of(results).items()]


def _title(setting: Setting) -> str:
    settings, _ = setting
    others = [*settings.unusual, *([settings.timed_by] if settings.timed_by else [])]
    label = quantity_of(settings.metric).label
    return ", ".join(
        [f"{label[:1].upper()}{label[1:]} over batch, {settings.device}{settings.threads_text}", *others]
    )


def _table(setting: Setting, curves: list[Curve]) -> Table:
    ordered = sorted(curves, key=lambda curve: -curve.best)
    shown = [row for curve in ordered for row in _ends(curve)]
    caption = " ".join([RULE, *marks_text(shown)])
    return Table(_title(setting), caption, HEADERS, tuple(map(_cells, ordered)), spare=(HIGHEST,))


def _ends(curve: Curve) -> tuple[CostRow, CostRow]:
    """The rows of the knee and of the best."""
    found = _knee(curve)
    by_batch = {row.settings.batch: row for row in curve.rows}
    return by_batch[found.point.batch], by_batch[found.best.batch]


def _knee(curve: Curve) -> Knee:
    assert curve.knee is not None  # of what did not run there is no curve
    return curve.knee


def _cells(curve: Curve) -> tuple[str, ...]:
    found, (row, best) = _knee(curve), _ends(curve)
    assert row.value is not None
    span = found.first.batch, found.last.batch
    return (
        curve.model,
        str(found.point.batch) + ("" if span[0] == span[1] else f" [{span[0]}, {span[1]}]"),
        with_interval(row.value, quantity_of(row.metric)) + marks_of(row),
        f"×{found.times.value:.2f}",
        plain(_call(row.value, found.point.batch)),
        f"{plain(best.value)}{marks_of(best)} at {found.best.batch}",
        beyond(curve.points),
    )


def _call(rate: Measurement, batch: int) -> Measurement:
    """Milliseconds of a call: a rate of batches upside down, its interval too."""
    value, low, high = (None if end is None else 1000 * batch / end for end in (rate.value, rate.high, rate.low))
    assert value is not None
    return Measurement(value, LATENCY.quantity.unit, low, high, rate.n)


def _build(context: Context) -> list[Block]:
    blocks: list[Block] = []
    for place, (setting, curves) in enumerate(curves_of(context.results).items()):
        drawn, others = leaders(curves, lambda curve: curve.best, "of the highest throughput", MOST)
        name = f"throughput-{place + 1}" if place else "throughput"
        crosses = " A cross is a batch that did not run." if any(_failed(curve) for curve in drawn) else ""
        text = f"A line a model, with 95% intervals; the large mark is its knee.{crosses}{others}"
        alt = f"{_title(setting)}, images a second, a line a model"
        table = _table(setting, curves)
        blocks += [Heading(table.title, 3), Figure(name, partial(curve_figure, drawn), alt, text), table]
    return blocks


def _failed(curve: Curve) -> bool:
    return any(row.value is None for row in curve.rows)


BATCHES = Section("batches", "Throughput over batch", _build, knee_tables)
