"""Weights that the zoo trained itself, and how."""

from __future__ import annotations

from typing import TYPE_CHECKING

from zoo.report.numbers import with_interval
from zoo.statistics.quantity import ACCURACY

if TYPE_CHECKING:
    from zoo.results.view import Results
    from zoo.statistics.measurement import Measurement


def pretraining_lines(results: Results) -> list[str]:
    """A line for each set of weights that the zoo trained itself."""
    lines = []
    for record in results.kind("pretrain"):
        settings, outcome = record.trial.pretrain, record.outcome
        if "accuracy" not in outcome.metrics:
            lines.append(f"{record.trial.model} on {settings.task}: {outcome.status}, {outcome.reason}")
            continue
        accuracy = with_interval(outcome.metrics["accuracy"], ACCURACY)
        lines.append(
            f"{record.trial.model}.{settings.task} at {settings.side} px: {accuracy} % on the "
            f"test images of {settings.task}, {outcome.notes.get('steps', '?')} steps, "
            f"{_seconds(outcome.metrics.get('seconds'))}, SHA-256 {str(outcome.notes.get('sha256', '?'))[:12]}"
        )
    return lines


def _seconds(taken: Measurement | None) -> str:
    return "made before" if taken is None else f"{taken.value:.0f} s"
