"""A run over a whole registry goes on after what fails, keeps to its budget, and is taken up where it ended."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from typing import Any

import pytest

from tests.runs.test_execute import OK, run
from zoo.cli.main import main
from zoo.errors import ZooError
from zoo.executors.events import Message, RunPlanned
from zoo.outcome import Outcome, Status
from zoo.plans.turns import family_of
from zoo.registry.search import list_models
from zoo.runs import session as session_module
from zoo.sources import user
from zoo.suites.file import load_suite
from zoo.suites.suite import CostPlan, Suite, TransferPlan

ONE_WAY = CostPlan(devices=("cpu",), metrics=("latency",), threads=(1,), weights="none")
WHOLE = Suite("planted", tuple(list_models("timm/*", "torchvision/*")), cost=ONE_WAY)


class Cohorts:
    """Stands in for the harness: answers at once, and notes who shared a cohort."""

    def __init__(self) -> None:
        self.groups: list[list[str]] = []
        self.dies: set[str] = set()
        self.after: int | None = None
        self.over = False

    def __call__(self, group: Any, *_: Any, **__: Any) -> Any:
        self.groups.append(list(dict.fromkeys(case.model for case in group.cases)))
        self.over = self.after is not None and len(self.groups) >= self.after
        for case in group.cases:
            killed = Outcome(Status.OOM, "the kernel killed the worker: memory was exhausted", duration_s=1.0)
            yield case, killed if case.model in self.dies else OK

    @property
    def models(self) -> list[str]:
        return [model for group in self.groups for model in group]


@pytest.fixture(autouse=True, scope="module")
def libraries_alone() -> Iterator[None]:
    """What other tests registered is no part of the registry here."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(user, "_REGISTERED", {})
        yield


@pytest.fixture
def cohorts(monkeypatch: pytest.MonkeyPatch) -> Cohorts:
    found = Cohorts()
    monkeypatch.setattr("zoo.runs.jobs.cohort.run_group", found)
    # The time is over when the planted cohorts say so, once what they answered is kept.
    monkeypatch.setattr(session_module.Session, "out_of_time", lambda _: found.over)
    return found


def lines_of(suite: Suite, **kwargs: Any) -> tuple[list[str], Any]:
    said: list[Any] = []
    outcome = run(suite, on_event=said.append, **kwargs)
    first = next(index for index, event in enumerate(said) if isinstance(event, RunPlanned))
    return [event.text for event in said[first:] if isinstance(event, Message)], outcome


def test_every_architecture_has_a_row_though_some_exhaust_the_memory(cohorts: Cohorts) -> None:
    cohorts.dies = {"timm/resnet50", "torchvision/vgg16", "timm/vit_7b_patch16_dinov3"}
    lines, outcome = lines_of(WHOLE)
    status = {record.trial.model: record.outcome.status for record in outcome.records}
    assert set(status) == set(list_models())
    assert {model for model, found in status.items() if found == Status.OOM} == cohorts.dies
    assert {found for model, found in status.items() if model not in cohorts.dies} == {Status.OK}
    assert (outcome.failed, outcome.remaining) == (3, 0)
    assert lines[0].startswith(f"{len(list_models())} models of ")
    assert "last, and each by itself: " in lines[0]


def test_the_dearest_run_last_each_beside_the_anchor_alone(cohorts: Cohorts) -> None:
    run(WHOLE)
    assert cohorts.groups[-1] == ["timm/vit_5b_patch16_sapiens2"]
    alone = next(index for index, group in enumerate(cohorts.groups) if len(group) == 1)
    assert {len(group) for group in cohorts.groups[: alone - 1]} <= {4, 5}  # four, where one is an A/A pair
    assert {len(group) for group in cohorts.groups[alone:]} == {1}
    assert "timm/vit_7b_patch16_dinov3" in [model for [model] in cohorts.groups[alone:]]


def test_a_sample_that_is_cut_has_no_family_twice_and_says_which_it_lacks(cohorts: Cohorts) -> None:
    cohorts.after = 9
    lines, outcome = lines_of(WHOLE, sample=True, max_seconds=1000)
    taken = Counter(map(family_of, cohorts.models))
    assert set(taken.values()) == {1}
    families = {family_of(model) for model in list_models()}
    kept = {family_of(record.trial.model) for record in outcome.records}
    lacking = sorted(families - kept)
    assert f"of {len(lacking)} families nothing: {', '.join(lacking[:3])} and {len(lacking) - 3} more" in lines[-1]
    assert f"left out: {outcome.remaining} timings" in lines[-1]


def test_without_a_sample_nothing_is_said_of_families(cohorts: Cohorts) -> None:
    cohorts.after = 2
    lines, _ = lines_of(WHOLE, max_seconds=1000)
    assert "left out: " in lines[-1]
    assert "famil" not in lines[-1]


def test_a_run_that_is_taken_up_measures_nothing_twice_and_ends(cohorts: Cohorts) -> None:
    cohorts.after = 30
    _, first = lines_of(WHOLE, sample=True)
    cohorts.after, cohorts.over = None, False
    _, second = lines_of(WHOLE, sample=True)
    assert 0 < first.measured < second.measured
    assert second.skipped == first.measured
    assert second.measured + second.skipped == len(list_models()) + 1  # and the A/A twin
    assert second.remaining == 0


def test_a_sample_of_what_has_no_costs_is_refused_in_a_line(cohorts: Cohorts) -> None:
    suite = Suite("regimes", ("torchvision/resnet18",), transfer=TransferPlan())
    with pytest.raises(
        ZooError, match="sample=True is an order of costs, and the suite regimes has none: leave it out"
    ):
        run(suite, sample=True)
    assert cohorts.groups == []


def test_the_command_samples_and_says_the_same_command_again(
    cohorts: Cohorts, capsys: pytest.CaptureFixture[str], tmp_path: Any
) -> None:
    cohorts.after = 3
    with pytest.raises(SystemExit) as caught:
        main(["run", "registry", "--sample", "--budget", "1h", "--report", str(tmp_path / "page")])
    assert caught.value.code == 0
    families = [family_of(model) for model in cohorts.models]
    assert len(set(families)) == len(families) > 10
    said = capsys.readouterr().err
    assert f"of {len({family_of(model) for model in list_models()})} families, one of each family first" in said
    assert "--sample` goes on" in said
    with pytest.raises(SystemExit) as caught:
        main(["run", "rule", "--sample"])
    assert caught.value.code == 2
    assert "--sample is an order of costs, and the suite rule has none: leave it out" in capsys.readouterr().err


def test_the_shipped_suite_is_of_costs_alone() -> None:
    suite = load_suite("registry")
    assert (suite.transfer, suite.budget_s) == (None, None)
    assert suite.cost == CostPlan(metrics=("latency",), threads=(1,), weights="none")
