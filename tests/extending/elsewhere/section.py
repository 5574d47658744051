"""A section of a report: how many records it is made of."""

from __future__ import annotations

from typing import Any

from zoo.formats.blocks import Text
from zoo.report.sections.base import Section


def build(context: Any) -> list[Text]:
    """One line."""
    return [Text((f"This report is made of {len(context.results)} records.",))]


COUNT = Section("count", "How many records", build, after="noise")
