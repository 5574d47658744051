"""Rows of results: one a cost, and one a regime over its seeds."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING

from zoo.outcome import Status
from zoo.results.quantities import quantity_of
from zoo.sources.naming import NO_WEIGHTS, RANDOM
from zoo.statistics.balanced import balanced_over_seeds, is_imbalanced
from zoo.statistics.intervals import accuracy_over_seeds, median
from zoo.statistics.measurement import Measurement
from zoo.statistics.quantity import BALANCED

if TYPE_CHECKING:
    from collections.abc import Iterable

    from zoo.cost.settings import CostSettings
    from zoo.regimes.settings import TransferSettings
    from zoo.results.record import Record


BAD = (Status.FAILED, Status.OOM, Status.TIMEOUT)


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
    settings: CostSettings
    value: Measurement | None
    p90: Measurement | None
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

    What takes the samples of its records to tell is made when it is first asked for.

    Attributes
    ----------
    seeds : tuple of int
        Those that succeeded.
    failed_seeds : tuple of int
    """

    model: str
    weights: str
    task: str
    strategy: str
    shots: int | str
    input_size: tuple[int, ...] | None
    seeds: tuple[int, ...]
    failed_seeds: tuple[int, ...]
    status: Status
    reason: str
    flags: tuple[str, ...]
    machine: str
    records: tuple[Record, ...] = field(repr=False, default=())

    @cached_property
    def good(self) -> list[Record]:
        """Records of the seeds that succeeded, in their order, all of one test."""
        return _good(self.records)

    @cached_property
    def accuracy(self) -> Measurement | None:
        """Mean over the seeds that succeeded.

        Its interval is over seeds and test images.
        """
        return accuracy_over_seeds(self.correct) if self.seeds else None

    @cached_property
    def balanced(self) -> Measurement | None:
        """Mean recall over classes and seeds, with its interval.

        None of records from before labels were kept.
        """
        labels = self.labels
        return balanced_over_seeds(self.correct, labels) if labels else None

    def by(self, measure: str) -> Measurement | None:
        """The accuracy, or the balanced one."""
        return self.balanced if measure == BALANCED.key else self.accuracy

    def tested(self, measure: str) -> float:
        """The same without its interval, -1 where it is not known."""
        found = self.mean if measure != BALANCED.key else self.balanced.value if self.balanced else None
        return -1.0 if found is None else found

    def held_out(self, measure: str) -> float | None:
        """Mean over seeds on images held out, None where a seed has none."""
        name = "validation_balanced" if measure == BALANCED.key else "validation"
        found = [record.outcome.metrics.get(name) for record in self.good]
        values = [one.value for one in found if one is not None]
        return sum(values) / len(values) if values and len(values) == len(found) else None

    @cached_property
    def labels(self) -> list[int]:
        """Class indices of the test images, none of older records."""
        return [int(label) for label in self.good[0].outcome.samples.get("labels", ())] if self.good else []

    @property
    def class_counts(self) -> tuple[int, ...]:
        """Test images of each class that has any, none of older records."""
        listed = self.good[0].outcome.notes.get("recalls") if self.good else None
        counts = [one.get("images") for one in listed if isinstance(one, dict)] if isinstance(listed, list) else []
        return tuple(count for count in counts if isinstance(count, int))

    @property
    def is_unequal(self) -> bool:
        """Whether its test classes, as far as known, are unequal."""
        return is_imbalanced(self.class_counts) and bool(self.labels)

    @property
    def mean(self) -> float | None:
        """The accuracy without its interval, for which no sample is read."""
        each = [record.outcome.metrics["accuracy"] for record in self.good]
        return sum(round(m.value * m.n) for m in each) / sum(m.n for m in each) if each else None

    @cached_property
    def seconds(self) -> Measurement | None:
        """Median over the seeds that succeeded."""
        taken = [record.outcome.metrics["seconds"].value for record in self.good]
        return Measurement(median(taken), "s", n=len(taken)) if taken else None

    @cached_property
    def trained_params(self) -> int | None:
        """Parameters that were trained, None where no seed succeeded."""
        return int(self.good[0].outcome.metrics["trained_params"].value) if self.good else None

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
    def settings(self) -> TransferSettings:
        """Settings of its trials, with the seed of the first."""
        return self.records[0].trial.transfer

    def is_beside(self, other: TransferRow) -> bool:
        """Whether the two may stand in one line of a table.

        That takes the same machine, data cell, way of training, and start.

        A random start stands beside any weights of its model at the same input size; the control without
        a model beside everything that was trained in its way, on whichever device (its own is always the CPU).
        """
        if self.machine != other.machine or not self.settings.is_alike(other.settings):
            return False
        if NO_WEIGHTS in (self.weights, other.weights):
            # Of images that are drawn at one size it has none; of files it is at that of what it stands beside.
            return None in (self.input_size, other.input_size) or self.input_size == other.input_size
        ours, theirs = self.settings, other.settings
        if (ours.device, ours.precision) != (theirs.device, theirs.precision):
            return False
        if self.start == other.start:
            return True
        same_model = (self.model, self.input_size) == (other.model, other.input_size)
        return same_model and RANDOM in (self.weights, other.weights)

    @cached_property
    def correct(self) -> list[list[int]]:
        """0 or 1 by seed and test image, seeds in order."""
        return [[int(x) for x in record.outcome.samples["correct"]] for record in self.good]


def _is_ok(record: Record) -> bool:
    return record.outcome.status == Status.OK


def _good(records: Iterable[Record]) -> list[Record]:
    """Records that succeeded, in the order of their seeds.

    Only those of as many test images as most have: others are of another test, and have no mean with these.
    """
    found = sorted((record for record in records if _is_ok(record)), key=lambda r: r.trial.transfer.seed)
    most = _images(found)
    return [record for record in found if _images([record]) == most]


def _images(records: Iterable[Record]) -> int:
    """How many test images most records have."""
    counts = [record.outcome.metrics["accuracy"].n for record in records]
    return max(counts, key=counts.count, default=0)


def _left_out(records: Iterable[Record], good: list[Record]) -> set[str]:
    """A flag for each record that succeeded on other test images than most."""
    most, kept = _images(good), {record.id for record in good}
    lost = [record for record in records if _is_ok(record) and record.id not in kept]
    return {
        f"seed {record.trial.transfer.seed} left out: {_images([record])} test images, the others {most}"
        for record in lost
    }


def cost_row(record: Record) -> CostRow:
    """The row of a cost."""
    trial, outcome = record.trial, record.outcome
    settings = trial.cost
    return CostRow(
        model=trial.model,
        weights=trial.weights,
        metric=settings.metric,
        settings=settings,
        value=outcome.metrics.get(quantity_of(settings.metric).key),
        p90=outcome.metrics.get("p90_ms"),
        status=outcome.status,
        reason=outcome.reason,
        flags=outcome.flags,
        machine=record.machine,
        record=record,
    )


def transfer_rows(records: Iterable[Record]) -> list[TransferRow]:
    """Rows of trainings, one for each cell, in the order of first records.

    Of a cell that was measured under several protocols, the newest.
    """
    of_settings: dict[int, tuple[object, ...]] = {}  # by identity: many records share their settings
    alike: dict[tuple[object, ...], tuple[object, ...]] = {}
    cells: dict[tuple[str | int | None, ...], list[Record]] = {}
    for record in records:
        trial = record.trial
        shared = of_settings.get(id(trial.settings))
        if shared is None:
            found = trial.transfer.cell
            shared = of_settings[id(trial.settings)] = alike.setdefault(found, found)
        cell = record.machine, trial.model, trial.weights, trial.weights_digest, id(shared)
        held = cells.setdefault(cell, [])
        if held and trial.protocol > held[0].trial.protocol:
            held.clear()
        if not held or trial.protocol == held[0].trial.protocol:
            held.append(record)
    return [transfer_row(found) for found in cells.values()]


def transfer_row(records: list[Record]) -> TransferRow:
    """The row of one cell, from the records of its seeds."""
    first = records[0]
    settings = first.trial.transfer
    good = _good(records)
    bad = [r for r in records if not _is_ok(r)]
    return TransferRow(
        model=first.trial.model,
        weights=first.trial.weights,
        task=settings.task,
        strategy=settings.strategy,
        shots=settings.shots,
        input_size=settings.input_size,
        seeds=tuple(r.trial.transfer.seed for r in good),
        failed_seeds=tuple(r.trial.transfer.seed for r in bad),
        status=Status.OK if good else bad[0].outcome.status,
        reason=bad[0].outcome.reason if bad else "",
        flags=tuple(sorted({flag for r in records for flag in r.outcome.flags} | _left_out(records, good))),
        machine=first.machine,
        records=tuple(records),
    )
