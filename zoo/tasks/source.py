"""A task before its images are there."""

from __future__ import annotations

from abc import ABC, abstractmethod
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from zoo.tasks.task import Task


class TaskSource(ABC):
    """What makes a task's images, and what they depend on.

    A part of the table of tasks is one, and hashable, as a frozen dataclass is.
    """

    @abstractmethod
    def make(self) -> Task:
        """Draw or read every image, by :func:`zoo.tasks.task.make_task`.

        Raises
        ------
        ZooError
            What the user has to mend.
        """

    def signature(self) -> str | None:
        """Text that differs where the images would.

        None where that cannot be known without making them. With a signature the task's outline is remembered from
        run to run, and no image is made to plan.
        """
        return None
