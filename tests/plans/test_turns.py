"""The cheap come first and the risky last; of a sample each family has one before any has two."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import replace

import pytest

from zoo.plans.cost import PlannedCost, plan_cost
from zoo.plans.risk import Bounds
from zoo.plans.turns import Turns, family_of, turns
from zoo.registry.catalogue import get
from zoo.registry.search import list_models
from zoo.sources import user
from zoo.suites.file import load_suite
from zoo.suites.suite import CostPlan, Suite

ROOM = Bounds(bytes=1e15, seconds=1e9, macs_per_s=1e9)
PLAN = CostPlan(devices=("cpu",), metrics=("latency",), threads=(1,), weights="none", aa_pair=False)


def planned(*models: str, plan: CostPlan = PLAN) -> list[PlannedCost]:
    return plan_cost(Suite("p", models, cost=plan))


def models_of(found: Turns, items: list[PlannedCost]) -> list[list[str]]:
    return [list(dict.fromkeys(item.case.model for item in turn.items)) for turn in found.of(items)]


@pytest.fixture(autouse=True, scope="module")
def libraries_alone() -> Iterator[None]:
    """What other tests registered is no part of the registry here."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(user, "_REGISTERED", {})
        yield


@pytest.fixture(scope="module")
def registry(libraries_alone: None) -> list[PlannedCost]:
    """A cost of every architecture, as the suite asks for it."""
    suite = load_suite("registry")
    assert suite.cost is not None
    return plan_cost(replace(suite, cost=replace(suite.cost, devices=("cpu",))))


def test_the_suite_asks_for_every_architecture_of_both_libraries(registry: list[PlannedCost]) -> None:
    asked = [item.trial.model for item in registry if not item.case.replica]
    assert sorted(asked) == sorted(list_models())
    assert {"torchvision/resnet18", "timm/resnet18"} <= set(asked)
    assert {item.trial.weights for item in registry} == {"random"}


def test_without_risk_all_are_one_turn_of_full_cohorts(registry: list[PlannedCost]) -> None:
    [turn] = turns(registry, ROOM, 5).of(registry)
    assert (list(turn.items), turn.cohort_size) == (registry, 5)


def test_what_is_risky_in_any_setting_comes_last_in_all_and_each_has_a_cohort_of_its_own() -> None:
    slow, quick = "torchvision/vgg16", "torchvision/squeezenet1_0"
    items = planned(slow, quick, plan=replace(PLAN, metrics=("latency", "throughput"), batches=(16,)))
    macs = get(slow).macs
    assert macs is not None
    found = turns(items, replace(ROOM, seconds=2 * macs / 1e9), 5)  # one image is quick enough
    first, last = found.of(items)
    assert ({item.case.model for item in first.items}, first.cohort_size) == ({quick}, 5)
    assert ({item.case.model for item in last.items}, last.cohort_size) == ({slow}, 1)
    assert len(last.items) > 1


def test_a_sample_has_one_of_each_family_before_any_second(registry: list[PlannedCost]) -> None:
    found = turns(registry, ROOM, 5, sample=True)
    order = models_of(found, registry)
    assert Counter(model for turn in order for model in turn) == Counter(list_models())
    families = {family_of(model) for model in list_models()}
    assert sorted(map(family_of, order[0])) == sorted(families)
    sizes = Counter(map(family_of, list_models()))
    taken: Counter[str] = Counter()
    for number, turn in enumerate(order[:20]):  # later ones, of few families, are put together
        taken += Counter(map(family_of, turn))
        assert taken == {family: min(number + 1, size) for family, size in sizes.items()}


def test_a_familys_first_is_the_median_of_those_without_risk(registry: list[PlannedCost]) -> None:
    vgg = [item for item in registry if family_of(item.case.model) == "vgg"]
    macs = sorted(float(get(item.case.model).macs or 0) for item in vgg)
    for bound in (macs[-1], macs[len(macs) // 2]):
        safe = [each for each in macs if each <= bound]
        found = turns(vgg, replace(ROOM, seconds=bound / 1e9), 1, sample=True)
        first = models_of(found, vgg)[0][0]
        assert get(first).macs == safe[(len(safe) - 1) // 2]


def test_each_turn_but_the_last_fills_a_cohort(registry: list[PlannedCost]) -> None:
    sizes = [len(turn) for turn in models_of(turns(registry, ROOM, 5, sample=True), registry)]
    assert min(sizes[:-1]) >= 5


def test_the_order_of_a_sample_is_that_of_the_whole_plan_whatever_is_done(registry: list[PlannedCost]) -> None:
    found = turns(registry, ROOM, 5, sample=True)
    whole = [model for turn in models_of(found, registry) for model in turn]
    rest = [item for item in registry if item.case.model in set(whole[60:])]
    again = [model for turn in models_of(found, rest) for model in turn]
    assert set(again[:40]) <= set(whole[60:110])


def test_the_halves_of_the_pair_stay_together(registry: list[PlannedCost]) -> None:
    for sample in (False, True):
        for turn in turns(registry, ROOM, 5, sample=sample).of(registry):
            halves = {item.case.replica for item in turn.items if item.case.model == "torchvision/resnet18"}
            assert halves in (set(), {0, 1})


def test_a_line_says_what_comes_first_and_what_comes_last(registry: list[PlannedCost]) -> None:
    models, families = len(list_models()), len({family_of(model) for model in list_models()})
    assert turns(registry, ROOM, 5).said(registry) == f"{models} models of {families} families, the cheapest first"
    sampled = turns(registry, ROOM, 5, sample=True).said(registry)
    assert sampled == f"{models} models of {families} families, one of each family first, then another of each"
    few = planned("torchvision/vgg16", "torchvision/squeezenet1_0")
    assert turns(few, ROOM, 5).said(few) == ""
    slow = turns(few, replace(ROOM, seconds=5.0), 5).said(few)
    assert slow == (
        "2 models of 2 families, the cheapest first; last, and each by itself: 1 whose calls are slow here"
    )
    large = turns(few, replace(ROOM, bytes=5e8), 5).said(few)
    assert large.endswith("last, and each by itself: 1 that would fill the memory together")
