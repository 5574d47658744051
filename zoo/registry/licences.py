"""Licences of weights, and which of them permit commercial use."""

from __future__ import annotations

import fnmatch
from typing import TYPE_CHECKING

from zoo.checks import text
from zoo.errors import UnknownNameError

if TYPE_CHECKING:
    from collections.abc import Iterable


COMMERCIAL = ("apache-2.0", "mit", "bsd-3-clause", "bsd-2-clause", "cc-by-4.0", "cc0-1.0")
"""Licences known to permit commercial use."""

NON_COMMERCIAL = ("*-nc", "*-nc-*", "*noncommercial*", "*non-commercial*", "apple-amlr", "seer-license", "*/swag/*")
"""Patterns of licences known not to, in the spelling of :func:`_spelled`: Creative Commons NC, and terms for
research alone."""

WORD = "commercial"
"""Stands for every licence of :data:`COMMERCIAL` where a limit is asked for."""


def _spelled(licence: str) -> str:
    """A licence or a pattern as all are compared: ``CC BY-NC 4.0`` is ``cc-by-nc-4.0``."""
    return "-".join(licence.lower().replace("_", " ").split())


def is_non_commercial(licence: str | None) -> bool:
    """Whether a licence is known to forbid commercial use."""
    return licence is not None and any(fnmatch.fnmatchcase(_spelled(licence), pattern) for pattern in NON_COMMERCIAL)


def marked_licence(licence: str | None) -> str:
    """A licence as lists show it, with a mark where it forbids commercial use.

    Empty where none is stated.
    """
    return f"! {licence}" if is_non_commercial(licence) else licence or ""


def permits_commercial(licence: str | None) -> bool:
    """Whether a licence is known to permit commercial use.

    Terms of a maker's own are not known to.
    """
    return licence is not None and _spelled(licence) in COMMERCIAL


def warning_of(licence: str | None) -> str:
    """What to know of a licence before weights go into a product.

    Empty where there is nothing.
    """
    return f"licence {licence}: no commercial use" if is_non_commercial(licence) else ""


def is_permitted(licence: str | None, asked: Iterable[str]) -> bool:
    """Whether a licence is one of those asked for.

    They are names, shell patterns, or the word ``commercial``. Weights whose licence is not stated are permitted by
    nothing.
    """
    if licence is None:
        return False
    return any(
        permits_commercial(licence) if one == WORD else fnmatch.fnmatchcase(_spelled(licence), _spelled(one))
        for one in asked
    )


def check_asked(asked: Iterable[str], known: Iterable[str | None]) -> tuple[str, ...]:
    """``asked`` as a tuple, each of which some licence of ``known`` meets.

    Raises
    ------
    UnknownNameError
        For one that none does, with the nearest.
    """
    found, there = tuple(asked), sorted({one for one in known if one})
    for one in found:
        text(one, "", "licence")
        if one != WORD and not any(is_permitted(licence, (one,)) for licence in there):
            short = [licence for licence in there if "/" not in licence]
            raise UnknownNameError("licence", one, [*short, WORD], f"stated are {', '.join(short)}; or {WORD!r}")
    return found
