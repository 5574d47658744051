"""Packages that come with an extra of the zoo's."""

from __future__ import annotations

import importlib
from typing import Any

from zoo.outcome import ReasonError


def library(name: str, extra: str) -> Any:
    """A package, imported.

    Raises
    ------
    ReasonError
        Where it is missing, with what brings it.
    """
    try:
        return importlib.import_module(name)
    except ImportError:
        raise ReasonError(f"{name} is not installed: pip install 'backbone-zoo[{extra}]'") from None
