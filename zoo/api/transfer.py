"""Training and testing some models under regimes, now."""

from __future__ import annotations

import time
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from zoo.api.adhoc import listener, named, named_weights, numbers, run_now
from zoo.checks import filled, flag, number, seed_count, size
from zoo.datasets.files import download as bring
from zoo.datasets.table import data_set_names
from zoo.executors.events import Message
from zoo.plans.fitting import USUAL_BUDGET_S, Free, fitted, patience
from zoo.plans.tasks import USUAL_SHOTS, distinct_tasks, read_tasks, usual_shots
from zoo.regimes.strategies import DEFAULT_STRATEGIES
from zoo.sources.naming import AUTO
from zoo.statistics.quantity import ACCURACY
from zoo.suites.file import check_transfer_plan
from zoo.suites.models import resolve_models
from zoo.suites.recipe import read_recipe
from zoo.suites.suite import Suite, TransferPlan
from zoo.training.precision import FP32
from zoo.training.recipe import RATES

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping
    from pathlib import Path

    from zoo.api.results import Results
    from zoo.executors.events import Event


def transfer(
    models: str | Iterable[str],
    task: str | Path | None = None,
    *,
    tasks: str | Iterable[str] = ("digits",),
    strategies: str | Iterable[str] | None = None,
    shots: int | str | Iterable[int | str] | None = None,
    seeds: int | None = None,
    weights: Any = AUTO,
    input_size: int | str = AUTO,
    fit: str = AUTO,
    augment: str = AUTO,
    tuning: str = RATES,
    measure: str = ACCURACY.key,
    probe: str = "ridge",
    precision: str = AUTO,
    recipe: Mapping[str, Any] | None = None,
    device: str = "auto",
    budget_s: float | str | None = AUTO,
    corrupt: str = "refuse",
    download: bool = False,
    again: bool = False,
    store_url: str | None = None,
    on_event: Callable[[Event], None] | None = None,
) -> Results:
    """Train and test some models under transfer regimes.

    Parameters
    ----------
    models : str or iterable of str
        One may stand alone, as of all that follow.
    task : str or Path, optional
        One embedded task, image folder, or list of images (CSV or JSON Lines); short for ``tasks=(task,)``.
    strategies : iterable of str, optional
        See :data:`zoo.regimes.strategies.STRATEGIES`; otherwise
        :data:`zoo.regimes.strategies.DEFAULT_STRATEGIES`.
    shots : iterable of int or "all", optional
        Training images a class. Otherwise all of a folder; of embedded tasks ten.
    seeds : int, optional
        How many draws of the training set and of the initial head; three otherwise.
    weights : str, Path or True
        ``"auto"`` (published, else the zoo's own), ``"default"`` or True, a tag, or, of one model, the path of a
        checkpoint.
    input_size : "auto", "native", "smallest" or int
        Side in pixels. ``"auto"`` is the weights' own for a folder, and the smallest for embedded tasks.
    fit : str
        How images of a folder become squares: ``"crop"`` (``"auto"``), ``"squash"`` or ``"pad"``.
    augment : str
        How training images are changed: ``"none"``, ``"shift"``, ``"standard"`` (crops and flips) or ``"trivial"``;
        ``"auto"`` is ``"standard"`` for a folder and ``"shift"`` for embedded tasks.
    tuning : str
        ``"rates"`` finds the learning rate of each training; ``"none"`` takes the strategy's own.
    measure : str
        What rates are chosen by: ``"accuracy"``, or ``"balanced_accuracy"``, its mean over classes.
    probe : str
        ``"ridge"`` or ``"logistic"``, which strategies fit on frozen features.
    download : bool
        Bring data sets of torchvision's that are named as tasks and are not there.
    precision : str
        What networks compute in: ``"fp32"`` or ``"bf16"``; ``"auto"`` is ``"fp32"``, and of each model on a user's
        images the faster of the two, where trainings take long enough to time a step.
    recipe : mapping, optional
        Settings of :class:`zoo.training.recipe.Recipe`.
    budget_s : float, "auto" or None
        Seconds that it all may take; None for as many as it needs. ``"auto"`` is ten minutes of a user's
        images. What was not asked for is chosen so that it fits; see :func:`zoo.plans.fitting.fitted`.
    again : bool
        Measure anew what succeeded before; else its record stands, and a call that was cut goes on.

    Returns
    -------
    Results

    Raises
    ------
    ZooError
        For anything the caller has to mend, before anything is trained.
    """
    began = time.monotonic()
    budget = budget_s if budget_s in (None, AUTO) else float(number(budget_s, "", "budget_s"))
    names = resolve_models(filled(models, "", "models"), "")
    asked = named(filled(tasks if task is None else task, "", "tasks"), "tasks")
    if flag(download, "", "download"):
        for name in asked:
            if name in data_set_names():
                bring(name)
    wanted, own = named_weights(weights, names)
    plan = TransferPlan(
        tasks=asked,
        strategies=DEFAULT_STRATEGIES if strategies is None else filled(strategies, "", "strategies"),
        shots=(USUAL_SHOTS,) if shots is None else numbers(shots, "shots", "all"),
        seeds=TransferPlan.seeds if seeds is None else seed_count(seeds, "", "seeds"),
        weights=wanted,
        input_size=size(input_size, "", others=(AUTO,)),
        fit=fit,
        augment=augment,
        probe=probe,
        precision=FP32 if precision == AUTO else precision,
        recipe=read_recipe({} if recipe is None else recipe, "", table="", tuning=tuning, measure=measure),
        device=device,
        corrupt=corrupt,
    )
    check_transfer_plan(plan, "", table="")
    say = listener(on_event)
    suite = Suite(name="transfer", models=names, transfer=plan, weights=own)
    read_tasks(suite, say)
    if shots is None:
        plan = replace(plan, shots=usual_shots(asked, corrupt, lambda line: say(Message(line))))
    own_images = any(known.native_size is None for known in distinct_tasks(plan).values())
    free = Free(
        strategies=strategies is None,
        shots=shots is None,
        seeds=seeds is None,
        steps=not recipe,
        size=plan.input_size == AUTO,
        precision=precision == AUTO and own_images,
    )
    suite = replace(suite, transfer=plan)
    if own_images:
        suite = replace(suite, transfer=replace(plan, timeout_s=patience(suite)))
        budget = USUAL_BUDGET_S if budget == AUTO else budget
    limit = budget if isinstance(budget, float) else None
    if limit is not None or free.precision:
        suite = fitted(suite, limit, free, lambda line: say(Message(line)))
    left = None if limit is None else max(1.0, limit - (time.monotonic() - began))
    return run_now(suite, store_url, on_event, flag(again, "", "again"), max_seconds=left)
