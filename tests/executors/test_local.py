"""Jobs run one after the other in a process, which ends with the run or outlives it."""

from __future__ import annotations

import os
from dataclasses import dataclass
from typing import Any, ClassVar

from tests.results.planted import cost
from zoo.executors.job import Job
from zoo.executors.local import LOCAL, LocalExecutor
from zoo.outcome import Outcome, Status


def run(job: Named, step: Any) -> Outcome:
    """Tell which process it is in."""
    return Outcome(Status.OK, notes={"pid": os.getpid()})


@dataclass(frozen=True, kw_only=True)
class Named(Job):
    RUNNER: ClassVar[str] = f"{__name__}:run"


def pids(executor: LocalExecutor, *models: str) -> list[Any]:
    """The processes of some jobs of one run."""
    jobs = [Named(trials=(cost(model, 1.0).trial,), label=model, device="cpu", timeout_s=60) for model in models]
    return [outcome.notes["pid"] for _, outcome, _ in executor.run(jobs, lambda event: None)]


def alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return True


def test_a_process_ends_with_its_run() -> None:
    (one, same), (other,) = pids(LOCAL, "resnet18", "resnet50"), pids(LOCAL, "resnet34")
    assert one == same != other
    assert not alive(one)


def test_a_staying_process_serves_several_runs_and_ends_with_the_block() -> None:
    with LOCAL.staying() as executor:
        (one,), (same,) = pids(executor, "resnet18"), pids(executor, "resnet34")
        assert one == same
        assert alive(one)
        (other,) = pids(LOCAL, "resnet50")  # the executor of everybody else knows nothing of it
        assert other != one
    assert not alive(one)


def test_a_staying_process_outlives_a_run_that_nobody_reads_to_its_end() -> None:
    with LOCAL.staying() as executor:
        jobs = [Named(trials=(cost(m, 1.0).trial,), label=m, device="cpu", timeout_s=60) for m in ("a", "b")]
        answers = executor.run(jobs, lambda event: None)
        _, outcome, _ = next(answers)
        answers.close()
        assert pids(executor, "resnet18") == [outcome.notes["pid"]]
