"""Records of older versions of the zoo, made into those of today."""

from __future__ import annotations

from typing import TYPE_CHECKING

from zoo.canonical import canonical_digest

if TYPE_CHECKING:
    from zoo.canonical import JsonObject

FORMAT_VERSION = 2
"""Version of the record format.

1: trial, outcome, machine, environment, suite, run; the settings of a cost said in prose how a round is taken, those
of a training named both probe and recipe, whichever was used. 2: how rounds are taken is the trial's protocol; a
setting that the trial does not use, or that has the value it had before it existed, is left out.
"""

ROUNDS = {
    "b60940f66e30": 2,
    "8d62f812f76c": 2,
}
"""Protocol of costs of format 1, by the first digits of the digest of what they say of a round. Any other text
stays in the settings, so that its costs are trials of their own."""

PROBING = ("classifier", "random_features", "pixels")
"""Strategies of format 1 that fit a linear classifier and train no network."""


def upgraded(record: JsonObject) -> JsonObject:
    """A record, as JSON, in today's format.

    What is no record of format 1 comes back as it is.
    """
    trial = record.get("trial")
    if record.get("format") != 1 or not isinstance(trial, dict) or not isinstance(trial.get("settings"), dict):
        return record
    return record | {"format": FORMAT_VERSION, "trial": _trial(trial)}


def _trial(trial: JsonObject) -> JsonObject:
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
