"""What hangs, dies or raises in the training process becomes an outcome, and the next job finds a new process."""

from __future__ import annotations

import os
import signal
import time
import warnings
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, ClassVar

import pytest

from zoo.errors import ZooError, ZooWarning
from zoo.executors.job import Job
from zoo.executors.process import JobProcess
from zoo.outcome import Outcome, Status


def hang(_: Any, __: Any) -> Outcome:
    time.sleep(600)
    raise AssertionError


def die(_: Any, __: Any) -> Outcome:
    os.kill(os.getpid(), signal.SIGKILL)
    raise AssertionError


def leave(_: Any, __: Any) -> Outcome:
    os._exit(7)


def refuse(_: Any, __: Any) -> Outcome:
    raise ZooError("class 3 has 4 images and 5 were asked for; ask for fewer shots")


def count(_: Any, step: Any) -> Outcome:
    for done in range(3):
        step(done, 3)
    return Outcome(Status.OK, notes={"pid": os.getpid()})


def warn(_: Any, __: Any) -> Outcome:
    warnings.warn("the head is new and untrained", ZooWarning, stacklevel=2)
    return Outcome(Status.OK)


def run(job: Planted, step: Any) -> Outcome:
    """What a job's process does: the function that the job names."""
    return globals()[job.work](job, step)


@dataclass(frozen=True, kw_only=True)
class Planted(Job):
    RUNNER: ClassVar[str] = f"{__name__}:run"
    work: str


@dataclass(frozen=True, kw_only=True)
class Strict(Planted):
    REFUSALS_END: ClassVar[bool] = True


def job(work: str, *, timeout_s: float = 60, process: str = "", strict: bool = False) -> Job:
    kind = Strict if strict else Planted
    return kind(trials=(), label=work, device="cpu", timeout_s=timeout_s, process=process, work=work)


@pytest.fixture
def process() -> Iterator[JobProcess]:
    process = JobProcess()
    yield process
    process.close()


def test_a_hang_is_a_timeout_and_the_next_job_runs(process: JobProcess, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("zoo.executors.process.START_TIMEOUT_S", 0.0)
    outcome = process.ask(job("hang", timeout_s=0.5))
    assert (outcome.status, outcome.reason) == (
        Status.TIMEOUT,
        "no answer within 0.5 s; the process was ended",
    )
    assert process.ask(job("count")).status == Status.OK


def test_a_killed_process_is_a_failure_that_names_the_signal(process: JobProcess) -> None:
    outcome = process.ask(job("die"))
    assert (outcome.status, outcome.reason) == (
        Status.FAILED,
        "the process was killed by signal 9 (SIGKILL)",
    )
    assert process.ask(job("count")).status == Status.OK


def test_a_process_that_the_kernel_kills_for_memory_is_out_of_memory(
    process: JobProcess, monkeypatch: pytest.MonkeyPatch
) -> None:
    process.ask(job("count"))
    kills = iter([0, 1])
    monkeypatch.setattr("zoo.processes.child.oom_kills", lambda: next(kills))
    outcome = process.ask(job("die"))
    assert (outcome.status, outcome.reason) == (Status.OOM, "the kernel killed the process: memory was exhausted")


def test_an_exit_without_answer_names_its_code(process: JobProcess) -> None:
    outcome = process.ask(job("leave"))
    assert outcome.reason == "the process ended without an answer (exit code 7)"


def test_a_user_error_comes_back_as_one(process: JobProcess) -> None:
    outcome = process.ask(job("refuse"))
    assert outcome.status == Status.FAILED
    assert outcome.reason.startswith("class 3 has 4 images")
    with pytest.raises(ZooError, match="class 3 has 4 images"):
        process.ask(job("refuse", strict=True))
    assert process.ask(job("count")).status == Status.OK


def test_one_process_serves_several_jobs_and_tells_its_steps(process: JobProcess) -> None:
    steps: list[tuple[int, int]] = []
    first = process.ask(job("count"), on_step=lambda step, total: steps.append((step, total)))
    second = process.ask(job("count"))
    assert steps == [(0, 3), (1, 3), (2, 3)]
    assert first.notes["pid"] == second.notes["pid"] != os.getpid()


def test_a_process_is_that_of_one_name_and_a_job_without_a_name_takes_any(process: JobProcess) -> None:
    pids = [process.ask(job("count", process=name)).notes["pid"] for name in ("a", "", "a", "b", "")]
    assert pids[0] == pids[1] == pids[2] != pids[3] == pids[4]


def test_what_a_process_warns_of_is_warned_of_here(process: JobProcess) -> None:
    with pytest.warns(ZooWarning, match="the head is new and untrained"):
        assert process.ask(job("warn")).status == Status.OK
