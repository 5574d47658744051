"""Suites from TOML files, every value checked on load."""

from __future__ import annotations

import tomllib
from functools import partial
from importlib import resources
from pathlib import Path
from typing import TYPE_CHECKING, Any

from zoo.checks import (
    choices,
    duration,
    flag,
    folder_name,
    integer,
    listed,
    located,
    mapping,
    number,
    place,
    seed_count,
    size,
    text,
)
from zoo.cohorts.batches import CURVE, check_batches
from zoo.cost.checks import check_engines
from zoo.cost.engines import ENGINES
from zoo.cost.metrics import METRICS
from zoo.cost.settings import ALLOCATORS, MEMORY_FORMATS, PRECISIONS
from zoo.errors import InputFileError, UnknownNameError, ZooError
from zoo.executors import EXECUTORS, LOCAL
from zoo.images.files import FITS
from zoo.machine.devices import check_device
from zoo.regimes.probes import PROBES
from zoo.regimes.strategies import STRATEGIES
from zoo.registry.asked_weights import asked_weights
from zoo.registry.asked_weights import is_path as is_file
from zoo.sources.forms import FORMS
from zoo.sources.naming import AUTO, parse_name
from zoo.suites.keys import check_keys
from zoo.suites.models import check_trained, read_models, resolve_models
from zoo.suites.recipe import read_recipe
from zoo.suites.suite import CostPlan, Suite, TransferPlan
from zoo.tasks.catalogue import check_task_name
from zoo.tasks.folders.files import CORRUPT
from zoo.training.precision import PRECISIONS as TRAINED_IN
from zoo.training.recipe import AUGMENTS

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    Reader = Callable[[Any, str, str], Any]

ALL = "all"


def suite_names() -> list[str]:
    """Names of the suites that ship with the package."""
    folder = resources.files("zoo.suites")
    return sorted(entry.name.removesuffix(".toml") for entry in folder.iterdir() if entry.name.endswith(".toml"))


def is_path(name_or_path: str) -> bool:
    """Whether a suite is named by its file rather than as a shipped one."""
    return name_or_path.endswith(".toml") or "/" in name_or_path


def load_suite(name_or_path: str | Path) -> Suite:
    """Read and check a suite.

    Parameters
    ----------
    name_or_path : str or Path
        A shipped suite's name, or the path of a TOML file (anything with a ``/`` or ending ``.toml``).

    Raises
    ------
    UnknownNameError
        No shipped suite of that name.
    InputFileError
        The file is missing, unreadable, not TOML, or says something that is not permitted; the line
        names the file, the key and what is permitted.
    """
    given = str(name_or_path)
    if is_path(given):
        path = Path(given).expanduser()
        try:
            raw = path.read_bytes()
        except OSError as error:
            raise InputFileError(f"{path}: cannot read this suite: {error.strerror}") from None
        return parse_suite(raw, where=str(path))
    known = suite_names()
    if given not in known:
        raise UnknownNameError("suite", given, known, f"shipped are {', '.join(known)}; a path ends in .toml")
    raw = (resources.files("zoo.suites") / f"{given}.toml").read_bytes()
    return parse_suite(raw, where=f"suite {given}")


def parse_suite(raw: bytes, *, where: str) -> Suite:
    """Turn a TOML file's bytes into a suite, errors begin with ``where``."""
    try:
        document = tomllib.loads(raw.decode())
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise InputFileError(f"{where}: not valid TOML: {error}") from None
    if not document:
        raise InputFileError(f"{where}: this suite is empty; it needs at least [suite] with name and models")
    check_keys(document, ("suite", "cost", "transfer"), where, "")
    head = mapping(document.get("suite"), where, "suite")
    check_keys(head, ("name", "description", "models", "executor", "budget", "weights"), where, "suite")
    if not document.keys() & {"cost", "transfer"}:
        raise InputFileError(f"{where}: nothing to measure; add a table [cost] or [transfer]")
    name = folder_name(head.get("name"), where, "suite.name")
    description = text(head.get("description", ""), where, "suite.description", empty=True)
    models = read_models(head.get("models"), where, "suite.models")
    executor = text(head.get("executor", LOCAL), where, "suite.executor")
    choices((executor,), tuple(EXECUTORS), "executor", where, "suite.executor")
    cost = CostPlan(**_read(document, "cost", COST, where)) if "cost" in document else None
    transfer = _transfer(_read(document, "transfer", TRANSFER, where), where) if "transfer" in document else None
    if cost is not None:
        check_cost_plan(cost, where)
    if transfer is not None:
        check_transfer_plan(transfer, where)
        if not transfer.models:
            check_trained(head["models"], where)
    every = (*models, *(transfer.models if transfer is not None else ()))
    weights = _weights(head.get("weights", {}), every, where)
    budget = None if "budget" not in head else duration(head["budget"], where, "suite.budget")
    return Suite(name, models, description, cost, transfer, executor, budget, weights)


def _texts(value: Any, where: str, key: str) -> tuple[str, ...]:
    return tuple(text(one, where, key) for one in listed(value, where, key))


def _batches(value: Any, where: str, key: str) -> tuple[int | str, ...]:
    given = [value] if value == CURVE else listed(value, where, key)
    return tuple(one if one == CURVE else integer(one, where, key, f"or {CURVE!r}") for one in given)


def _counts_or_all(value: Any, where: str, key: str) -> tuple[int | str, ...]:
    return tuple(one if one == ALL else integer(one, where, key, f"or {ALL!r}") for one in listed(value, where, key))


def _recipe(value: Any, where: str, key: str) -> Mapping[str, Any]:
    return mapping(value, where, key)


def _weights(value: Any, models: Sequence[str], where: str) -> dict[str, str | Path]:
    """Weights of single models by full name: paths are as the current folder has them."""
    found: dict[str, str | Path] = {}
    for name, asked in mapping(value, where, "suite.weights").items():
        key = f"suite.weights.{name}"
        (model,) = resolve_models([name], where)
        if model not in models:
            named = next((one for one in models if one.startswith(f"{model}.")), None)
            why = (
                "is none of this suite's models" if named is None else f"stands in this suite as {named}, with a tag"
            )
            raise InputFileError(f"{place(where, key)}: {model} {why}")
        if parse_name(model).tag is not None:
            raise InputFileError(f"{place(where, key)}: {model} names its weights already; leave one of them out")
        try:
            found[model] = asked_weights(text(asked, where, key), [model])
        except ZooError as error:
            raise InputFileError(located(where, str(error))) from None
    return found


COST: Mapping[str, Reader] = {
    "devices": _texts,
    "precisions": _texts,
    "memory_formats": _texts,
    "engines": _texts,
    "forms": _texts,
    "allocators": _texts,
    "metrics": _texts,
    "batches": _batches,
    "threads": _counts_or_all,
    "throughput_threads": _counts_or_all,
    "input_size": size,
    "weights": text,
    "aa_pair": flag,
    "cohort_budget_s": number,
    "timeout_s": number,
}
"""Of each key in ``[cost]``, what reads its value."""

TRANSFER: Mapping[str, Reader] = {
    "models": read_models,
    "tasks": _texts,
    "strategies": _texts,
    "shots": _counts_or_all,
    "seeds": seed_count,
    "weights": text,
    "pretrain_task": text,
    "input_size": partial(size, others=(AUTO,)),
    "fit": text,
    "augment": text,
    "tuning": text,
    "measure": text,
    "probe": text,
    "recipe": _recipe,
    "precision": text,
    "device": text,
    "corrupt": text,
    "timeout_s": number,
}
"""Of each key in ``[transfer]``, what reads its value."""


def _transfer(values: dict[str, Any], where: str) -> TransferPlan:
    overrides = values.pop("recipe", {})
    apart = {name: values.pop(name) for name in ("tuning", "measure") if name in values}
    return TransferPlan(**values, recipe=read_recipe(overrides, where, **apart))


def _check_weights(asked: str, where: str, key: str) -> None:
    """Refuse a file as the weights of all models, each of which would want its own."""
    if is_file(text(asked, where, key)):
        raise InputFileError(
            f"{place(where, key)}: {asked!r} is a file, and of one model; name it under [suite.weights], as in "
            f'"resnet18" = "{Path(asked).name}"'
        )


def _read(document: Mapping[str, Any], name: str, readers: Mapping[str, Reader], where: str) -> dict[str, Any]:
    table = mapping(document[name], where, name)
    check_keys(table, tuple(readers), where, name)
    return {key: readers[key](value, where, f"{name}.{key}") for key, value in table.items()}


def check_cost_plan(plan: CostPlan, where: str, table: str = "cost.") -> None:
    """Hold every name of a plan against what can be measured."""
    choices(plan.metrics, tuple(METRICS), "metric", where, f"{table}metrics")
    check_batches(plan.batches, plan.metrics, where, f"{table}batches")
    choices(plan.engines, tuple(ENGINES), "engine", where, f"{table}engines")
    choices(plan.precisions, PRECISIONS, "precision", where, f"{table}precisions")
    choices(plan.memory_formats, MEMORY_FORMATS, "memory format", where, f"{table}memory_formats")
    choices(plan.forms, FORMS, "form", where, f"{table}forms")
    choices(plan.allocators, ALLOCATORS, "allocator", where, f"{table}allocators")
    try:
        check_engines(plan.engines, plan.precisions)
    except ZooError as error:
        raise InputFileError(f"{place(where, f'{table}precisions')}: {error}") from None
    for device in plan.devices:
        _check_device(device, where, f"{table}devices" if table else "device")
    _check_weights(plan.weights, where, f"{table}weights")


def _check_device(device: Any, where: str, key: str) -> None:
    if text(device, where, key) != "auto":
        try:
            check_device(device)
        except ZooError as error:
            raise InputFileError(f"{place(where, key)}: {error}") from None


def check_transfer_plan(plan: TransferPlan, where: str, table: str = "transfer.") -> None:
    """Hold tasks, strategies and probe of a plan against what there is."""
    for name in plan.strategies:
        text(name, where, f"{table}strategies")
        try:
            STRATEGIES.get(name)
        except ZooError as error:
            raise InputFileError(f"{place(where, f'{table}strategies')}: {error}") from None
    choices((plan.probe,), tuple(PROBES), "probe", where, f"{table}probe")
    choices((plan.fit,), (AUTO, *FITS), "fit", where, f"{table}fit")
    choices((plan.augment,), (AUTO, *AUGMENTS), "augmentation", where, f"{table}augment")
    choices((plan.precision,), TRAINED_IN, "precision", where, f"{table}precision")
    choices((plan.corrupt,), CORRUPT, "policy for corrupt images", where, f"{table}corrupt")
    _check_device(plan.device, where, f"{table}device")
    _check_weights(plan.weights, where, f"{table}weights")
    for task in (*plan.tasks, plan.pretrain_task):
        try:
            check_task_name(task)
        except ZooError as error:
            raise InputFileError(f"{place(where, f'{table}tasks')}: {error}") from None
