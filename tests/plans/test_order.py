"""With a budget every cell has its first seed before any has its second; what is left out is said."""

from __future__ import annotations

from pathlib import Path

import pytest

from zoo.errors import ZooError
from zoo.plans.estimate import work_units
from zoo.plans.order import in_order, left_out
from zoo.plans.plan import Plan, plan_suite
from zoo.results.trial import Trial
from zoo.suites.file import load_suite
from zoo.suites.suite import Suite, TransferPlan

MODELS = ("torchvision/vgg16", "torchvision/squeezenet1_0")


@pytest.fixture
def plan() -> Plan:
    transfer = TransferPlan(
        tasks=("digits",), strategies=("scratch", "random_features", "classifier", "pixels"), shots=(5,), seeds=2,
        device="cpu",
    )  # fmt: skip
    return plan_suite(Suite("p", MODELS, transfer=transfer))


def of_macs(trial: Trial) -> float:
    return work_units(trial)


def test_breadth_first_runs_seed_by_seed_and_cheap_before_dear(plan: Plan) -> None:
    groups = list(in_order(plan, of_macs))
    run = [plan.transfers[place].trial for _, places in groups for place in places]
    assert sorted(trial.key for trial in run) == sorted(item.trial.key for item in plan.transfers)
    assert [trial.transfer.seed for trial in run] == sorted(trial.transfer.seed for trial in run)
    cheap, dear = MODELS[1], MODELS[0]
    # Of the first seed what needs no training, then what does; of the second a model's work is in one process.
    assert [model for model, _ in groups] == [
        "control/pixels",
        cheap,
        dear,
        cheap,
        dear,
        "control/pixels",
        cheap,
        dear,
    ]
    of_one = [trial.transfer.strategy for trial in run if trial.model == dear and trial.transfer.seed == 0]
    assert of_one == ["random_features", "scratch", "classifier"]  # the last waits for its weights


def test_the_order_is_by_what_was_timed_and_not_by_macs_alone(plan: Plan) -> None:
    slow = MODELS[1]
    groups = list(in_order(plan, lambda trial: of_macs(trial) * (1000 if trial.model == slow else 1)))
    assert [model for model, _ in groups][:5] == ["control/pixels", MODELS[0], slow, MODELS[0], slow]


def test_without_a_budget_a_models_trainings_stay_together(plan: Plan) -> None:
    groups = list(in_order(plan))
    assert [model for model, _ in groups] == [*MODELS, "control/pixels"]
    assert sorted(place for _, places in groups for place in places) == list(range(len(plan.transfers)))


def test_what_a_budget_left_out_is_counted_by_seed_and_cell(plan: Plan) -> None:
    keys = {item.trial.key for item in plan.transfers}
    assert left_out(plan, keys) == ""
    first = {item.trial.key for item in plan.transfers if item.trial.transfer.seed == 0}
    assert left_out(plan, first) == "the time is over; left out: 7 trainings of seed 1"
    line = left_out(plan, set())
    assert line.startswith("the time is over; left out: 7 trainings of seed 0, 7 trainings of seed 1; of these cells")
    assert line.endswith(" and 4 more")


def test_a_suites_own_budget_is_read_and_checked(tmp_path: Path) -> None:
    def suite(budget: str) -> Suite:
        (tmp_path / "s.toml").write_text(
            f'[suite]\nname = "s"\nmodels = ["resnet18"]\nbudget = {budget}\n[cost]\nthreads = [1]\n'
        )
        return load_suite(tmp_path / "s.toml")

    assert [suite(text).budget_s for text in ('"8m"', '"90s"', "90", '"1h"', '"1.5 min"')] == [480, 90, 90, 3600, 90]
    for text in ('"soon"', "0", "true", '"-3m"', "[]"):
        with pytest.raises(ZooError, match=r"suite\.budget must be a time above 0, such as '90s' or '10m'"):
            suite(text)
    assert load_suite("quick").budget_s == 480
