"""A search with planted answers on a planted clock: who goes on and why, its budget, and how it is gone on with."""

from __future__ import annotations

import json
from contextlib import nullcontext
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any, cast

import pytest

import zoo
from tests.results.planted import transfer
from zoo.cli.main import main
from zoo.executors.base import Agenda, Executor
from zoo.executors.local import LOCAL
from zoo.outcome import Outcome, Status
from zoo.paths import cache_dir
from zoo.results.view import Results
from zoo.runs import session as sessions
from zoo.searching import clock as clocks
from zoo.searching.judging import Judging
from zoo.statistics.intervals import wilson_interval
from zoo.statistics.measurement import Measurement
from zoo.store.store import Store

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from zoo.executors.base import Say
    from zoo.results.trial import Trial

MODELS = ("timm/tf_efficientnet_lite0", "timm/tf_efficientnet_lite1", "timm/tf_efficientnet_lite2")
HELD = 100


class Planted(Executor):
    """Answers at once, at a cost in seconds of a planted clock."""

    def __init__(self, quality: Callable[[Trial], float], seconds: Callable[[Trial], float]) -> None:
        self.quality, self.seconds = quality, seconds
        self.now, self.ran, self.keys = 100.0, list[str](), list[str]()
        self.cut = 10**9

    def monotonic(self) -> float:
        return self.now

    def run(self, jobs: Any, say: Say) -> Iterator[tuple[Trial, Outcome, None]]:
        agenda = Agenda(jobs)
        while (job := agenda.next()) is not None:
            if len(self.ran) >= self.cut:
                raise KeyboardInterrupt
            (trial,) = job.trials
            taken = self.seconds(trial)
            if taken > job.timeout_s:
                self.now += job.timeout_s
                yield trial, Outcome(Status.TIMEOUT, "no answer"), None
                continue
            self.now += taken
            self.ran.append(f"{trial.model.rpartition('_')[2]} {trial.settings.describe()}")
            self.keys.append(trial.key)
            yield trial, answer(trial, self.quality(trial), taken), None


def answer(trial: Trial, value: float, taken: float) -> Outcome:
    if value < 0:
        return Outcome(Status.FAILED, "planted: it broke", started=1.7e9, duration_s=taken)
    if trial.kind == "transfer":
        planted = transfer("resnet18", "full", value, seed=trial.transfer.seed).outcome
        return Outcome(Status.OK, metrics=planted.metrics, samples=planted.samples, started=1.7e9, duration_s=taken)
    hits = round(value * HELD)
    metrics = {"validation": Measurement(hits / HELD, "fraction", *wilson_interval(hits, HELD), HELD)}
    if trial.settings.describe().endswith("held out"):
        metrics["log_loss"] = Measurement(1.0, "nats", n=HELD)
    notes = {"knn": value, "logme": value, "width": 10, "score": value}
    correct = [float(one < hits) for one in range(HELD)]
    return Outcome(
        Status.OK, metrics=metrics, samples={"correct": correct}, started=1.7e9, duration_s=taken, notes=notes
    )


@pytest.fixture
def planted(monkeypatch: pytest.MonkeyPatch) -> Planted:
    """Lite2 is best by features and Lite1 when it is trained, a second for everything."""

    def quality(trial: Trial) -> float:
        number = int(trial.model[-1])
        strategy = getattr(trial.settings, "strategy", "")
        if strategy in ("full", "lp_ft"):
            rate = getattr(trial.settings, "rate", None)
            return (0.6, 0.9, 0.7)[number] - (0.05 if strategy == "lp_ft" else 0.0) - (0.02 if rate == 1e-4 else 0.0)
        return 0.5 + number / 20

    found = Planted(quality, lambda _trial: 1.0)
    for module in (clocks, sessions):
        clock = SimpleNamespace(monotonic=found.monotonic, time=lambda: 1.7e9)
        monkeypatch.setattr(module, "time", clock)
    monkeypatch.setattr("zoo.api.search.time", SimpleNamespace(monotonic=found.monotonic))
    monkeypatch.setattr(LOCAL, "staying", lambda: nullcontext(found))
    return found


def searched(**changes: Any) -> Any:
    return zoo.search("digits", **{"shots": 20, "seeds": 2, "budget_s": 600.0, "models": MODELS} | changes)


def test_the_best_when_trained_is_chosen_though_its_features_are_not_the_best(planted: Planted) -> None:
    found = searched()
    assert found.choice.chosen.model == "timm/tf_efficientnet_lite1"
    assert found.choice.chosen.strategy == "full"
    assert found.exit_code == 0
    last = [step for step in found.trail.steps if step.rung == "last round"]
    assert {step.name.split(".")[0][-1]: step.found for step in last} == {
        "1": "tested 90.0%, 90.0%", "2": "tested 70.0%, 70.0%", "0": "tested 60.0%, 60.0%",
    }  # fmt: skip
    seeds = [line[-1] for line in planted.ran if "shots, seed" in line]
    assert seeds == ["0", "0", "0", "1", "1", "1"], "each seed of all that are left before the next"


def test_each_that_is_dropped_has_a_reason(planted: Planted) -> None:
    found = searched()
    halved = [step for step in found.trail.steps if step.rung == "halving"]
    assert len(halved) == 3 * 7, "three models by the classifier and two strategies at three rates"
    kept = [step for step in halved if not step.dropped]
    assert len(kept) == 3
    reasons = {step.dropped for step in halved if step.dropped}
    assert "another arm of the model is better" in reasons
    assert "another rate is better after 11% of the steps" in reasons
    assert all(step.dropped for step in halved if "lite1" in step.name and "lp_ft" in step.name)
    text = found.to_text()
    assert "Halving (" in text
    assert "Choice: timm/tf_efficientnet_lite1" in text
    assert json.loads(json.dumps(found.to_dict()))["trail"][0]["rung"] == "weights"
    assert found._repr_html_().startswith("<ul><li>Searched on digits for ")


def lucky(trial: Trial) -> float:
    """Lite0 is best on the first fold alone."""
    if getattr(trial.settings, "strategy", "") == "full":
        of_fold = 0.95 if getattr(trial.settings, "fold", 0) == 0 else 0.5
        return of_fold if trial.model.endswith("0") else 0.8
    return 0.4


@pytest.mark.parametrize(("budget", "figure", "folds"), [(6000.0, "59.0% held out", 5), (100.0, "95.0% held out", 1)])
def test_arms_are_ranked_over_as_many_folds_as_the_time_holds(
    planted: Planted, budget: float, figure: str, folds: int
) -> None:
    planted.quality = lucky
    found = searched(budget_s=budget, strategies=["full"])
    [of_lucky] = {
        step.found for step in found.trail.steps
        if step.rung == "halving" and "lite0" in step.name and not step.dropped.startswith("another rate")
    }  # fmt: skip
    assert of_lucky == figure
    places = [step.name for step in found.trail.steps if step.rung == "last round"]
    assert ("lite0" in places[0]) == (folds == 1)
    with Store(zoo.paths.default_store_url()) as store:
        settings = [r.trial.settings for r in store.records(kind="search")]
    assert {getattr(one, "fold", 0) for one in settings} == set(range(folds))


def test_folds_that_not_all_have_judge_none() -> None:
    outcomes = {("a", 0): 0.9, ("a", 1): 0.1, ("a", 2): 0.6, ("b", 0): 0.7, ("b", 2): 0.8}
    judging = Judging(cast("Any", None), cast("Any", None))
    judging.folds = 3

    def found(arm: Any, _part: float, fold: int = 0) -> Outcome | None:
        value = outcomes.get((arm, fold))
        if value is None:
            return None
        metrics = {"validation": Measurement(value, "fraction"), "log_loss": Measurement(1 - value, "nats")}
        return Outcome(Status.OK, metrics=metrics, notes={"score": value})

    judging.found = found  # type: ignore[method-assign]
    a, b, never = (cast("Any", name) for name in ("a", "b", "never"))
    judging.share([a, b, never], 1.0)
    assert judging.score(a, 1.0) == (pytest.approx(0.75), pytest.approx(-0.25))
    assert judging.score(b, 1.0) == (pytest.approx(0.75), pytest.approx(-0.25))
    assert judging.figure(a, 1.0) == "75.0% held out"
    assert judging.score(never, 1.0) == (-1.0, 0.0)
    assert judging.figure(never, 1.0) == ""


@pytest.mark.parametrize(
    ("images", "fraction", "folds"), [(160, 0.1, 5), (60, 0.1, 2), (1500, 0.1, 2), (100_000, 0.1, 1), (40, 0.5, 2)]
)
def test_there_are_folds_until_enough_is_held_out(images: int, fraction: float, folds: int) -> None:
    task = SimpleNamespace(trained_on=lambda _shots: images)
    assert Judging(cast("Any", None), cast("Any", task)).most_folds("all", fraction) == folds


@pytest.mark.parametrize(("budget", "tested"), [(6000.0, 2), (70.0, 1)])
def test_more_models_are_tested_where_all_their_seeds_fit_the_time(
    planted: Planted, monkeypatch: pytest.MonkeyPatch, budget: float, tested: int
) -> None:
    monkeypatch.setattr("zoo.searching.rungs.FINALISTS", 1)
    monkeypatch.setattr("zoo.searching.rungs.MOST_FINALISTS", 2)
    monkeypatch.setattr("zoo.searching.rungs.Rungs._last_seconds", lambda *_: 20.0)
    planted.seconds = lambda _trial: 0.5
    found = searched(budget_s=budget)
    assert len([step for step in found.trail.steps if step.rung == "last round"]) == tested
    assert any(step.dropped == f"beyond the best {tested} models" for step in found.trail.steps)


@pytest.mark.parametrize(("budget", "seconds"), [(20.0, 0.5), (20.0, 7.0), (60.0, 2.0), (200.0, 7.0)])
def test_the_budget_is_kept_whatever_a_trial_takes(planted: Planted, budget: float, seconds: float) -> None:
    planted.seconds = lambda _trial: seconds
    began = planted.now
    found = searched(budget_s=budget)
    assert planted.now - began <= budget
    assert len({step.name for step in found.trail.steps}) >= len(MODELS)
    if found.choice is None:
        assert "The time ended before any test" in found.to_text()
        assert found.exit_code == 3


def test_who_was_not_reached_is_said_and_not_lost(planted: Planted) -> None:
    planted.seconds = lambda _trial: 3.0
    found = searched(budget_s=12.0)
    late = [step.name for step in found.trail.steps if step.dropped == "not reached in time"]
    assert late
    named = {name for model in MODELS for name in [f"{model}.packaged"]}
    assert named <= {step.name for step in found.trail.steps}


def test_an_arm_that_breaks_is_dropped_with_its_reason(planted: Planted) -> None:
    plain = planted.quality
    planted.quality = lambda trial: -1.0 if getattr(trial.settings, "strategy", "") == "full" else plain(trial)
    found = searched()
    broken = [step for step in found.trail.steps if step.dropped == "planted: it broke"]
    assert len(broken) == 9
    assert found.choice.chosen.strategy == "lp_ft"


def test_a_search_that_was_cut_goes_on_and_one_that_ended_does_nothing_again(planted: Planted) -> None:
    planted.cut = 9
    with pytest.raises(KeyboardInterrupt):
        searched()
    first = list(planted.ran)
    planted.cut = 10**9
    whole = searched()
    assert len(set(planted.keys)) == len(planted.keys), "nothing ran twice"
    assert planted.ran[: len(first)] == first
    before = len(planted.ran)
    again = searched()
    assert len(planted.ran) == before
    assert again.choice.to_dict() == whole.choice.to_dict()
    assert not any((cache_dir() / "searches").glob("*/*.pt"))


def test_few_images_choose_no_rate(planted: Planted) -> None:
    found = searched(shots=10)
    halved = [step.name for step in found.trail.steps if step.rung == "halving"]
    assert len(halved) == 3 * 3
    with Store(zoo.paths.default_store_url()) as store:
        tested = store.records(kind="transfer")
    assert {record.trial.transfer.rate for record in tested} == {None}
    many = searched(shots=20)
    with Store(zoo.paths.default_store_url()) as store:
        rates = {r.trial.transfer.rate for r in store.records(kind="transfer") if r.trial.transfer.shots == 20}
    assert {round(rate, 6) for rate in rates if rate} <= {3e-5, 1e-4, 3e-4, 9e-4}
    assert rates - {None}
    assert many.choice is not None


def test_limits_that_need_no_measurement_come_first(planted: Planted) -> None:
    found = searched(limits={"max_params": 5e6})
    dropped = {step.name: step.dropped for step in found.trail.steps if step.rung == "weights" and step.dropped}
    assert {name.split(".")[0][-1] for name in dropped} == {"1", "2"}
    assert all(why.startswith("max-params 5e+06 (has ") for why in dropped.values())
    assert not any("lite1" in line or "lite2" in line for line in planted.ran)


def test_nothing_is_left_within_the_limits(planted: Planted) -> None:
    found = searched(limits={"max_params": 1e3})
    assert (found.choice, found.exit_code, planted.ran) == (None, 3, [])


def test_a_report_and_a_choice_from_the_store_stand_beside_a_search(planted: Planted, tmp_path: Path) -> None:
    searched()
    with Store(zoo.paths.default_store_url()) as store:
        records = store.records()
    assert {record.trial.kind for record in records} == {"search", "transfer"}
    found = zoo.Results(records)
    assert found.write_report(tmp_path)
    assert len(Results(records).transfer_rows()) == 3
    assert zoo.choose(found).chosen.model == "timm/tf_efficientnet_lite1"


WRONG = [
    (["--budget", "5m"], "--budget is of a search; name the images with --data"),
    (["--fetch"], "--fetch is of a search; name the images with --data"),
    (["--data", "digits", "--task", "digits"], "--task is of records; a search with --data makes its own"),
    (["--data", "digits", "--published"], "--published is of records; a search with --data makes its own"),
    (["--data", "nowhere-at-all"], "unknown task 'nowhere-at-all'"),
    (["--data", "digits", "--strategy", "scratch"], "--strategy: a search takes what trains from weights"),
    (["--data", "digits", "--budget", "soon"], "--budget must be a time above 0"),
    (["--data", "digits", "--models", "resnet1"], "unknown model 'resnet1'"),
]


@pytest.mark.parametrize(("words", "expected"), WRONG, ids=[" ".join(words) for words, _ in WRONG])
def test_what_a_search_cannot_be_asked(words: list[str], expected: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as caught:
        main(["choose", *words])
    shown = capsys.readouterr().err
    assert caught.value.code == 2
    assert expected in shown
    assert shown.count("\n") == 1


def test_the_command_prints_the_trail_and_the_choice(planted: Planted, capsys: pytest.CaptureFixture[str]) -> None:
    words = ["--data", "digits", "--models", ",".join(MODELS), "--shots", "20", "--seeds", "2", "--budget", "10m"]
    with pytest.raises(SystemExit) as caught:
        main(["choose", *words])
    text = capsys.readouterr().out
    assert caught.value.code == 0
    assert text.startswith("Searched on digits for ")
    assert "Choice: timm/tf_efficientnet_lite1.packaged" in text
    with pytest.raises(SystemExit):
        main(["choose", *words, "--format", "json"])
    assert json.loads(capsys.readouterr().out)["choice"]["chosen"]["model"] == "timm/tf_efficientnet_lite1"
