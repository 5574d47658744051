"""Machines side by side: costs on each, and the frontier of each."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from zoo.candidates.basis import Setting
from zoo.candidates.candidates import find_candidates
from zoo.choice.verdict import verdict
from zoo.cost.settings import allocator_text, form_text
from zoo.errors import ZooError
from zoo.formats.blocks import Figure, Heading, Text
from zoo.formats.table import Table
from zoo.report.page import write_report
from zoo.report.sections.base import Context
from zoo.report.sections.costs import cost_cell, marks_of
from zoo.report.sections.environment import environment_lines
from zoo.report.sections.frontier import FRONTIER
from zoo.results.quantities import quantity_of

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from zoo.formats.blocks import Block
    from zoo.results.rows import CostRow
    from zoo.results.view import Results


ANY_SIZE = "any"
"""Stands for the size of images, which is a column."""

Way = tuple[str, Setting]
"""A metric and its setting, but for model, size of images and machine."""


def _title(way: Way) -> str:
    metric, s = way
    label = quantity_of(metric).label
    layout = [] if s.memory_format == "contiguous" else [s.memory_format.replace("_", " ")]
    others = [] if s.engine == "eager" else [s.engine]
    others += form_text(s.form) + allocator_text(s.allocator)
    where = f"{s.device}{s.threads_text}"
    return ", ".join([f"{label[:1].upper()}{label[1:]}", where, f"batch {s.batch}", s.precision, *layout, *others])


def side_by_side(results: Results) -> list[Block]:
    """Costs on several machines, a column each, and the frontier of each.

    Nothing is chosen across machines, and no ratio is stated: a ratio would be of hosts, libraries and days too.

    Raises
    ------
    ZooError
        For records of one machine.
    """
    machines = results.machines()
    if len(machines) < 2:
        raise ZooError("records of one machine have nothing beside them; measure on another, and import its records")
    blocks: list[Block] = [
        Text((f"{len(machines)} machines, each measured by itself. Nothing is chosen across them.",)),
        Text(tuple(environment_lines(machines)), listed=True),
    ]
    rows: dict[Way, list[CostRow]] = {}
    for row in results.cost_rows():
        way = row.metric, Setting.of(row.settings, ANY_SIZE, row.settings.batch)
        rows.setdefault(way, []).append(row)
    alone = 0
    for way, found in rows.items():
        if len({row.machine for row in found}) < 2:
            alone += 1
            continue
        blocks += [Heading(_title(way)), _table(way, found, list(machines))]
    if alone:
        verb = "setting was" if alone == 1 else "settings were"
        blocks.append(Text((f"{alone} {verb} measured on one machine alone, and not shown.",)))
    for key in machines:
        blocks += _of_machine(key, results.on(key))
    return blocks


def _table(way: Way, rows: Sequence[CostRow], machines: Sequence[str]) -> Table:
    """Costs at one setting, a line a model and size of images, a column a machine."""
    quantity = quantity_of(way[0])
    held: dict[tuple[str, int], dict[str, CostRow]] = {}
    for row in rows:
        held.setdefault((row.name, row.settings.side), {})[row.machine] = row
    body = tuple(
        (name, str(side), *(cost_cell(of.get(key), quantity) for key in machines))
        for (name, side), of in held.items()
    )
    headers = ("model", "input, px", *(f"{key}, {quantity.header}" for key in machines))
    marked = any(map(marks_of, rows))
    said = " * flagged, ~ unconverged; that machine's own report says why." if marked else ""
    return Table(_title(way), f"Median over rounds [95% interval].{said}", headers, body)


def _of_machine(key: str, results: Results) -> list[Block]:
    """A machine's own frontier and verdict, its figures named after it."""
    found = find_candidates(results)
    context = Context(results, tuple(found[0]), found[1])
    blocks = [
        replace(block, name=f"{block.name}-{key}") if isinstance(block, Figure) else block
        for block in FRONTIER.build(context)
    ]
    return [Heading(f"{FRONTIER.heading(context)}, machine {key}"), *blocks, Text((verdict(results, found),))]


def write_side_by_side(results: Results, folder: Path, title: str) -> list[Path]:
    """Write machines side by side into a folder, as a report is written.

    Raises
    ------
    ZooError
        For records of one machine, and where the folder cannot be written.
    """
    return write_report([Heading(title, 1), *side_by_side(results)], results, folder)
