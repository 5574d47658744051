"""Values as canonical JSON, settings as its fields, digests of both."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import MISSING, asdict, field, fields, is_dataclass
from typing import TYPE_CHECKING, Any, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable

T = TypeVar("T")

Json = None | bool | int | float | str | Sequence["Json"] | Mapping[str, "Json"]
"""A value that JSON can hold."""

JsonObject = dict[str, Any]
"""What a border gives or takes: an object of JSON or TOML, whose values nobody has typed yet."""

OTHER = "other"
"""Field of a settings class that holds, as canonical JSON, what a record says and this version does not know."""

_LATER = "later"


SORTED = json.JSONEncoder(sort_keys=True, separators=(",", ":"), ensure_ascii=True, allow_nan=False)
"""Made once: a run writes record by record."""

SCALARS = frozenset({str, int, float, bool, type(None)})


def canonical_text(value: Any) -> str:
    """A JSON value with sorted keys, no spaces and no NaN."""
    return SORTED.encode(value)


def canonical_digest(value: Any) -> str:
    """SHA-256, in hex, of a JSON value with sorted keys, no spaces and no NaN."""
    return hashlib.sha256(canonical_text(value).encode()).hexdigest()


def whole(value: float | None) -> float | int | None:
    """A number, as an integer where it is whole.

    JSON and CSV then write it without a fraction.
    """
    return int(value) if isinstance(value, float) and value.is_integer() else value


def later(value: T) -> T:
    """A field that records may lack, with the value that it then had.

    At that value it is left out of records and keys, so that older ones keep theirs.
    """
    return field(default=value, metadata={_LATER: True})


def to_json(settings: Any) -> JsonObject:
    """Fields of a settings object as JSON, less what :func:`later` leaves out."""
    found: JsonObject = {}
    for one in fields(settings):
        value = getattr(settings, one.name)
        if one.name == OTHER:
            found |= json.loads(value or "{}")
        elif not (_LATER in one.metadata and value == one.default):
            found[one.name] = _plain(value)
    return found


def from_json(kind: type[T], data: JsonObject, **read: Callable[[Any], Any]) -> T:
    """Undo :func:`to_json`.

    Parameters
    ----------
    kind : type
        A settings class; where it has a field ``other``, that takes the keys it does not know.
    data : dict
        JSON values.
    read : callable
        By the name of a field, what makes its value of the JSON one.
    """
    known = {one.name: one for one in fields(kind)}  # type: ignore[arg-type]
    values = {key: read.get(key, _frozen)(value) for key, value in data.items() if key in known}
    unknown = {key: value for key, value in data.items() if key not in known}
    if OTHER in known and unknown:
        values[OTHER] = canonical_text(unknown)
    lacking = [
        n for n, one in known.items() if n not in values and one.default is MISSING and one.default_factory is MISSING
    ]
    if lacking:
        raise KeyError(lacking[0])
    return kind(**values)


def _plain(value: Any) -> Any:
    if type(value) in SCALARS:
        return value
    if hasattr(value, "to_dict"):
        return value.to_dict()
    if is_dataclass(value) and not isinstance(value, type):
        return {key: _plain(one) for key, one in asdict(value).items()}
    return [_plain(one) for one in value] if isinstance(value, tuple | list) else value


def _frozen(value: Any) -> Any:
    return tuple(_frozen(one) for one in value) if isinstance(value, list) else value
