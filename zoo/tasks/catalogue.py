"""Tasks by name: the embedded ones, or the path of an image folder."""

from __future__ import annotations

from functools import cache, lru_cache
from pathlib import Path
from typing import TYPE_CHECKING

from zoo.errors import UnknownNameError

if TYPE_CHECKING:
    from zoo.tasks.task import Task


TASK_NAMES = ("digits", "letters-am", "letters-nz", "gratings", "photographs")


def task_names() -> tuple[str, ...]:
    """Names of the embedded tasks."""
    return TASK_NAMES


def check_task_name(name: str) -> None:
    """Refuse what is neither an embedded task nor an existing folder.

    Raises
    ------
    UnknownNameError
        With the nearest names.
    """
    if name not in TASK_NAMES and not Path(name).is_dir():
        raise UnknownNameError(
            "task", name, TASK_NAMES, f"embedded are {', '.join(TASK_NAMES)}; or the path of an image folder"
        )


def get_task(name: str, corrupt: str = "refuse") -> Task:
    """The task of a name, or of an image folder; made once a process.

    Raises
    ------
    UnknownNameError
        Neither an embedded task nor a folder.
    InputFileError
        A folder that is no task; see :func:`zoo.tasks.folders.folder.load_folder`.
    """
    check_task_name(name)
    return _embedded(name) if name in TASK_NAMES else _folder(name, corrupt)


@cache
def _embedded(name: str) -> Task:
    from zoo.tasks.embedded.made import EMBEDDED

    return EMBEDDED[name]()


@lru_cache(maxsize=4)
def _folder(name: str, corrupt: str) -> Task:
    from zoo.tasks.folders.folder import load_folder

    return load_folder(Path(name), corrupt=corrupt)


def task_digest(name: str, corrupt: str = "refuse") -> str:
    """SHA-256 over a task's classes, labels and pixels."""
    return get_task(name, corrupt).digest
