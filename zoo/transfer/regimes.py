"""One cell of the transfer table: a model under one strategy, on one training set, tested once."""

from __future__ import annotations

import json
import time
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from zoo.errors import ZooError
from zoo.statistics.intervals import wilson_interval
from zoo.statistics.measurement import Measurement
from zoo.statistics.outcome import Outcome, Status
from zoo.transfer.recipe import Recipe
from zoo.transfer.strategies import get_strategy

if TYPE_CHECKING:
    from collections.abc import Callable

    from torch import Tensor, nn

    from zoo.tasks.task import Task
    from zoo.transfer.images import Transform


@dataclass(frozen=True, slots=True)
class TransferJob:
    """What to train and test.

    Attributes
    ----------
    model : str
        ``source/architecture``; anything for the control ``pixels``.
    weights : str or None
        A tag; None for strategies that start from random or have no backbone.
    strategy, task : str
    shots : int or "all"
        Training images a class.
    seed : int
        Of the training set's draw, of a new head, of a random start and of the order of images.
    input_size : int or None
        Side in pixels; None is the task's own.
    """

    model: str
    weights: str | None
    strategy: str
    task: str
    shots: int | str
    seed: int
    input_size: int | None
    probe: str = "ridge"
    recipe: Recipe = field(default_factory=Recipe)
    corrupt: str = "refuse"


@dataclass(frozen=True)
class _Tested:
    """Predictions on the test split, and what was fitted to get them."""

    predictions: Tensor
    trained_params: int
    notes: dict[str, Any]
    flags: tuple[str, ...] = ()


def run_job(
    job: TransferJob,
    *,
    device: str = "cpu",
    threads: int | None = None,
    on_progress: Callable[[int, int], None] | None = None,
) -> Outcome:
    """Fit on the training split, then read the test split once.

    Parameters
    ----------
    job : TransferJob
    device : str
        For the backbone, in full float32 wherever it is (no TF32); probes are fitted on the CPU.
    threads : int, optional
        CPU threads; torch's present number otherwise.
    on_progress : callable, optional
        Told (step, steps) while a network is trained.

    Returns
    -------
    Outcome
        Metrics ``accuracy`` (fraction of the test images, Wilson interval), ``trained_params``,
        ``seconds``; samples ``correct`` (0 or 1 for each test image, in the task's order). A failure of
        the model or of its training is an outcome too.

    Raises
    ------
    ZooError
        What the user has to mend: an unknown name, too few images, missing weights.
    """
    import torch

    from zoo.cost.cuda import on_device
    from zoo.tasks.catalogue import get_task

    get_strategy(job.strategy)
    if threads is not None:
        torch.set_num_threads(threads)
    started, clock = time.time(), time.perf_counter()
    try:
        task = get_task(job.task, job.corrupt)
        with on_device(device):
            tested = _fit(job, task, device, on_progress)
    except ZooError:
        raise
    except Exception as error:  # noqa: BLE001 - the model is anybody's code; its error is its row
        memory = isinstance(error, torch.OutOfMemoryError | MemoryError) or "can't allocate memory" in str(error)
        lines = str(error).splitlines() or [""]
        return Outcome(
            Status.OOM if memory else Status.FAILED,
            f"{type(error).__name__}: {lines[0]}"[:200],
            started=started,
            duration_s=time.perf_counter() - clock,
        )
    correct = (tested.predictions.numpy() == task.test_labels).astype(int)
    hits, images = int(correct.sum()), len(correct)
    low, high = wilson_interval(hits, images)
    seconds = time.perf_counter() - clock
    return Outcome(
        Status.OK,
        metrics={
            "accuracy": Measurement(hits / images, "fraction", low, high, images),
            "trained_params": Measurement(tested.trained_params, "count"),
            "seconds": Measurement(seconds, "s"),
        },
        samples={"correct": correct.tolist()},
        flags=tested.flags,
        started=started,
        duration_s=seconds,
        notes=tested.notes | {"classes": len(task.classes), "device": device, "precision": "fp32"},
    )


def _fit(job: TransferJob, task: Task, device: str, on_progress: Callable[[int, int], None] | None) -> _Tested:
    if get_strategy(job.strategy).fits == "probe":
        return _probe(job, task, device)
    return _train(job, task, device, on_progress)


def _probe(job: TransferJob, task: Task, device: str) -> _Tested:
    import torch

    from zoo.tasks.splits import few_shot
    from zoo.transfer.probe import probe

    chosen = few_shot(task.train_labels, job.shots, job.seed)
    if job.strategy == "pixels":
        # Drawn before they are floats, which take four times the memory of all images.
        train, test = _pixels(task.train_images[chosen]), _pixels(task.test_images)
        notes: dict[str, Any] = {"batch_norm": "none"}
    else:
        every, test, notes = _features(job, task, device)
        train = every[torch.from_numpy(chosen)]
    labels = torch.from_numpy(task.train_labels[chosen])
    probed = probe(job.probe, train, labels, test, len(task.classes))
    return _Tested(probed.predictions, probed.parameters, notes | probed.notes | {"width": train.shape[1]})


def _pixels(images: Any) -> Tensor:
    import torch

    return torch.from_numpy(images.reshape(len(images), -1)).float() / 255


def _features(job: TransferJob, task: Task, device: str) -> tuple[Tensor, Tensor, dict[str, Any]]:
    from zoo.registry.create import create
    from zoo.registry.user_code import code_digest
    from zoo.transfer.features import FeatureKey, features
    from zoo.transfer.finetune import seeded

    transform = transform_for(job, task)
    code = code_digest(job.model)
    parts = (
        job.model,
        f"code {code}" if code else "",
        f"weights {_digest(job)}" if job.weights else f"random, seed {job.seed}",
    )

    def backbone() -> nn.Module:
        with seeded(job.seed):
            return create(job.model, weights=job.weights, num_classes=0)

    found = []
    cached = True
    for split, images in (("train", task.train_images), ("test", task.test_images)):
        key = FeatureKey(
            backbone=", ".join(filter(None, parts)),
            transform=json.dumps(transform.to_dict(), sort_keys=True),
            data=task.digest,
            split=split,
            libraries=_versions(job.model),
        )
        values, hit = features(key, images, transform, backbone, device)
        found.append(values)
        cached = cached and hit
    return found[0], found[1], {"batch_norm": "eval", "features_cached": cached}


def _versions(model: str) -> str:
    """Versions of torch, which initialises, and of the library that builds the model."""
    from importlib import metadata

    source = model.partition("/")[0]
    names = ("torch", source) if source in ("torchvision", "timm") else ("torch",)
    return ", ".join(f"{name} {metadata.version(name)}" for name in names)


def _train(job: TransferJob, task: Task, device: str, on_progress: Callable[[int, int], None] | None) -> _Tested:
    import torch

    from zoo.registry.create import create_to_train
    from zoo.registry.heads import classifier_parameters
    from zoo.tasks.splits import few_shot
    from zoo.transfer.finetune import predict, seeded, train

    recipe = job.recipe
    chosen = few_shot(task.train_labels, job.shots, job.seed)
    transform = transform_for(job, task)
    with seeded(job.seed):
        model = create_to_train(job.model, job.weights, len(task.classes)).to(device)
    pretrained = job.weights is not None
    done = train(
        model,
        transform.resize(task.train_images[chosen]),
        torch.from_numpy(task.train_labels[chosen]),
        transform=transform,
        recipe=recipe,
        steps=recipe.steps_for(len(chosen), job.strategy),
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
    return _Tested(
        predictions,
        sum(p.numel() for p in model.parameters() if p.requires_grad),
        notes,
        flags if recipe.is_cut_short(done.last_loss, len(task.classes)) else (),
    )


def transform_for(job: TransferJob, task: Task) -> Transform:
    """The job's size, with the mean and deviation that its weights were trained with.

    Raises
    ------
    ZooError
        For a size under what the architecture takes.
    """
    from zoo.registry.catalogue import get
    from zoo.registry.smallest import check_input_size
    from zoo.transfer.images import Transform

    size = job.input_size or task.native_size
    check_input_size(job.model, size)
    spec = get(f"{job.model}.{job.weights}" if job.weights and job.weights != "default" else job.model)
    stated = spec.preprocessing if job.weights else None
    if stated is None:
        return Transform(size)
    return Transform(size, stated.mean, stated.std)


def _digest(job: TransferJob) -> str:
    from zoo.registry.weights import obtain

    return obtain(job.model, job.weights or "default").sha256
