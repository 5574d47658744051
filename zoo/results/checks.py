"""What makes a record whole: types, finite numbers, what its kind needs."""

from __future__ import annotations

import math
from dataclasses import fields
from typing import TYPE_CHECKING, Any

from zoo.cost.metrics import METRICS
from zoo.errors import ZooError
from zoo.outcome import Outcome, Status
from zoo.results.quantities import quantity_of, rounds_of
from zoo.statistics.measurement import Measurement

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from zoo.canonical import JsonObject


LATEST_S = 253_402_300_800
"""The end of the year 9999, beyond which no calendar goes."""

TRIAL = ("kind", "model", "weights", "weights_digest", "settings", "protocol")


def check_record(data: Any) -> None:
    """Refuse what a reader of records would fall over.

    Parameters
    ----------
    data : object
        A record as :meth:`zoo.results.record.Record.to_dict` gives it.

    Raises
    ------
    ZooError
        One line that names the part (``outcome.metrics.latency_ms.value``), the rule and what was found.
    """
    _need(data, "the record", isinstance(data, dict), "an object")
    for key in ("id", "suite", "run", "machine"):
        _text(data.get(key), key, empty=key != "id")
    environment = data.get("environment")
    _mapping(environment, "environment")
    _check_environment(environment)
    trial, outcome = data.get("trial"), data.get("outcome")
    _mapping(trial, "trial")
    _mapping(outcome, "outcome")
    _check_trial(trial)
    _check_outcome(outcome)
    _check_answer(trial, outcome, environment)


def _check_environment(found: JsonObject) -> None:
    gpus, libraries, memory = found.get("gpus", []), found.get("libraries", {}), found.get("memory_bytes", 0)
    whole = isinstance(gpus, list) and all(isinstance(gpu, dict) and {"name", "driver"} <= set(gpu) for gpu in gpus)
    _need(gpus, "environment.gpus", whole, "a list of objects with name and driver")
    _mapping(libraries, "environment.libraries")
    _number(memory, "environment.memory_bytes")


def _check_trial(trial: JsonObject) -> None:
    _known(trial, TRIAL, "trial")
    kind = trial.get("kind")
    _need(kind, "trial.kind", isinstance(kind, str) and kind in SETTINGS, f"one of {', '.join(SETTINGS)}")
    _text(trial.get("model"), "trial.model", empty=True)
    _text(trial.get("weights"), "trial.weights", empty=True)
    if trial.get("weights_digest") is not None:
        _text(trial["weights_digest"], "trial.weights_digest", empty=True)
    _whole(trial.get("protocol", 1), "trial.protocol")
    _mapping(trial.get("settings"), "trial.settings")
    settings: JsonObject = trial["settings"]
    for key, check in SETTINGS[trial["kind"]].items():
        if key not in settings:
            raise ZooError(f"trial.settings lacks {key!r}, which every trial of kind {trial['kind']!r} has")
        check(settings[key], f"trial.settings.{key}")


def _check_outcome(outcome: JsonObject) -> None:
    _known(outcome, tuple(field.name for field in fields(Outcome)), "outcome")
    status = outcome.get("status")
    _need(status, "outcome.status", status in tuple(map(str, Status)), f"one of {', '.join(Status)}")
    _text(outcome.get("reason", ""), "outcome.reason", empty=True)
    for part in ("metrics", "samples", "notes"):
        _mapping(outcome.get(part), f"outcome.{part}")
    for name, metric in outcome["metrics"].items():
        _check_metric(metric, f"outcome.metrics.{name}")
    for name, values in outcome["samples"].items():
        _check_samples(values, f"outcome.samples.{name}")
    flags = outcome.get("flags")
    whole = isinstance(flags, list) and all(isinstance(flag, str) for flag in flags)
    _need(flags, "outcome.flags", whole, "a list of text")
    started = outcome.get("started", 0.0)
    _number(started, "outcome.started")
    _need(started, "outcome.started", abs(started) < LATEST_S, "seconds since 1970, before the year 10000")
    _number(outcome.get("duration_s", 0.0), "outcome.duration_s")


def _check_metric(metric: Any, where: str) -> None:
    _mapping(metric, where)
    _known(metric, tuple(field.name for field in fields(Measurement)), where)
    _number(metric.get("value"), f"{where}.value")
    _text(metric.get("unit"), f"{where}.unit", empty=True)
    for end in ("low", "high"):
        if metric.get(end) is not None:
            _number(metric[end], f"{where}.{end}")
    _whole(metric.get("n", 1), f"{where}.n")


def _check_samples(values: Any, where: str) -> None:
    try:
        whole = isinstance(values, list) and all(map(math.isfinite, values))  # in C: samples are long
    except (TypeError, OverflowError):
        whole = False
    if not whole:
        raise ZooError(f"{where} must be a list of finite numbers")


def _check_answer(trial: JsonObject, outcome: JsonObject, environment: JsonObject) -> None:
    """Refuse an answer without the numbers that its kind is shown by."""
    if outcome["status"] != Status.OK and not (outcome["status"] == Status.UNCONVERGED and outcome["metrics"]):
        return
    kind = trial["kind"]
    if kind == "cost":
        _check_cost(outcome, trial["settings"]["metric"])
    elif kind == "transfer":
        _lacks(outcome, "metrics", ["accuracy", "seconds", "trained_params"])
        _check_correct(outcome)
    elif kind == "published":
        _lacks(outcome, "metrics", ["top1"])
        _text(environment.get("source"), "environment.source")


def _check_cost(outcome: JsonObject, metric: str) -> None:
    """Whether the number of a known metric is there, with its rounds."""
    if metric not in METRICS:  # as in records of a package that is not installed
        return
    held = rounds_of(metric)
    _lacks(outcome, "metrics", [quantity_of(metric).key])
    _lacks(outcome, "samples", [held.key])
    rounds, notes = outcome["samples"][held.key], outcome["notes"]
    where = f"outcome.samples.{held.key}"
    if held.is_time:
        _need(rounds, where, bool(rounds) and min(rounds) > 0, "times above 0")
    _need(rounds, where, bool(rounds), "numbers, one a round")
    if notes.get("cohort") is not None:
        index = notes.get("round_index")
        whole = isinstance(index, list) and len(index) == len(rounds) and all(isinstance(i, int) for i in index)
        _need(index, "outcome.notes.round_index", whole, f"{len(rounds)} numbers, one a round")


def _check_correct(outcome: JsonObject) -> None:
    _lacks(outcome, "samples", ["correct"])
    correct, images = outcome["samples"]["correct"], outcome["metrics"]["accuracy"].get("n", 1)
    if len(correct) != images or not set(correct) <= {0, 1}:
        raise ZooError(f"outcome.samples.correct must be 0 or 1 for each of the {images} images of the accuracy")


def _lacks(outcome: JsonObject, part: str, names: list[str]) -> None:
    for name in names:
        if name not in outcome[part]:
            raise ZooError(f"outcome.{part} lacks {name!r}, and the status is {outcome['status']!r}")


def _known(found: JsonObject, known: tuple[str, ...], where: str) -> None:
    for key in found:
        if key not in known:
            raise ZooError(f"{where} has the unknown key {key!r}; known are {', '.join(known)}")


def _need(value: Any, where: str, holds: bool, rule: str) -> None:
    if not holds:
        shown = repr(value)
        raise ZooError(f"{where} must be {rule}, not {shown if len(shown) <= 40 else shown[:37] + '…'}")


def _text(value: Any, where: str, *, empty: bool = False) -> None:
    _need(value, where, isinstance(value, str) and bool(value or empty), "text" if empty else "non-empty text")


def _mapping(value: Any, where: str) -> None:
    _need(value, where, isinstance(value, dict), "an object")


def _number(value: Any, where: str) -> None:
    number = isinstance(value, int | float) and not isinstance(value, bool) and abs(value) < math.inf
    _need(value, where, number, "a finite number")


def _whole(value: Any, where: str, least: int = 0) -> None:
    whole = isinstance(value, int) and not isinstance(value, bool) and value >= least
    _need(value, where, whole, f"a whole number of at least {least}")


def _count(value: Any, where: str) -> None:
    _whole(value, where, 1)


def _shots(value: Any, where: str) -> None:
    if value != "all":
        _whole(value, where, 1)


def _shape(value: Any, where: str) -> None:
    whole = isinstance(value, list) and len(value) == 3 and all(isinstance(v, int) and v > 0 for v in value)
    _need(value, where, whole, "[channels, height, width]")


def _shape_or_none(value: Any, where: str) -> None:
    if value is not None:
        _shape(value, where)


SETTINGS: Mapping[str, Mapping[str, Callable[[Any, str], None]]] = {
    "cost": {
        "metric": _text,
        "device": _text,
        "batch": _count,
        "threads": _count,
        "precision": _text,
        "memory_format": _text,
        "input_size": _shape,
    },
    "transfer": {
        "task": _text,
        "strategy": _text,
        "shots": _shots,
        "seed": _whole,
        "input_size": _shape_or_none,
    },
    "pretrain": {"task": _text, "seed": _whole, "input_size": _shape},
    "evaluate": {"data": _text, "images": _count, "input_size": _shape, "preprocessing_from": _text},
    "published": {"dataset": _text, "by": _text},
}
"""Of each kind of trial, the settings that its readers take for granted, and what each must be."""
