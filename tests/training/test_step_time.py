"""The time of a training step is that of the network asked for, and of nothing else."""

from __future__ import annotations

import subprocess
import sys
from typing import Any

import pytest
import torch

from zoo.training import step_time
from zoo.training.step_time import LONG_S, seconds_a_step

MODEL = "timm/test_resnet"


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Any:
    """Let steps take planted seconds; gives how many steps were taken."""
    taken: list[int] = []

    def plant(*seconds: float) -> list[int]:
        now = [0.0]

        class Planted:
            def __init__(self, *_: Any, **__: Any) -> None:
                pass

            def go(self, until: int) -> None:
                taken.append(until)
                now[0] += seconds[until - 1]

        monkeypatch.setattr(step_time, "Trainer", Planted)
        monkeypatch.setattr(step_time.time, "perf_counter", lambda: now[0])
        return taken

    return plant


def test_the_first_step_warms_up(clock: Any) -> None:
    taken = clock(9.0, 2.0, 3.0)
    assert seconds_a_step(MODEL, 32, 4, "cpu") == 2.5
    assert taken == [1, 2, 3]


def test_after_a_long_step_no_other_is_waited_for(clock: Any) -> None:
    taken = clock(LONG_S + 1, 2.0, 3.0)
    assert seconds_a_step(MODEL, 32, 4, "cpu") == LONG_S + 1
    assert taken == [1]


def test_a_real_step_takes_time_and_leaves_the_callers_numbers() -> None:
    torch.manual_seed(3)
    before = torch.get_rng_state()
    assert seconds_a_step(MODEL, 32, 4, "cpu") > 0
    assert torch.equal(torch.get_rng_state(), before)


def test_a_librarys_model_is_timed_in_another_process() -> None:
    code = (
        "import sys\n"
        "from zoo.sources.apart import ask_apart\n"
        "if __name__ == '__main__':\n"
        f"    print(ask_apart({MODEL!r}, 'zoo.training.step_time:seconds_a_step', {MODEL!r}, 32, 4, 'cpu') > 0)\n"
        "    print('torch' in sys.modules)\n"
    )
    asked = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=300, check=True)
    assert asked.stdout.split() == ["True", "False"]
