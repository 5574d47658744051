"""How each embedded task is made."""

from __future__ import annotations

from typing import TYPE_CHECKING

from zoo.tasks.embedded.digits import digits
from zoo.tasks.embedded.gratings import gratings
from zoo.tasks.embedded.letters import letters
from zoo.tasks.embedded.photographs import photographs

if TYPE_CHECKING:
    from collections.abc import Callable

    from zoo.tasks.task import Task

EMBEDDED: dict[str, Callable[[], Task]] = {
    "digits": digits,
    "letters-am": lambda: letters("letters-am", "ABCDEFGHIJKLM", 30),
    "letters-nz": lambda: letters("letters-nz", "NOPQRSTUVWXYZ", 31),
    "gratings": gratings,
    "photographs": photographs,
}
"""The seeds are part of the task."""
