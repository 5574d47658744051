"""The source behind a name, whoever it is from."""

from __future__ import annotations

from typing import TYPE_CHECKING

from zoo.sources import SOURCES
from zoo.sources.naming import parse_name
from zoo.sources.user import UserSource

if TYPE_CHECKING:
    from zoo.sources.base import Source


def source_of(name: str) -> Source:
    """The source of a name: of the table, else of the user's models."""
    return SOURCES.get(name) if name in SOURCES else UserSource(name)


def code_digest(model: str) -> str | None:
    """What tells a model's code from other code under the same name.

    None for a library's, which its version tells, and where nothing of that name is known.
    """
    name = parse_name(model)
    return None if name.source is None else source_of(name.source).code(name.architecture)
