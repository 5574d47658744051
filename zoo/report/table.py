"""A table: what each column is, its unit and its better direction; rendered for screen, page or program."""

from __future__ import annotations

import csv
import io
import json
import textwrap
from dataclasses import dataclass
from typing import TYPE_CHECKING

from zoo.errors import UnknownNameError
from zoo.report.formats.screen import WIDTH, screen_body

if TYPE_CHECKING:
    from collections.abc import Sequence


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
