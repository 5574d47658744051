"""Tables of what models cost: latency and throughput, beside what was published of their accuracy."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from zoo.outcome import Status
from zoo.report.numbers import MISSING, plain, scaled, with_interval
from zoo.report.table import Table

if TYPE_CHECKING:
    from zoo.results.record import Record
    from zoo.results.rows import CostRow
    from zoo.results.view import Results


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
