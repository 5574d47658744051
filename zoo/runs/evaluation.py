"""Pretrained models on a folder of labelled images, each a record with the digests of weights and data."""

from __future__ import annotations

import uuid
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any

from zoo.errors import ZooError
from zoo.results.record import Record
from zoo.results.trial import Trial
from zoo.runs.checks import integer
from zoo.runs.events import Message, StepProgress
from zoo.runs.transfer_plan import resolve_transfer_device

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from torch import nn

    from zoo.registry.spec import ModelSpec
    from zoo.registry.weights import WeightsFile
    from zoo.runs.events import Event
    from zoo.tasks.imagenet import ClassFolders


def evaluate(
    names: Iterable[str],
    data: str | Path,
    *,
    weights: str | Path = "default",
    device: str = "auto",
    batch: int = 32,
    test_size: bool = False,
    corrupt: str = "refuse",
    store_url: str | None = None,
    on_event: Callable[[Event], None] | None = None,
) -> list[Record]:
    """Top-1 and top-5 of pretrained models on a folder in ImageNet's layout.

    Parameters
    ----------
    names : iterable of str
    data : str or Path
        A folder for each class, named by WordNet id, by index, or by the class names of the weights.
    weights : str or Path
        A tag, or the path of a checkpoint, of names without a tag.
    test_size : bool
        Preprocess at the size that the weights are best tested at, where they state one.
    store_url : str, optional
        Where records are kept; the default store otherwise.

    Raises
    ------
    ZooError
        For anything the caller has to mend.
    """
    from zoo.cost.devices import ignored_gpu
    from zoo.cost.settings import all_cores
    from zoo.paths import default_store_url
    from zoo.registry.user import load_user_models
    from zoo.results.environment import fingerprint, machine_key
    from zoo.results.store import Store
    from zoo.tasks.imagenet import read_class_folders

    load_user_models()
    chosen = list(names)
    if not chosen:
        raise ZooError("name at least one model; see `zoo list --pretrained`")
    integer(batch, "zoo evaluate", "batch")
    where = resolve_transfer_device(device)
    say = on_event or (lambda _event: None)
    if device == "auto" and (line := ignored_gpu()):
        say(Message(line))
    wanted = [_weights(name, weights) for name in chosen]  # all of them, before anything is measured
    images = read_class_folders(
        Path(data),
        corrupt=corrupt,
        threads=all_cores(),
        on_progress=lambda done, total: say(StepProgress(f"reading {data}", done, total)),
    )
    environment = fingerprint()
    run, records = uuid.uuid4().hex, []
    with Store(store_url or default_store_url()) as store:
        for bare, file in wanted:
            trial, outcome = _one(bare, file, images, where, batch, test_size, say)
            record = Record(trial, outcome, machine_key(environment), environment, "evaluate", run)
            store.add(record)
            records.append(record)
    return records


def _one(
    name: str,
    file: WeightsFile | Path,
    there: ClassFolders,
    device: str,
    batch: int,
    test_size: bool,
    say: Callable[[Event], None],
) -> tuple[Trial, Any]:
    from zoo.cost.settings import all_cores
    from zoo.transfer.evaluate import evaluate as classify

    model, spec, label, digest, classes = _load(name, file)
    pre = spec.preprocessing
    if pre is None:
        raise ZooError(f"{spec.name} states no preprocessing; put a JSON file that states it beside the checkpoint")
    pre = pre.at_test_size() if test_size else pre
    images = there.labelled(_head(model, spec), classes)
    trial = Trial(
        kind="evaluate",
        model=f"{spec.source}/{spec.architecture}",
        weights=label,
        weights_digest=digest,
        settings={
            "data": there.path.name or str(there.path),
            "data_digest": images.digest,
            "images": len(images.files),
            "input_size": [spec.input_size[0], pre.crop, pre.width or pre.crop],
            "preprocessing": asdict(pre),
            "preprocessing_from": spec.preprocessing_from,
            "device": device,
        },
    )
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


def _weights(name: str, weights: str | Path) -> tuple[str, WeightsFile | Path]:
    """``source/architecture``, and its weights: at hand, brought now, or a checkpoint of the user's."""
    from zoo.registry.catalogue import full_and_tag, get
    from zoo.registry.create import is_path
    from zoo.registry.weights import obtain

    bare, tag = full_and_tag(name)
    if tag is not None and str(weights) != "default":
        raise ZooError(f"{name} names weights, and weights {weights} were asked for beside; give one of them")
    if is_path(weights):
        path = Path(weights).expanduser()
        get(bare, weights=path)
        return bare, path
    return bare, obtain(bare, tag or str(weights))


def _load(name: str, file: WeightsFile | Path) -> tuple[nn.Module, ModelSpec, str, str, Sequence[str]]:
    """Module, spec, label of the weights, their digest, and the names of their classes where they bring them."""
    from zoo.registry.catalogue import get
    from zoo.registry.create import create
    from zoo.registry.digests import sha256
    from zoo.registry.own_weights import card

    if isinstance(file, Path):
        return create(name, weights=file), get(name, weights=file), file.name, sha256(file), ()
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
