"""What an embedded task is: how it is drawn, and by which libraries."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from zoo.tasks.signature import task_signature
from zoo.tasks.source import TaskSource

if TYPE_CHECKING:
    from collections.abc import Callable

    from zoo.tasks.task import Task


@dataclass(frozen=True)
class EmbeddedTask(TaskSource):
    """A task that needs no files of the user's.

    Attributes
    ----------
    name : str
    draw : callable
        Makes the task, the same for the same versions of ``libraries``.
    libraries : tuple of str
        Distributions that draw it, or that ship what it is cut from.
    """

    name: str
    draw: Callable[[], Task]
    libraries: tuple[str, ...]

    def make(self) -> Task:
        """Draw every image."""
        return self.draw()

    def signature(self) -> str:
        """Versions of the libraries and the code of this package."""
        return task_signature(self.libraries)
