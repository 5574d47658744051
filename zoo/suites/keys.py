"""Keys of tables, each read by something."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from zoo.checks import located
from zoo.errors import InputFileError, UnknownNameError

if TYPE_CHECKING:
    from collections.abc import Mapping


def check_keys(table: Mapping[str, Any], known: tuple[str, ...], where: str, prefix: str) -> None:
    """Refuse the first key that nothing reads, with the keys that are near it."""
    for key in table:
        if key not in known:
            named = f"{prefix}.{key}" if prefix else key
            try:
                raise UnknownNameError("key", named, [f"{prefix}.{k}" if prefix else k for k in known])
            except UnknownNameError as error:
                raise InputFileError(located(where, f"{error}; permitted here: {', '.join(known)}")) from None
