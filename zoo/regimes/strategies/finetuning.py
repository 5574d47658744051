"""Strategies that take gradient steps on the network."""

from __future__ import annotations

from typing import TYPE_CHECKING

from zoo.loading.create import create_to_train
from zoo.models.heads import classifier_parameters
from zoo.regimes.strategies.base import Strategy, Tested
from zoo.regimes.strategies.inputs import transform_for
from zoo.regimes.training import predict, seeded, train
from zoo.tasks.splits import few_shot

if TYPE_CHECKING:
    from zoo.regimes.strategies.base import OnProgress, TransferJob
    from zoo.tasks.task import Task


def fine_tune(job: TransferJob, task: Task, device: str, on_progress: OnProgress | None) -> Tested:
    """Gradient steps on the network, then its predictions on the test images."""
    import torch

    recipe = job.recipe
    chosen = few_shot(task.train_labels, job.shots, job.seed)
    transform = transform_for(job, task)
    with seeded(job.seed):
        model = create_to_train(job.model, job.weights, len(task.classes), transform.size).to(device)
    pretrained = job.weights is not None
    done = train(
        model,
        transform.resize(task.train_images[chosen]),
        torch.from_numpy(task.train_labels[chosen]),
        transform=transform,
        recipe=recipe,
        steps=recipe.steps_for(len(chosen), from_random=not pretrained),
        rate=recipe.full_rate if pretrained else recipe.scratch_rate,
        head={name for name, _ in classifier_parameters(model)},
        head_rate_factor=recipe.head_rate_factor if pretrained else 1.0,
        freeze_small_batch_norm=pretrained,
        seed=job.seed,
        on_progress=on_progress,
    )
    predictions = predict(model, transform.resize(task.test_images), transform)
    notes = {
        "batch_norm": done.batch_norm,
        "steps": done.steps,
        "batch": done.batch,
        "first_loss": done.first_loss,
        "last_loss": done.last_loss,
        "training_s": done.seconds,
    }
    flags = (f"cut short at a training loss of {done.last_loss:.2f}",)
    return Tested(
        predictions,
        sum(p.numel() for p in model.parameters() if p.requires_grad),
        notes,
        flags if recipe.is_cut_short(done.last_loss, len(task.classes)) else (),
    )


FULL = Strategy(
    name="full",
    trained="backbone and head, head rate × 10",
    start="weights",
    batch_norm="train, eval under batch 16",
    run=fine_tune,
    uses_recipe=True,
    order=2,
)

SCRATCH = Strategy(
    name="scratch",
    trained="backbone and head",
    start="random",
    batch_norm="train",
    run=fine_tune,
    uses_recipe=True,
    order=3,
)
