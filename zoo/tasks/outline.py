"""What planning asks of a task: classes, counts and a digest."""

from __future__ import annotations

import hashlib
from collections import Counter
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING

from zoo.images.files import FileImages
from zoo.tasks.health import (
    NAMED,
    majority_line,
    majority_share,
    missing_line,
    repeats_line,
    small_line,
    twins_line,
    two_classes_line,
)

if TYPE_CHECKING:
    from collections.abc import Iterable

    import numpy as np
    from numpy.typing import NDArray

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
    test_counts : tuple of int
        Test images of each class.
    twins : int
        Test images that stand among the training images too, the same picture, whatever files hold it.
    twin_names : tuple of str
        Folder and name of the first few of these, where they are files.
    repeats : int
        Test images that are equal to an earlier one.
    in_two_classes : int
        Different images that stand in more than one class, in either part.
    left_out : str
        What else a folder holds, in a line.
    read_s : float
        Seconds that decoding one file takes.
    digest : str
        SHA-256 over classes, labels and pixels, as :attr:`zoo.tasks.task.Task.digest`.
    native_size : int or None
        Side of the images in pixels, None of files, which have any.
    skipped : tuple of str
        Files that could not be read, where the user asked to go on without them.
    """

    name: str
    classes: tuple[str, ...]
    train_counts: tuple[int, ...]
    test_images: int
    digest: str
    native_size: int | None
    skipped: tuple[str, ...] = ()
    test_counts: tuple[int, ...] = ()
    twins: int = 0
    repeats: int = 0
    in_two_classes: int = 0
    left_out: str = ""
    read_s: float = 0.0
    twin_names: tuple[str, ...] = ()

    @property
    def majority(self) -> float:
        """The share of the test images that are of their most frequent class."""
        return majority_share(self.test_counts)

    def fewest(self, shots: int | str) -> int:
        """Training images of the class that has fewest, of so many a class or all."""
        return min(self.train_counts) if shots == "all" else int(shots)

    def trained_on(self, shots: int | str) -> int:
        """Training images in all, of so many a class or all."""
        return sum(self.train_counts) if shots == "all" else int(shots) * len(self.classes)

    def health(self) -> tuple[str, ...]:
        """What makes an accuracy on this task say less, a sentence each."""
        lines = (
            self.left_out,
            majority_line(self.classes, self.test_counts),
            twins_line(self.twins, self.test_images, self.twin_names),
            repeats_line(self.repeats, self.test_images),
            two_classes_line(self.in_two_classes),
            small_line("training", self.classes, self.train_counts),
            missing_line(self.classes, self.test_counts),
            small_line("test", self.classes, self.test_counts),
        )
        return tuple(line for line in lines if line)

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
            native_size=None if values["native_size"] is None else int(values["native_size"]),
            skipped=tuple(values["skipped"]),
            test_counts=tuple(int(count) for count in values["test_counts"]),
            twins=int(values["twins"]),
            repeats=int(values["repeats"]),
            in_two_classes=int(values["in_two_classes"]),
            left_out=str(values["left_out"]),
            read_s=float(values["read_s"]),
            twin_names=tuple(str(name) for name in values["twin_names"]),
        )


def outline_of(task: Task) -> TaskOutline:
    """The outline of a task whose images are there."""
    train, test = (Counter(labels.tolist()) for labels in (task.train_labels, task.test_labels))
    trained, tested = (list(_contents(images)) for images in (task.train_images, task.test_images))
    labels = zip([*trained, *tested], [*task.train_labels.tolist(), *task.test_labels.tolist()], strict=True)
    classes = Counter(content for content, _ in set(labels))
    known = set(trained)
    return TaskOutline(
        name=task.name,
        classes=task.classes,
        train_counts=tuple(train[index] for index in range(len(task.classes))),
        test_images=len(task.test_labels),
        digest=task.digest,
        native_size=task.native_size,
        skipped=task.skipped,
        test_counts=tuple(test[index] for index in range(len(task.classes))),
        twins=sum(content in known for content in tested),
        repeats=len(tested) - len(set(tested)),
        in_two_classes=sum(count > 1 for count in classes.values()),
        left_out=task.left_out,
        read_s=task.read_s,
        twin_names=_names(task.test_images, [content in known for content in tested]),
    )


def _names(images: NDArray[np.uint8] | FileImages, wanted: list[bool]) -> tuple[str, ...]:
    """Folder and name of the first few of some image files."""
    if not isinstance(images, FileImages):
        return ()
    files = sorted(file for file, is_one in zip(images.files, wanted, strict=True) if is_one)
    return tuple("/".join(file.parts[-2:]) for file in files[:NAMED])


def _contents(images: NDArray[np.uint8] | FileImages) -> Iterable[object]:
    """What tells each image from others."""
    return images.contents if isinstance(images, FileImages) else map(_content, images)


def _content(image: NDArray[np.uint8]) -> bytes:
    """What tells an image from others: its pixels are too many to be held twice."""
    return hashlib.blake2b(image.tobytes(), digest_size=16).digest()
