"""What planning asks of a suite's tasks."""

from __future__ import annotations

from typing import TYPE_CHECKING

from zoo.errors import option
from zoo.executors.pace import paced
from zoo.tasks.catalogue import outline, task_name
from zoo.tasks.splits import check_shots as check_images

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from zoo.executors.events import Event
    from zoo.suites.suite import Suite, TransferPlan
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


USUAL_SHOTS = 10
"""Training images a class where none are asked for."""


def usual_shots(tasks: Iterable[str], corrupt: str, say: Callable[[str], None]) -> tuple[int | str, ...]:
    """Training images a class where none are asked for.

    All of a user's images; of drawn ones ten, or as many as the smallest class has.

    Parameters
    ----------
    tasks : iterable of str
    corrupt : str
    say : callable
        Told where there are fewer than usual.
    """
    least = USUAL_SHOTS
    found = [outline(task, corrupt) for task in tasks]
    if all(known.native_size is None for known in found):
        return ("all",)
    for known in found:
        fewest = min(known.train_counts, default=0)
        if fewest < least:
            least = max(1, fewest)
            name = known.classes[known.train_counts.index(fewest)]
            say(
                f"{known.name}: class {name!r} has {fewest} training images, so {least} a class are taken, "
                f"where {USUAL_SHOTS} are usual; {option('shots')} asks for others"
            )
    return (least,)


def read_tasks(suite: Suite, say: Callable[[Event], None]) -> None:
    """Read the folders of a suite's tasks, so that planning finds them read.

    Parameters
    ----------
    suite : Suite
    say : callable
        Told how far it is.
    """
    plan = suite.transfer
    for task in plan.tasks if plan is not None else ():
        outline(task, plan.corrupt if plan else "refuse", paced(say, f"reading {task_name(task)}"))


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


def outlines(suite: Suite, others: Iterable[str] = ()) -> dict[str, TaskOutline]:
    """What is known of the tasks of a suite, by their digests.

    Parameters
    ----------
    suite : Suite
    others : iterable of str
        Tasks that weights are made on.
    """
    plan = suite.transfer
    found = [] if plan is None else list(distinct_tasks(plan).values())
    return {known.digest: known for known in (*map(outline, others), *found)}
