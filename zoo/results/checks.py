"""What makes a record whole: types, finite numbers, what its kind needs."""

from __future__ import annotations

from dataclasses import fields
from typing import TYPE_CHECKING, Any

from zoo import rules
from zoo.errors import ZooError
from zoo.outcome import Outcome, Status
from zoo.results.plausible import check_answer, check_metric, check_notes, check_percentiles, check_samples

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from zoo.canonical import JsonObject


LATEST_S = 253_402_300_800
"""The end of the year 9999, beyond which no calendar goes."""

OF_AN_OUTCOME = tuple(field.name for field in fields(Outcome))

STATUSES = tuple(map(str, Status))

TRIAL = ("kind", "model", "weights", "weights_digest", "settings", "protocol")


def check_record(data: Any) -> None:
    """Refuse what a reader of records would fall over, or show wrongly.

    Parameters
    ----------
    data : object
        A record as :meth:`zoo.results.record.Record.to_dict` gives it.

    Raises
    ------
    ZooError
        One line that names the part (``outcome.metrics.latency_ms.value``), the rule and what was found.
    """
    rules.mapping(data, "the record")
    rules.identity(data.get("id"), "id")
    rules.any_text(data.get("suite"), "suite")
    for key in ("run", "machine"):
        if data.get(key) != "":
            rules.identity(data.get(key), key)
    environment = data.get("environment")
    rules.mapping(environment, "environment")
    _check_environment(environment)
    trial, outcome = data.get("trial"), data.get("outcome")
    rules.mapping(trial, "trial")
    rules.mapping(outcome, "outcome")
    _check_trial(trial)
    _check_outcome(outcome, trial)
    check_answer(trial, outcome)
    if trial["kind"] == "published" and outcome["status"] == Status.OK:
        rules.text(environment.get("source"), "environment.source")


def _check_environment(found: JsonObject) -> None:
    gpus, libraries, memory = found.get("gpus", []), found.get("libraries", {}), found.get("memory_bytes", 0)
    whole = isinstance(gpus, list) and all(isinstance(gpu, dict) and {"name", "driver"} <= set(gpu) for gpu in gpus)
    rules.need(gpus, "environment.gpus", whole, "a list of objects with name and driver")
    rules.mapping(libraries, "environment.libraries")
    rules.number(memory, "environment.memory_bytes")


def _check_trial(trial: JsonObject) -> None:
    rules.known(trial, TRIAL, "trial")
    kind = trial.get("kind")
    rules.need(kind, "trial.kind", isinstance(kind, str) and kind in SETTINGS, f"one of {', '.join(SETTINGS)}")
    rules.any_text(trial.get("model"), "trial.model")
    rules.any_text(trial.get("weights"), "trial.weights")
    rules.text_or_none(trial.get("weights_digest"), "trial.weights_digest")
    rules.whole(trial.get("protocol", 1), "trial.protocol")
    rules.mapping(trial.get("settings"), "trial.settings")
    settings: JsonObject = trial["settings"]
    for key, check in SETTINGS[trial["kind"]].items():
        if key not in settings:
            raise ZooError(f"trial.settings lacks {key!r}, which every trial of kind {trial['kind']!r} has")
        check(settings[key], f"trial.settings.{key}")
    for key, check in LATER[trial["kind"]].items():
        if key in settings:
            check(settings[key], f"trial.settings.{key}")


def _check_outcome(outcome: JsonObject, trial: JsonObject) -> None:
    rules.known(outcome, OF_AN_OUTCOME, "outcome")
    status = outcome.get("status")
    rules.need(status, "outcome.status", status in STATUSES, f"one of {', '.join(STATUSES)}")
    rules.any_text(outcome.get("reason", ""), "outcome.reason")
    for part in ("metrics", "samples", "notes"):
        rules.mapping(outcome.get(part), f"outcome.{part}")
    for name, metric in outcome["metrics"].items():
        check_metric(metric, name, trial)
    check_percentiles(outcome["metrics"])
    check_notes(outcome["notes"])
    for name, values in outcome["samples"].items():
        check_samples(values, f"outcome.samples.{name}")
    rules.text_or_none(outcome["notes"].get("cohort"), "outcome.notes.cohort")
    flags = outcome.get("flags")
    whole = isinstance(flags, list) and all(isinstance(flag, str) for flag in flags)
    rules.need(flags, "outcome.flags", whole, "a list of text")
    started, taken = outcome.get("started", 0.0), outcome.get("duration_s", 0.0)
    rules.number(started, "outcome.started")
    rules.need(started, "outcome.started", 0 <= started < LATEST_S, "seconds since 1970, before the year 10000")
    rules.number(taken, "outcome.duration_s")
    rules.need(taken, "outcome.duration_s", taken >= 0, "seconds, at least 0")


SETTINGS: Mapping[str, Mapping[str, Callable[[Any, str], None]]] = {
    "cost": {
        "metric": rules.text,
        "device": rules.text,
        "batch": rules.count,
        "threads": rules.count,
        "precision": rules.text,
        "memory_format": rules.text,
        "input_size": rules.shape,
    },
    "transfer": {
        "task": rules.text,
        "strategy": rules.text,
        "shots": rules.shots,
        "seed": rules.whole,
        "input_size": rules.shape_or_none,
    },
    "pretrain": {"task": rules.text, "seed": rules.whole, "input_size": rules.shape},
    "evaluate": {
        "data": rules.text,
        "images": rules.count,
        "input_size": rules.shape,
        "preprocessing_from": rules.text,
    },
    "published": {"dataset": rules.text, "by": rules.text},
    "search": {
        "task": rules.text,
        "step": rules.text,
        "shots": rules.shots,
        "images": rules.count,
        "seed": rules.whole,
        "input_size": rules.shape,
    },
}
"""Of each kind of trial, the settings that its readers take for granted, and what each must be."""

_OF_A_MODEL = {"device": rules.any_text, "code": rules.any_text}

LATER: Mapping[str, Mapping[str, Callable[[Any, str], None]]] = {
    "cost": {
        "engine": rules.text,
        "form": rules.text,
        "allocator": rules.text,
        "replica": rules.whole,
        "code": rules.any_text,
        "timed_by": rules.any_text,
    },
    "transfer": _OF_A_MODEL
    | {"task_digest": rules.any_text, "probe": rules.text_or_none, "precision": rules.text}
    | {"recipe": rules.mapping_or_none},
    "pretrain": {"task_digest": rules.any_text},
    "evaluate": _OF_A_MODEL | {"data_digest": rules.any_text, "preprocessing": rules.mapping},
    "published": {"img_size": rules.any_text},
    "search": _OF_A_MODEL | {"task_digest": rules.any_text, "recipe": rules.mapping_or_none},
}
"""Settings that a record may lack, and what each must be where it is there."""
