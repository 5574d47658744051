"""Results: a view of records, as rows and as a table."""

from __future__ import annotations

from dataclasses import fields, is_dataclass
from typing import TYPE_CHECKING, Any, Self

from zoo.canonical import OTHER, JsonObject
from zoo.errors import ZooError
from zoo.machine.differences import is_known
from zoo.results.quantities import quantity_of
from zoo.results.rows import BAD, CostRow, TransferRow, transfer_row

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    import pandas as pd

    from zoo.machine.fingerprint import Machine
    from zoo.results.record import Record
    from zoo.results.trial import Settings


class Results:
    """A view of records: of each trial on each machine the newest.

    Parameters
    ----------
    records : iterable of Record
        In any order of trials; a later record of the same trial supersedes an earlier one.
    """

    def __init__(self, records: Iterable[Record]) -> None:
        newest: dict[tuple[str, str], Record] = {}
        for record in records:
            newest[record.trial.key, record.machine] = record
        self.records: tuple[Record, ...] = tuple(newest.values())

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
                "name one with --machine, or in Python take results.on(MACHINE)"
            )

    def on(self, machine: str) -> Self:
        """Those of one machine, and what others published."""
        return type(self)(r for r in self.records if r.machine == machine or r.trial.kind == "published")

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
        rows = []
        for record in self.kind("cost"):
            settings = record.trial.cost
            if settings.replica and not replicas:
                continue
            metrics = record.outcome.metrics
            rows.append(
                CostRow(
                    model=record.trial.model,
                    weights=record.trial.weights,
                    metric=settings.metric,
                    settings=settings,
                    value=metrics.get(quantity_of(settings.metric).key),
                    p90=metrics.get("p90_ms"),
                    status=record.outcome.status,
                    reason=record.outcome.reason,
                    flags=record.outcome.flags,
                    machine=record.machine,
                    record=record,
                )
            )
        return rows

    def transfer_rows(self) -> list[TransferRow]:
        """A row for each model, strategy and data cell, its seeds taken together."""
        cells: dict[tuple[Any, ...], list[Record]] = {}
        for record in self.kind("transfer"):
            trial = record.trial
            cell = (record.machine, trial.model, trial.weights, trial.weights_digest, trial.transfer.cell)
            cells.setdefault(cell, []).append(record)
        return [transfer_row(records) for records in cells.values()]

    def to_frame(self) -> pd.DataFrame:
        """One row for each metric of each record: tidy, with settings as columns.

        Returns
        -------
        pandas.DataFrame
            Columns ``kind, model, weights, status, reason, metric, value, unit, low, high, n, flags, machine``
            and one ``setting.*`` for each setting.
        """
        import pandas as pd

        rows: list[JsonObject] = []
        for record in self.records:
            trial, outcome = record.trial, record.outcome
            shared = {
                "kind": trial.kind,
                "model": trial.model,
                "weights": trial.weights,
                "status": str(outcome.status),
                "reason": outcome.reason,
            }
            closing = {"flags": "; ".join(outcome.flags), "machine": record.machine, "run": record.run} | {
                f"setting.{name}": value for name, value in _columns(trial.settings)
            }
            if not outcome.metrics:
                rows.append(shared | closing)
            for name, m in outcome.metrics.items():
                measured = {
                    "metric": name,
                    "value": m.value,
                    "unit": m.unit,
                    "low": m.low,
                    "high": m.high,
                    "n": m.n,
                }
                rows.append(shared | measured | closing)
        return pd.DataFrame(rows).dropna(axis="columns", how="all")


def machines_text(machines: Mapping[str, Machine]) -> str:
    """Keys of machines, and which of several are unknown.

    Those are of records from before processors were told apart.
    """
    known = {key: is_known(machine) for key, machine in machines.items()}
    return ", ".join(key if known[key] or not any(known.values()) else f"{key}: unknown" for key in known)


def _columns(settings: Settings) -> Iterator[tuple[str, object]]:
    """Names and values of the settings that a column can hold.

    None stands for what is empty.
    """
    for field in fields(settings):
        value = getattr(settings, field.name)
        if not is_dataclass(value) and field.name != OTHER:
            yield (
                field.name,
                "x".join(map(str, value)) if isinstance(value, tuple) else None if value == "" else value,
            )
