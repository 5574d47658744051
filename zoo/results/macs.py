"""MACs of what records are of, at the size of their images."""

from __future__ import annotations

from typing import TYPE_CHECKING

from zoo.models.macs import macs_at

if TYPE_CHECKING:
    from collections.abc import Iterable

    from zoo.models.macs import Sized
    from zoo.results.record import Record


def macs_of(records: Iterable[Record]) -> dict[Sized, float | None]:
    """MACs of one image, by model and size.

    As a record notes it, which was counted where it was measured; those of older records are counted here.

    Parameters
    ----------
    records : iterable of Record
        Of costs and trainings; others, and controls without a model, are passed over.
    """
    noted: dict[Sized, float | None] = {}
    for record in records:
        size = getattr(record.trial.settings, "input_size", None)
        if size is None:
            continue
        found = record.outcome.notes.get("macs")
        known = float(found) if isinstance(found, int | float) and not isinstance(found, bool) else None
        sized = record.trial.model, size
        noted[sized] = known if known is not None else noted.get(sized)
    return noted | macs_at(sized for sized, known in noted.items() if known is None)
