"""Pretrained models as they are, on a folder of labelled images."""

from __future__ import annotations

import warnings
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from zoo.api.adhoc import listener, store_of
from zoo.api.results import Results
from zoo.checks import filled, flag, integer, number, path, text
from zoo.classes.names import class_names
from zoo.errors import ZooError, ZooWarning, option
from zoo.executors import EXECUTORS, LOCAL
from zoo.executors.events import Message
from zoo.executors.pace import paced
from zoo.loading.statement import spec_of_checkpoint
from zoo.machine.devices import all_cores, ignored_gpu, resolve_device
from zoo.machine.fingerprint import fingerprint
from zoo.paths import shown_name
from zoo.processes.script import leave_if_in_a_worker
from zoo.processes.turn import turn
from zoo.registry.asked_weights import asked_weights
from zoo.registry.catalogue import get, resolve
from zoo.runs.jobs.evaluation import evaluation_job
from zoo.runs.session import Session
from zoo.sources.naming import DEFAULT
from zoo.sources.user import check_reachable, load_user_models
from zoo.store.store import Store
from zoo.tasks.folders.files import check_corrupt_policy
from zoo.tasks.folders.imagenet import read_class_folders
from zoo.weights.obtain import obtain

if TYPE_CHECKING:
    import enum
    from collections.abc import Callable, Iterable, Mapping, Sequence

    from zoo.executors.events import Event
    from zoo.weights.file import WeightsFile


def evaluate(
    names: str | Iterable[str],
    data: str | Path,
    *,
    weights: str | Path | enum.Enum | Literal[True] = DEFAULT,
    classes: str | Path | Sequence[str] | Mapping[str, int] | None = None,
    device: str = "auto",
    batch: int = 32,
    test_size: bool = False,
    corrupt: str = "refuse",
    again: bool = False,
    timeout_s: float | None = None,
    executor: str = LOCAL,
    store_url: str | None = None,
    on_event: Callable[[Event], None] | None = None,
) -> Results:
    """Measure top-1 and top-5 of pretrained models on labelled images.

    Parameters
    ----------
    names : str or iterable of str
        One may stand alone.
    data : str or Path
        A folder for each class. For published weights named by WordNet id, by index, or by the class names of the
        weights; for a checkpoint of your own as those that it was trained on.
    weights : str, Path or True
        A tag, or the path of a checkpoint, of names without a tag; True is the default one.
    classes : str, Path, sequence of str or mapping, optional
        Names of the model's classes in order, or a file of them: one a line, or JSON. Without them those that a
        ``config.json`` of timm's beside the checkpoint states, or that the checkpoint itself holds; else the order
        of torchvision's ``ImageFolder``.
    test_size : bool
        Preprocess at the size that the weights are best tested at, where they state one.
    again : bool
        Measure anew what succeeded before with the same weights on the same images.
    timeout_s : float, optional
        Seconds that one model may take; many times what is expected otherwise.
    executor : str
        Name of the place where models run.
    store_url : str, optional
        Where records are kept; the default store otherwise.

    Returns
    -------
    Results
        A record a name, in order; a failure, an exhausted memory and a time that is over are records too.

    Raises
    ------
    ZooError
        For anything the caller has to mend.
    KeyboardInterrupt
        After Ctrl-C; what was measured is kept.
    """
    leave_if_in_a_worker()
    load_user_models()
    chosen = [text(name, "", "names") for name in filled(names, "", "names")]
    folder = path(data, "", "data").expanduser()
    integer(batch, "", "batch")
    if timeout_s is not None:
        number(timeout_s, "", "timeout_s")
    flag(test_size, "", "test_size")
    flag(again, "", "again")
    check_corrupt_policy(corrupt)
    place = EXECUTORS.get(text(executor, "", "executor"))
    url, say = store_of(store_url), listener(on_event)
    where = resolve_device(device)
    if device == "auto" and (line := ignored_gpu()):
        say(Message(line))
    named = None if classes is None else class_names(classes)
    check_reachable(resolve(name).model for name in chosen)
    wanted = [_weights(name, weights) for name in chosen]  # all of them, before anything is measured
    images = read_class_folders(
        folder,
        corrupt=corrupt,
        cores=all_cores(),
        on_progress=paced(say, f"reading {data}"),
    )
    for line in images.health():
        say(Message(f"{shown_name(images.path)}: {line}"))
    jobs = [
        evaluation_job(
            bare, file, images, device=where, batch=batch, test_size=test_size, classes=named, timeout_s=timeout_s
        )
        for bare, file in wanted
    ]
    trials = [job.trials[0] for job in jobs]
    with turn(lambda line: say(Message(line))), Store(url) as store:
        session = Session("evaluate", store, place, fingerprint(), say, again=again, retry=True)
        session.private = (str(data), *(str(file) for _, file in wanted if isinstance(file, Path)))
        pending = session.skip_done(trials)
        anew = f"{option('again', 'True')} measures it anew"
        for trial in dict.fromkeys(trials):
            if trial.key not in pending:
                say(Message(f"{trial.display_name} was evaluated on these images before; {anew}"))
        session.total = len({trial.key for trial in trials})
        todo = {job.trials[0].key: job for job in jobs if job.trials[0].key in pending}
        session.run(list(todo.values()))
    records = [session.done[trial.key] for trial in trials if trial.key in session.done]
    for said in dict.fromkeys(order for record in records if (order := record.outcome.notes.get("class_order"))):
        warnings.warn(str(said), ZooWarning, stacklevel=2)
    return Results(records)


def _weights(name: str, weights: Any) -> tuple[str, WeightsFile | Path]:
    """``source/architecture``, and its weights or a checkpoint of the user's."""
    full = resolve(name)
    bare, tag = full.model, full.tag
    asked = asked_weights(weights, [bare])
    if tag is not None and asked != DEFAULT:
        raise ZooError(f"{name} names weights, and weights {weights} were asked for beside; give one of them")
    if isinstance(asked, Path):
        spec_of_checkpoint(get(bare), asked)
        return bare, asked
    return bare, obtain(bare, tag or asked)
