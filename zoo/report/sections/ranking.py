"""The table of rankings: which score foretells the best backbone."""

from __future__ import annotations

from typing import TYPE_CHECKING

from zoo.advice.ranking import PARAMS, rankings
from zoo.candidates.tasks import labels
from zoo.formats.table import Table
from zoo.report.numbers import MISSING
from zoo.statistics.ranks import FEWEST

if TYPE_CHECKING:
    from zoo.advice.ranking import Agreement
    from zoo.results.view import Results


BIGGER = "params (bigger wins)"


def ranking_table(results: Results) -> Table | None:
    """One line for each data cell of three fine-tuned backbones or more."""
    found = rankings(results)
    if not found:
        return None
    named = labels(results.transfer_rows())
    shown = [name for name in found[0].by if name == PARAMS or any(one.by[name].tau is not None for one in found)]
    rows = tuple(
        (
            named[one.row.settings.task_key],
            str(one.row.shots),
            str(one.n),
            *(_cell(one.by[name], one.n) for name in shown),
        )
        for one in found
    )
    headers = ("target", "shots", "ranked backbones", *(BIGGER if name == PARAMS else name for name in shown))
    caption = (
        "How far the order of backbones by each score is that by their best fine-tuned accuracy: Kendall's tau-b, "
        "from -1 (turned around) over 0 (no more alike than by chance) to 1 (the same order). A score is worth "
        "having where it does better than the last column, which ranks by the number of parameters alone. In "
        f"brackets is the 95% interval; under {FEWEST} backbones there is none, and one such number proves nothing."
    )
    return Table("Rankings", caption, headers, rows)


def _cell(one: Agreement, n: int) -> str:
    if one.tau is None:
        return MISSING
    interval = "" if one.low is None or one.high is None else f" [{one.low:+.2f}, {one.high:+.2f}]"
    fewer = f" (of {one.n})" if one.n < n else ""
    return f"{one.tau:+.2f}{interval}{fewer}"
