"""A task of somebody else's: plain squares, counted each time they are drawn."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np

from zoo.tasks.source import TaskSource
from zoo.tasks.task import Task, make_task


@dataclass(frozen=True, eq=False)
class Squares(TaskSource):
    """Dark and bright squares, ``each`` of them to train on a class; ``stated`` is the signature."""

    each: int = 6
    stated: str | None = None
    drawn: list[int] = field(default_factory=list)

    def make(self) -> Task:
        self.drawn.append(self.each)
        labels = np.repeat(np.arange(2), self.each)
        images = np.full((len(labels), 8, 8, 3), 40, np.uint8) + (labels * 170).astype(np.uint8)[:, None, None, None]
        images += np.random.default_rng(0).integers(0, 20, images.shape, np.uint8)
        return make_task("theirs/squares", ("dark", "bright"), (images, labels), (images + 1, labels), "squares")

    def signature(self) -> str | None:
        return self.stated


SQUARES = Squares()
