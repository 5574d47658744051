"""Models that cannot be built, raise, return NaN, hang, exhaust memory, are killed or leave: a row each."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from zoo.cli.main import main
from zoo.outcome import Status
from zoo.store.store import Store

MODELS = """
import os, signal, sys, time
import torch
from torch import nn
import zoo


class Odd(nn.Module):
    def __init__(self, num_classes, deed):
        super().__init__()
        self.fc = nn.Linear(3, num_classes)
        self.deed = deed

    def forward(self, x):
        # Counting on the meta device is no run: the deed is done where there are numbers.
        return self.fc(x.mean((2, 3))) if x.is_meta else self.deed(self.fc(x.mean((2, 3))))


def raises(y):
    raise ValueError("planted: no such thing")


def hangs(y):
    while True:
        time.sleep(1)


def plant(name, deed):
    zoo.register("mine/" + name, input_size=(3, 32, 32))(lambda num_classes=1000: Odd(num_classes, deed))


plant("raises", raises)
plant("nan", lambda y: y * float("nan"))
plant("hangs", hangs)
plant("memory", lambda y: torch.empty(1 << 44))
plant("killed", lambda y: os.kill(os.getpid(), signal.SIGKILL))
plant("leaves", lambda y: sys.exit(0))
plant("sound", lambda y: y)


@zoo.register("mine/unbuilt", input_size=(3, 32, 32))
def unbuilt(num_classes=1000):
    raise RuntimeError("planted: weights server is down")
"""

SUITE = """
[suite]
name = "odd"
models = [
    "mine/raises", "mine/nan", "mine/hangs", "mine/memory", "mine/killed", "mine/leaves", "mine/unbuilt",
    "mine/sound",
]
[cost]
devices = ["cpu"]
metrics = ["latency"]
threads = [1]
aa_pair = false
timeout_s = 15
cohort_budget_s = 5
"""

REASONS = {
    "mine/raises": (Status.FAILED, "ValueError: planted: no such thing"),
    "mine/nan": (Status.FAILED, "forward returned NaN"),
    "mine/hangs": (Status.TIMEOUT, "no answer within 15 s"),
    "mine/memory": (Status.OOM, "can't allocate memory"),
    "mine/killed": (Status.FAILED, "killed by signal 9 (SIGKILL)"),
    "mine/leaves": (Status.FAILED, "the model ended its program: sys.exit(0)"),
    "mine/unbuilt": (Status.FAILED, "RuntimeError: planted: weights server is down"),
}


def command_for(suite: str, folder: Path, monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The command that runs a suite of the odd models, which it can import."""
    (folder / "odd_models.py").write_text(MODELS)
    (folder / "odd.toml").write_text(suite)
    monkeypatch.syspath_prepend(str(folder))
    monkeypatch.setenv("ZOO_IMPORT", "odd_models")
    return ["run", str(folder / "odd.toml"), "--report", str(folder / "report")]


@pytest.mark.slow
def test_seven_failures_are_seven_rows_with_seven_reasons(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    command = command_for(SUITE, tmp_path, monkeypatch)
    with pytest.raises(SystemExit) as caught:
        main(command)
    shown = capsys.readouterr()
    assert caught.value.code == 0
    assert "warning: 7 trials failed" in shown.err
    with Store(f"sqlite:///{os.environ['ZOO_STORE']}") as store:
        found = {record.trial.model: record.outcome for record in store.records()}
    assert set(found) == {*REASONS, "mine/sound"}
    for model, (status, reason) in REASONS.items():
        assert found[model].status == status, model
        assert reason in found[model].reason
    assert found["mine/sound"].metrics["latency_ms"].value > 0
    page = (tmp_path / "report" / "README.md").read_text()
    assert all(model in page for model in REASONS)

    # The same again measures nothing, and --strict makes the failures count.
    with pytest.raises(SystemExit) as caught:
        main([*command, "--strict"])
    assert caught.value.code == 1


COHORT = """
[suite]
name = "cohort"
models = ["mine/memory", "mine/killed", "mine/sound"]
[cost]
devices = ["cpu"]
metrics = ["latency"]
threads = [1]
aa_pair = false
cohort_budget_s = 10
"""


@pytest.mark.slow
def test_who_exhausts_the_memory_or_is_killed_takes_no_other_of_its_cohort_along(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with pytest.raises(SystemExit) as caught:
        main(command_for(COHORT, tmp_path, monkeypatch))
    assert caught.value.code == 0
    with Store(f"sqlite:///{os.environ['ZOO_STORE']}") as store:
        found = {record.trial.model.rpartition("/")[2]: record.outcome for record in store.records()}
    assert len({outcome.notes["cohort"] for outcome in found.values()}) == 1
    assert (found["memory"].status, found["killed"].status) == (Status.OOM, Status.FAILED)
    sound = found["sound"].metrics["latency_ms"]
    assert sound.n is not None
    assert sound.n >= 6
    assert sound.low is not None
