"""Regimes whose test images are right by chance, so often as is said."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import numpy as np

from tests.results.planted import transfer
from zoo.results.record import Record
from zoo.statistics.intervals import wilson_interval
from zoo.statistics.measurement import Measurement

CLASSES, IMAGES = 10, 200


def regime(
    rng: np.random.Generator, strategy: str, truth: float, shots: int | str = 50, task: str = "digits",
    model: str = "resnet18", *, seeds: int = 3, weights: str = "", notes: Mapping[str, Any] | None = None,
    **settings: Any,
) -> list[Record]:  # fmt: skip
    """One strategy over its seeds."""
    found = []
    for seed in range(seeds):
        record = transfer(model, strategy, truth, seed=seed, shots=shots, task=task, **settings)
        right = (rng.random(IMAGES) < truth).astype(int).tolist()
        accuracy = Measurement(sum(right) / IMAGES, "fraction", *wilson_interval(sum(right), IMAGES), IMAGES)
        noted = dict(record.outcome.notes) | {"classes": CLASSES} | dict(notes or {})
        metrics = dict(record.outcome.metrics) | {"accuracy": accuracy}
        outcome = replace(record.outcome, metrics=metrics, samples={"correct": right}, notes=noted)
        named = weights if weights and record.trial.weights == "letters-am" else record.trial.weights
        found.append(replace(record, outcome=outcome, trial=replace(record.trial, weights=named)))
    return found


def cell(
    rng: np.random.Generator, truths: Mapping[str, float], shots: int | str = 50, task: str = "digits",
    model: str = "resnet18", **at: Any,
) -> list[Record]:  # fmt: skip
    """Several strategies of one backbone on one target."""
    return [record for name, truth in truths.items() for record in regime(rng, name, truth, shots, task, model, **at)]
