"""Results: records as rows, one for each cost and one for each regime with its seeds taken together."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from zoo.errors import ZooError
from zoo.statistics.intervals import accuracy_over_seeds, median
from zoo.statistics.measurement import Measurement
from zoo.statistics.outcome import Status

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    import pandas as pd

    from zoo.results.record import Record

BAD = (Status.FAILED, Status.OOM, Status.TIMEOUT)

ALIKE = ("task", "task_digest", "shots", "probe", "recipe")
"""Settings that two regimes have in common where one is held against the other."""


@dataclass(frozen=True)
class CostRow:
    """One model at one setting.

    Attributes
    ----------
    value : Measurement or None
        Latency in ms, or throughput in images/s; None where the trial failed.
    """

    model: str
    weights: str
    metric: str
    settings: Mapping[str, Any]
    value: Measurement | None
    p90: Measurement | None
    p99: Measurement | None
    status: Status
    reason: str
    flags: tuple[str, ...]
    machine: str
    record: Record

    @property
    def name(self) -> str:
        """Model with its weights, random ones called so."""
        return self.record.trial.display_name


@dataclass(frozen=True)
class TransferRow:
    """One model under one strategy on one data cell, over its seeds.

    Attributes
    ----------
    accuracy : Measurement or None
        Mean over the seeds that succeeded, with an interval over seeds and test images.
    seeds : tuple of int
        Those that succeeded.
    failed_seeds : tuple of int
    seconds : Measurement or None
        Median over seeds.
    """

    model: str
    weights: str
    task: str
    strategy: str
    shots: int | str
    input_size: tuple[int, ...] | None
    accuracy: Measurement | None
    seeds: tuple[int, ...]
    failed_seeds: tuple[int, ...]
    trained_params: int | None
    seconds: Measurement | None
    status: Status
    reason: str
    flags: tuple[str, ...]
    machine: str
    records: tuple[Record, ...] = field(repr=False, default=())

    @property
    def name(self) -> str:
        """Model with its weights, random ones called so."""
        return self.records[0].trial.display_name

    @property
    def start(self) -> tuple[str, str, str | None, tuple[int, ...] | None]:
        """What the row started from: model, weights, their digest, and input size."""
        trial = self.records[0].trial
        return self.model, self.weights, trial.weights_digest, self.input_size

    @property
    def settings(self) -> Mapping[str, Any]:
        """Settings of its trials; the seed is that of the first."""
        return self.records[0].trial.settings

    def is_beside(self, other: TransferRow) -> bool:
        """Whether the two may stand in one line of a table: same machine, data cell, way of training, and start.

        A random start stands beside any weights of its model at the same input size; the control without
        a model beside everything that was trained in its way, on whichever device (its own is always the CPU).
        """
        if self.machine != other.machine or any(self.settings.get(k) != other.settings.get(k) for k in ALIKE):
            return False
        if "none" in (self.weights, other.weights):
            return True
        if self.settings.get("device") != other.settings.get("device"):
            return False
        if self.start == other.start:
            return True
        same_model = (self.model, self.input_size) == (other.model, other.input_size)
        return same_model and "random" in (self.weights, other.weights)

    @property
    def correct(self) -> list[list[int]]:
        """0 or 1 by seed and test image, seeds in order."""
        good = sorted((r for r in self.records if _is_ok(r)), key=lambda r: r.trial.settings["seed"])
        return [[int(x) for x in r.outcome.samples["correct"]] for r in good]


def _is_ok(record: Record) -> bool:
    return record.outcome.status == Status.OK


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
        """Records of ``cost``, ``transfer``, ``pretrain``, ``evaluate`` or ``published``."""
        return [record for record in self.records if record.trial.kind == kind]

    def machines(self) -> dict[str, Mapping[str, Any]]:
        """Fingerprint of each machine by its key; what others published is of none."""
        return {record.machine: record.environment for record in self.records if record.trial.kind != "published"}

    def check_one_machine(self) -> None:
        """Raise ZooError where the records are of several machines, whose numbers are never held together."""
        machines = self.machines()
        if len(machines) > 1:
            raise ZooError(
                f"these records are of {len(machines)} machines ({', '.join(machines)}); name one with --machine, "
                "or in Python take results.on(MACHINE)"
            )

    def on(self, machine: str) -> Results:
        """Those of one machine, and what others published."""
        return Results(r for r in self.records if r.machine == machine or r.trial.kind == "published")

    def failures(self) -> list[Record]:
        """Records that are ``failed``, ``oom`` or ``timeout``."""
        return [record for record in self.records if record.outcome.status in BAD]

    def missing_weights(self) -> list[str]:
        """Published weights that would have been taken and were not at hand when these were measured."""
        noted = (record.outcome.notes.get("weights_missing") for record in self.records)
        return sorted({str(name) for name in noted if name})

    def cost_rows(self, *, replicas: bool = False) -> list[CostRow]:
        """A row for each cost trial; the second half of an A/A pair only if ``replicas``."""
        rows = []
        for record in self.kind("cost"):
            settings = record.trial.settings
            if settings.get("replica") and not replicas:
                continue
            metrics = record.outcome.metrics
            rows.append(
                CostRow(
                    model=record.trial.model,
                    weights=record.trial.weights,
                    metric=settings["metric"],
                    settings=settings,
                    value=metrics.get("latency_ms" if settings["metric"] == "latency" else "throughput"),
                    p90=metrics.get("p90_ms"),
                    p99=metrics.get("p99_ms"),
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
            trial, settings = record.trial, record.trial.settings
            size = settings.get("input_size")
            cell = (
                record.machine, trial.model, trial.weights, trial.weights_digest, settings["task"],
                settings.get("task_digest"), settings["strategy"], settings["shots"],
                tuple(size) if size else None, settings.get("probe"), str(settings.get("recipe")),
                settings.get("device"),
            )  # fmt: skip
            cells.setdefault(cell, []).append(record)
        return [_transfer_row(records) for records in cells.values()]

    def to_frame(self) -> pd.DataFrame:
        """One row for each metric of each record: tidy, with settings as columns.

        Returns
        -------
        pandas.DataFrame
            Columns ``kind, model, weights, status, reason, metric, value, unit, low, high, n, flags, machine``
            and one ``setting.*`` for each setting.
        """
        import pandas as pd

        rows: list[dict[str, Any]] = []
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
                f"setting.{name}": "x".join(map(str, value)) if isinstance(value, list) else value
                for name, value in trial.settings.items()
                if not isinstance(value, dict)
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
        return pd.DataFrame(rows)


def _transfer_row(records: list[Record]) -> TransferRow:
    first = records[0]
    settings = first.trial.settings
    good = sorted((r for r in records if _is_ok(r)), key=lambda r: r.trial.settings["seed"])
    bad = [r for r in records if not _is_ok(r)]
    seconds = [r.outcome.metrics["seconds"].value for r in good]
    size = settings.get("input_size")
    correct = [[int(x) for x in r.outcome.samples["correct"]] for r in good]
    return TransferRow(
        model=first.trial.model,
        weights=first.trial.weights,
        task=settings["task"],
        strategy=settings["strategy"],
        shots=settings["shots"],
        input_size=tuple(size) if size else None,
        accuracy=accuracy_over_seeds(correct) if good else None,
        seeds=tuple(r.trial.settings["seed"] for r in good),
        failed_seeds=tuple(r.trial.settings["seed"] for r in bad),
        trained_params=int(good[0].outcome.metrics["trained_params"].value) if good else None,
        seconds=Measurement(median(seconds), "s", n=len(seconds)) if good else None,
        status=Status.OK if good else bad[0].outcome.status,
        reason=bad[0].outcome.reason if bad else "",
        flags=tuple(sorted({flag for r in records for flag in r.outcome.flags})),
        machine=first.machine,
        records=tuple(records),
    )
