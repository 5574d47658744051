"""Tables of results: what each column is, its unit and its better direction; rendered for screen, page or program."""

from __future__ import annotations

import csv
import io
import json
import textwrap
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from zoo.errors import UnknownNameError
from zoo.report.numbers import MISSING, plain, scaled, with_interval
from zoo.report.screen import WIDTH, screen_body
from zoo.results.trial import threads_text
from zoo.statistics.outcome import Status

if TYPE_CHECKING:
    from collections.abc import Sequence

    from zoo.results.record import Record
    from zoo.results.results import CostRow, Results, TransferRow

FORMATS = ("table", "json", "csv", "md")


@dataclass(frozen=True)
class Table:
    """Cells as text, with what they mean.

    Attributes
    ----------
    title : str
    caption : str
        The settings that all rows share.
    headers : tuple of str
        Each with its unit, and an arrow that points where better is.
    rows : tuple of tuple of str
    spare : tuple of str
        Headers of columns that a terminal goes without where it is too narrow for all.
    spare_note : str
        What the caption says of them.
    """

    title: str
    caption: str
    headers: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    spare: tuple[str, ...] = ()
    spare_note: str = ""

    @property
    def whole_caption(self) -> str:
        """The caption, with what it says of spare columns."""
        return f"{self.caption} {self.spare_note}".strip()

    def without_spare(self) -> Table:
        """The table less its spare columns."""
        kept = [place for place, header in enumerate(self.headers) if header not in self.spare]
        rows = tuple(tuple(row[place] for place in kept) for row in self.rows)
        return Table(self.title, self.caption, tuple(self.headers[place] for place in kept), rows)

    def render(self, form: str = "table") -> str:
        """The table as text.

        Parameters
        ----------
        form : str
            ``"table"`` (title, aligned columns, caption; at most 100 columns wide), ``"md"``, ``"csv"`` or
            ``"json"`` (a list of objects).

        Raises
        ------
        UnknownNameError
        """
        if form == "json":
            return json.dumps([dict(zip(self.headers, row, strict=True)) for row in self.rows], indent=2)
        if form == "csv":
            text = io.StringIO()
            csv.writer(text, lineterminator="\n").writerows([self.headers, *self.rows])
            return text.getvalue().rstrip("\n")
        from tabulate import tabulate

        align = ["left", *(_alignment(column) for column in list(zip(*self.rows, strict=True))[1:])]
        align += ["right"] * (len(self.headers) - len(align))
        if form == "md":
            table = tabulate(
                self.rows, headers=self.headers, tablefmt="github", disable_numparse=True, colalign=align
            )
            return f"{table}\n\n*{self.whole_caption}*" if self.whole_caption else table
        if form == "table":
            parts = [self.title, screen_body(self, align, fits_only=bool(self.spare))]
            if not parts[1]:
                return self.without_spare().render(form)
            parts.append(textwrap.fill(self.whole_caption, WIDTH))
            return "\n".join(part for part in parts if part)
        raise UnknownNameError("format", form, FORMATS, f"permitted: {', '.join(FORMATS)}")


def _alignment(column: Sequence[str]) -> str:
    """Numbers stand to the right, words to the left."""
    return "right" if any(cell[:1].isdigit() or cell[:1] in ("+", "-") for cell in column) else "left"


PUBLISHED = "published top-1, % ↑"


def cost_tables(results: Results) -> list[Table]:
    """One table for each metric, batch, precision, memory format and device: nothing is mixed in a column.

    Beside a measured latency stands what was published of the weights' accuracy, where anything was.
    """
    groups: dict[tuple[Any, ...], list[CostRow]] = {}
    for row in results.cost_rows():
        s = row.settings
        key = (s["metric"], s["batch"], s["device"], s["precision"], s["memory_format"], row.machine)
        groups.setdefault(key, []).append(row)
    published = results.kind("published")
    return [_cost_table(key, rows, published) for key, rows in groups.items()]


def _cost_table(key: tuple[Any, ...], rows: list[CostRow], published: list[Record]) -> Table:
    metric, batch, device, precision, layout, _machine = key
    threads = sorted({row.settings["threads"] for row in rows}) if device == "cpu" else [rows[0].settings["threads"]]
    unit = "ms ↓" if metric == "latency" else "images/s ↑"
    labels = [f"{n} thread{'s' * (n != 1)}" for n in threads] if device == "cpu" else [device]
    headers = ["model"] + [f"{metric}, {label}, {unit}" for label in labels]
    headers += [f"p90, {labels[-1]}, ms ↓"] if metric == "latency" else []
    headers += ["params, M ↓", "MACs, G ↓", "input, px"]
    stated = {row.name: _published(row, published) for row in rows} if metric == "latency" else {}
    sources = sorted({source for _, source in filter(None, stated.values())})
    headers += [PUBLISHED] if sources else []
    by_model: dict[tuple[str, Any], dict[int, CostRow]] = {}
    for row in rows:
        by_model.setdefault((row.name, row.settings["input_size"][1]), {})[row.settings["threads"]] = row
    body = []
    order = sorted(by_model.items(), key=lambda item: _speed(item[1].get(threads[-1]), metric))
    for (name, side), found in order:
        cells = [_cost_cell(found.get(n)) for n in threads]
        last = found.get(threads[-1])
        if metric == "latency":
            cells.append(plain(last.p90) if last else MISSING)
        params, macs = _static(next(iter(found.values())))
        tail = () if not sources else (MISSING if stated[name] is None else stated[name][0],)  # type: ignore[index]
        body.append((name, *cells, params, macs, str(side), *tail))
    caption = (
        f"Median over rounds [95% interval]; {device}, batch {batch}, {precision}, {layout.replace('_', ' ')}, "
        "interleaved rounds. Params and MACs are of one image at the input shown. "
        "* flagged, ~ interval wider than ±2%; both are listed below."
    )
    note = f"Published top-1 is not measured here: ImageNet-1k, stated by {' and '.join(sources)}." if sources else ""
    title = f"{metric.capitalize()}, batch {batch}, {device}"
    return Table(title, caption, tuple(headers), tuple(body), (PUBLISHED,) if sources else (), note)


def _published(row: CostRow, published: list[Record]) -> tuple[str, str] | None:
    """Published top-1 as a cell, and who states it: of the row's weights, or of the default ones of a random row."""
    from zoo.results.published import published_of

    found = published_of(published, row.model, row.weights)
    if found is None:
        return None
    tag, value, source = found
    return f"{100 * value:.2f}" + ("" if tag == row.weights else f" ({tag})"), source


def _speed(row: CostRow | None, metric: str) -> float:
    if row is None or row.value is None:
        return float("inf")
    return row.value.value if metric == "latency" else -row.value.value


def _cost_cell(row: CostRow | None) -> str:
    if row is None:
        return MISSING
    if row.value is None:
        return str(row.status)
    marks = ("*" if row.flags else "") + ("~" if row.status == Status.UNCONVERGED else "")
    return with_interval(row.value) + marks


def _static(row: CostRow) -> tuple[str, str]:
    """Parameters and MACs at the input that was measured: MACs scaled by area from the catalogue's."""
    from zoo.errors import ZooError
    from zoo.registry.catalogue import get

    try:
        spec = get(row.model)
    except ZooError:
        return MISSING, MISSING
    size = row.settings["input_size"]
    area = size[1] * size[2] / (spec.input_size[1] * spec.input_size[2])
    return scaled(spec.params, 1e6), scaled(None if spec.macs is None else spec.macs * area, 1e9)


def transfer_tables(results: Results) -> list[Table]:
    """One table for each task: a row for each model and shot count, a column for each strategy."""
    rows = results.transfer_rows()
    tables = []
    for task in dict.fromkeys(row.task for row in rows):
        mine = [row for row in rows if row.task == task]
        strategies = [s for s in _order(mine) if s != "pixels"]
        shots = sorted({row.shots for row in mine}, key=lambda n: (n == "all", n))
        pixels = {row.shots: row for row in mine if row.strategy == "pixels"}
        body = []
        for count in shots:
            for lead in _leads([row for row in mine if row.shots == count]):
                here = {row.strategy: row for row in mine if row.is_beside(lead)}
                cells = [_accuracy_cell(here.get(strategy)) for strategy in strategies]
                size = str(lead.input_size[1]) if lead.input_size else MISSING
                body.append((lead.name, str(count), *cells, size))
            if count in pixels:
                blank = [""] * len(strategies)
                if strategies:
                    blank[-1] = _accuracy_cell(pixels[count]) + " (pixels)"
                body.append(("control/pixels", str(count), *(blank or [_accuracy_cell(pixels[count])]), ""))
        headers = ("model and weights", "shots", *(_strategy_header(s) for s in strategies), "input, px")
        if not strategies:
            headers = ("model and weights", "shots", "pixels, % ↑", "input, px")
        counts = sorted({len(row.seeds) for row in mine})
        seeds = f"{'–'.join(map(str, counts))} seed{'s' * (counts != [1])}"
        caption = (
            f"Top-1 accuracy on {task}, % [95% interval over {seeds} and "
            f"{_images(mine)} test images]. classifier and full start from the weights named; scratch and "
            "random_features start from random weights; random_features and pixels are controls."
        ) + (" * flagged; see the list of flags." if any(row.flags for row in mine) else "")
        tables.append(Table(f"Accuracy on {task}", caption, headers, tuple(body)))
    return tables


def _leads(rows: list[TransferRow]) -> list[TransferRow]:
    """One row for each line of a table: each set of weights, and models that only have a random start."""
    trained = {row.start: row for row in reversed(rows) if row.weights not in ("random", "none")}
    known = {(row.model, row.input_size) for row in trained.values()}
    random = {row.start: row for row in reversed(rows) if row.weights == "random"}
    leads = [*trained.values(), *(row for row in random.values() if (row.model, row.input_size) not in known)]
    return sorted(leads, key=rows.index)


def _order(rows: Sequence[Any]) -> list[str]:
    from zoo.transfer.strategies import STRATEGIES

    return [name for name in STRATEGIES if any(row.strategy == name for row in rows)]


def _strategy_header(strategy: str) -> str:
    from zoo.transfer.strategies import STRATEGIES

    return f"{strategy}{' (control)' if STRATEGIES[strategy].control else ''}, % ↑"


def _images(rows: Sequence[Any]) -> int:
    return max((row.accuracy.n for row in rows if row.accuracy), default=0)


def _accuracy_cell(row: Any) -> str:
    if row is None:
        return MISSING
    if row.accuracy is None:
        return str(row.status)
    lost = f" ({len(row.failed_seeds)} seeds failed)" if row.failed_seeds else ""
    return with_interval(row.accuracy, percent=True) + "*" * bool(row.flags) + lost


def effort_table(results: Results) -> Table | None:
    """Parameters trained and seconds taken by each regime, medians over seeds."""
    rows = [row for row in results.transfer_rows() if row.accuracy is not None]
    if not rows:
        return None
    body = tuple(
        (
            row.name,
            row.task,
            row.strategy,
            str(row.shots),
            f"{row.trained_params:,}" if row.trained_params is not None else MISSING,
            str(row.records[0].outcome.notes.get("batch_norm", MISSING)),
            str(row.records[0].outcome.notes.get("steps", MISSING)),
            plain(row.seconds),
        )
        for row in rows
    )
    headers = (
        "model and weights",
        "task",
        "strategy",
        "shots",
        "trained params ↓",
        "batch norm",
        "steps",
        "seconds ↓",
    )
    caption = (
        "Seconds are medians over seeds, of fitting and testing; features that an earlier row had computed "
        "are read from the cache. Steps are the optimiser's; a probe has none."
    )
    return Table("Effort", caption, headers, body)


def failures_table(results: Results) -> Table | None:
    """Every trial that gave no number, with its reason; None where there is none."""
    failed = results.failures()
    if not failed:
        return None
    rows = tuple(
        (r.trial.display_name, describe_trial(r.trial.settings), str(r.outcome.status), r.outcome.reason)
        for r in failed
    )
    return Table("Failures", "", ("model", "trial", "status", "reason"), rows)


def flags_table(results: Results) -> Table | None:
    """Every flagged or unconverged cost and every flagged regime, with what was seen; None where there is none."""
    costs = [
        (row.name, describe_trial(row.settings), "; ".join(filter(None, (*row.flags, row.reason))))
        for row in results.cost_rows(replicas=True)
        if (row.flags or row.status == Status.UNCONVERGED) and row.value is not None
    ]
    regimes = [
        (row.name, f"{row.strategy} on {row.task}, {row.shots} shots", "; ".join(row.flags))
        for row in results.transfer_rows()
        if row.flags
    ]
    return Table("Flags", "", ("model", "trial", "what was seen"), (*costs, *regimes)) if costs or regimes else None


def describe_trial(settings: Any) -> str:
    """The settings of a trial in a few words, without the model."""
    if "metric" in settings:
        replica = ", A/A twin" if settings.get("replica") else ""
        return (
            f"{settings['metric']}, {settings['device']}, batch {settings['batch']}{threads_text(settings)}{replica}"
        )
    if "data" in settings:
        return f"evaluation on {settings['images']} images of {settings['data']}"
    if "dataset" in settings:
        return f"published by {settings['by']} on {settings['dataset']}"
    parts = (settings.get("strategy", "pretraining"), settings["task"])
    shots = f", {settings['shots']} shots" if "shots" in settings else ""
    return f"{parts[0]} on {parts[1]}{shots}, seed {settings['seed']}"
