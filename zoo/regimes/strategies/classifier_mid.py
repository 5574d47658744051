"""The strategy that fits a new head on an earlier stage."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from zoo.regimes.strategies.base import Strategy, Tested
from zoo.regimes.strategies.probing import fitted, frozen_features
from zoo.training.openings import grouped_stages

if TYPE_CHECKING:
    from torch import Tensor, nn

    from zoo.regimes.strategies.base import OnProgress, TransferJob
    from zoo.tasks.task import Task


DEPTH = 2 / 3
"""Share of the stages after which the features are taken."""


def probe_mid_features(job: TransferJob, task: Task, device: str, on_progress: OnProgress | None) -> Tested:
    """A linear classifier on pooled features of an earlier stage."""
    return fitted(job, frozen_features(job, task, device, two_thirds, on_progress), len(task.classes))


def two_thirds(backbone: nn.Module) -> tuple[str, nn.Module]:
    """The last of two thirds of the stages, and its pooled output."""
    from torch import nn

    modules = dict(backbone.named_modules())
    groups = [[stage.name for stage in group if stage.name in modules] for group in grouped_stages(backbone)]
    named = [group[-1] for group in groups if group]
    place = max(1, round(DEPTH * len(named))) - 1
    name = named[place]

    class Truncated(nn.Module):
        """The output of a stage, pooled."""

        def __init__(self) -> None:
            super().__init__()
            self.backbone = backbone

        def forward(self, images: Tensor) -> Tensor:
            found: list[Any] = []
            handle = modules[name].register_forward_hook(lambda *call: found.append(call[2]))
            try:
                self.backbone(images)
            finally:
                handle.remove()
            return pooled(found[-1])

    return name, Truncated()


def pooled(output: Any) -> Tensor:
    """The mean of a stage's output over places or tokens, (N, C).

    Of four axes the channels are the second, or the last where the two before it are the equal ones, as some
    transformers have them.
    """
    value: Tensor = output if hasattr(output, "ndim") else next(iter(output))
    if value.ndim == 3:
        return value.mean(dim=1)
    if value.ndim == 4:
        last = value.shape[1] == value.shape[2] != value.shape[3]
        return value.mean(dim=(1, 2) if last else (2, 3))
    return value.flatten(1)


CLASSIFIER_MID = Strategy(
    name="classifier_mid",
    trained="new head on pooled features after two thirds of the stages",
    start="weights",
    batch_norm="eval",
    run=probe_mid_features,
    uses_probe=True,
    same_for_all=True,
    order=10,
)
