"""Results: a view of records, as rows and as a table."""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING, Self

from zoo.errors import ZooError, option
from zoo.machine.differences import is_known
from zoo.results.frame import frame
from zoo.results.rows import BAD, CostRow, TransferRow, cost_row, transfer_rows
from zoo.results.standing import passed_over, standing

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    import pandas as pd

    from zoo.machine.fingerprint import Machine
    from zoo.results.record import Record


class Results:
    """A view of records: of each trial on each machine the one that stands.

    Parameters
    ----------
    records : iterable of Record
        In any order; see :func:`zoo.results.standing.rank` for which of several of one trial stands.

    Attributes
    ----------
    records : tuple of Record
        Those that stand.
    passed_over : tuple of PassedOver
        Newer ones that did not converge, or failed, and the older ones that stand for them.
    """

    def __init__(self, records: Iterable[Record]) -> None:
        given = list(records)
        stand = standing(given)
        self.records: tuple[Record, ...] = tuple(stand.values())
        self.passed_over = passed_over(given, stand)

    def __len__(self) -> int:
        return len(self.records)

    def kind(self, kind: str) -> list[Record]:
        """Records of one kind of trial, such as ``"cost"``."""
        return [record for record in self.records if record.trial.kind == kind]

    def machines(self) -> dict[str, Machine]:
        """Fingerprint of each machine, by its key.

        What others published is of none.
        """
        return {record.machine: record.environment for record in self.records if record.trial.kind != "published"}

    def check_one_machine(self) -> None:
        """Refuse records of several machines, never to be held together.

        Raises ZooError.
        """
        machines = self.machines()
        if len(machines) > 1:
            raise ZooError(
                f"these records are of {len(machines)} machines ({machines_text(machines)}); "
                "`zoo COMMAND --machine KEY` takes one, as results.on(KEY) does in Python"
            )

    def on(self, machine: str) -> Self:
        """Those of one machine, and what others published."""
        every = (*self.records, *(one.record for one in self.passed_over))
        return type(self)(r for r in every if r.machine == machine or r.trial.kind == "published")

    def failures(self) -> list[Record]:
        """Records that are ``failed``, ``oom`` or ``timeout``."""
        return [record for record in self.records if record.outcome.status in BAD]

    def missing_weights(self) -> list[str]:
        """Published weights that were not at hand when these were measured."""
        noted = (record.outcome.notes.get("weights_missing") for record in self.records)
        return sorted({str(name) for name in noted if name})

    def cost_rows(self, *, replicas: bool = False) -> list[CostRow]:
        """A row for each cost trial.

        The second half of an A/A pair only if ``replicas``.
        """
        return [row for row in self._cost_rows if replicas or not row.settings.replica]

    def transfer_rows(self) -> list[TransferRow]:
        """A row for each model, strategy and data cell, its seeds taken together."""
        return list(self._transfer_rows)

    @cached_property
    def _cost_rows(self) -> list[CostRow]:
        return [cost_row(record) for record in self.kind("cost")]

    @cached_property
    def _transfer_rows(self) -> list[TransferRow]:
        return transfer_rows(self.kind("transfer"))

    def to_frame(self) -> pd.DataFrame:
        """One row for each metric of each record: tidy, with settings as columns.

        Returns
        -------
        pandas.DataFrame
            Columns ``kind, model, weights, status, reason, metric, value, unit, low, high, n, flags, machine, run,
            suite, record, started`` (ISO 8601, UTC), ``duration_s, weights_digest, protocol``, and one
            ``setting.*`` for each setting, those of a recipe as ``setting.recipe.*``.
        """
        return frame(self.records)


def machines_text(machines: Mapping[str, Machine]) -> str:
    """Keys of machines, and which of several are unknown.

    Those are of records from before processors were told apart.
    """
    known = {key: is_known(machine) for key, machine in machines.items()}
    return ", ".join(key if known[key] or not any(known.values()) else f"{key}: unknown" for key in known)


def check_results(value: object, key: str) -> None:
    """Refuse what are no results, as an argument of a function.

    Raises
    ------
    ZooError
    """
    if not isinstance(value, Results):
        raise ZooError(f"{option(key)} must be results, such as zoo.run gives, not {value!r:.80}")
