"""Trials in a few words."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from zoo.results.trial import threads_text

if TYPE_CHECKING:
    from zoo.results.record import Record


def setting_text(record: Record) -> str:
    """What was measured, without the model, its input size and its replica; what is unusual of it is said."""
    settings = {key: value for key, value in record.trial.settings.items() if key != "replica"}
    usual = {"precision": "fp32", "memory_format": "contiguous"}
    extra = [str(settings[key]) for key, plain in usual.items() if settings.get(key, plain) != plain]
    return ", ".join([describe_trial(settings), *extra])


def describe_trial(settings: Any) -> str:
    """The settings of a trial in a few words, without the model."""
    if "metric" in settings:
        replica = ", A/A twin" if settings.get("replica") else ""
        return (
            f"{settings['metric']}, {settings['device']}, batch {settings['batch']}{threads_text(settings)}{replica}"
        )
    if "data" in settings:
        return f"evaluation on {settings['images']} images of {settings['data']}"
    if "dataset" in settings:
        return f"published by {settings['by']} on {settings['dataset']}"
    parts = (settings.get("strategy", "pretraining"), settings["task"])
    shots = f", {settings['shots']} shots" if "shots" in settings else ""
    seed = f", seed {settings['seed']}" if "seed" in settings else ""
    return f"{parts[0]} on {parts[1]}{shots}{seed}"
