"""Small multiples: panels in a grid, or one after the other."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from zoo.figures.style import WIDTH

if TYPE_CHECKING:
    from collections.abc import Sequence


COLUMNS = 3
"""Most panels side by side."""

LETTER = 6.6
"""Width of a letter at 11 pixels, the size of the labels inside a panel."""


@dataclass(frozen=True)
class Panels:
    """The panels of two fields of the data.

    They stand in a grid of two or three columns. Of more columns, and of one column with several rows, they follow
    each other, three a line.

    Attributes
    ----------
    column, row : str
        The fields.
    columns, rows : tuple of str
        Their values in order.
    height : int
        Of a panel, in pixels.
    """

    column: str
    row: str
    columns: tuple[str, ...]
    rows: tuple[str, ...]
    height: int

    @classmethod
    def of(cls, values: Sequence[object], column: str, row: str, height: int) -> Panels:
        """The panels of what has both fields as attributes."""
        columns, rows = (
            tuple(dict.fromkeys(str(getattr(value, name)) for value in values)) for name in (column, row)
        )
        return cls(column, row, columns, rows, height)

    @property
    def is_grid(self) -> bool:
        """Whether rows and columns are told by headers of their own."""
        return 1 < len(self.columns) <= COLUMNS or len(self.columns) == len(self.rows) == 1

    @property
    def width(self) -> int:
        """Pixels of a panel, so that a line of them is as wide as other figures."""
        count = len(self.columns) if self.is_grid else len(self.columns) * len(self.rows)
        return WIDTH // min(COLUMNS, max(2, count))

    def title(self, value: object) -> str:
        """The title of the panel that a value stands in, where there is no grid."""
        return f"{getattr(value, self.column)}, {getattr(value, self.row)}"

    def repeat(self, chart: Any) -> Any:
        """A chart for each panel.

        Each of its values has both fields, and the title of its panel in a field ``panel``.
        """
        import altair as alt

        sized, header = chart.properties(width=self.width, height=self.height), alt.Header(labelFontSize=13)
        if self.is_grid:
            beside = alt.Header(labelFontSize=13, labelLimit=self.height + 10)
            return sized.facet(
                row=alt.Row(f"{self.row}:N", sort=list(self.rows), title=None, header=beside),
                column=alt.Column(f"{self.column}:N", sort=list(self.columns), title=None, header=header),
                spacing=14,
            )
        titles = [f"{column}, {row}" for row in self.rows for column in self.columns]
        facet = alt.Facet("panel:N", sort=titles, title=None, header=header)
        return sized.facet(facet, columns=COLUMNS, spacing=14).resolve_axis(x="independent")


def room_for(names: Sequence[str], most: float) -> float:
    """Pixels that the longest of some labels takes, up to so many."""
    return min(most, LETTER * max(map(len, names), default=0))
