"""A run keeps each record at once, skips what is done, and goes on after what fails."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any, ClassVar

import pytest
import torch

from tests.plans.test_tasks import pets
from tests.weights.planted import pickled, plant_classic, state_dict
from zoo.errors import ZooError, for_command
from zoo.executors.events import Message, RunPlanned, TrialDone
from zoo.executors.process import JobProcess
from zoo.outcome import Outcome, Status
from zoo.paths import default_store_url
from zoo.plans.estimate import Estimate, rounded, work_units
from zoo.plans.plan import plan_suite
from zoo.plans.transfer import plan_transfer
from zoo.plans.weights import find_weights
from zoo.report.sections.missing import missing_text
from zoo.report.sections.pretraining import pretraining_lines
from zoo.results.view import Results
from zoo.runs import execute
from zoo.runs.jobs.pretraining import PretrainingJob
from zoo.statistics.measurement import Measurement
from zoo.store.store import Store
from zoo.suites.suite import CostPlan, Suite, TransferPlan
from zoo.weights.save import save_zoo_weights

MODELS = ("torchvision/resnet18", "torchvision/squeezenet1_0")
COST = Suite("planted", MODELS, cost=CostPlan(devices=("cpu",), metrics=("latency",), threads=(1,), input_size=64))
TRANSFER = Suite(
    "planted",
    MODELS[:1],
    transfer=TransferPlan(strategies=("classifier", "random_features", "pixels"), shots=(5,), seeds=2),
)
OK = Outcome(
    Status.OK,
    metrics={
        "latency_ms": Measurement(1.0, "ms", 0.9, 1.1, 8),
        "accuracy": Measurement(0.5, "fraction", 0.1, 0.9, 2),
        "trained_params": Measurement(10, "count"),
        "seconds": Measurement(1.0, "s"),
    },
    samples={"round_medians_ms": [1.0] * 8, "correct": [0, 1]},
    duration_s=1.0,
)
"""Answers a cost and a training alike."""


@pytest.fixture
def measured(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Replace the cost harness by one that answers at once; gives the models it was asked for."""
    asked: list[str] = []

    def run_group(group: Any, *args: Any, **kwargs: Any) -> Any:
        for case in group.cases:
            asked.append(case.model)
            yield case, OK

    monkeypatch.setattr("zoo.runs.jobs.cohort.run_group", run_group)
    return asked


class Planted:
    """Stands in for the process that trains; answers from a script."""

    jobs: ClassVar[list[Any]]
    answer: ClassVar[Outcome] = OK

    def ask(self, job: Any, _: Any = None) -> Outcome:
        Planted.jobs.append(job)
        return Planted.answer


@pytest.fixture
def trained(monkeypatch: pytest.MonkeyPatch) -> list[Any]:
    Planted.jobs = []
    Planted.answer = OK
    monkeypatch.setattr(JobProcess, "ask", Planted.ask)
    return Planted.jobs


def run(suite: Suite, **kwargs: Any) -> execute.RunOutcome:
    return execute.run_suite(suite, store_url=default_store_url(), **kwargs)


def test_every_cost_trial_and_the_aa_pair_get_a_record(measured: list[str]) -> None:
    outcome = run(COST)
    assert (outcome.measured, outcome.skipped, outcome.remaining) == (3, 0, 0)
    assert measured == [*MODELS, "torchvision/resnet18"]
    assert [r.trial.cost.replica for r in outcome.records] == [0, 0, 1]
    assert all(r.suite == "planted" and r.run == outcome.run_id for r in outcome.records)


def test_auto_says_in_one_line_that_torch_cannot_use_a_gpu(
    measured: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("zoo.machine.devices.gpu_count", lambda: 1)
    monkeypatch.setattr("zoo.machine.devices.torch_refusal", lambda device: "AssertionError: no CUDA in this torch")
    said: list[Any] = []
    assert COST.cost is not None
    for devices in (("auto",), ("cpu",)):
        said.append([])
        suite = replace(COST, cost=replace(COST.cost, devices=devices))
        outcome = run(suite, on_event=lambda event: said[-1].append(event))
        assert {record.trial.cost.device for record in outcome.records} == {"cpu"}
    lines = [[event.text for event in events if isinstance(event, Message)] for events in said]
    assert len(lines[0]) == 1
    assert "no CUDA in this torch" in lines[0][0]
    assert lines[1] == []


def test_a_run_says_first_what_it_trains_instead_of_published_weights(trained: list[Any]) -> None:
    told: list[tuple[str, int]] = []
    suite = replace(TRANSFER, models=MODELS)
    run(suite, on_event=lambda event: told.append((getattr(event, "text", ""), len(trained))))
    line, begun = next((text, count) for text, count in told if "at hand" in text)
    assert begun == 0
    assert line.startswith(
        f"no weights of {MODELS[0]} and {MODELS[1]} are at hand: they are trained on letters-am first (about "
    )
    seconds = sum(work_units(item.trial) for item in plan_suite(suite).to_make.values())
    assert f"({rounded(seconds)})" in line
    fetch = "`zoo fetch torchvision/resnet18.IMAGENET1K_V1 torchvision/squeezenet1_0.IMAGENET1K_V1`"
    assert line.endswith(f"{fetch} brings the published ones instead")


def test_a_run_with_weights_says_nothing_of_substitutes(trained: list[Any]) -> None:
    state = state_dict("torchvision/resnet18")
    info = {"classes": ["a"] * 13, "input_size": 32, "mean": [0.5] * 3, "std": [0.2] * 3}
    save_zoo_weights("torchvision/resnet18", "letters-am", state, info)
    said: list[Any] = []
    run(TRANSFER, on_event=said.append)
    assert not [event.text for event in said if isinstance(event, Message) and "at hand:" in event.text]


def test_a_second_run_measures_nothing_and_returns_the_same_records(measured: list[str]) -> None:
    first = run(COST)
    second = run(COST)
    assert (second.measured, second.skipped) == (0, 3)
    assert [r.id for r in second.records] == [r.id for r in first.records]
    assert len(measured) == 3


def test_again_measures_anew_and_keeps_the_old(measured: list[str]) -> None:
    run(COST)
    outcome = run(COST, again=True)
    assert outcome.measured == 3
    with Store(default_store_url()) as store:
        assert len(store.records(latest=False)) == 6
        assert len(store.records()) == 3


def test_what_ended_worse_than_before_does_not_stand_and_is_said(trained: list[Any]) -> None:
    suite = replace(TRANSFER, transfer=TransferPlan(strategies=("random_features",), shots=(5,), seeds=1))
    first = run(suite)
    Planted.answer = Outcome(Status.TIMEOUT, "planted", started=2.0)
    said: list[str] = []
    again = run(suite, again=True, on_event=lambda event: said.append(getattr(event, "text", "")))
    assert [record.id for record in again.records] == [record.id for record in first.records]
    assert (again.measured, again.failed) == (1, 1)  # which --strict goes by
    assert [line for line in said if "passed over 1 newer record" in line] != []
    assert run(suite, retry=True).measured == 0  # what stands is ok


def test_interruption_keeps_what_was_measured_and_the_next_run_goes_on(monkeypatch: pytest.MonkeyPatch) -> None:
    def interrupted(group: Any, *args: Any, **kwargs: Any) -> Any:
        yield group.cases[0], OK
        raise KeyboardInterrupt

    monkeypatch.setattr("zoo.runs.jobs.cohort.run_group", interrupted)
    outcome = run(COST)
    assert outcome.interrupted
    assert (outcome.measured, outcome.remaining, len(outcome.records)) == (1, 2, 1)
    again = run(COST)
    assert (again.measured, again.skipped) == (1, 1)


def test_events_count_up_to_the_total(measured: list[str]) -> None:
    events: list[Any] = []
    run(COST, on_event=events.append)
    assert events[0] == RunPlanned(3, 0, events[0].seconds_left)
    assert events[0].seconds_left > 0
    done = [event for event in events if isinstance(event, TrialDone)]
    assert [(event.done, event.total) for event in done] == [(1, 3), (2, 3), (3, 3)]
    assert done[-1].seconds_left == 0


def test_missing_weights_are_trained_before_the_regimes_that_use_them(trained: list[Any]) -> None:
    outcome = run(TRANSFER)
    assert isinstance(trained[0], PretrainingJob)
    assert trained[0].trials[0].pretrain.task == "letters-am"
    kinds = [job.work.strategy for job in trained[1:]]
    # The planted training registered no weights, so the classifier regime has a reason instead of a result.
    assert kinds == ["random_features"] * 2 + ["pixels"] * 2
    blocked = [r for r in outcome.records if r.trial.kind == "transfer" and r.trial.transfer.strategy == "classifier"]
    assert [r.outcome.status for r in blocked] == [Status.FAILED] * 2
    assert "no weights torchvision/resnet18.letters-am" in blocked[0].outcome.reason
    assert outcome.failed == 2


def test_what_ails_a_folder_that_weights_are_made_on_is_said_and_kept(trained: list[Any], tmp_path: Path) -> None:
    plan = TransferPlan(
        strategies=("classifier",), shots=(5,), seeds=1, pretrain_task=str(pets(tmp_path / "pets", 2, 40))
    )
    events: list[Any] = []
    outcome = run(Suite("planted", MODELS[:1], transfer=plan), on_event=events.append)
    said = [for_command(event.text) for event in events if isinstance(event, Message)]
    [record] = [r for r in outcome.records if r.trial.kind == "pretrain"]
    alone = "10 of 11 test images are of class 'dog': always to say so has accuracy 0.909"
    assert record.outcome.notes["task_health"][0] == alone
    assert record.outcome.notes["majority"] == pytest.approx(10 / 11)
    assert f"pets: {alone}" in said


def test_weights_that_were_made_before_have_a_record_too(trained: list[Any]) -> None:
    # As `zoo pretrain` leaves them, or a run that was killed between the weights and their record.
    info = {
        "classes": ["a"], "input_size": 32, "mean": [0.5] * 3, "std": [0.2] * 3, "accuracy": 0.9, "test_images": 650,
        "steps": 240,
    }  # fmt: skip
    file = save_zoo_weights(MODELS[0], "letters-am", {"w": torch.zeros(1)}, info)
    for _ in range(2):
        outcome = run(TRANSFER)
        [record] = [r for r in outcome.records if r.trial.kind == "pretrain"]
        assert record.outcome.metrics["accuracy"].value == 0.9
        assert record.outcome.notes["sha256"] == file.sha256
        assert not any(isinstance(job, PretrainingJob) for job in trained)
    with Store(default_store_url()) as store:
        assert len(store.records(latest=False, kind="pretrain")) == 1
    [line] = pretraining_lines(Results([record]))
    assert "90.0 [87.5, 92.1] %" in line
    assert "made before" in line


def test_pixels_is_asked_once_a_task_and_has_no_weights(trained: list[Any]) -> None:
    suite = Suite("p", MODELS, transfer=TransferPlan(strategies=("pixels",), shots=(5,), seeds=1))
    outcome = run(suite)
    assert [r.trial.display_name for r in outcome.records] == ["control/pixels"]


def test_a_failure_is_a_record_and_retry_asks_it_again(trained: list[Any]) -> None:
    suite = Suite("p", MODELS, transfer=TransferPlan(strategies=("random_features",), shots=(5,), seeds=1))
    Planted.answer = Outcome(Status.TIMEOUT, "no answer within 3 s; the process was ended")
    outcome = run(suite)
    assert outcome.failed == 2
    assert run(suite).measured == 0
    Planted.answer = OK
    retried = run(suite, retry=True)
    assert (retried.measured, retried.failed) == (2, 0)


def test_retry_of_one_of_an_aa_pair_times_both_together(monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[tuple[str, int]] = []
    wide = Outcome(Status.UNCONVERGED, "±9.0%", metrics=OK.metrics, samples=OK.samples, duration_s=1.0)

    def run_group(group: Any, *args: Any, **kwargs: Any) -> Any:
        for case in group.cases:
            asked.append((case.model, case.replica))
            yield case, wide if case.replica == 1 else OK

    monkeypatch.setattr("zoo.runs.jobs.cohort.run_group", run_group)
    assert run(COST).measured == 3
    asked.clear()
    assert run(COST).measured == 0
    assert run(COST, retry=True).measured == 2
    assert sorted(asked) == [("torchvision/resnet18", 0), ("torchvision/resnet18", 1)]


def test_too_few_images_are_refused_before_anything_is_measured(measured: list[str], trained: list[Any]) -> None:
    suite = Suite(
        "p",
        MODELS,
        cost=COST.cost,
        transfer=TransferPlan(strategies=("pixels",), shots=(100_000,), seeds=1),
    )
    with pytest.raises(ZooError, match="100000"):
        run(suite)
    assert measured == []
    assert trained == []


def test_no_trial_starts_after_the_time_budget(measured: list[str]) -> None:
    outcome = run(COST, max_seconds=-1.0)
    assert (outcome.measured, outcome.remaining) == (0, 3)


@pytest.mark.parametrize(("seconds", "begun"), [(500.0, True), (700.0, False)])
def test_weights_that_the_time_does_not_hold_are_not_begun(
    trained: list[Any], monkeypatch: pytest.MonkeyPatch, seconds: float, begun: bool
) -> None:
    expected = Estimate.seconds_of

    def planted(self: Estimate, trial: Any) -> float:
        return seconds if trial.kind == "pretrain" else expected(self, trial)

    monkeypatch.setattr(Estimate, "seconds_of", planted)
    said: list[str] = []
    outcome = run(TRANSFER, max_seconds=600.0, on_event=lambda event: said.append(getattr(event, "text", "")))
    assert any(isinstance(job, PretrainingJob) for job in trained) == begun
    left = [line for line in said if "s left" in line]
    assert len(left) == (not begun)
    assert not left or left[0].startswith(
        "left out: training torchvision/resnet18 on letters-am, and one use of it, would take about 12 min, of "
    )
    # What needs no weights is done in either case.
    kinds = [job.work.strategy for job in trained if not isinstance(job, PretrainingJob)]
    assert kinds.count("random_features") == kinds.count("pixels") == 2
    assert (outcome.remaining > 0) == (not begun)


@pytest.mark.parametrize(("seconds", "begun"), [(595.0, True), (606.0, False)])
def test_weights_are_not_begun_without_the_time_for_one_use_of_them(
    trained: list[Any], monkeypatch: pytest.MonkeyPatch, seconds: float, begun: bool
) -> None:
    monkeypatch.setattr(Estimate, "seconds_of", lambda self, trial: {"pretrain": seconds - 20}.get(trial.kind, 20.0))
    run(TRANSFER, max_seconds=600.0)
    assert any(isinstance(job, PretrainingJob) for job in trained) == begun


def test_a_training_that_the_time_does_not_hold_is_left_for_one_that_it_does(
    trained: list[Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    def fits(self: Estimate, seconds: float | None, *trials: Any) -> bool:
        return not any(trial.kind == "transfer" and trial.transfer.strategy == "pixels" for trial in trials)

    monkeypatch.setattr(Estimate, "fits", fits)
    said: list[str] = []
    outcome = run(TRANSFER, max_seconds=600.0, on_event=lambda event: said.append(getattr(event, "text", "")))
    kinds = {job.work.strategy for job in trained if not isinstance(job, PretrainingJob)}
    assert "pixels" not in kinds
    assert "random_features" in kinds
    assert outcome.remaining == 2
    assert any(
        line.startswith("the time is over; left out: 1 training of seed 0, 1 training of seed 1") for line in said
    )
    trained.clear()
    run(TRANSFER)  # without a budget nothing is left out
    assert "pixels" in {job.work.strategy for job in trained if not isinstance(job, PretrainingJob)}


def test_a_store_that_cannot_be_written_ends_the_run_in_one_line(tmp_path: Path, measured: list[str]) -> None:
    folder = tmp_path / "store"
    folder.mkdir()
    with pytest.raises(ZooError) as caught:
        execute.run_suite(COST, store_url=f"sqlite:///{folder}")
    assert "\n" not in str(caught.value)
    assert measured == []


def test_published_weights_that_were_not_at_hand_are_noted_and_reported(measured: list[str]) -> None:
    outcome = execute.run_suite(COST, store_url=default_store_url())
    assert outcome.records[0].outcome.notes["weights_missing"] == "torchvision/resnet18.IMAGENET1K_V1"
    results = Results(outcome.records)
    assert results.missing_weights() == [
        "torchvision/resnet18.IMAGENET1K_V1",
        "torchvision/squeezenet1_0.IMAGENET1K_V1",
    ]
    text = missing_text(results)
    assert "torchvision/resnet18.IMAGENET1K_V1 (resnet18-f37072fd.pth)" in text
    assert (
        "`zoo fetch torchvision/resnet18.IMAGENET1K_V1 torchvision/squeezenet1_0.IMAGENET1K_V1` brings them" in text
    )
    # Random weights that were asked for are not missed.
    asked = replace(COST, cost=replace(COST.cost, weights="none") if COST.cost else None)
    assert plan_suite(asked).missing == {}
    assert missing_text(Results([])) == ""


def test_weights_that_are_at_hand_are_not_missed(measured: list[str], monkeypatch: pytest.MonkeyPatch) -> None:
    plant_classic(monkeypatch, pickled(state_dict("torchvision/squeezenet1_0")))
    outcome = execute.run_suite(COST, store_url=default_store_url())
    assert plan_suite(COST).missing == {"torchvision/resnet18": "torchvision/resnet18.IMAGENET1K_V1"}
    named = {record.trial.display_name: record.trial.weights_digest for record in outcome.records}
    digest = named["torchvision/squeezenet1_0.IMAGENET1K_V1"]
    # Other bytes under the same tag are another trial.
    plant_classic(monkeypatch, pickled(state_dict("torchvision/squeezenet1_0", seed=8)))
    again = execute.run_suite(COST, store_url=default_store_url())
    renewed = {record.trial.display_name: record.trial.weights_digest for record in again.records}
    assert (again.measured, again.skipped) == (1, 2)
    assert renewed["torchvision/squeezenet1_0.IMAGENET1K_V1"] not in (None, digest)


def test_what_others_published_of_a_suites_models_comes_with_its_records(measured: list[str], tmp_path: Path) -> None:
    from zoo.results.importers.timm import read_timm_results

    suite = replace(COST, models=("timm/resnet18",))
    (tmp_path / "results-imagenet.csv").write_text("model,top1\nresnet18.a1_in1k,71.5\nresnet50.a1_in1k,81.2\n")
    with Store(default_store_url()) as store:
        store.add_all(read_timm_results(tmp_path / "results-imagenet.csv").records)
    outcome = execute.run_suite(suite, store_url=default_store_url())
    assert [record.trial.model for record in outcome.published] == ["timm/resnet18"]


def test_a_suite_is_planned_once_and_each_models_weights_looked_for_once(
    measured: list[str], trained: list[Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    looked: list[tuple[str, str]] = []

    def find(model: str, asked: str, stand_in: str = "") -> Any:
        looked.append((model, stand_in))
        return find_weights(model, asked, stand_in)

    monkeypatch.setattr("zoo.plans.cost.find_weights", find)
    monkeypatch.setattr("zoo.plans.transfer.find_weights", find)
    transfer = TransferPlan(strategies=("random_features", "scratch"), shots=(5,), seeds=2)
    suite = Suite("p", MODELS, cost=COST.cost, transfer=transfer)
    assert run(suite).measured == 3 + 8
    assert looked == [(model, stand_in) for stand_in in ("", "letters-am") for model in MODELS]


def test_only_what_waited_for_weights_is_planned_anew(trained: list[Any], monkeypatch: pytest.MonkeyPatch) -> None:
    planned: list[list[str]] = []

    def plan(suite: Suite, models: Any = None) -> Any:
        planned.append([model.name for model in models])
        return plan_transfer(suite, models)

    monkeypatch.setattr("zoo.plans.plan.plan_transfer", plan)
    run(replace(TRANSFER, models=MODELS))
    assert planned == [list(MODELS), [MODELS[0]], [MODELS[1]]]
