"""MACs of what records are of, at the size of their images."""

from __future__ import annotations

from typing import TYPE_CHECKING

from zoo.models.macs import counted_as, known_macs, macs_at
from zoo.sources.forms import TRAINED

if TYPE_CHECKING:
    from collections.abc import Iterable

    from zoo.models.macs import Size, Sized
    from zoo.results.record import Record


class Macs:
    """MACs of one image, by model, size and form, of what some records are of.

    As a record notes them, which were counted where it was measured. Those of older records are counted here, all of
    them when the first is asked for.

    Parameters
    ----------
    records : iterable of Record
        Of costs and trainings; others, and controls without a model, are passed over.
    form : str
        In which trainings, whose own form is the trained one, are asked for too.
    """

    def __init__(self, records: Iterable[Record], form: str = TRAINED) -> None:
        self._known: dict[Sized, float | None] = {}
        for record in records:
            size = getattr(record.trial.settings, "input_size", None)
            if size is None:
                continue
            found = record.outcome.notes.get("macs")
            noted = float(found) if isinstance(found, int | float) and not isinstance(found, bool) else None
            own = getattr(record.trial.settings, "form", None)
            sized = counted_as((record.trial.model, size, own or TRAINED))
            self._known[sized] = noted if noted is not None else self._known.get(sized)
            if own is None:
                self._known.setdefault(counted_as((record.trial.model, size, form)), None)
        self._missing = [sized for sized, known in self._known.items() if known is None]
        self._looked_up = False

    def at(self, model: str, size: Size, form: str) -> float | None:
        """MACs of a model at a size in a form, None where they cannot be counted."""
        sized = counted_as((model, size, form))
        if not self._looked_up:
            self._looked_up = True
            found = known_macs(self._missing)
            self._known |= found
            self._missing = [sized for sized in self._missing if sized not in found]
        if sized in self._missing:
            self._known |= macs_at(self._missing)
            self._missing = []
        return self._known.get(sized)
