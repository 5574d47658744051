"""One evaluation: pretrained weights on the images of a folder."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, ClassVar

from zoo.classes.names import ClassNames
from zoo.errors import ZooError
from zoo.evaluation.evaluate import evaluate
from zoo.evaluation.settings import EvaluateSettings
from zoo.executors.job import Job
from zoo.loading.create import create
from zoo.loading.stated_classes import classes_of_checkpoint
from zoo.loading.statement import spec_of_checkpoint
from zoo.machine.devices import all_cores
from zoo.paths import shown_name
from zoo.registry.catalogue import get
from zoo.registry.own_tags import card
from zoo.results.trial import Trial
from zoo.sources.lookup import code_digest
from zoo.sources.user import load_in_worker
from zoo.weights.digests import sha256
from zoo.weights.file import FILE

if TYPE_CHECKING:
    from collections.abc import Callable

    from torch import nn

    from zoo.canonical import JsonObject
    from zoo.outcome import Outcome
    from zoo.sources.spec import ModelSpec, Preprocessing
    from zoo.tasks.folders.imagenet import ClassFolders
    from zoo.weights.file import WeightsFile

LEAST_TIMEOUT_S = 1800.0
PATIENCE = 20.0
"""So many times what an evaluation is expected to take is a hang."""


@dataclass(frozen=True, kw_only=True)
class EvaluationJob(Job):
    """Classify every image of a folder once.

    Attributes
    ----------
    model : str
        ``source/architecture``.
    file : WeightsFile or Path
        Weights of a tag, or a checkpoint of the user's.
    spec : ModelSpec
        With the preprocessing that the weights state.
    preprocessing : Preprocessing
        The one to use.
    images : ClassFolders
    classes : ClassNames or None
        Names of the model's classes, where they are stated.
    batch : int
        Images at a time.
    """

    RUNNER: ClassVar[str] = "zoo.runs.jobs.evaluation:run"
    REFUSALS_END: ClassVar[bool] = True

    model: str
    file: WeightsFile | Path
    spec: ModelSpec
    preprocessing: Preprocessing
    images: ClassFolders
    classes: ClassNames | None
    batch: int


def evaluation_job(
    model: str,
    file: WeightsFile | Path,
    images: ClassFolders,
    *,
    device: str,
    batch: int,
    test_size: bool,
    classes: ClassNames | None = None,
    timeout_s: float | None = None,
) -> EvaluationJob:
    """Plan the evaluation of one model.

    Neither it nor its weights are loaded.

    Parameters
    ----------
    test_size : bool
        Preprocess at the size that the weights are best tested at, where they state one.
    classes : ClassNames, optional
        Names of the model's classes as the user gives them; those that the weights bring otherwise.
    timeout_s : float, optional
        Seconds that it may take; many times what is expected otherwise.

    Raises
    ------
    ZooError
        For weights without preprocessing.
    """
    spec, label, digest = _stated(model, file)
    classes = classes or _stated_classes(file)
    if spec.preprocessing is None:
        raise ZooError(f"{spec.name} states no preprocessing; put a JSON file that states it beside the checkpoint")
    pre = spec.preprocessing.at_test_size() if test_size else spec.preprocessing
    settings = EvaluateSettings(
        data=shown_name(images.path),
        images=len(images.files),
        input_size=(spec.input_size[0], pre.crop, pre.width or pre.crop),
        preprocessing_from=spec.preprocessing_from or "",
        data_digest=images.digest,
        preprocessing=pre,
        device=device,
        code=code_digest(model) or "",
        classes=images.order_digest(classes, own=_is_own(file)),
    )
    trial = Trial(model, label, settings, digest)
    message = f"{trial.display_name} on {len(images.files)} images of {len(images.counts)} classes"
    macs = spec.estimated_macs(settings.input_size) or 0.0
    return EvaluationJob(
        trials=(trial,),
        label=trial.display_name,
        device=device,
        timeout_s=timeout_s or max(LEAST_TIMEOUT_S, PATIENCE * settings.expected_seconds(macs)),
        message=message + (f", {len(images.skipped)} corrupt ones skipped" if images.skipped else ""),
        model=model,
        file=file,
        spec=spec,
        preprocessing=pre,
        images=images,
        classes=classes,
        batch=batch,
    )


def run(job: EvaluationJob, step: Callable[[int, int], None]) -> Outcome:
    """Load the model and classify, in the process of the job."""
    load_in_worker(job.model)
    weights = job.file if isinstance(job.file, Path) else job.file.tag
    model = create(job.model, weights=weights)
    outcome = evaluate(
        model,
        job.preprocessing,
        job.images.labelled(_head(model, job.spec), job.classes, own=_is_own(job.file)),
        device=job.device,
        batch=job.batch,
        threads=all_cores(),
        on_progress=step,
    )
    health: JsonObject = {"task_health": list(lines)} if (lines := job.images.health()) else {}
    if job.classes is not None and job.classes.binding:
        health["classes_from"] = Path(job.classes.where).name
    return replace(outcome, notes={**outcome.notes, "majority": job.images.majority, **health})


def _stated(model: str, file: WeightsFile | Path) -> tuple[ModelSpec, str, str]:
    """Spec of the weights, their label and digest."""
    if isinstance(file, Path):
        return spec_of_checkpoint(get(model), file), file.name, sha256(file)
    return get(f"{model}.{file.tag}"), file.tag, file.sha256


def _is_own(file: WeightsFile | Path) -> bool:
    """Whether the user trained weights, on classes that only the user knows."""
    if isinstance(file, Path) or file.kind == FILE:
        return True
    return file.kind == "zoo" and "added" in (card(file.path) or {})


def _stated_classes(file: WeightsFile | Path) -> ClassNames | None:
    """Names of the classes that weights bring."""
    if isinstance(file, Path) or file.kind == FILE:
        return classes_of_checkpoint(file if isinstance(file, Path) else file.path)
    names = (card(file.path) or {}).get("classes") if file.kind == "zoo" else None
    return ClassNames(tuple(names), f"the card of {file.tag}") if names else None


def _head(model: nn.Module, spec: ModelSpec) -> int:
    """Width of the output."""
    import torch

    with torch.inference_mode():
        logits = model(torch.zeros(1, *spec.input_size))
    if logits.ndim != 2:
        raise ZooError(f"{spec.name} gives no class scores, but a tensor of shape {tuple(logits.shape)}")
    return int(logits.shape[1])
