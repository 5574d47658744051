"""Tasks by name: the open table of them, or the path of a folder or list."""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING

from zoo.datasets.table import data_set_names
from zoo.errors import InputFileError, UnknownNameError
from zoo.paths import data_dir, shown_name
from zoo.plugins import Table
from zoo.tasks.folders.files import no_folder
from zoo.tasks.folders.folder import FilesTask, FolderTask
from zoo.tasks.lists.listed import ListTask
from zoo.tasks.lists.rows import is_list
from zoo.tasks.memory import recall, remember
from zoo.tasks.named import DataSetTask
from zoo.tasks.outline import outline_of

if TYPE_CHECKING:
    from collections.abc import Callable

    from zoo.tasks.outline import TaskOutline
    from zoo.tasks.source import TaskSource
    from zoo.tasks.task import Task


EMBEDDED = {
    "digits": "zoo.tasks.embedded.digits:DIGITS",
    "letters-am": "zoo.tasks.embedded.letters:LETTERS_AM",
    "letters-nz": "zoo.tasks.embedded.letters:LETTERS_NZ",
    "gratings": "zoo.tasks.embedded.gratings:GRATINGS",
    "photographs": "zoo.tasks.embedded.photographs:PHOTOGRAPHS",
}

TASKS: Table[TaskSource] = Table("task", EMBEDDED, "zoo.tasks")
"""Every task that has a name."""


def task_names() -> tuple[str, ...]:
    """Names in the table: the embedded tasks, then those of others."""
    return tuple(TASKS)


def is_named(name: str) -> bool:
    """Whether a task has that name, rather than a path."""
    return name in TASKS or name in data_set_names()


def check_task_name(name: str) -> None:
    """Refuse what is neither a task's name nor an existing folder or list.

    Raises
    ------
    UnknownNameError
        With the nearest names.
    InputFileError
        A file that is no list, and a list that is not there.
    """
    path = Path(name).expanduser()
    if is_named(name) or path.is_dir() or (path.is_file() and is_list(path)):
        return
    if path.is_file():
        raise no_folder(path)
    if is_list(path):
        raise InputFileError(f"{path}: no such file")
    others = [other for other in TASKS if other not in EMBEDDED]
    known = f"embedded are {', '.join(EMBEDDED)}" + (f"; added are {', '.join(others)}" if others else "")
    raise UnknownNameError(
        "task",
        name,
        (*task_names(), *data_set_names()),
        f"{known}; or a data set of torchvision's (CIFAR10, …), the path of an image folder, or of a list of images "
        "(.csv, .jsonl)",
    )


def outline(name: str, corrupt: str = "refuse", on_read: Callable[[int, int], None] | None = None) -> TaskOutline:
    """The outline of a task, remembered where its images are still the same.

    Parameters
    ----------
    name : str
        In the table, or the path of an image folder, or of a list of images.
    corrupt : str
        What is done about images of a folder that cannot be read; see :mod:`zoo.tasks.folders.files`.
    on_read : callable, optional
        Called with the count of files of a folder that were read, and of those to read.

    Raises
    ------
    UnknownNameError
        Neither a name of a task nor a folder or list.
    InputFileError
        A folder or list that is no task; see :func:`zoo.tasks.folders.folder.load_folder` and
        :func:`zoo.tasks.lists.listed.list_files`.
    """
    source, place = _source(name, corrupt)
    files = source.find() if isinstance(source, FilesTask) else None
    signature = source.signature(files) if isinstance(source, FilesTask) else source.signature()
    known = None if signature is None else recall(task_name(name), place, signature)
    if known is not None:
        return known
    if isinstance(source, FilesTask):
        found = outline_of(source.make(on_read, files))
        # Of files that changed while they were read nobody knows which were seen.
        if source.signature(files) != signature:
            return found
    else:
        found = outline_of(_made(source, signature))
    if signature is not None:
        remember(found, place, signature)
    return found


def task_name(name: str) -> str:
    """What a task is called in records, a folder or list by its own last name."""
    return name if is_named(name) else shown_name(Path(name))


def get_task(name: str, corrupt: str = "refuse") -> Task:
    """A task with its images, which are made once a process.

    Parameters and errors are those of :func:`outline`.
    """
    source, _ = _source(name, corrupt)
    return _made(source, source.signature())


def _source(name: str, corrupt: str) -> tuple[TaskSource, str]:
    """What makes a task's images, and what tells it from all other tasks."""
    check_task_name(name)
    if name in TASKS:
        return TASKS.get(name), name
    if name in data_set_names():
        return DataSetTask.of(name, corrupt), f"data set in {data_dir()}, corrupt images: {corrupt}"
    path = Path(name).expanduser()
    task = FolderTask(path, corrupt) if path.is_dir() else ListTask(path, corrupt)
    return task, f"{path.resolve()}, corrupt images: {corrupt}"


def _made(source: TaskSource, signature: str | None) -> Task:
    return (_made_folder if isinstance(source, FilesTask) else _made_by_name)(source, signature)


@lru_cache(maxsize=16)
def _made_by_name(source: TaskSource, signature: str | None) -> Task:  # noqa: ARG001 - other images, another task
    return source.make()


@lru_cache(maxsize=4)
def _made_folder(source: TaskSource, signature: str | None) -> Task:  # noqa: ARG001
    return source.make()
