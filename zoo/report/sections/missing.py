"""Published weights that were not at hand."""

from __future__ import annotations

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
    return (
        f"Published weights that were not at hand: {files}. Costs of these models are of random weights, on which "
        "they do not depend; regimes started from weights that the zoo trained itself. "
        f"`zoo fetch {' '.join(names)}` brings them, and the same command then measures with them."
    )
