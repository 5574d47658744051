"""Images a second that others publish of their machines, as they ship."""

from __future__ import annotations

import gzip
import json
from functools import lru_cache
from importlib import resources
from typing import TYPE_CHECKING, NamedTuple

from zoo.checks import text
from zoo.errors import UnknownNameError

if TYPE_CHECKING:
    from zoo.canonical import JsonObject


DATA = "rates.json.gz"


class Device(NamedTuple):
    """A machine of somebody's, and how it was measured there.

    Attributes
    ----------
    key, name : str
        As it is asked for, and in words: ``rtx-4090``, ``RTX 4090``.
    how : str
        Precision, memory format, engine and versions, in words.
    source : str
        Who states it, and when.
    """

    key: str
    name: str
    how: str
    source: str


class Rate(NamedTuple):
    """Images a second of an architecture, at inference.

    Attributes
    ----------
    images_per_s : float
    batch : int
        Images at a time.
    """

    images_per_s: float
    batch: int


@lru_cache(maxsize=1)
def rate_tables() -> JsonObject:
    """The tables as they ship.

    ``by`` and ``date`` say whose they are and of what day. ``devices`` are name, file and settings by key, and
    ``rates`` lists of side in pixels, images at a time and images a second, by key and model.
    """
    data: JsonObject = json.loads(gzip.decompress((resources.files("zoo.registry") / "data" / DATA).read_bytes()))
    return data


def devices() -> dict[str, Device]:
    """The machines that rates are published of, by key."""
    held = rate_tables()
    return {
        key: Device(key, of["name"], of["how"], f"{held['by']}'s {of['file']} of {held['date']}")
        for key, of in held["devices"].items()
    }


def device_named(key: str) -> Device:
    """A machine that rates are published of.

    Raises
    ------
    UnknownNameError
    """
    known = devices()
    asked = text(key, "", "on").strip().lower().replace(" ", "-").replace("_", "-")
    if asked not in known:
        raise UnknownNameError("device", key, known, f"rates are published of {', '.join(known)}")
    return known[asked]


def rates_on(device: Device) -> dict[tuple[str, int], Rate]:
    """Rates on a machine, by model and side in pixels."""
    found = {}
    for model, rows in rate_tables()["rates"][device.key].items():
        for side, batch, rate in rows:
            found[model, int(side)] = Rate(float(rate), int(batch))
    return found
