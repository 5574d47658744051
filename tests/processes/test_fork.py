"""Every round of a CPU is a process of its own: other pages, other places, nothing left behind."""

from __future__ import annotations

import json
import os
import time
from pathlib import Path

import pytest

from zoo.cost.protocol import Protocol
from zoo.cost.settings import CostSettings
from zoo.cost.worker.process import WorkerProcess
from zoo.cost.worker.requests import FirstCall, Prepare, Round, WarmUp
from zoo.outcome import Status
from zoo.processes.fork import CAN_FORK
from zoo.processes.guard import Failure

pytestmark = pytest.mark.skipif(not CAN_FORK, reason="processes are forked on Linux")

SPY = """
import json, os
from torch import nn
import zoo


class Spy(nn.Module):
    def __init__(self, num_classes=10):
        super().__init__()
        self.fc = nn.Linear(3, num_classes)
        self.big = nn.Parameter(self.fc.weight.new_zeros(1 << 20))
        self.calls = 0

    def forward(self, x):
        if x.is_meta:
            return self.fc(x.mean((2, 3)))
        self.calls += 1
        seen = {"process": os.getpid(), "calls": self.calls, "place": self.big.data_ptr(),
                "weight": float(self.fc.weight.sum()), "word": os.environ.get("SPY_WORD")}
        with open(os.environ["SPY_FILE"], "a") as stream:
            stream.write(json.dumps(seen) + chr(10))
        if os.environ.get("SPY_DIES") and self.calls == 3:
            os._exit(int(os.environ["SPY_DIES"]))
        if os.environ.get("SPY_LEAVES"):
            raise SystemExit(0)
        return self.fc(x.mean((2, 3)))


zoo.register("mine/spy", input_size=(3, 32, 32))(Spy)
"""

SETTINGS = CostSettings("latency", "cpu", 1, 1, "fp32", "contiguous", (3, 32, 32))
PATIENCE_S = 3600.0
"""Longer than pytest lets a test run: how fast a machine is decides nothing here."""

PROTOCOL = Protocol(min_round_s=0.0, min_iterations=3, warmup_iterations=3, round_s=PATIENCE_S)


@pytest.fixture
def spied(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    (tmp_path / "spy_models.py").write_text(SPY)
    monkeypatch.syspath_prepend(str(tmp_path))
    monkeypatch.setenv("ZOO_IMPORT", "spy_models")
    monkeypatch.setenv("SPY_FILE", str(tmp_path / "seen.jsonl"))
    return tmp_path / "seen.jsonl"


def seen(path: Path) -> dict[int, list[dict[str, object]]]:
    by_process: dict[int, list[dict[str, object]]] = {}
    for line in path.read_text().splitlines():
        entry = json.loads(line)
        by_process.setdefault(entry["process"], []).append(entry)
    return by_process


def test_each_round_is_a_process_with_its_own_places(spied: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    # The variable is set after the process that workers are forked from may have started.
    monkeypatch.setenv("SPY_WORD", "late")
    worker = WorkerProcess("mine/spy", None, PROTOCOL)
    try:
        assert worker.ask(Prepare(SETTINGS), PATIENCE_S, "in a test") is None
        assert worker.ask(FirstCall(), PATIENCE_S, "in a test") > 0
        rounds = [worker.ask(Round(), PATIENCE_S, "in a test") for _ in range(6)]
    finally:
        pid = worker.pid
        worker.close()
    assert [len(times) for times in rounds] == [3] * 6
    processes = list(seen(spied).values())
    assert len(processes) == 7  # the first call, and six rounds
    assert pid not in seen(spied)  # the process that holds the model never calls it
    for calls in processes[1:]:
        # A first call, one to settle, the unrecorded one and the recorded three, all at one place.
        assert [call["calls"] for call in calls] == [1, 2, 3, 4, 5, 6]
        assert len({call["place"] for call in calls}) == 1
    assert len({calls[0]["place"] for calls in processes[1:]}) > 1
    everything = [call for calls in processes for call in calls]
    assert len({call["weight"] for call in everything}) == 1
    assert {call["word"] for call in everything} == {"late"}


def test_two_workers_hold_the_same_random_weights_at_different_places(spied: Path) -> None:
    for _ in range(2):
        worker = WorkerProcess("mine/spy", None, PROTOCOL)
        worker.ask(Prepare(SETTINGS), PATIENCE_S, "in a test")
        worker.ask(Round(), PATIENCE_S, "in a test")
        worker.close()
    everything = [call for calls in seen(spied).values() for call in calls]
    assert len({call["weight"] for call in everything}) == 1
    assert len({call["place"] for call in everything}) > 1


@pytest.mark.parametrize("code", [7, 0])
def test_a_round_that_ends_its_process_is_a_failure_with_its_exit_code(
    spied: Path, monkeypatch: pytest.MonkeyPatch, code: int, capfd: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("SPY_DIES", str(code))
    worker = WorkerProcess("mine/spy", None, PROTOCOL)
    try:
        assert not isinstance(worker.ask(Prepare(SETTINGS), PATIENCE_S, "in a test"), Failure)
        answer = worker.ask(WarmUp(), PATIENCE_S, "while it warmed up")
        assert isinstance(answer, Failure)
        assert answer.reason == f"the worker ended with exit code {code} while it warmed up"
    finally:
        worker.close()
    assert "Traceback" not in capfd.readouterr().err


def test_a_model_that_calls_exit_is_a_failure_that_says_so(
    spied: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("SPY_LEAVES", "1")
    worker = WorkerProcess("mine/spy", None, PROTOCOL)
    try:
        worker.ask(Prepare(SETTINGS), PATIENCE_S, "in a test")
        answer = worker.ask(FirstCall(), PATIENCE_S, "in its first call")
        assert answer == Failure(Status.FAILED, "the model ended its program: sys.exit(0)")
        assert worker.alive
    finally:
        worker.close()
    assert "Traceback" not in capfd.readouterr().err


def test_a_round_ends_with_the_worker_that_is_killed(spied: Path) -> None:
    worker = WorkerProcess("mine/spy", None, Protocol(min_round_s=PATIENCE_S, round_s=PATIENCE_S))
    worker.ask(Prepare(SETTINGS), PATIENCE_S, "in a test")
    worker.send(Round())
    while not spied.exists() or not spied.read_text().endswith("\n"):
        time.sleep(0.05)  # the round begins
    answer = worker.receive(0.1, "in a round")
    assert isinstance(answer, Failure)
    assert "no answer within 0.1 s" in answer.reason
    (child,) = seen(spied)
    while _is_running(child):  # else the round has outlived its worker, and the test runs out of time
        time.sleep(0.05)


def _is_running(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return not _is_zombie(pid)


def _is_zombie(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] == "Z"
    except OSError:
        return True
