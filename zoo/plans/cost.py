"""The cost trials of a suite, each with the case that is measured."""

from __future__ import annotations

from dataclasses import dataclass, replace
from itertools import product
from typing import TYPE_CHECKING

from zoo.cohorts.batches import planned_batches
from zoo.cohorts.groups import ANCHOR
from zoo.cost.case import Case
from zoo.cost.checks import check_settings
from zoo.cost.metrics import METRICS
from zoo.cost.settings import CostSettings
from zoo.errors import WeightsError
from zoo.machine.devices import all_cores, resolve_devices
from zoo.models.asked_size import learn_sizes, planned_size
from zoo.plans.weights import find_weights
from zoo.results.trial import Trial
from zoo.sources.forms import TRAINED
from zoo.sources.lookup import code_digest
from zoo.sources.naming import AUTO, RANDOM, is_random, parse_name

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

    from zoo.plans.weights import PlannedWeights
    from zoo.suites.suite import CostPlan, Suite

NO_SIZE = (0, 0, 0)


@dataclass(frozen=True)
class PlannedCost:
    """A cost trial and the case that the harness measures for it."""

    trial: Trial
    case: Case


@dataclass(frozen=True, slots=True)
class TimedModel:
    """A model with what is the same at every setting."""

    name: str
    weights: PlannedWeights | None
    input_size: tuple[int, int, int]
    code: str


def timed_models(suite: Suite) -> dict[str, TimedModel]:
    """Find the models of the cost part, by the name the suite gives them."""
    plan = suite.cost
    if plan is None:
        return {}
    members = dict.fromkeys(model for model, _ in _members(plan, suite.models))
    learn_sizes(map(_bare, members), plan.input_size)
    return {model: _timed(model, suite.weights_of(model, plan), plan) for model in members}


def plan_cost(suite: Suite, models: dict[str, TimedModel] | None = None) -> list[PlannedCost]:
    """Every cost trial of a suite, models in its order within each setting.

    Parameters
    ----------
    suite : Suite
    models : dict of str to TimedModel, optional
        Those of the suite, where they are known already.
    """
    plan = suite.cost
    if plan is None:
        return []
    known = timed_models(suite) if models is None else models
    planned = []
    for setting, on_curve in _settings(plan):
        anchored = METRICS.get(setting.metric).anchored
        for member, replica in _members(plan, suite.models):
            if not anchored and (replica or member not in suite.models):  # its pair would tell nothing
                continue
            model = known[member]
            settings = replace(setting, input_size=model.input_size, replica=replica, code=model.code)
            check_settings(settings)
            file = model.weights.file if model.weights else None
            trial = Trial(model.name, file.tag if file else RANDOM, settings, file.sha256 if file else None)
            case = Case(trial.key, model.name, file.reference if file else None, settings, on_curve)
            planned.append(PlannedCost(trial, case))
    return planned


def twin_keys(planned: Sequence[PlannedCost]) -> dict[str, str]:
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


def _members(plan: CostPlan, models: tuple[str, ...]) -> list[tuple[str, int]]:
    """Models with their replica numbers, the A/A pair among them."""
    members = [(model, 0) for model in models]
    if plan.aa_pair:
        if ANCHOR not in models:
            members.append((ANCHOR, 0))
        members.append((ANCHOR, 1))
    return members


def _settings(plan: CostPlan) -> Iterator[tuple[CostSettings, bool]]:
    """Every setting but for the input size, which is the model's, and whether a curve may end before it."""
    shapes = []
    for name in METRICS:  # in their order, whatever that of the plan
        if name in plan.metrics:
            metric = METRICS.get(name)
            threads = getattr(plan, metric.threads)
            # What takes gradients is of the trained form, whatever the others are of.
            forms = (TRAINED,) if metric.trains else plan.forms
            shapes += [(name, form, threads) for form in forms]
    for device in resolve_devices(list(plan.devices)):
        ways = product(plan.engines, plan.precisions, plan.memory_formats, plan.allocators)
        for engine, precision, layout, allocator in ways:
            for name, form, threads in shapes:
                counts = _thread_counts(device, threads)
                for (batch, on_curve), count in product(planned_batches(plan.batches, name, device), counts):
                    at = device, batch, count, precision, layout, NO_SIZE, engine, form, allocator
                    yield CostSettings(name, *at), on_curve


def _thread_counts(device: str, threads: tuple[int | str, ...]) -> list[int]:
    """Distinct thread counts, one for a GPU, which they do not matter to."""
    if device != "cpu":
        return [1]
    return list(dict.fromkeys(all_cores() if count == "all" else int(count) for count in threads))


def _timed(model: str, asked: str | Path, plan: CostPlan) -> TimedModel:
    name = _bare(model)
    weights = None if is_random(asked) else _weights(model, asked)
    return TimedModel(name, weights, planned_size(name, plan.input_size), code_digest(name) or "")


def _bare(model: str) -> str:
    return parse_name(model).model


def _weights(model: str, asked: str | Path) -> PlannedWeights:
    """The weights that a cost trial loads.

    ``auto`` goes without, since a cost does not depend on them.
    """
    found = find_weights(model, asked)
    if found.error is not None and not isinstance(found.error, WeightsError):
        raise found.error
    if found.file is None and asked != AUTO:
        raise WeightsError(
            f"{found.model}: weights {found.asked!r} are not at hand; bring them with `zoo fetch {model}`, "
            f'or time the architecture with weights = "auto"'
        )
    return found
