"""A trial with what came of it and the machine that answered."""

from __future__ import annotations

import uuid
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from zoo.errors import ZooError
from zoo.machine.fingerprint import Machine
from zoo.outcome import Outcome, Status
from zoo.results.checks import check_record
from zoo.results.trial import Trial
from zoo.results.upgrade import FORMAT_VERSION, upgraded
from zoo.statistics.measurement import Measurement

if TYPE_CHECKING:
    from zoo.canonical import JsonObject


@dataclass(frozen=True)
class Record:
    """One answered trial.

    Attributes
    ----------
    trial : Trial
    outcome : Outcome
    machine : str
        Key of what changes a number here; see :func:`zoo.machine.differences.machine_key`.
    environment : Machine
        The whole fingerprint behind ``machine``, and what it leaves out (a host's name is never kept).
    suite : str
        Name of the suite that asked, or ``""``.
    run : str
        Identifier shared by the records of one invocation.
    id : str
        Unique; the same record imported twice is one record.
    """

    trial: Trial
    outcome: Outcome
    machine: str
    environment: Machine
    suite: str = ""
    run: str = ""
    id: str = field(default_factory=lambda: uuid.uuid4().hex)

    def to_dict(self) -> JsonObject:
        """Plain values for JSON (one line of the portable form)."""
        outcome = self.outcome
        return {
            "format": FORMAT_VERSION,
            "id": self.id,
            "suite": self.suite,
            "run": self.run,
            "machine": self.machine,
            "trial": self.trial.to_dict(),
            "outcome": {
                "status": str(outcome.status),
                "reason": outcome.reason,
                "metrics": {name: m.to_dict() for name, m in outcome.metrics.items()},
                "samples": {name: list(values) for name, values in outcome.samples.items()},
                "flags": list(outcome.flags),
                "started": outcome.started,
                "duration_s": outcome.duration_s,
                "notes": dict(outcome.notes),
            },
            "environment": self.environment.to_dict(),
        }

    @classmethod
    def from_dict(cls, data: JsonObject) -> Record:
        """Undo :meth:`to_dict`, of this version or of an older one.

        Raises
        ------
        ZooError
            Where the data is no whole record; see :func:`zoo.results.checks.check_record`.
        """
        data = upgraded(dict(data)) if isinstance(data, dict) else data
        check_record(data)
        raw = dict(data["outcome"])
        outcome = Outcome(
            **raw
            | {
                "status": Status(raw["status"]),
                "metrics": {name: Measurement.from_dict(m) for name, m in raw["metrics"].items()},
                "flags": tuple(raw["flags"]),
            }
        )
        try:
            trial = Trial.from_dict(data["trial"])
        except (AttributeError, TypeError, KeyError, ValueError, OverflowError) as error:
            raise ZooError(f"trial.settings cannot be read: {type(error).__name__}: {error}") from None
        return cls(
            trial=trial,
            outcome=outcome,
            machine=data["machine"],
            environment=Machine.from_dict(data["environment"]),
            suite=data["suite"],
            run=data["run"],
            id=data["id"],
        )
