"""The data cell of the accuracies, and the best of each model on it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from zoo.candidates.comparable import common_accuracies, is_of_size
from zoo.candidates.floor import Floor, floor_of
from zoo.candidates.regime import Regimes, regimes
from zoo.candidates.tasks import find, identity, labels, newest_of_the_first
from zoo.errors import ZooError
from zoo.regimes.strategies import is_usable
from zoo.statistics.quantity import BALANCED

if TYPE_CHECKING:
    from zoo.results.view import Results


def best_transfer(
    results: Results,
    task: str | None,
    shots: int | str | None,
    strategy: str | None,
    size: int | str | None,
    measure: str,
) -> tuple[tuple[str, int | str] | None, Regimes, Floor]:
    """The cell, the regime of each model on it, and what takes no backbone.

    Parameters
    ----------
    results : Results
    task, shots, strategy, size, measure

        As :func:`zoo.candidates.candidates.find_candidates` takes them.

    Raises
    ------
    ZooError
        Nothing at what was asked for.
    """
    every = [row for row in results.transfer_rows() if row.seeds]
    rows = [row for row in every if is_usable(row.strategy)]
    if not rows:
        return None, Regimes({}), Floor()
    known = newest_of_the_first(rows) if task is None else find(task, rows)
    shown = labels(results.transfer_rows())[known]
    counts = {row.shots for row in rows if identity(row) == known}
    if shots is not None and shots not in counts:
        raise ZooError(f"no accuracy on {shown} at {shots} shots; measured are {', '.join(map(str, counts))}")
    most = shots or max(counts, key=lambda count: float("inf") if count == "all" else int(count))
    in_cell = [row for row in every if identity(row) == known and row.shots == most]
    here = [row for row in in_cell if is_usable(row.strategy) and strategy in (None, row.strategy)]
    at_size = [row for row in here if is_of_size(row, size)]
    alike = common_accuracies(at_size or here)
    if measure == BALANCED.key and not any(row.labels for row in alike):
        raise ZooError(f"no balanced accuracy on {shown}: its records are from before labels were kept")
    probe = next((row.settings.probe for row in alike if row.settings.probe), None)
    return (shown, most), regimes(alike, measure), floor_of(in_cell, probe, measure)
