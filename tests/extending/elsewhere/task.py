"""A task: dark squares and bright ones."""

from __future__ import annotations

from dataclasses import dataclass

from zoo.tasks.source import TaskSource
from zoo.tasks.task import Task, make_task


@dataclass(frozen=True)
class Squares(TaskSource):
    """Plain squares of two shades, in noise."""

    def make(self) -> Task:
        """Draw them."""
        import numpy as np

        def part(each: int, seed: int) -> tuple[object, object]:
            labels = np.repeat(np.arange(2), each)
            noise = np.random.default_rng(seed).integers(0, 60, (2 * each, 32, 32, 3))
            return (labels[:, None, None, None] * 60 + noise).astype(np.uint8), labels.astype(np.int64)

        return make_task("squares", ("dark", "bright"), part(8, 0), part(20, 1), "squares")

    def signature(self) -> str:
        """Changes where the squares do."""
        return "squares 1"


SQUARES = Squares()
