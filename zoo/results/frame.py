"""Records as tidy rows, one for each metric, and as a frame of them."""

from __future__ import annotations

import json
from dataclasses import fields, is_dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from zoo.canonical import OTHER

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    import pandas as pd

    from zoo.results.record import Record

    Cell = str | int | float | None

MEASURED = ("metric", "value", "unit", "low", "high", "n")
"""Columns that are empty of a record without a number."""

COLUMNS = (
    "kind", "model", "weights", "status", "reason", *MEASURED, "flags", "machine", "run", "suite", "record",
    "started", "duration_s", "weights_digest", "protocol",
)  # fmt: skip
"""Columns that every kind of record has; those of its settings follow, each as ``setting.NAME``."""

FLOATS = ("value", "low", "high", "duration_s")
"""Columns of a frame that hold numbers of all units, counts among them."""

COUNTED = ("count", "bytes")
"""Units of whole numbers."""


class TidyRows:
    """Rows of records, one for each metric, each with every column.

    They are made one by one, since those of very many records together would fill the memory.

    Parameters
    ----------
    records : sequence of Record

    Attributes
    ----------
    columns : tuple of str
        Those of which some record says anything.
    """

    def __init__(self, records: Sequence[Record]) -> None:
        self._records = records
        self._settings: dict[int, Mapping[str, Cell]] = {}  # by identity: many records share their settings
        found: dict[str, None] = {}
        for record in records:
            found |= dict.fromkeys(name for name, value in self._setting_cells(record).items() if value is not None)
        empty = set() if any(record.outcome.metrics for record in records) else set(MEASURED)
        for name, stated in (("weights_digest", _has_digest), ("started", started_text)):
            if not any(map(stated, records)):
                empty.add(name)
        self.columns = (*(name for name in COLUMNS if name not in empty), *found)

    def __iter__(self) -> Iterator[dict[str, Cell]]:
        for record in self._records:
            cells = {**dict.fromkeys(self.columns), **self._cells(record)}
            cells = {name: cells[name] for name in self.columns}
            if not record.outcome.metrics:
                yield cells
            for name, m in record.outcome.metrics.items():
                whole = m.unit in COUNTED
                value, low, high = (_whole(x) if whole else x for x in (m.value, m.low, m.high))
                yield cells | dict(zip(MEASURED, (name, value, m.unit, low, high, m.n), strict=True))

    def _cells(self, record: Record) -> dict[str, Cell]:
        trial, outcome = record.trial, record.outcome
        return {
            "kind": trial.kind,
            "model": trial.model,
            "weights": trial.weights,
            "status": str(outcome.status),
            "reason": outcome.reason,
            "flags": "; ".join(outcome.flags),
            "machine": record.machine,
            "run": record.run,
            "suite": record.suite,
            "record": record.id,
            "started": started_text(record),
            "duration_s": outcome.duration_s,
            "weights_digest": trial.weights_digest,
            "protocol": trial.protocol,
            **self._setting_cells(record),
        }

    def _setting_cells(self, record: Record) -> Mapping[str, Cell]:
        settings = record.trial.settings
        found = self._settings.get(id(settings))
        if found is None:
            found = self._settings[id(settings)] = dict(_setting_cells(settings, "setting."))
        return found


def frame(records: Sequence[Record]) -> pd.DataFrame:
    """Tidy rows as a frame, whole numbers as such also where some are missing."""
    import pandas as pd

    rows = TidyRows(records)
    # Column by column: a dictionary a row would take ten times the memory of what it holds.
    columns: dict[str, list[Cell]] = {name: [] for name in rows.columns}
    for row in rows:
        for name, column in columns.items():
            column.append(row[name])
    return pd.DataFrame({name: _series(name, column) for name, column in columns.items()}, columns=rows.columns)


def _series(name: str, column: list[Cell]) -> pd.Series:
    import pandas as pd

    if name in FLOATS:
        return pd.Series(column, name=name, dtype="float64")
    kinds = {type(value) for value in column}
    return pd.Series(column, name=name, dtype="Int64" if kinds == {int, type(None)} else None)


def started_text(record: Record) -> str | None:
    """When a record was started, as ISO 8601 in UTC.

    None where nobody said.
    """
    started = record.outcome.started
    return iso_text(started) if started else None


def iso_text(seconds: float) -> str:
    """Seconds since 1970 as ISO 8601 in UTC: ``2026-11-25T23:00:00Z``."""
    return datetime.fromtimestamp(seconds, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def _has_digest(record: Record) -> bool:
    return record.trial.weights_digest is not None


def _whole(value: float | None) -> float | int | None:
    return int(value) if isinstance(value, float) and value.is_integer() else value


def _setting_cells(settings: object, prefix: str) -> Iterable[tuple[str, Cell]]:
    """Names and values of settings, those of a recipe and of a preprocessing among them.

    None stands for what is empty.
    """
    for field in fields(settings):  # type: ignore[arg-type]
        name, value = prefix + field.name, getattr(settings, field.name)
        if field.name == OTHER:
            yield from ((prefix + key, _plain(one)) for key, one in json.loads(value or "{}").items())
        elif is_dataclass(value):
            yield from _setting_cells(value, f"{name}.")
        else:
            yield name, "x".join(map(str, value)) if isinstance(value, tuple) else None if value == "" else value


def _plain(value: object) -> Cell:
    return value if value is None or isinstance(value, str | int | float) else json.dumps(value)
