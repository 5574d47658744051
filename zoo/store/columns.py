"""A record as columns of the store's tables, and back."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from functools import partial
from typing import TYPE_CHECKING, Any

from zoo.canonical import canonical_digest
from zoo.errors import StoreError, ZooError
from zoo.machine.fingerprint import Machine
from zoo.outcome import Outcome, Status
from zoo.results.checks import check_record
from zoo.results.record import Record
from zoo.results.trial import KINDS, Trial
from zoo.statistics.measurement import Measurement
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
    """

    known: Collection[str] = ()
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
                "environment": self._part(data["environment"]),
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

    def _part(self, body: JsonObject) -> str:
        digest = canonical_digest(body)
        if digest not in self.parts and digest not in self.known:
            self.parts[digest] = compact(body)
        return digest


class Reading:
    """Records of rows, which share their settings and their machines."""

    def __init__(self, name: str) -> None:
        self._name = name
        self._settings: dict[tuple[str, str], Settings] = {}
        self._machines: dict[str, Machine] = {}

    def records(self, rows: Sequence[Any], parts: Mapping[str, str], samples: SamplesReader) -> list[Record]:
        """The records of some rows.

        Raises
        ------
        StoreError
            Where a row is none any more, naming the record.
        """
        return [self._record(row, parts, StoredSamples(samples, place)) for place, row in enumerate(rows)]

    def _record(self, row: Any, parts: Mapping[str, str], samples: StoredSamples) -> Record:
        try:
            settings = self._settings.get((row.kind, row.settings))
            if settings is None:
                settings = KINDS[row.kind].from_dict(json.loads(parts[row.settings]))
                self._settings[row.kind, row.settings] = settings
            machine = self._machines.get(row.environment)
            if machine is None:
                machine = self._machines[row.environment] = Machine.from_dict(json.loads(parts[row.environment]))
            outcome = Outcome(
                STATUSES[row.status],
                "" if row.reason == '""' else json.loads(row.reason),
                StoredMapping(row.metrics, partial(_metrics, self._name, row.id)),
                samples,
                () if row.flags == "[]" else tuple(json.loads(row.flags)),
                row.started,
                row.duration_s,
                StoredMapping(row.notes, partial(parsed, self._name, row.id)),
            )
        except (KeyError, TypeError, ValueError, RecursionError) as error:
            raise broken(self._name, row.id, error) from None
        trial = Trial(row.model, row.weights, settings, row.weights_digest, row.protocol)
        trial.__dict__["key"] = row.key  # as it was computed when the record was kept
        return Record(trial, outcome, row.machine, machine, row.suite, row.run, row.id)


STATUSES = {str(status): status for status in Status}


def compact(value: object) -> str:
    """JSON without spaces, and without what JSON has no number for."""
    return json.dumps(value, separators=(",", ":"), allow_nan=False)


def parsed(name: str, identity: str, text: str) -> JsonObject:
    """An object of JSON that a store holds for a record.

    Raises
    ------
    StoreError
        Where it is none.
    """
    try:
        found = json.loads(text)
        if not isinstance(found, dict):
            raise TypeError("no object")
    except (TypeError, ValueError, RecursionError) as error:
        raise broken(name, identity, error) from None
    return found


def broken(name: str, identity: str, why: object) -> StoreError:
    """What is raised for a record that is none."""
    return StoreError(not_whole(name, identity, why))


def not_whole(name: str, identity: str, why: object) -> str:
    """The line for a record that is none."""
    way_out = f"`zoo results remove --record {identity}` deletes it"
    return f"{name}, record {identity}: not a whole record: {why}; {way_out}"


def _metrics(name: str, identity: str, text: str) -> dict[str, Measurement]:
    try:
        return {key: Measurement.from_dict(value) for key, value in parsed(name, identity, text).items()}
    except TypeError as error:
        raise broken(name, identity, error) from None
