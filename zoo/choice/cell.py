"""The data cell of the accuracies, and the best of each model on it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from zoo.choice.comparable import common_accuracies, is_of_size
from zoo.choice.floor import Floor, floor_of
from zoo.choice.tasks import find, identity, labels, newest_of_the_first
from zoo.errors import ZooError
from zoo.regimes.strategies import is_usable

if TYPE_CHECKING:
    from zoo.results.rows import TransferRow
    from zoo.results.view import Results


def best_transfer(
    results: Results, task: str | None, shots: int | str | None, strategy: str | None, size: int | str | None
) -> tuple[tuple[str, int | str] | None, dict[str, TransferRow], Floor]:
    """The cell, the best row of each model on it, and what takes no backbone.

    Parameters
    ----------
    results : Results
    task, shots, strategy, size : optional
        As :func:`zoo.choice.candidates.find_candidates` takes them.

    Raises
    ------
    ZooError
        Nothing at what was asked for.
    """
    every = [row for row in results.transfer_rows() if row.seeds]
    rows = [row for row in every if is_usable(row.strategy)]
    if not rows:
        return None, {}, Floor()
    known = newest_of_the_first(rows) if task is None else find(task, rows)
    shown = labels(results.transfer_rows())[known]
    counts = {row.shots for row in rows if identity(row) == known}
    if shots is not None and shots not in counts:
        raise ZooError(f"no accuracy on {shown} at {shots} shots; measured are {', '.join(map(str, counts))}")
    most = shots or max(counts, key=lambda count: float("inf") if count == "all" else int(count))
    in_cell = [row for row in every if identity(row) == known and row.shots == most]
    here = [row for row in in_cell if is_usable(row.strategy) and strategy in (None, row.strategy)]
    at_size = [row for row in here if is_of_size(row, size)]
    best: dict[str, TransferRow] = {}
    alike = common_accuracies(at_size or here)
    for row in alike:
        held = best.get(row.model)
        if held is None or (row.mean or 0.0) > (held.mean or 0.0):
            best[row.model] = row
    probe = next((row.settings.probe for row in alike if row.settings.probe), None)
    return (shown, most), best, floor_of(in_cell, probe)
