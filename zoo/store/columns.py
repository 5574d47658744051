"""A record as columns of the store's tables, and back."""

from __future__ import annotations

import gc
import json
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from zoo.canonical import canonical_digest
from zoo.errors import ZooError
from zoo.machine.fingerprint import Machine
from zoo.outcome import Outcome, Status
from zoo.results.checks import check_record
from zoo.results.record import Record
from zoo.results.trial import KINDS, Trial
from zoo.store.broken import broken, measurements
from zoo.store.stored import StoredMapping, StoredSamples

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping, Sequence

    from zoo.canonical import JsonObject
    from zoo.results.trial import Settings
    from zoo.store.stored import SamplesReader

BROKEN = -1
"""``good`` of what is no whole record."""


@dataclass
class Rows:
    """What a record, or several, become in each table.

    Attributes
    ----------
    known : collection of str
        Digests of parts that the store has.
    last : tuple of Machine and str, optional
        The machine of the record before, and its digest: a run's records are of one.
    """

    known: Collection[str] = ()
    last: tuple[Machine, str] | None = None
    records: list[JsonObject] = field(default_factory=list)
    parts: dict[str, str] = field(default_factory=dict)
    samples: list[JsonObject] = field(default_factory=list)
    faults: list[JsonObject] = field(default_factory=list)

    def add(self, record: Record) -> None:
        """Take a record, or what says why it is none.

        Raises
        ------
        ValueError
            For a number that JSON does not have.
        """
        data = record.to_dict()
        trial, outcome = data["trial"], data["outcome"]
        about = {
            "id": record.id,
            "key": record.trial.key,
            "machine": record.machine,
            "kind": record.trial.kind,
            "suite": record.suite,
            "run": record.run,
            "started": record.outcome.started,
        }
        try:
            check_record(data)
        except ZooError as error:
            self.add_fault(about, str(error), compact(data))
            return
        self.records.append(
            about
            | {
                "good": int(record.outcome.status == Status.OK),
                "status": outcome["status"],
                "reason": compact(outcome["reason"]),
                "flags": compact(outcome["flags"]),
                "duration_s": outcome["duration_s"],
                "model": record.trial.model,
                "weights": record.trial.weights,
                "weights_digest": record.trial.weights_digest,
                "protocol": record.trial.protocol,
                "settings": self._part(trial["settings"]),
                "environment": self._machine(record.environment, data["environment"]),
                "metrics": compact(outcome["metrics"]),
                "notes": compact(outcome["notes"]),
            }
        )
        self.samples.append({"id": record.id, "body": compact(outcome["samples"])})

    def add_fault(self, about: JsonObject, reason: str, body: str) -> None:
        """Take what is no whole record, so that it can be named and removed."""
        texts = ("status", "reason", "flags", "model", "weights", "settings", "environment", "metrics", "notes")
        empty = dict.fromkeys(texts, "") | {"duration_s": 0.0, "weights_digest": None, "protocol": 0}
        self.records.append(empty | about | {"good": BROKEN})
        self.faults.append({"id": about["id"], "reason": reason, "body": body})

    def _machine(self, machine: Machine, body: JsonObject) -> str:
        if self.last is None or self.last[0] is not machine:
            self.last = machine, self._part(body)
        return self.last[1]

    def _part(self, body: JsonObject) -> str:
        digest = canonical_digest(body)
        if digest not in self.parts and digest not in self.known:
            self.parts[digest] = compact(body)
        return digest


class Reading:
    """Records of rows, which share their settings and their machines.

    Parameters
    ----------
    name : str
        The store's.
    parts : mapping of str to str
        What the rows share, by digest.
    samples : SamplesReader
        Of the same rows.
    """

    def __init__(self, name: str, parts: Mapping[str, str], samples: SamplesReader) -> None:
        self.name = name
        self._parts = parts
        self._samples = samples
        self._settings: dict[tuple[str, str], Settings] = {}
        self._machines: dict[str, Machine] = {}

    def records(self, rows: Sequence[Any]) -> list[Record]:
        """The records of some rows.

        Raises
        ------
        StoreError
            Where a row is none any more, naming the record.
        """
        collects = gc.isenabled()
        gc.disable()  # many objects and no circle among them: looking for some took twice the time of the rest
        try:
            return [self._record(place, row) for place, row in enumerate(rows)]
        finally:
            if collects:
                gc.enable()

    def _record(self, place: int, row: Any) -> Record:
        (
            _number, identity, key, machine, kind, suite, run, _good, started, status, reason, flags, duration_s,
            model, weights, weights_digest, protocol, settings, environment, metrics, notes,
        ) = row  # fmt: skip
        try:
            outcome = Outcome(
                STATUSES[status],
                "" if reason == '""' else json.loads(reason),
                StoredMapping(self.name, identity, metrics, measurements),
                StoredSamples(self._samples, place),
                () if flags == "[]" else tuple(json.loads(flags)),
                started,
                duration_s,
                StoredMapping(self.name, identity, notes, dict),
            )
            trial = Trial(model, weights, self._settings_of(kind, settings), weights_digest, protocol)
            trial.__dict__["key"] = key  # as it was computed when the record was kept
            return Record(trial, outcome, machine, self._machine_of(environment), suite, run, identity)
        except (KeyError, TypeError, ValueError, RecursionError) as error:
            raise broken(self.name, identity, error) from None

    def _settings_of(self, kind: str, digest: str) -> Settings:
        found = self._settings.get((kind, digest))
        if found is None:
            found = self._settings[kind, digest] = KINDS[kind].from_dict(json.loads(self._parts[digest]))
        return found

    def _machine_of(self, digest: str) -> Machine:
        found = self._machines.get(digest)
        if found is None:
            found = self._machines[digest] = Machine.from_dict(json.loads(self._parts[digest]))
        return found


STATUSES = {str(status): status for status in Status}


COMPACT = json.JSONEncoder(separators=(",", ":"), allow_nan=False)
"""Made once: a run writes record by record."""


def compact(value: object) -> str:
    """JSON without spaces, and without what JSON has no number for."""
    return COMPACT.encode(value)
