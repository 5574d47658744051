"""What planning asks of a suite's tasks.

Whether they have images enough, and the files they do without.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from zoo.tasks.catalogue import outline
from zoo.tasks.splits import check_shots as check_images

if TYPE_CHECKING:
    from zoo.runs.suite.suite import Suite


def check_shots(suite: Suite) -> None:
    """Refuse a task with too few images, before anything is run.

    Raises
    ------
    ZooError
        Names the class and how many images it has.
    """
    plan = suite.transfer
    if plan is None:
        return
    for task in plan.tasks:
        known = outline(task, plan.corrupt)
        for shots in plan.shots:
            check_images(known.train_counts, shots, known.classes)


def skipped_images(suite: Suite) -> dict[str, tuple[str, ...]]:
    """Files that cannot be read and are left out, by task.

    Of image folders, as the suite permits.
    """
    plan = suite.transfer
    if plan is None or plan.corrupt == "refuse":
        return {}
    found = {task: outline(task, plan.corrupt).skipped for task in plan.tasks}
    return {task: files for task, files in found.items() if files}
