"""Tables of what models cost, beside what was published of their accuracy."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from zoo.cost.metrics import METRICS
from zoo.cost.settings import KEPT, UNTOLD, allocator_text, form_text
from zoo.errors import ZooError
from zoo.formats.table import Table
from zoo.outcome import Status
from zoo.registry.catalogue import get
from zoo.report.numbers import MISSING, plain, scaled, with_interval
from zoo.report.outputs import OFF, SAME, agreement, gap_text, images_said, same_text
from zoo.results.macs import Macs
from zoo.results.published import published_of
from zoo.results.quantities import quantity_of
from zoo.statistics.quantity import MACS, PARAMS

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from zoo.results.record import Record
    from zoo.results.rows import CostRow
    from zoo.results.view import Results
    from zoo.statistics.quantity import Quantity


PUBLISHED = "published top-1, % ↑"

FLAGGED, UNCONVERGED = "*", "~"
"""Marks of a cell's number."""


@dataclass(frozen=True)
class _Setting:
    """What the rows of one table share."""

    metric: str
    batch: int
    device: str
    precision: str
    memory_format: str
    engine: str
    form: str
    allocator: str
    timed_by: str
    machine: str

    @property
    def quantity(self) -> Quantity:
        return quantity_of(self.metric)

    @property
    def is_of_calls(self) -> bool:
        """Whether the values are times of calls, of which there are percentiles."""
        known = METRICS.get(self.metric) if self.metric in METRICS else None
        return known is not None and known.timed and known.unit == known.quantity.unit

    @property
    def layout(self) -> str:
        return self.memory_format.replace("_", " ")

    @property
    def is_exact(self) -> bool:
        """Whether outputs are those of the model as built in fp32 but for rounding."""
        return self.precision == "fp32" and self.engine == "eager"

    @property
    def title(self) -> str:
        others = [] if self.engine == "eager" else [self.engine]
        others += form_text(self.form) + allocator_text(self.allocator)
        others += [self.timed_by] if self.timed_by else []
        label = self.quantity.label
        return ", ".join([f"{label[:1].upper()}{label[1:]}", f"batch {self.batch}", self.device, *others])

    def caption(self, shown: Sequence[CostRow], left_out: int) -> str:
        """What the cells are, of those that have a number, and what their marks mean."""
        engine = [] if self.engine == "eager" else [f"engine {self.engine}"]
        how = f"timed by {self.timed_by}" if self.timed_by else "interleaved rounds"
        values = [row.value for row in shown if row.value is not None]
        interval = " [95% interval]" if any(value.low is not None for value in values) else ""
        lead = f"Median over rounds{interval}; " if values else ""
        parts = ", ".join([self.device, f"batch {self.batch}", self.precision, self.layout, *engine, how])
        said = [f"{lead}{parts}.", "Params and MACs are of one image at the input shown."]
        gap = gap_text(shown) if self.is_exact else MISSING
        how = f", whose outputs are those of the model as built to {gap}" if gap != MISSING else ""
        said.append(f"In the {self.form} form{how}.")
        said += marks_text(shown)
        if left_out:
            said.append(f"{left_out} older value{'s' * (left_out != 1)} of other files, code or protocol not shown.")
        return " ".join(said)


@dataclass(frozen=True)
class _Line:
    """One model at one input size: its costs by the number of threads."""

    name: str
    side: int
    costs: Mapping[int, CostRow]

    @property
    def row(self) -> CostRow:
        return next(iter(self.costs.values()))

    def rank(self, threads: int, quantity: Quantity) -> float:
        """Where the line stands, the best first and those without a number last."""
        row = self.costs.get(threads)
        return float("inf") if row is None or row.value is None else quantity.rank(row.value.value)


def cost_tables(results: Results) -> list[Table]:
    """One table for each metric and setting but threads, which are columns.

    Beside what calls take stands what was published of the weights' accuracy, where anything was.
    """
    groups: dict[_Setting, list[CostRow]] = {}
    listed = results.cost_rows()
    macs = Macs(row.record for row in listed)
    for row in listed:
        s = row.settings
        setting = _Setting(
            s.metric,
            s.batch,
            s.device,
            s.precision,
            s.memory_format,
            s.engine,
            s.form,
            s.allocator,
            s.timed_by,
            row.machine,
        )
        groups.setdefault(setting, []).append(row)
    published = results.kind("published")
    return [
        _table(setting, rows, published, macs, groups.get(replace(setting, allocator=UNTOLD), ()))
        for setting, rows in groups.items()
    ]


def _table(
    setting: _Setting, rows: Sequence[CostRow], published: Sequence[Record], macs: Macs, untold: Sequence[CostRow]
) -> Table:
    quantity, is_cpu = setting.quantity, setting.device == "cpu"
    threads = sorted({row.settings.threads for row in rows}) if is_cpu else [rows[0].settings.threads]
    places = [f"{n} thread{'s' * (n != 1)}" for n in threads] if is_cpu else [setting.device]
    stated = (
        {(row.name, row.settings.side): _published(row, published) for row in rows} if setting.is_of_calls else {}
    )
    sources = sorted({source for _, source in filter(None, stated.values())})
    told = any(agreement(row) for row in rows)
    headers = [
        "model",
        *(_header(quantity.label, place, quantity) for place in places),
        *([_header("p90", places[-1], quantity)] if setting.is_of_calls else []),
        f"{PARAMS.label}, {PARAMS.header}",
        f"{MACS.label}, {MACS.header}",
        "input, px",
        *([] if setting.is_exact else [OFF]),
        *([SAME] if told else []),
        *([PUBLISHED] if sources else []),
    ]
    body = []
    listed = _lines(rows)
    shown = [row for line in listed for row in line.costs.values()]
    for line in sorted(listed, key=lambda line: line.rank(threads[-1], quantity)):
        cells = [cost_cell(line.costs.get(n), quantity) for n in threads]
        last = line.costs.get(threads[-1])
        if setting.is_of_calls:
            cells.append(plain(last.p90) if last else MISSING)
        published_cell = stated.get((line.name, line.side))
        tail = [] if not sources else [MISSING if published_cell is None else published_cell[0]]
        if told:
            tail.insert(0, same_text(line.costs.values()))
        if not setting.is_exact:
            tail.insert(0, gap_text(line.costs.values()))
        counts = _counts(line.row, macs.at(line.row.model, line.row.settings.input_size, setting.form))
        body.append((line.name, *cells, *counts, str(line.side), *tail))
    note = f"Published top-1 is not measured here: ImageNet-1k, stated by {' and '.join(sources)}." if sources else ""
    factors = _factors(setting, listed, _lines(untold), threads[-1])
    caption = " ".join([setting.caption(shown, len(rows) - len(shown)), *images_said(shown), *factors])
    return Table(setting.title, caption, tuple(headers), tuple(body), (PUBLISHED,) if sources else (), note)


def _factors(setting: _Setting, lines: Sequence[_Line], untold: Sequence[_Line], threads: int) -> list[str]:
    """How many times as long calls take in a program that was told nothing of freed memory."""
    if setting.allocator != KEPT or not setting.is_of_calls:
        return []
    beside = {(line.name, line.side): line.costs.get(threads) for line in untold}
    found = []
    for line in lines:
        kept, other = line.costs.get(threads), beside.get((line.name, line.side))
        if kept and other and kept.value and other.value:
            found.append(f"{line.name} ×{other.value.value / kept.value.value:.2f}")
    if not found:
        return []
    times = f"In a program with the C library's default allocator: {', '.join(found)}."
    return [f"{times} `zoo.fast_allocator()` gives it the times of this table."]


def _lines(rows: Sequence[CostRow]) -> list[_Line]:
    """Rows by model and size; of several that differ in what no column says, the newest."""
    found: dict[tuple[str, int], dict[int, CostRow]] = {}
    for row in sorted(rows, key=lambda row: row.record.outcome.started):
        found.setdefault((row.name, row.settings.side), {})[row.settings.threads] = row
    return [_Line(name, side, costs) for (name, side), costs in found.items()]


def _header(label: str, place: str, quantity: Quantity) -> str:
    """What a column holds, without unit and arrow of a metric not known here."""
    return f"{label}, {place}, {quantity.header}" if quantity.unit else f"{label}, {place}"


def cost_cell(row: CostRow | None, quantity: Quantity) -> str:
    """A cost with its interval and marks, or what stands in its place."""
    if row is None:
        return MISSING
    if row.value is None:
        return str(row.status)
    return with_interval(row.value, quantity) + marks_of(row)


def marks_of(row: CostRow) -> str:
    """The marks of a row's number."""
    return FLAGGED * bool(row.flags) + UNCONVERGED * (row.status == Status.UNCONVERGED)


def marks_text(shown: Sequence[CostRow]) -> list[str]:
    """What the marks of rows mean, in one sentence or none."""
    marks = {FLAGGED: "* flagged", UNCONVERGED: "~ unconverged, its interval not as narrow as was aimed at"}
    seen = {mark for row in shown if row.value is not None for mark in marks_of(row)}
    found = [words for mark, words in marks.items() if mark in seen]
    return [f"{', '.join(found)}; see the list of flags."] if found else []


def _published(row: CostRow, published: Sequence[Record]) -> tuple[str, str] | None:
    """Published top-1 as a cell, and who states it.

    It is that of the row's weights, or of the default ones where these are random. Where its images have another
    size than those that were timed, the cell says so.
    """
    found = published_of(published, row.model, row.weights, row.settings.side)
    if found is None:
        return None
    tag = "" if found.tag == row.weights else found.tag
    of = ", ".join(filter(None, [tag, found.at(row.settings.side).strip()]))
    return f"{100 * found.top1:.2f}" + (f" ({of})" if of else ""), found.source


def _counts(row: CostRow, macs: float | None) -> tuple[str, str]:
    """Parameters, and MACs at the input that was measured."""
    try:
        params = get(row.model).params_of(row.settings.form)
    except ZooError:  # a user's model whose module is not imported now
        params = None
    return scaled(params, 1e6), scaled(macs, 1e9)
