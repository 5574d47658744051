"""Sections of a report by name, one module each."""

from __future__ import annotations

from typing import TYPE_CHECKING

from zoo import plugins

if TYPE_CHECKING:
    from zoo.report.sections.base import Section

SECTIONS: plugins.Table[Section] = plugins.Table(
    "section",
    {
        "measured": "zoo.report.sections.measured:MEASURED",
        "batches": "zoo.report.sections.batches:BATCHES",
        "frontier": "zoo.report.sections.frontier:FRONTIER",
        "regimes": "zoo.report.sections.regimes:REGIMES",
        "noise": "zoo.report.sections.noise:NOISE",
        "failures": "zoo.report.sections.failures:FAILURES",
        "environment": "zoo.report.sections.environment:ENVIRONMENT",
    },
    "zoo.sections",
)
"""Every section by name; its order is the page's."""

LAST = "environment"
"""The section that ends a page, whatever else is on it."""


def in_order() -> list[Section]:
    """Every section in the order of the page.

    Raises
    ------
    UnknownNameError
        Where a section names another to stand behind, and there is none of that name.
    """
    names: list[str] = []
    for name in SECTIONS:
        after = SECTIONS.get(name).after
        if after and SECTIONS.check(after) in names:
            names.insert(_behind(after, names), name)
        else:
            names.insert(names.index(LAST) if LAST in names else len(names), name)
    return [SECTIONS.get(name) for name in names]


def _behind(after: str, names: list[str]) -> int:
    """The place behind a section and those that were put there before."""
    place = names.index(after) + 1
    while place < len(names) and SECTIONS.get(names[place]).after == after:
        place += 1
    return place
