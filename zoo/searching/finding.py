"""What a search found: a choice, and what became of every candidate."""

from __future__ import annotations

import html
from dataclasses import dataclass
from typing import TYPE_CHECKING

from zoo.choice.choice import NOTHING_QUALIFIES
from zoo.choice.lines import INDENT
from zoo.terminal import wrapped

if TYPE_CHECKING:
    from zoo.canonical import JsonObject
    from zoo.choice.choice import Choice
    from zoo.searching.trail import Trail


@dataclass(frozen=True)
class Finding:
    """What a search found.

    Attributes
    ----------
    choice : Choice or None
        Of what the last round tested, in pairs; None where the time ended before any test.
    trail : Trail
        What became of every candidate, when and why.
    data : str
        What was searched on.
    budget_s, spent_s : float
    leading : str
        What stood first on training images held out, if anything did.
    leading_tested : bool
    """

    choice: Choice | None
    trail: Trail
    data: str
    budget_s: float
    spent_s: float
    leading: str = ""
    leading_tested: bool = False

    @property
    def exit_code(self) -> int:
        """0, or 3 where nothing qualifies or nothing was tested."""
        return NOTHING_QUALIFIES if self.choice is None else self.choice.exit_code

    @property
    def lines(self) -> list[str]:
        """What was looked at and dropped, a sentence each."""
        said = [f"Searched on {self.data} for {self.spent_s:.0f} s of {self.budget_s:.0f} s."]
        said += [f"{line[:1].upper()}{line[1:]}." for line in self.trail.lines()]
        if self.choice is not None and self.leading and not self.leading_tested:
            said.append(
                f"{self.leading} stood first on training images held out, and its test did not fit the time: "
                "what is chosen below may be worse."
            )
        if self.choice is None:
            first = f"; on training images held out {self.leading} stood first" if self.leading else ""
            said.append(f"The time ended before any test{first}. Run it again, with more time: it goes on.")
        return said

    def to_text(self) -> str:
        """Lines as wide as the terminal, or 100 columns where there is none."""
        chosen = [] if self.choice is None else ["", self.choice.to_text()]
        return "\n".join([*wrapped(self.lines, INDENT), *chosen])

    def to_dict(self) -> JsonObject:
        """Plain values for JSON."""
        return {
            "data": self.data,
            "budget_s": self.budget_s,
            "spent_s": round(self.spent_s, 1),
            "leading": self.leading,
            "trail": self.trail.to_dict(),
            "choice": None if self.choice is None else self.choice.to_dict(),
        }

    def _repr_html_(self) -> str:
        """The same for a notebook."""
        listed = "".join(f"<li>{html.escape(line)}</li>" for line in self.lines)
        return f"<ul>{listed}</ul>" + (self.choice._repr_html_() if self.choice else "")
