"""Records of older versions of the zoo, made into those of today."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from zoo.canonical import canonical_digest
from zoo.tasks.catalogue import TASKS

if TYPE_CHECKING:
    from zoo.canonical import JsonObject

FORMAT_VERSION = 3
"""Version of the record format.

1: trial, outcome, machine, environment, suite, run; the settings of a cost said in prose how a round is taken, those
of a training named both probe and recipe, whichever was used. 2: how rounds are taken is the trial's protocol; a
setting that the trial does not use, or that has the value it had before it existed, is left out. 3: the task of a
folder is called by its last name instead of its path, and a name is no part of the key of what has a digest.
"""

SEPARATOR = re.compile(r"[/\\]")

ROUNDS = {
    "b60940f66e30": 2,
    "8d62f812f76c": 2,
}
"""Protocol of costs of format 1, by the first digits of the digest of what they say of a round. Any other text
stays in the settings, so that its costs are trials of their own."""

PROBING = ("classifier", "random_features", "pixels")
"""Strategies of format 1 that fit a linear classifier and train no network."""


NAMES = ("task", "data")
"""Settings that may be the path of a folder, up to format 2."""

FIRST_DIGITS = 6


def upgraded(record: JsonObject) -> JsonObject:
    """A record, as JSON, in today's format.

    What is no record of an older format comes back as it is.
    """
    trial = record.get("trial")
    older = record.get("format") in (1, 2)
    if not older or not isinstance(trial, dict) or not isinstance(trial.get("settings"), dict):
        return record
    if record["format"] == 1:
        trial = _of_two(trial)
    return record | {"format": FORMAT_VERSION} | _without_path(record, trial)


def _without_path(record: JsonObject, trial: JsonObject) -> JsonObject:
    """Trial and outcome of a record of format 2, its task called by the last name of its path."""
    settings = dict(trial["settings"])
    outcome = record.get("outcome")
    for key in NAMES:
        path = settings.get(key)
        if not isinstance(path, str) or not SEPARATOR.search(path) or path in TASKS:
            continue
        name = next((part for part in reversed(SEPARATOR.split(path)) if part not in ("", ".", "..")), "folder")
        if not settings.get(f"{key}_digest"):  # nothing else tells it from other folders of that name
            whole = "/".join(part for part in SEPARATOR.split(path) if part)
            name += f" {canonical_digest(whole)[:FIRST_DIGITS]}"
        settings[key] = name
        if isinstance(outcome, dict) and isinstance(outcome.get("reason"), str):
            outcome = outcome | {"reason": outcome["reason"].replace(path.rstrip("/\\"), name)}
    return {"trial": trial | {"settings": settings}, "outcome": outcome}


def _of_two(trial: JsonObject) -> JsonObject:
    settings = dict(trial["settings"])
    changed: JsonObject = {}
    if trial.get("kind") == "cost":
        protocol = ROUNDS.get(canonical_digest(settings.get("round"))[:12])
        if protocol is not None and trial.get("protocol") == 1:
            del settings["round"]
            changed["protocol"] = protocol
    elif trial.get("kind") == "transfer":
        settings.pop("recipe" if settings.get("strategy") in PROBING else "probe", None)
    return trial | changed | {"settings": settings}
