"""What planning asks of a suite's tasks."""

from __future__ import annotations

from typing import TYPE_CHECKING

from zoo.tasks.catalogue import outline
from zoo.tasks.splits import check_shots as check_images

if TYPE_CHECKING:
    from zoo.runs.suite.suite import Suite, TransferPlan
    from zoo.tasks.outline import TaskOutline


def distinct_tasks(plan: TransferPlan) -> dict[str, TaskOutline]:
    """The tasks of a plan as they were asked for, each once.

    However many paths lead to it.
    """
    found: dict[str, tuple[str, TaskOutline]] = {}
    for task in plan.tasks:
        known = outline(task, plan.corrupt)
        found.setdefault(known.digest, (task, known))
    return dict(found.values())


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
    for known in distinct_tasks(plan).values():
        for shots in plan.shots:
            check_images(known.train_counts, shots, known.classes)


def outlines(suite: Suite) -> dict[str, TaskOutline]:
    """What is known of the tasks of a suite, by their digests."""
    plan = suite.transfer
    return {} if plan is None else {known.digest: known for known in distinct_tasks(plan).values()}
