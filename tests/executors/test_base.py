"""Any executor: what waits is handed out when it may start, and a toy one runs a whole suite."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from typing import Any, ClassVar

import pytest

from tests.runs.planted import InThisProcess
from zoo.errors import UnknownNameError, ZooError
from zoo.executors import EXECUTORS
from zoo.executors.base import Agenda, Executor, Say, run_job
from zoo.executors.job import Deferred, Job
from zoo.machine.differences import machine_key
from zoo.machine.fingerprint import Machine, fingerprint
from zoo.outcome import Outcome, Status
from zoo.paths import default_store_url
from zoo.regimes.pretrain import PRETRAINING
from zoo.regimes.settings import PretrainSettings
from zoo.results.trial import Trial
from zoo.runs.execute import run_suite
from zoo.suites.file import parse_suite
from zoo.suites.suite import Suite, TransferPlan


def trial(name: str) -> Trial:
    return Trial(f"mine/{name}", "random", PretrainSettings("digits", 0, (3, 32, 32)))


@dataclass(frozen=True, kw_only=True)
class Planted(Job):
    RUNNER: ClassVar[str] = f"{__name__}:succeed"


def succeed(job: Job, step: Any) -> Outcome:
    return Outcome(Status.OK, notes={"model": job.trials[0].model})


def job(name: str, *needs: str) -> Job:
    return Planted(
        trials=(trial(name),),
        label=name,
        device="cpu",
        timeout_s=60,
        needs=frozenset(trial(need).key for need in needs),
    )


def test_what_waits_comes_in_its_place_once_it_may() -> None:
    made: list[str] = []

    def make() -> list[Job]:
        made.append("planned")
        return [job("c"), job("d", "c")]

    agenda = Agenda([job("a"), Deferred(frozenset({trial("a").key}), make), job("b")])
    first = agenda.next()
    assert first is not None
    assert (first.label, made) == ("a", [])
    agenda.answered(first.trials[0])
    assert [one.label for one in agenda.ready()] == ["c", "b"]
    assert made == ["planned"]
    assert agenda.next() is None
    agenda.answered(trial("c"))
    assert [one.label for one in agenda.ready()] == ["d"]


def test_any_number_of_jobs_may_be_planned_to_nothing() -> None:
    nothing = Deferred(frozenset(), list)
    found = Agenda([*[nothing] * 5000, job("a")]).next()
    assert found is not None
    assert found.label == "a"


@dataclass(frozen=True, kw_only=True)
class Timed(Planted):
    ALONE: ClassVar[bool] = True


def test_what_is_timed_is_handed_out_alone() -> None:
    timed = [Timed(trials=(trial(name),), label=name, device="cpu") for name in "xy"]
    agenda = Agenda([timed[0], job("a"), job("b"), timed[1], job("c")])
    handed = []
    while ready := agenda.ready():
        handed.append([one.label for one in ready])
    assert handed == [["x"], ["a", "b"], ["y"], ["c"]]


class InThreads(Executor):
    """A toy: whatever may start does, two at a time, and it calls itself another machine."""

    there = replace(fingerprint(), cpu="a faster one")

    @property
    def machine(self) -> Machine:
        return self.there

    def run(self, jobs: Sequence[Job | Deferred], say: Say) -> Iterator[tuple[Trial, Outcome, Machine | None]]:
        agenda = Agenda(jobs)
        with ThreadPoolExecutor(2) as pool:
            while ready := agenda.ready():
                for answers in pool.map(lambda job: list(run_job(job, say)), ready):
                    for answered, outcome in answers:
                        agenda.answered(answered)
                        yield answered, outcome, self.there


@pytest.fixture
def threads(monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    monkeypatch.setattr("zoo.executors.process.Child", InThisProcess)
    EXECUTORS.register("threads", InThreads())
    yield "threads"
    EXECUTORS.unregister("threads")


def test_a_suite_runs_on_a_toy_and_its_records_are_of_the_machine_that_it_says(threads: str) -> None:
    plan = TransferPlan(strategies=("pixels",), shots=(2,), seeds=2)
    suite = Suite("toy", ("timm/test_resnet",), transfer=plan, executor=threads)
    done = run_suite(suite, store_url=default_store_url())
    assert (done.measured, done.failed, done.remaining) == (2, 0, 0)
    assert {record.machine for record in done.records} == {machine_key(InThreads.there)}
    assert run_suite(suite, store_url=default_store_url()).measured == 0
    # Here nothing was measured yet.
    here = run_suite(suite, store_url=default_store_url(), executor="local")
    assert (here.measured, here.skipped) == (2, 0)


def test_what_waits_for_weights_is_trained_from_them(threads: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("zoo.regimes.pretrain.PRETRAINING", replace(PRETRAINING, steps=2))
    plan = TransferPlan(strategies=("classifier",), shots=(2,), seeds=2)
    suite = Suite("toy", ("timm/test_resnet",), transfer=plan)
    done = run_suite(suite, store_url=default_store_url(), executor=threads)
    assert [(r.trial.kind, r.trial.weights, str(r.outcome.status)) for r in done.records] == [
        ("transfer", "letters-am", "ok"),
        ("transfer", "letters-am", "ok"),
        ("pretrain", "random", "ok"),
    ]


def test_an_unknown_executor_is_named_with_its_neighbours() -> None:
    suite = Suite("toy", ("timm/test_resnet",), transfer=TransferPlan(strategies=("pixels",)))
    with pytest.raises(UnknownNameError, match="unknown executor 'locl': did you mean local"):
        run_suite(suite, store_url=default_store_url(), executor="locl")
    text = '[suite]\nname = "x"\nmodels = ["resnet18"]\nexecutor = "locl"\n[cost]\n'
    with pytest.raises(ZooError, match=r"mine.toml: suite.executor: unknown executor 'locl': did you mean local"):
        parse_suite(text.encode(), where="mine.toml")
