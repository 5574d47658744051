"""Pretrained models on a folder of labelled images, each a record with the digests of weights and data."""

from __future__ import annotations

import uuid
from pathlib import Path
from typing import TYPE_CHECKING

from zoo.errors import ZooError
from zoo.models.loading.statement import spec_of_checkpoint
from zoo.registry.naming import DEFAULT
from zoo.results.record import Record
from zoo.runs.events import Message, StepProgress
from zoo.runs.jobs.evaluation import evaluate_one
from zoo.runs.plan.transfer import resolve_transfer_device
from zoo.runs.suite.checks import integer

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from zoo.runs.events import Event
    from zoo.weights.file import WeightsFile


def evaluate(
    names: Iterable[str],
    data: str | Path,
    *,
    weights: str | Path = DEFAULT,
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
    from zoo.machine.devices import all_cores, ignored_gpu
    from zoo.machine.differences import machine_key
    from zoo.machine.fingerprint import fingerprint
    from zoo.paths import default_store_url
    from zoo.registry.sources.user import load_user_models
    from zoo.results.store.store import Store
    from zoo.tasks.folders.imagenet import read_class_folders

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
            trial, outcome = evaluate_one(bare, file, images, where, batch, test_size, say)
            record = Record(trial, outcome, machine_key(environment), environment, "evaluate", run)
            store.add(record)
            records.append(record)
    return records


def _weights(name: str, weights: str | Path) -> tuple[str, WeightsFile | Path]:
    """``source/architecture``, and its weights: at hand, brought now, or a checkpoint of the user's."""
    from zoo.models.create import is_path
    from zoo.registry.catalogue import get, resolve
    from zoo.weights.obtain import obtain

    bare, tag = resolve(name).model, resolve(name).tag
    if tag is not None and str(weights) != DEFAULT:
        raise ZooError(f"{name} names weights, and weights {weights} were asked for beside; give one of them")
    if is_path(weights):
        path = Path(weights).expanduser()
        spec_of_checkpoint(get(bare), path)
        return bare, path
    return bare, obtain(bare, tag or str(weights))
