"""What planning asks of a task: classes, counts and a digest."""

from __future__ import annotations

from collections import Counter
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from zoo.canonical import JsonObject
    from zoo.tasks.task import Task


@dataclass(frozen=True)
class TaskOutline:
    """A task without its images.

    Attributes
    ----------
    name : str
        Of the embedded task, or the folder's own last name.
    classes : tuple of str
    train_counts : tuple of int
        Training images of each class.
    test_images : int
    digest : str
        SHA-256 over classes, labels and pixels, as :attr:`zoo.tasks.task.Task.digest`.
    native_size : int
        Side of the images in pixels.
    skipped : tuple of str
        Files that could not be read, where the user asked to go on without them.
    """

    name: str
    classes: tuple[str, ...]
    train_counts: tuple[int, ...]
    test_images: int
    digest: str
    native_size: int
    skipped: tuple[str, ...] = ()

    def to_dict(self) -> JsonObject:
        """JSON values."""
        return asdict(self)

    @classmethod
    def from_dict(cls, values: JsonObject) -> TaskOutline:
        """The outline of JSON values.

        Raises
        ------
        KeyError, TypeError, ValueError
            Where they are no outline's.
        """
        texts = [values["name"], values["digest"], *values["classes"], *values["skipped"]]
        if not all(isinstance(text, str) for text in texts) or len(values["classes"]) != len(values["train_counts"]):
            raise ValueError("no outline of a task")
        return cls(
            name=values["name"],
            classes=tuple(values["classes"]),
            train_counts=tuple(int(count) for count in values["train_counts"]),
            test_images=int(values["test_images"]),
            digest=values["digest"],
            native_size=int(values["native_size"]),
            skipped=tuple(values["skipped"]),
        )


def outline_of(task: Task) -> TaskOutline:
    """The outline of a task whose images are there."""
    counts = Counter(task.train_labels.tolist())
    return TaskOutline(
        name=task.name,
        classes=task.classes,
        train_counts=tuple(counts[index] for index in range(len(task.classes))),
        test_images=len(task.test_labels),
        digest=task.digest,
        native_size=task.native_size,
        skipped=task.skipped,
    )
