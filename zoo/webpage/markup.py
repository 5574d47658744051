"""Blocks of a page as HTML, in which nothing but the zoo's own is markup."""

from __future__ import annotations

import base64
import html
from pathlib import Path
from typing import TYPE_CHECKING

from zoo.formats.blocks import Code, Details, Figure, Heading, Text
from zoo.formats.escaping import BOLD, CODE, copyable, visible

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from zoo.formats.blocks import Block
    from zoo.formats.table import Table


LONG = 60
"""Rows of a table from which it is folded."""


def plain(text: str) -> str:
    """Text that is shown as it is, between tags or in an attribute."""
    return html.escape(visible(text), quote=True)


def marked(text: str) -> str:
    """Text with the two marks of :class:`zoo.formats.blocks.Text` as tags."""
    parts, end = [], 0
    for found in CODE.finditer(text):
        parts += [_bold(text[end : found.start()]), f"<code>{plain(found[1])}</code>"]
        end = found.end()
    return "".join([*parts, _bold(text[end:])]).strip()


def _bold(text: str) -> str:
    parts, end = [], 0
    for found in BOLD.finditer(text):
        parts += [plain(text[end : found.start()]), f"<strong>{plain(found[1])}</strong>"]
        end = found.end()
    return "".join([*parts, plain(text[end:])])


class Markup:
    """Writes the blocks of one page.

    Parameters
    ----------
    folder : Path
        Where the figures of the report were written; of blocks without a figure any.
    """

    def __init__(self, folder: Path = Path()) -> None:
        self._folder = folder
        self._writers: dict[type[Block], Callable[..., str]] = {
            Heading: self._heading,
            Text: self._text,
            Code: self._code,
            Figure: self._figure,
            Details: self._details,
        }
        self.headings: list[tuple[str, str]] = []

    def written(self, blocks: Iterable[Block]) -> str:
        """Blocks as HTML.

        The headings of sections are kept with their anchors.

        Raises
        ------
        OSError
            Where the file of a figure cannot be read.
        """
        return "\n".join(self._writers.get(type(block), self._table)(block) for block in blocks)

    def _heading(self, heading: Heading) -> str:
        level = min(6, max(1, heading.level))
        if level != 2:
            return f"<h{level}>{marked(heading.text)}</h{level}>"
        anchor = f"section-{len(self.headings) + 1}"
        self.headings.append((anchor, heading.text))
        return f'<h2 id="{anchor}">{marked(heading.text)}</h2>'

    def _text(self, text: Text) -> str:
        if text.listed:
            return "<ul>" + "".join(f"<li>{marked(line)}</li>" for line in text.lines) + "</ul>"
        return f"<p>{' '.join(map(marked, text.lines))}</p>"

    def _code(self, code: Code) -> str:
        return f'<pre tabindex="0"><code>{html.escape(copyable(code.text))}</code></pre>'

    def _figure(self, figure: Figure) -> str:
        """A figure as an image, in which no script runs, and whose ids are its own."""
        drawn = base64.b64encode((self._folder / f"{figure.name}.svg").read_bytes()).decode()
        caption = f"<figcaption>{marked(figure.caption)}</figcaption>" if figure.caption else ""
        image = f'<img src="data:image/svg+xml;base64,{drawn}" alt="{plain(figure.alt)}">'
        return f"<figure>{_scrolling(image, figure.alt)}{caption}</figure>"

    def _details(self, details: Details) -> str:
        return f"<details><summary>{marked(details.summary)}</summary>\n{self.written(details.blocks)}\n</details>"

    def _table(self, table: Table) -> str:
        sides = table.alignment
        head = "".join(
            f'<th scope="col" class="{side}">{marked(header)}</th>'
            for header, side in zip(table.headers, sides, strict=True)
        )
        rows = "\n".join(_row(row, sides) for row in table.rows)
        caption = f"<caption>{marked(table.whole_caption)}</caption>" if table.whole_caption else ""
        drawn = f"<table>{caption}<thead><tr>{head}</tr></thead><tbody>\n{rows}\n</tbody></table>"
        whole = _scrolling(drawn, table.title)
        if len(table.rows) < LONG:
            return whole
        return f"<details><summary>{plain(table.title)}: {len(table.rows)} rows</summary>\n{whole}\n</details>"


def _row(row: Iterable[str], sides: Iterable[str]) -> str:
    first, *others = zip(row, sides, strict=True)
    cells = "".join(f'<td class="{side}">{marked(cell)}</td>' for cell, side in others)
    return f'<tr><th scope="row" class="{first[1]}">{marked(first[0])}</th>{cells}</tr>'


def _scrolling(drawn: str, label: str) -> str:
    """What is wider than a phone, in a box that scrolls by itself, with the keyboard too."""
    return f'<div class="wide" role="group" tabindex="0" aria-label="{plain(label)}">{drawn}</div>'
