"""The transfer trials of a suite, and the weights that it has the zoo make for them."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import product
from typing import TYPE_CHECKING

from zoo.errors import WeightsError, ZooError
from zoo.regimes.settings import TransferSettings
from zoo.regimes.strategies import STRATEGIES
from zoo.registry.naming import AUTO, DEFAULT, NO_WEIGHTS, RANDOM, parse_name
from zoo.registry.sources.lookup import code_digest
from zoo.results.trial import Trial
from zoo.runs.plan.weights import wants_own
from zoo.tasks.catalogue import outline
from zoo.tasks.splits import check_shots as check_counts

if TYPE_CHECKING:
    from zoo.regimes.strategies.base import TransferJob
    from zoo.runs.suite.suite import Suite, TransferPlan


Cell = tuple[str, str, str, int | str, int, int | None, str]
"""Task, model, strategy, shots, seed, input size, device."""


@dataclass(frozen=True)
class PlannedTransfer:
    """A transfer trial and its job; ``blocked`` says why it cannot be run, where it cannot."""

    trial: Trial
    job: TransferJob
    device: str
    blocked: str = ""


def plan_transfer(suite: Suite) -> list[PlannedTransfer]:
    """Every transfer trial of a suite; digests are those of the weights at hand now."""
    plan = suite.transfer
    if plan is None:
        return []
    device = resolve_transfer_device(plan.device)
    strategies = [STRATEGIES.get(name) for name in plan.strategies]
    planned = []
    for task in plan.tasks:
        data = outline(task, plan.corrupt).digest
        for model in plan.models or suite.models:
            name, tag = parse_name(model).model, parse_name(model).tag
            size = transfer_input_size(name, plan)
            weights, digest, blocked = _transfer_weights(name, tag, plan)
            for strategy, shots, seed in product(strategies, plan.shots, range(plan.seeds)):
                if strategy.placeholder:
                    continue
                loads = (weights, digest, blocked) if strategy.start == "weights" else (None, None, "")
                cell = (task, name, strategy.name, shots, seed, size, device)
                planned.append(_transfer_item(plan, cell, data, *loads))
        for strategy, shots, seed in product(strategies, plan.shots, range(plan.seeds)):
            if strategy.placeholder:
                # Without a model: once a task, at the task's own resolution.
                control: Cell = (task, strategy.placeholder, strategy.name, shots, seed, None, "cpu")
                planned.append(_transfer_item(plan, control, data, None, None, ""))
    return planned


def _transfer_item(
    plan: TransferPlan,
    cell: Cell,
    data: str,
    weights: str | None,
    digest: str | None,
    blocked: str,
) -> PlannedTransfer:
    from zoo.regimes.recipe import Recipe
    from zoo.regimes.strategies.base import TransferJob

    task, model, name, shots, seed, size, device = cell
    recipe = Recipe(**plan.recipe)
    strategy = STRATEGIES.get(name)
    settings = TransferSettings(
        task=task,
        task_digest=data,
        strategy=name,
        shots=shots,
        seed=seed,
        input_size=None if size is None else (3, size, size),
        probe=plan.probe if strategy.uses_probe else None,
        recipe=recipe if strategy.uses_recipe else None,
        device=device,
        code=code_digest(model) or "",
    )
    trial = Trial(model, NO_WEIGHTS if strategy.placeholder else weights or RANDOM, settings, digest)
    job = TransferJob(
        model=model,
        weights=weights,
        strategy=name,
        task=task,
        shots=shots,
        seed=seed,
        input_size=size,
        probe=plan.probe,
        recipe=recipe,
        corrupt=plan.corrupt,
    )
    return PlannedTransfer(trial, job, device, blocked)


def _transfer_weights(name: str, tag: str | None, plan: TransferPlan) -> tuple[str | None, str | None, str]:
    """Tag and digest of the pretrained weights of a regime, or why they cannot be had."""
    from zoo.weights.locate import locate

    asked = tag or plan.weights
    if asked == AUTO:
        asked = plan.pretrain_task if wants_own(name, tag, plan) else DEFAULT
    try:
        found = locate(name, asked)
    except ZooError as error:
        return asked, None, str(error)
    if found is not None:
        return found.tag, found.sha256, ""
    if asked == plan.pretrain_task:
        return asked, None, f"no weights {name}.{asked}: pretraining did not succeed"
    return asked, None, f"weights {name}.{asked} are not at hand; `zoo fetch {name}.{asked}` brings them"


def transfer_input_size(name: str, plan: TransferPlan) -> int:
    """Side in pixels of the images that a model is trained on."""
    from zoo.models.input_size import check_input_size, default_input_size
    from zoo.registry.catalogue import get

    if plan.input_size == "smallest":
        return default_input_size(name)
    if plan.input_size == "native":
        return get(name).input_size[1]
    side = int(plan.input_size)
    check_input_size(name, side)
    return side


def check_weights(suite: Suite, planned: list[PlannedTransfer]) -> None:
    """Refuse weights that were asked for by name and cannot be had, before anything is trained.

    Raises
    ------
    WeightsError
        Says why, and what brings them.
    """
    plan = suite.transfer
    if plan is None:
        return
    asked = {name.model: name.tag for name in map(parse_name, plan.models or suite.models)}
    for item in planned:
        # What the zoo makes itself may still be made, and a failure of that is a row.
        made = (asked.get(item.trial.model) or plan.weights) in (AUTO, plan.pretrain_task)
        if item.blocked and not made:
            raise WeightsError(item.blocked)


def check_shots(suite: Suite) -> None:
    """Refuse a task with too few images before anything is run.

    Raises
    ------
    ZooError
        Names the class and how many images it has.
    """
    plan = suite.transfer
    if plan is None:
        return
    for task in plan.tasks:
        data = outline(task, plan.corrupt)
        for shots in plan.shots:
            check_counts(data.train_counts, shots, data.classes)


def resolve_transfer_device(device: str) -> str:
    """``auto`` is the first GPU where torch can use it, else the CPU.

    Raises
    ------
    ZooError
        For a GPU that is not there, or that torch cannot use.
    """
    from zoo.machine.devices import resolve_devices

    return resolve_devices([device])[-1]


def skipped_images(suite: Suite) -> dict[str, tuple[str, ...]]:
    """By task, the files of image folders that cannot be read and are left out, as the suite permits."""
    plan = suite.transfer
    if plan is None or plan.corrupt == "refuse":
        return {}
    found = {task: outline(task, plan.corrupt).skipped for task in plan.tasks}
    return {task: files for task, files in found.items() if files}
