"""Tables as LaTeX, for papers."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from zoo.formats.base import Format
from zoo.formats.blocks import Details
from zoo.formats.escaping import visible
from zoo.formats.table import Table

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from zoo.formats.blocks import Block


SIGNS = {
    "\\": r"\textbackslash{}", "{": r"\{", "}": r"\}", "$": r"\$", "&": r"\&", "#": r"\#", "_": r"\_", "%": r"\%",
    "^": r"\textasciicircum{}", "~": r"\textasciitilde{}", "<": r"\textless{}", ">": r"\textgreater{}",
    "|": r"\textbar{}", '"': r"\textquotedbl{}", "`": r"\textasciigrave{}", "[": "{[}", "]": "{]}",
    "↓": r"$\downarrow$", "↑": r"$\uparrow$", "→": r"$\rightarrow$", "±": r"$\pm$", "×": r"$\times$", "−": r"$-$",
    "≥": r"$\geq$", "≤": r"$\leq$", "µ": r"\textmu{}", "·": r"$\cdot$", "…": r"\dots{}",
    "–": r"\textendash{}", "—": r"\textemdash{}",
}  # fmt: skip
"""Characters that LaTeX would take for its own, or lacks in its usual fonts.

A bracket after the end of a row would be taken for the height of what follows.
"""

JOINED = re.compile(r"([-',])(?=\1)")
"""Two that LaTeX would join into another sign."""

SPECIAL = re.compile("[" + re.escape("".join(SIGNS)) + "]")


def escaped_latex(text: str) -> str:
    """LaTeX that shows the text, whatever it holds."""
    return JOINED.sub(r"\1{}", SPECIAL.sub(lambda found: SIGNS[found[0]], visible(text).strip()))


def latex_table(table: Table) -> str:
    """A table that floats, with its title and settings as the caption.

    It takes the packages booktabs, and fontenc with T1.
    """
    sides = "".join(side[0] for side in table.alignment)
    caption = ". ".join(filter(None, (table.title.rstrip("."), table.whole_caption)))
    lines = [
        r"\begin{table}",
        r"\centering",
        *([rf"\caption{{{escaped_latex(caption)}}}"] if caption else []),
        rf"\begin{{tabular}}{{{sides}}}",
        r"\toprule",
        _row(table.headers),
        r"\midrule",
        *map(_row, table.rows),
        r"\bottomrule",
        r"\end{tabular}",
        r"\end{table}",
    ]
    return "\n".join(lines)


def _row(cells: Sequence[str]) -> str:
    return " & ".join(map(escaped_latex, cells)) + r" \\"


def latex_page(blocks: Sequence[Block]) -> str:
    """The tables of a page, folded ones too, and nothing else of it."""
    return "\n\n".join(map(latex_table, _tables(blocks)))


def _tables(blocks: Sequence[Block]) -> Iterator[Table]:
    for block in blocks:
        if isinstance(block, Table):
            yield block
        elif isinstance(block, Details):
            yield from _tables(block.blocks)


LATEX = Format(table=latex_table, blocks=latex_page)
