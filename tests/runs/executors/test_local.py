"""What hangs, dies or raises in the training process becomes an outcome, and the next job finds a new process."""

from __future__ import annotations

import os
import signal
import time
from collections.abc import Iterator
from typing import Any

import pytest

from zoo.errors import ZooError
from zoo.outcome import Outcome, Status
from zoo.runs.executors import local as jobs


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


def serve_planted(pipe: Any) -> None:
    """The child's loop with an answer that is looked up by the request's name."""
    jobs.answer = lambda request, step: globals()[request](request, step)
    jobs.serve(pipe)


@pytest.fixture
def process(monkeypatch: pytest.MonkeyPatch) -> Iterator[jobs.JobProcess]:
    monkeypatch.setattr(jobs, "serve", serve_planted)
    process = jobs.JobProcess()
    yield process
    process.close()


def test_a_hang_is_a_timeout_and_the_next_job_runs(process: jobs.JobProcess, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(jobs, "START_TIMEOUT_S", 0.0)
    outcome = process.run("hang", timeout_s=0.5)
    assert (outcome.status, outcome.reason) == (
        Status.TIMEOUT,
        "no answer within 0.5 s; the process was ended",
    )
    assert process.run("count", timeout_s=60).status == Status.OK


def test_a_killed_process_is_a_failure_that_names_the_signal(process: jobs.JobProcess) -> None:
    outcome = process.run("die", timeout_s=60)
    assert (outcome.status, outcome.reason) == (
        Status.FAILED,
        "the process was killed by signal 9 (SIGKILL)",
    )
    assert process.run("count", timeout_s=60).status == Status.OK


def test_a_process_that_the_kernel_kills_for_memory_is_out_of_memory(
    process: jobs.JobProcess, monkeypatch: pytest.MonkeyPatch
) -> None:
    process.run("count", timeout_s=60)
    kills = iter([0, 1])
    monkeypatch.setattr("zoo.processes.child.oom_kills", lambda: next(kills))
    outcome = process.run("die", timeout_s=60)
    assert (outcome.status, outcome.reason) == (Status.OOM, "the kernel killed the process: memory was exhausted")


def test_an_exit_without_answer_names_its_code(process: jobs.JobProcess) -> None:
    outcome = process.run("leave", timeout_s=60)
    assert outcome.reason == "the process ended without an answer (exit code 7)"


def test_a_user_error_comes_back_as_one(process: jobs.JobProcess) -> None:
    with pytest.raises(ZooError, match="class 3 has 4 images"):
        process.run("refuse", timeout_s=60)
    assert process.run("count", timeout_s=60).status == Status.OK


def test_one_process_serves_several_jobs_and_tells_its_steps(process: jobs.JobProcess) -> None:
    steps: list[tuple[int, int]] = []
    first = process.run("count", timeout_s=60, on_step=lambda step, total: steps.append((step, total)))
    second = process.run("count", timeout_s=60)
    assert steps == [(0, 3), (1, 3), (2, 3)]
    assert first.notes["pid"] == second.notes["pid"] != os.getpid()
