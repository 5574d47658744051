"""Names for the shell's completion."""

from __future__ import annotations

from typing import TYPE_CHECKING

from zoo.registry.catalogue import entries
from zoo.runs.suite.file import suite_names

if TYPE_CHECKING:
    from collections.abc import Callable


def complete_models() -> Callable[[str], list[str]]:
    """Model names for the shell's completion, from the catalogue."""

    def complete(incomplete: str) -> list[str]:

        names = sorted(entries())  # no model of the user's is built for its name
        bare = [name.partition("/")[2] for name in names]
        return [name for name in dict.fromkeys([*bare, *names]) if name.startswith(incomplete)][:200]

    return complete


def complete_suites(incomplete: str) -> list[str]:
    """Suite names for the shell's completion."""
    return [name for name in suite_names() if name.startswith(incomplete)]
