"""One exception has one status and one reason, wherever it is caught."""

from __future__ import annotations

import pytest
import torch

from zoo.errors import WeightsError
from zoo.outcome import LONGEST_REASON, ReasonError, Status, outcome_of, reason_of, status_of
from zoo.processes.guard import Failure, guarded

CPU_MEMORY = """[enforce fail at alloc_cpu.cpp:121] err == 0.
DefaultCPUAllocator: can't allocate memory: you tried to allocate 17592186044416 bytes. Error code 12"""


@pytest.mark.parametrize(
    ("error", "status", "reason"),
    [
        (ValueError("no such thing\nand more"), Status.FAILED, "ValueError: no such thing"),
        (ValueError("\n  \nlate"), Status.FAILED, "ValueError: late"),
        (KeyError(), Status.FAILED, "KeyError"),
        (MemoryError(), Status.OOM, "MemoryError"),
        (torch.OutOfMemoryError("CUDA out of memory."), Status.OOM, "OutOfMemoryError: CUDA out of memory."),
        (
            RuntimeError(CPU_MEMORY),
            Status.OOM,
            "RuntimeError: " + CPU_MEMORY.splitlines()[1],
        ),
        (SystemExit(0), Status.FAILED, "the model ended its program: sys.exit(0)"),
        (KeyboardInterrupt(), Status.FAILED, "the model ended its program: it raised KeyboardInterrupt"),
        (GeneratorExit(), Status.FAILED, "the model ended its program: it raised GeneratorExit"),
        (WeightsError("weights are missing"), Status.FAILED, "weights are missing"),
        (ReasonError("the output is no number"), Status.FAILED, "the output is no number"),
    ],
    ids=lambda value: type(value).__name__ if isinstance(value, BaseException) else "",
)
def test_an_error_is_an_outcome_and_a_failure_alike(error: BaseException, status: Status, reason: str) -> None:
    def work() -> None:
        raise error

    assert (status_of(error), reason_of(error)) == (status, reason)
    assert guarded(work) == Failure(status, reason)
    outcome = outcome_of(error, 5.0, 1.5)
    assert (outcome.status, outcome.reason, outcome.started, outcome.duration_s) == (status, reason, 5.0, 1.5)


def test_a_long_reason_is_cut_and_one_of_the_zoo_s_own_is_not() -> None:
    assert len(reason_of(ValueError("x" * 500))) == LONGEST_REASON
    assert reason_of(ValueError("x" * 500)).endswith("...")
    assert reason_of(WeightsError("x" * 500)) == "x" * 500
