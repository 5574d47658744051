"""Suites from TOML files, every value checked on load.

Shipped ones, or the user's own.
"""

from __future__ import annotations

import tomllib
from dataclasses import fields
from importlib import resources
from pathlib import Path
from typing import TYPE_CHECKING, Any

from zoo.checks import (
    choices,
    folder_name,
    integer,
    listed,
    mapping,
    number,
    place,
    seed_count,
    size,
    text,
)
from zoo.cost.engines import ENGINES
from zoo.cost.metrics import METRICS
from zoo.cost.settings import MEMORY_FORMATS, PRECISIONS
from zoo.errors import AmbiguousNameError, InputFileError, UnknownNameError, ZooError
from zoo.machine.devices import check_device
from zoo.regimes.probes import PROBES
from zoo.regimes.recipe import Recipe
from zoo.regimes.strategies import STRATEGIES
from zoo.registry.catalogue import resolve
from zoo.runs.executors import EXECUTORS, LOCAL
from zoo.runs.suite.suite import CostPlan, Suite, TransferPlan
from zoo.tasks.catalogue import check_task_name
from zoo.tasks.folders.files import CORRUPT

if TYPE_CHECKING:
    from collections.abc import Mapping


def suite_names() -> list[str]:
    """Names of the suites that ship with the package."""
    folder = resources.files("zoo.runs") / "suites"
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
        path = Path(given)
        try:
            raw = path.read_bytes()
        except OSError as error:
            raise InputFileError(f"{path}: cannot read this suite: {error.strerror}") from None
        return parse_suite(raw, where=str(path), source=given)
    known = suite_names()
    if given not in known:
        raise UnknownNameError("suite", given, known, f"shipped are {', '.join(known)}; a path ends in .toml")
    raw = (resources.files("zoo.runs") / "suites" / f"{given}.toml").read_bytes()
    return parse_suite(raw, where=f"suite {given}", source=given)


def parse_suite(raw: bytes, *, where: str, source: str) -> Suite:
    """Turn the bytes of a TOML file into a checked :class:`Suite`.

    ``where`` begins every error.
    """
    try:
        document = tomllib.loads(raw.decode())
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise InputFileError(f"{where}: not valid TOML: {error}") from None
    if not document:
        raise InputFileError(f"{where}: this suite is empty; it needs at least [suite] with name and models")
    check_keys(document, ("suite", "cost", "transfer"), where, "")
    head = mapping(document.get("suite"), where, "suite")
    check_keys(head, ("name", "description", "models", "executor"), where, "suite")
    cost = document.get("cost")
    transfer = document.get("transfer")
    if cost is None and transfer is None:
        raise InputFileError(f"{where}: nothing to measure; add a table [cost] or [transfer]")
    executor = text(head.get("executor", LOCAL), where, "suite.executor")
    choices((executor,), tuple(EXECUTORS), "executor", where, "suite.executor")
    return Suite(
        name=folder_name(head.get("name"), where, "suite.name"),
        description=text(head.get("description", ""), where, "suite.description", empty=True),
        models=resolve_models(listed(head.get("models"), where, "suite.models"), where),
        cost=None if cost is None else _cost_plan(mapping(cost, where, "cost"), where),
        transfer=None if transfer is None else _transfer_plan(mapping(transfer, where, "transfer"), where),
        executor=executor,
        source=source,
    )


def check_keys(table: Mapping[str, Any], known: tuple[str, ...], where: str, prefix: str) -> None:
    """Refuse the first key that nothing reads, with the keys that are near it."""
    for key in table:
        if key not in known:
            named = f"{prefix}.{key}" if prefix else key
            try:
                raise UnknownNameError("key", named, [f"{prefix}.{k}" if prefix else k for k in known])
            except UnknownNameError as error:
                raise InputFileError(place(where, f"{error}; permitted here: {', '.join(known)}")) from None


def resolve_models(names: list[Any], where: str) -> tuple[str, ...]:
    """Full names of models in the given order, each once.

    ``source/architecture``, with the tag where one was named.

    Raises
    ------
    ZooError
        Empty list, or a name that nothing answers to.
    """
    if not names:
        raise ZooError(place(where, "the list of models is empty; name at least one (see `zoo list`)"))
    resolved: dict[str, None] = {}
    for name in names:
        if not isinstance(name, str):
            raise ZooError(place(where, f"models are named by text, not by {name!r}"))
        try:
            resolved[str(resolve(name))] = None
        except (UnknownNameError, AmbiguousNameError) as error:
            raise InputFileError(place(where, str(error))) from None
    return tuple(resolved)


def _cost_plan(table: Mapping[str, Any], where: str) -> CostPlan:
    check_keys(table, tuple(f.name for f in fields(CostPlan)), where, "cost")
    values = dict(table)
    for key in ("devices", "precisions", "memory_formats", "engines", "metrics"):
        if key in values:
            values[key] = tuple(text(v, where, f"cost.{key}") for v in listed(values[key], where, f"cost.{key}"))
    if "batches" in values:
        values["batches"] = tuple(
            integer(v, where, "cost.batches") for v in listed(values["batches"], where, "cost.batches")
        )
    for key in ("threads", "throughput_threads"):
        if key in values:
            values[key] = _numbers_or(values[key], "all", where, f"cost.{key}")
    if "input_size" in values:
        values["input_size"] = size(values["input_size"], where, "cost.input_size")
    if "aa_pair" in values and not isinstance(values["aa_pair"], bool):
        raise InputFileError(f"{where}: cost.aa_pair is true or false, not {values['aa_pair']!r}")
    if "weights" in values:
        values["weights"] = text(values["weights"], where, "cost.weights")
    for key in ("cohort_budget_s", "timeout_s"):
        if values.get(key) is not None:
            values[key] = number(values[key], where, f"cost.{key}")
    plan = CostPlan(**values)
    check_cost_plan(plan, where)
    return plan


def check_cost_plan(plan: CostPlan, where: str, table: str = "cost.") -> None:
    """Hold every name of a plan against what can be measured.

    ``table`` begins the keys in an error.
    """
    choices(plan.metrics, tuple(METRICS), "metric", where, f"{table}metrics")
    choices(plan.engines, tuple(ENGINES), "engine", where, f"{table}engines")
    choices(plan.precisions, PRECISIONS, "precision", where, f"{table}precisions")
    choices(plan.memory_formats, MEMORY_FORMATS, "memory format", where, f"{table}memory_formats")
    for device in plan.devices:
        if device != "auto":
            try:
                check_device(device)
            except ZooError as error:
                raise InputFileError(place(where, f"{table}devices: {error}")) from None


def _transfer_plan(table: Mapping[str, Any], where: str) -> TransferPlan:
    check_keys(table, tuple(f.name for f in fields(TransferPlan)), where, "transfer")
    values = dict(table)
    for key in ("tasks", "strategies"):
        if key in values:
            values[key] = tuple(
                text(v, where, f"transfer.{key}") for v in listed(values[key], where, f"transfer.{key}")
            )
    if "models" in values:
        values["models"] = resolve_models(listed(values["models"], where, "transfer.models"), where)
    if "shots" in values:
        values["shots"] = _numbers_or(values["shots"], "all", where, "transfer.shots")
    if "seeds" in values:
        values["seeds"] = seed_count(values["seeds"], where, "transfer.seeds")
    if "input_size" in values:
        values["input_size"] = size(values["input_size"], where, "transfer.input_size")
    for key in ("weights", "pretrain_task", "probe", "device", "corrupt"):
        if key in values:
            values[key] = text(values[key], where, f"transfer.{key}")
    if "timeout_s" in values:
        values["timeout_s"] = number(values["timeout_s"], where, "transfer.timeout_s")
    if "recipe" in values:
        values["recipe"] = read_recipe(mapping(values["recipe"], where, "transfer.recipe"), where)
    plan = TransferPlan(**values)
    check_transfer_plan(plan, where)
    return plan


def check_transfer_plan(plan: TransferPlan, where: str, table: str = "transfer.") -> None:
    """Hold tasks, strategies and probe of a plan against what there is.

    ``table`` begins the keys in an error.
    """
    choices(plan.strategies, tuple(STRATEGIES), "strategy", where, f"{table}strategies")
    choices((plan.probe,), tuple(PROBES), "probe", where, f"{table}probe")
    choices((plan.corrupt,), CORRUPT, "policy for corrupt images", where, f"{table}corrupt")
    for task in (*plan.tasks, plan.pretrain_task):
        try:
            check_task_name(task)
        except ZooError as error:
            raise InputFileError(place(where, f"{table}tasks: {error}")) from None


def read_recipe(overrides: Mapping[str, Any], where: str, table: str = "transfer.") -> Recipe:
    """The recipe with some settings of its own.

    ``table`` begins the keys in an error.
    """
    check_keys(overrides, tuple(f.name for f in fields(Recipe)), where, f"{table}recipe")
    try:
        return Recipe(**overrides)
    except (TypeError, ValueError, ZooError) as error:
        raise InputFileError(place(where, f"{table}recipe: {error}")) from None


def _numbers_or(value: Any, word: str, where: str, key: str) -> tuple[int | str, ...]:
    return tuple(v if v == word else integer(v, where, key, f"or {word!r}") for v in listed(value, where, key))
