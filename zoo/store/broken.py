"""Records of a store that are none, and what is read of them."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from zoo.errors import StoreError
from zoo.statistics.measurement import Measurement

if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import TypeVar

    from zoo.canonical import JsonObject

    T = TypeVar("T")


def parsed(name: str, identity: str, text: str, read: Callable[[JsonObject], T]) -> T:
    """What a store holds for a record as an object of JSON.

    Parameters
    ----------
    name, identity : str
        The store's name, and the record's id.
    text : str
    read : callable
        What makes the values of the JSON ones.

    Raises
    ------
    StoreError
        Where it is none.
    """
    try:
        found = json.loads(text)
        if not isinstance(found, dict):
            raise TypeError("no object")
        return read(found)
    except (TypeError, ValueError, RecursionError) as error:
        raise broken(name, identity, error) from None


def measurements(found: JsonObject) -> dict[str, Measurement]:
    """Metrics by name, of JSON values."""
    return {key: Measurement.from_dict(value) for key, value in found.items()}


def broken(name: str, identity: str, why: object) -> StoreError:
    """What is raised for a record that is none."""
    return StoreError(not_whole(name, identity, why))


def not_whole(name: str, identity: str, why: object) -> str:
    """The line for a record that is none."""
    way_out = f"`zoo results remove --record {identity}` deletes it"
    return f"{name}, record {identity}: not a whole record: {why}; {way_out}"
