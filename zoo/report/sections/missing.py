"""Published weights that were not at hand."""

from __future__ import annotations

import shlex
from typing import TYPE_CHECKING

from zoo.weights.locate import weights_file

if TYPE_CHECKING:
    from zoo.results.view import Results


def missing_text(results: Results) -> str:
    """Which published weights were not at hand, and how to fetch them.

    Empty where none was missing.
    """
    names = results.missing_weights()
    if not names:
        return ""
    files = ", ".join(f"{name} ({weights_file(name)})" for name in names)
    lacking = {record.trial.kind for record in results.records if record.outcome.notes.get("weights_missing")}
    said = {
        "cost": "costs of these models are of random weights, on which they do not depend",
        "transfer": "regimes started from weights that the zoo trained itself",
    }
    instead = "; ".join(text for kind, text in said.items() if kind in lacking)
    return (
        f"Published weights that were not at hand: {files}. "
        + (f"{instead[0].upper()}{instead[1:]}. " if instead else "")
        + f"`{shlex.join(['zoo', 'fetch', *names])}` brings them, and the same command then measures with them."
    )
