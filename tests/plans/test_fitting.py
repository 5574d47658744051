"""Trainings on a user's images fit their budget: what gives way, in which order, and what stays."""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from tests.plans.test_tasks import pets
from zoo.errors import for_command
from zoo.outcome import Status
from zoo.plans import fitting
from zoo.plans.fitting import Free, patience
from zoo.processes.guard import Failure
from zoo.suites.suite import Suite, TransferPlan
from zoo.training.recipe import TUNED

MODEL = "torchvision/resnet18"
ALL = Free(strategies=True, shots=True, seeds=True, steps=True, size=True, precision=False)
NONE = Free(strategies=False, shots=False, seeds=False, steps=False, size=False, precision=False)
FIVE = ("classifier", "full", "scratch", "random_features", "pixels")


def suite(folder: str, *models: str, **changes: Any) -> Suite:
    plan = TransferPlan(
        tasks=(folder,), strategies=FIVE, shots=("all",), seeds=3, weights="IMAGENET1K_V1", device="cpu"
    )
    return Suite("p", models or (MODEL,), transfer=replace(plan, **changes))


def fitted(given: Suite, budget_s: float | None, free: Free) -> tuple[Suite, str]:
    """The suite that fits, and what was said to have given way."""
    said: list[str] = []
    found = fitting.fitted(given, budget_s, free, said.append)
    return found, next((line for line in said if not line.startswith("timing a training step of ")), "")


@pytest.fixture
def folder(tmp_path: Path) -> str:
    return str(pets(tmp_path / "pets", 30, 5))


@pytest.fixture
def step(monkeypatch: pytest.MonkeyPatch) -> Any:
    """Let a step at 224 pixels take so many seconds; gives what was asked."""
    asked: list[tuple[Any, ...]] = []

    def plant(seconds: Any) -> list[tuple[Any, ...]]:
        def answer(*words: Any) -> Any:
            asked.append(words)
            return seconds[words[-1]] if isinstance(seconds, dict) else seconds

        monkeypatch.setattr(fitting, "ask_apart", answer)
        return asked

    return plant


def test_what_a_first_guess_holds_is_left_as_it_is_and_nothing_is_timed(folder: str, step: Any) -> None:
    asked, given = step(1.0), suite(folder)
    assert fitted(given, 1e6, ALL) == (given, "")
    assert asked == []


def test_what_fits_by_the_time_of_a_step_is_left_as_it_is(folder: str, step: Any) -> None:
    asked, given = step(1e-4), suite(folder)
    assert fitted(given, 600.0, ALL) == (given, "")
    assert asked == [(MODEL, "zoo.training.step_time:seconds_a_step", MODEL, 224, 32, "cpu", "fp32")]


def ladder(folder: str, step: Any, free: Free, **changes: Any) -> list[tuple[TransferPlan, str]]:
    """Every plan that some budget leads to, the longest first."""
    step(6.0)
    given = suite(folder, **changes)
    found: list[tuple[TransferPlan, str]] = []
    budget = 1e5
    while budget > 25:
        taken, line = fitted(given, budget, free)
        assert taken.transfer is not None
        if not found or taken.transfer != found[-1][0]:
            found.append((taken.transfer, for_command(line)))
        budget /= 1.3
    return found


def test_what_gives_way_is_in_order_and_said(folder: str, step: Any) -> None:
    found = ladder(folder, step, ALL)
    most, fewer = ("classifier", "full", "random_features", "pixels"), ("classifier", "random_features", "pixels")
    assert [(plan.strategies, plan.recipe.steps, plan.seeds, plan.input_size) for plan, _ in found] == [
        (FIVE, 120, 3, "auto"), (most, 120, 3, "auto"), (most, 60, 3, "auto"), (most, 30, 3, "auto"),
        (most, 30, 1, "auto"), (most, 30, 1, 160), (most, 30, 1, 112), (fewer, 120, 3, "auto"),
    ]  # fmt: skip
    lines = [line for _, line in found]
    assert lines[0] == ""
    assert re.match(r"to fit the --budget of \d+ (min|s): no scratch; without one, trainings are expected", lines[1])
    parts = "no scratch, 30 steps for a hundred images in place of 120, 1 of 3 seeds"
    assert f": {parts}; without one, trainings are expected to take about " in lines[4]
    assert ": no full and no scratch; " in lines[-1]


def test_what_was_asked_for_stays(folder: str, step: Any) -> None:
    step(1e6)
    given = suite(folder)
    assert fitted(given, 600.0, NONE) == (given, "")
    taken, _ = fitted(given, 600.0, replace(NONE, seeds=True))
    assert taken == suite(folder, seeds=1)
    taken, _ = fitted(given, 600.0, replace(NONE, steps=True))
    assert taken == suite(folder, recipe=replace(TUNED, steps=30))
    taken, _ = fitted(given, 600.0, replace(NONE, size=True))
    assert taken == suite(folder, input_size=112)
    assert fitted(given, 600.0, replace(NONE, shots=True))[0] == given  # 30 images a class are not many


def test_of_a_large_set_a_hundred_images_a_class_are_taken_before_training_is_given_up(
    folder: str, step: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(fitting, "FEWER_SHOTS", 2)
    plans = [plan for plan, _ in ladder(folder, step, replace(ALL, seeds=False))]
    assert [(plan.shots, plan.input_size) for plan in plans if "full" in plan.strategies][-2:] == [
        (("all",), 112), ((2,), 112),
    ]  # fmt: skip
    assert "full" not in plans[-1].strategies


def test_sizes_are_those_that_every_model_takes(folder: str, step: Any) -> None:
    step(1e6)
    swin = "timm/swin_tiny_patch4_window7_224"
    given = suite(folder, MODEL, swin, weights="default")
    taken, _ = fitted(given, 600.0, replace(NONE, size=True))
    assert taken.transfer is not None
    assert taken.transfer.input_size in (160, 112)
    small = suite(folder, MODEL, "timm/test_vit", weights="auto", input_size=64)
    assert fitted(small, 600.0, replace(NONE, size=True))[0] == small
    drawn = suite(folder, tasks=(folder, "digits"), shots=(5,))
    assert fitted(drawn, 600.0, replace(NONE, size=True))[0] == drawn


def test_a_model_whose_step_fails_is_planned_by_a_first_guess(folder: str, step: Any) -> None:
    step(Failure(Status.FAILED, "no"))
    given = suite(folder)
    whole = fitting._seconds(given, None, {})
    assert fitted(given, 2 * whole, ALL)[0] == given
    assert fitted(given, whole, ALL)[0] != given


RATHER = replace(NONE, precision=True)


@pytest.mark.parametrize("budget_s", [None, 1e4])
def test_what_is_faster_in_bf16_computes_in_it_and_it_is_said(budget_s: float | None, folder: str, step: Any) -> None:
    asked, given, said = step({"fp32": 3.0, "bf16": 1.0}), suite(folder), []
    taken = fitting.fitted(given, budget_s, RATHER, said.append)
    assert taken == suite(folder, in_bf16=(MODEL,))
    assert [words[-1] for words in asked] == ["fp32", "bf16"]
    assert for_command(said[1]) == (
        "computed in bf16, in which a step is faster here than in fp32: torchvision/resnet18 (3.0 times as fast); "
        "--precision sets it"
    )


def test_a_budget_holds_more_of_what_is_faster(folder: str, step: Any) -> None:
    plans = {}
    for seconds in (6.0, 0.6):
        step({"fp32": 6.0, "bf16": seconds})
        plans[seconds] = fitting.fitted(suite(folder), 3000.0, replace(ALL, precision=True), lambda _: None).transfer
    assert plans[6.0] != plans[0.6]
    assert plans[0.6] is not None
    assert plans[0.6].in_bf16 == (MODEL,)
    assert plans[0.6].strategies[1] == "full"


@pytest.mark.parametrize("bf16", [1.0, 0.9, Failure(Status.FAILED, "no such instruction")])
def test_what_is_hardly_faster_or_fails_in_bf16_computes_in_fp32(bf16: Any, folder: str, step: Any) -> None:
    step({"fp32": 1.0, "bf16": bf16})
    assert fitted(suite(folder), None, RATHER) == (suite(folder), "")


def test_a_precision_that_was_asked_for_is_timed_alone(folder: str, step: Any) -> None:
    asked, given = step({"bf16": 1e-4}), suite(folder, precision="bf16")
    assert fitted(given, 600.0, NONE) == (given, "")
    assert [words[-1] for words in asked] == ["bf16"]


def test_without_a_budget_nothing_is_timed_where_nothing_may_be_chosen(folder: str, step: Any) -> None:
    asked, given = step(1.0), suite(folder)
    assert fitted(given, None, ALL) == (given, "")
    assert asked == []


def test_a_training_may_take_many_times_a_first_guess(folder: str) -> None:
    assert patience(suite(folder, recipe=replace(TUNED, steps=1, extensions=0))) == 1800.0
    assert patience(suite(folder, recipe=replace(TUNED, steps=10**6))) > 1e5
