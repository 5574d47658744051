"""Which record of a trial stands, and which newer ones are passed over."""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import TYPE_CHECKING

from zoo.outcome import Status

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from zoo.results.record import Record

    Key = tuple[str, str]

NAMED = 3
"""Of the records that were passed over, so many are named."""


@dataclass(frozen=True, slots=True)
class PassedOver:
    """A newer record that an older, better one stands for.

    Attributes
    ----------
    record : Record
        It did not converge, or failed.
    standing : Record
        An older record of the same trial on the same machine, which is ``ok``.
    """

    record: Record
    standing: Record

    def __str__(self) -> str:
        trial, outcome = self.record.trial, self.record.outcome
        day = time.strftime("%Y-%m-%d", time.gmtime(self.standing.outcome.started))
        return f"{trial.display_name}, {trial.settings.describe()}: {outcome.status}, and ok on {day}"


def rank(record: Record) -> tuple[bool, float, str]:
    """How a record ranks among those of its trial on its machine.

    The highest stands. That is the newest by its start; but what did not converge, or failed, never stands for what
    is ``ok``. Ids break ties, so that the order in which records came into a store says nothing.
    See docs/measuring.md#which-record-stands.
    """
    return record.outcome.status == Status.OK, record.outcome.started, record.id


def standing(records: Iterable[Record]) -> dict[Key, Record]:
    """Find the record that stands of each trial on each machine."""
    found: dict[Key, Record] = {}
    for record in records:
        key = record.trial.key, record.machine
        other = found.get(key)
        if other is None or rank(record) > rank(other):
            found[key] = record
    return found


def passed_over(records: Iterable[Record], stand: Mapping[Key, Record]) -> tuple[PassedOver, ...]:
    """Find records that started after the one that stands for them."""
    pairs = ((record, stand[record.trial.key, record.machine]) for record in records)
    found = {r.id: PassedOver(r, kept) for r, kept in pairs if r.outcome.started > kept.outcome.started}
    return tuple(sorted(found.values(), key=lambda one: (one.record.outcome.started, one.record.id)))


def passed_over_line(found: Sequence[PassedOver]) -> str:
    """One line that says what was passed over, empty where nothing was."""
    if not found:
        return ""
    shown = "; ".join(map(str, found[:NAMED])) + (f"; and {len(found) - NAMED} more" if len(found) > NAMED else "")
    if len(found) == 1:
        return f"passed over 1 newer record that is not ok, for an older one that is: {shown}"
    return f"passed over {len(found)} newer records that are not ok, for older ones that are: {shown}"
