"""What records note of the images behind an accuracy."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

    from zoo.results.record import Record


def majority_of(records: Iterable[Record]) -> str:
    """Percent of the test images in their most frequent class."""
    noted = (record.outcome.notes.get("majority") for record in records)
    shares = sorted({f"{100 * share:.1f}" for share in noted if isinstance(share, int | float)}, key=float)
    return " or ".join(shares)


def health_of(records: Iterable[Record]) -> list[str]:
    """Sentences on what makes an accuracy say less, each once."""
    noted = (record.outcome.notes.get("task_health") for record in records)
    sentences = dict.fromkeys(str(said).strip() for listed in noted if isinstance(listed, list) for said in listed)
    return [f"{said.rstrip('.')}." for said in sentences if said]
