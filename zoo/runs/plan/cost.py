"""The cost trials of a suite: every model at every setting, each with the case that the harness measures."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import product
from typing import TYPE_CHECKING, Any

from zoo.errors import WeightsError
from zoo.registry.naming import AUTO, DEFAULT, RANDOM, is_random, parse_name
from zoo.registry.sources.lookup import code_digest
from zoo.results.trial import Trial
from zoo.runs.suite.suite import ANCHOR

if TYPE_CHECKING:
    from collections.abc import Iterator

    from zoo.cost.case import Case
    from zoo.runs.suite.suite import CostPlan, Suite
    from zoo.weights.file import WeightsFile


@dataclass(frozen=True)
class PlannedCost:
    """A cost trial and the case that the harness measures for it."""

    trial: Trial
    case: Case


def plan_cost(suite: Suite) -> list[PlannedCost]:
    """Every cost trial of a suite, models in its order within each setting."""
    if suite.cost is None:
        return []
    from zoo.cost.case import Case
    from zoo.cost.settings import CostSettings

    planned = []
    for setting in _cost_settings(suite.cost):
        for model, replica in _cost_models(suite.cost, suite.models):
            name, weights, found = _cost_weights(model, suite.cost.weights)
            size = _cost_input_size(name, suite.cost.input_size)
            settings = CostSettings(**setting, input_size=size, replica=replica, code=code_digest(name) or "")
            settings.check()
            trial = Trial(name, weights or RANDOM, settings, found.sha256 if found else None)
            planned.append(PlannedCost(trial, Case(trial.key, name, weights, settings)))
    return planned


def twin_keys(planned: list[PlannedCost]) -> dict[str, str]:
    """The other key of each trial that is one of an A/A pair."""
    pairs: dict[tuple[object, ...], list[str]] = {}
    for item in planned:
        case = item.case
        pairs.setdefault((case.model, case.weights, case.settings.first_half()), []).append(item.trial.key)
    both = {}
    for keys in pairs.values():
        if len(keys) == 2:
            both[keys[0]], both[keys[1]] = keys[1], keys[0]
    return both


def _cost_models(plan: CostPlan, models: tuple[str, ...]) -> list[tuple[str, int]]:
    models_and_replicas = [(model, 0) for model in models]
    if plan.aa_pair:
        if ANCHOR not in models:
            models_and_replicas.append((ANCHOR, 0))
        models_and_replicas.append((ANCHOR, 1))
    return models_and_replicas


def _cost_settings(plan: CostPlan) -> Iterator[dict[str, Any]]:
    """Everything of a setting but the input size, which is the model's."""
    from zoo.cost.metrics import METRICS
    from zoo.machine.devices import resolve_devices

    shapes = []
    for name in METRICS:  # in their order, whatever that of the plan
        if name in plan.metrics:
            metric = METRICS.get(name)
            threads = plan.threads if metric.threads == "threads" else plan.throughput_threads
            shapes += [(name, batch, threads) for batch in (plan.batches if metric.at_batches else (1,))]
    for device in resolve_devices(list(plan.devices)):
        for precision, memory_format in product(plan.precisions, plan.memory_formats):
            for name, batch, threads in shapes:
                for count in _thread_counts(device, threads):
                    yield {
                        "metric": name,
                        "device": device,
                        "batch": batch,
                        "threads": count,
                        "precision": precision,
                        "memory_format": memory_format,
                    }


def _thread_counts(device: str, threads: tuple[int | str, ...]) -> list[int]:
    """Distinct thread counts; one for a GPU, whose latency does not depend on its feeder's threads."""
    from zoo.machine.devices import all_cores

    if device != "cpu":
        return [1]
    return list(dict.fromkeys(all_cores() if count == "all" else int(count) for count in threads))


def _cost_input_size(model: str, size: int | str) -> tuple[int, int, int]:
    from zoo.models.input_size import check_input_size, default_input_size
    from zoo.registry.catalogue import get

    channels, height, width = get(model).input_size
    if size == "native":
        return channels, height, width
    side = default_input_size(model) if size == "smallest" else int(size)
    check_input_size(model, side)
    return channels, side, side


def _cost_weights(model: str, asked: str) -> tuple[str, str | None, WeightsFile | None]:
    """Bare model, tag and file of the weights that a cost trial loads; cost does not depend on them."""
    from zoo.weights.locate import locate

    name, tag = parse_name(model).model, parse_name(model).tag
    if is_random(asked):
        return name, None, None
    try:
        found = locate(name, tag or (DEFAULT if asked == AUTO else asked))
    except WeightsError:
        found = None
    if found is None:
        if asked != AUTO:
            raise WeightsError(
                f"{name}: weights {tag or asked!r} are not at hand; bring them with `zoo fetch {model}`, "
                f'or time the architecture with weights = "auto"'
            )
        return name, None, None
    return name, found.tag, found
