"""Numbers of a record as they can be: signs, units, intervals, lengths."""

from __future__ import annotations

import math
from dataclasses import fields
from typing import TYPE_CHECKING, Any

from zoo import rules
from zoo.cost.metrics import METRICS
from zoo.cost.metrics.base import DIFFERENCE
from zoo.errors import ZooError
from zoo.outcome import Status
from zoo.results.quantities import quantity_of, rounds_of
from zoo.statistics.measurement import Measurement
from zoo.statistics.percentiles import disordered
from zoo.statistics.quantity import TIME_UNITS

if TYPE_CHECKING:
    from collections.abc import Mapping

    from zoo.canonical import JsonObject

OF_A_NUMBER = tuple(field.name for field in fields(Measurement))

FRACTION, COUNT, RATE = "fraction", "count", "images/s"

NEVER_NEGATIVE = (*TIME_UNITS, RATE, COUNT, "bytes", "nats", DIFFERENCE.unit)

TRAINING = {"accuracy": FRACTION, "trained_params": COUNT, "seconds": "s"}
"""What every training has."""

FRACTIONS = (
    "balanced_accuracy", "macro_f1", "calibration_error", "top5", "validation", "validation_balanced",
)  # fmt: skip
OF_TRAINING = TRAINING | dict.fromkeys(FRACTIONS, FRACTION) | {"log_loss": "nats"}
UNITS: Mapping[str, Mapping[str, str]] = {
    "transfer": OF_TRAINING,
    "pretrain": OF_TRAINING,
    "search": {"validation": FRACTION, "log_loss": "nats"},
    "evaluate": {"top1": FRACTION, "top5": FRACTION},
    "published": {"top1": FRACTION, "top5": FRACTION},
}
"""Units of the numbers of each kind of trial; those of a cost are its metric's."""

NOTES = {"majority": 1.0, "macs": rules.LARGEST}
"""The most that a number in a note may be, none of which is negative."""

SLACK = 1e-9
"""By how much of its size a value may lie outside its interval, for the rounding of either."""


def check_metric(metric: Any, name: str, trial: JsonObject) -> None:
    """Refuse a number that cannot be what its name says."""
    where = f"outcome.metrics.{name}"
    rules.mapping(metric, where)
    rules.known(metric, OF_A_NUMBER, where)
    value, unit = metric.get("value"), metric.get("unit")
    rules.number(value, f"{where}.value")
    rules.any_text(unit, f"{where}.unit")
    rules.whole(metric.get("n", 1), f"{where}.n")
    stated = _unit(trial, name)
    rules.need(unit, f"{where}.unit", unit == stated or not stated, f"{stated!r}, the unit of {name}")
    low, high = metric.get("low"), metric.get("high")
    ends = {end: found for end, found in (("low", low), ("high", high)) if found is not None}
    for end, found in ends.items():
        rules.number(found, f"{where}.{end}")
    for part, found in {"value": value, **ends}.items():
        _check_sign(found, unit, f"{where}.{part}", positive=name == _timed(trial))
    if unit == COUNT:
        rules.need(value, f"{where}.value", float(value).is_integer(), "a whole number")
    if ends:
        _check_interval(low, value, high, where)


def check_percentiles(metrics: JsonObject) -> None:
    """Refuse a higher percentile that is less than a lower one."""
    if found := disordered({name: metric["value"] for name, metric in metrics.items()}):
        raise ZooError("outcome.metrics.{1}.value is less than that of {0}, a lower percentile".format(*found))


def check_notes(notes: JsonObject) -> None:
    """Refuse numbers in notes that cannot be so."""
    for key, most in NOTES.items():
        if (found := notes.get(key)) is not None:
            rules.number(found, f"outcome.notes.{key}")
            rules.need(found, f"outcome.notes.{key}", 0 <= found <= most, f"from 0 to {most:g}")


def check_samples(values: Any, where: str) -> None:
    """Refuse what is no list of finite numbers."""
    try:
        whole = isinstance(values, list) and all(map(math.isfinite, values))  # in C: samples are long
    except (TypeError, OverflowError):
        whole = False
    if not whole or max(map(abs, values), default=0) > rules.LARGEST:
        raise ZooError(f"{where} must be a list of finite numbers")


def check_answer(trial: JsonObject, outcome: JsonObject) -> None:
    """Refuse an answer without the numbers that its kind is shown by."""
    if outcome["status"] != Status.OK and not (outcome["status"] == Status.UNCONVERGED and outcome["metrics"]):
        return
    kind = trial["kind"]
    if kind == "cost":
        _check_cost(outcome, trial["settings"]["metric"])
    elif kind == "transfer":
        rules.lacks(outcome, "metrics", TRAINING)
        _check_hits(outcome, "accuracy", "correct")
    elif kind == "evaluate":
        rules.lacks(outcome, "metrics", ["top1"])
        _check_hits(outcome, "top1", "top1")
    elif kind == "search":
        rules.lacks(outcome, "metrics", ["validation"])
        _check_hits(outcome, "validation", "correct")
    elif kind == "published":
        rules.lacks(outcome, "metrics", ["top1"])


def _unit(trial: JsonObject, name: str) -> str:
    """Unit of a number, as far as the zoo knows it."""
    if trial["kind"] != "cost":
        return UNITS.get(trial["kind"], {}).get(name, "")
    metric = trial["settings"]["metric"]
    if metric not in METRICS:  # as in records of a package that is not installed
        return ""
    return next((quantity.unit for quantity in METRICS.get(metric).every if quantity.key == name), "")


def _timed(trial: JsonObject) -> str | None:
    """Name of the number that times of calls amount to, which is never 0."""
    metric = trial["settings"]["metric"] if trial["kind"] == "cost" else ""
    return quantity_of(metric).key if metric in METRICS and METRICS.get(metric).timed else None


def _check_sign(value: float, unit: str, where: str, *, positive: bool) -> None:
    if positive:
        rules.need(value, where, value > 0, f"above 0 ({unit})")
    elif unit == FRACTION:
        rules.need(value, where, 0 <= value <= 1, "a fraction from 0 to 1")
    elif unit in NEVER_NEGATIVE:
        rules.need(value, where, value >= 0, f"at least 0 ({unit})")


def _check_interval(low: float | None, value: float, high: float | None, where: str) -> None:
    if low is None or high is None:
        raise ZooError(f"{where} must have both low and high, or neither")
    rules.need(low, f"{where}.low", low <= high, f"at most {where}.high, {high:g}")
    slack = SLACK * max(abs(low), abs(high), abs(value))
    rules.need(
        value, f"{where}.value", low - slack <= value <= high + slack, f"within its interval {low:g} to {high:g}"
    )


def _check_cost(outcome: JsonObject, metric: str) -> None:
    """Whether the number of a known metric is there, with its rounds."""
    if metric not in METRICS:
        return
    held, quantity = rounds_of(metric), quantity_of(metric)
    rules.lacks(outcome, "metrics", [quantity.key])
    rules.lacks(outcome, "samples", [held.key])
    rounds, notes = outcome["samples"][held.key], outcome["notes"]
    where = f"outcome.samples.{held.key}"
    if held.is_time:
        rules.need(rounds, where, bool(rounds) and min(rounds) > 0, "times above 0")
        least, value, most = min(rounds), outcome["metrics"][quantity.key]["value"], max(rounds)
        among = not quantity.is_time or least * (1 - SLACK) <= value <= most * (1 + SLACK)
        rules.need(value, f"outcome.metrics.{quantity.key}.value", among, f"among its rounds, {least:g} to {most:g}")
    rules.need(rounds, where, bool(rounds), "numbers, one a round")
    if notes.get("cohort") is not None:
        index = notes.get("round_index")
        whole = isinstance(index, list) and len(index) == len(rounds) and all(type(i) is int for i in index)
        rules.need(index, "outcome.notes.round_index", whole, f"{len(rounds)} numbers, one a round")
        rules.need(
            index, "outcome.notes.round_index", len(set(index)) == len(rounds), "a number of its own each round"
        )


def _check_hits(outcome: JsonObject, name: str, samples: str) -> None:
    """Whether each image of an accuracy is right or wrong."""
    rules.lacks(outcome, "samples", [samples])
    hits, images = outcome["samples"][samples], outcome["metrics"][name].get("n", 1)
    if not hits or len(hits) != images or not set(hits) <= {0, 1}:
        raise ZooError(f"outcome.samples.{samples} must be 0 or 1 for each of the {images} images of the {name}")
    value, share = outcome["metrics"][name]["value"], sum(hits) / len(hits)
    equal = math.isclose(value, share, abs_tol=1e-6)
    rules.need(value, f"outcome.metrics.{name}.value", equal, f"{share:g}, the share of samples that are right")
