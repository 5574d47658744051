"""One pretrained model evaluated on labelled images."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from zoo.errors import ZooError
from zoo.models.loading.statement import spec_of_checkpoint
from zoo.regimes.settings import EvaluateSettings
from zoo.results.trial import Trial
from zoo.runs.events import Message, StepProgress

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from torch import nn

    from zoo.registry.spec import ModelSpec
    from zoo.runs.events import Event
    from zoo.tasks.folders.imagenet import ClassFolders
    from zoo.weights.file import WeightsFile


def evaluate_one(
    name: str,
    file: WeightsFile | Path,
    there: ClassFolders,
    device: str,
    batch: int,
    test_size: bool,
    say: Callable[[Event], None],
) -> tuple[Trial, Any]:
    """The trial and the outcome of one model on the images of a folder."""
    from zoo.machine.devices import all_cores
    from zoo.regimes.evaluate import evaluate as classify

    model, spec, label, digest, classes = _load(name, file)
    pre = spec.preprocessing
    if pre is None:
        raise ZooError(f"{spec.name} states no preprocessing; put a JSON file that states it beside the checkpoint")
    pre = pre.at_test_size() if test_size else pre
    images = there.labelled(_head(model, spec), classes)
    settings = EvaluateSettings(
        data=there.path.name or str(there.path),
        images=len(images.files),
        input_size=(spec.input_size[0], pre.crop, pre.width or pre.crop),
        preprocessing_from=spec.preprocessing_from or "",
        data_digest=images.digest,
        preprocessing=pre,
        device=device,
    )
    trial = Trial(f"{spec.source}/{spec.architecture}", label, settings, digest)
    text = f"{trial.display_name} on {len(images.files)} images of {images.classes} classes"
    say(Message(text + (f", {len(images.skipped)} corrupt ones skipped" if images.skipped else "")))
    outcome = classify(
        model,
        pre,
        images,
        device=device,
        batch=batch,
        threads=all_cores(),
        on_progress=lambda done, total: say(StepProgress(trial.display_name, done, total)),
    )
    return trial, outcome


def _load(name: str, file: WeightsFile | Path) -> tuple[nn.Module, ModelSpec, str, str, Sequence[str]]:
    """Module, spec, label of the weights, their digest, and the names of their classes where they bring them."""
    from zoo.models.create import create
    from zoo.registry.catalogue import get
    from zoo.registry.own_tags import card
    from zoo.weights.digests import sha256

    if isinstance(file, Path):
        return create(name, weights=file), spec_of_checkpoint(get(name), file), file.name, sha256(file), ()
    full = f"{name}.{file.tag}"
    names = (card(file.path) or {}).get("classes", ()) if file.kind == "zoo" else ()
    return create(full), get(full), file.tag, file.sha256, tuple(names)


def _head(model: nn.Module, spec: ModelSpec) -> int:
    """Width of the output."""
    import torch

    with torch.inference_mode():
        logits = model(torch.zeros(1, *spec.input_size))
    if logits.ndim != 2:
        raise ZooError(f"{spec.name} gives no class scores, but a tensor of shape {tuple(logits.shape)}")
    return int(logits.shape[1])
