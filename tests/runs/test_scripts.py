"""A user's script that measures, with and without the guard that multiprocessing asks for."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

MEASURES = """
results = zoo.measure([MODEL], threads=[1], input_size=32, budget_s=1, weights="none")
results = [*results.records, *zoo.transfer([MODEL], strategies=["random_features"], shots=[1], seeds=1).records]
print(sorted((r.trial.kind, str(r.outcome.status), r.outcome.reason) for r in results if r.trial.model == MODEL))
"""

TRAINS = """
(record,) = zoo.transfer([MODEL], strategies=["random_features"], shots=[1], seeds=1).records
print(record.outcome.status)
"""

REGISTERS = """
from torch import nn


class Net(nn.Module):
    def __init__(self, num_classes):
        super().__init__()
        self.conv = nn.Conv2d(3, 4, 3)
        self.fc = nn.Linear(4, num_classes)

    def forward(self, images):
        return self.fc(self.conv(images).mean(dim=(2, 3)))


@zoo.register("mine/net", input_size=(3, 32, 32))
def net(num_classes=1000):
    return Net(num_classes)

"""


def run_script(folder: Path, text: str) -> subprocess.CompletedProcess[str]:
    script = folder / "script.py"
    script.write_text("import zoo\n" + text)
    return subprocess.run([sys.executable, str(script)], cwd=folder, capture_output=True, text=True, check=False)


@pytest.mark.slow
def test_a_script_without_a_guard_measures_once(tmp_path: Path) -> None:
    done = run_script(tmp_path, MEASURES.replace("MODEL", repr("timm/test_resnet")))
    assert done.returncode == 0, done.stderr
    lines = done.stdout.strip().splitlines()
    assert len(lines) == 1, done.stdout
    assert lines[0].count("'ok'") + lines[0].count("'unconverged'") == 2, done.stdout
    assert "Traceback" not in done.stderr


@pytest.mark.slow
def test_a_script_with_models_of_its_own_needs_the_guard_and_is_told(tmp_path: Path) -> None:
    trains = TRAINS.replace("MODEL", repr("mine/net"))
    bare = run_script(tmp_path, REGISTERS + trains)
    assert bare.returncode == 1
    assert bare.stderr.strip().splitlines()[-1] == (
        "zoo.errors.ScriptError: this script registers models, so each worker imports it, and it measures again "
        'there: put what it runs under `if __name__ == "__main__":`'
    )
    assert bare.stderr.count("Traceback") == 1
    guarded = REGISTERS + 'if __name__ == "__main__":' + trains.replace("\n", "\n    ")
    done = run_script(tmp_path, guarded)
    assert done.returncode == 0, done.stderr
    assert done.stdout.strip() == "ok"


@pytest.mark.slow
def test_models_that_a_script_imports_are_found_by_workers(tmp_path: Path) -> None:
    (tmp_path / "nets.py").write_text("import zoo\n" + REGISTERS)
    trains = TRAINS.replace("MODEL", repr("mine/net"))
    done = run_script(tmp_path, 'import nets\nif __name__ == "__main__":' + trains.replace("\n", "\n    "))
    assert done.returncode == 0, done.stderr
    assert done.stdout.strip() == "ok"


TYPED = """
import zoo
from torch import nn

@zoo.register("typed/net", input_size=(3, 32, 32))
def net(num_classes=1000):
    return nn.Sequential(nn.Flatten(), nn.Linear(3072, num_classes))

try:
    zoo.measure(["typed/net"], threads=1)
except zoo.ZooError as error:
    print(error)
"""


def test_what_a_notebook_registers_is_said_before_anything_starts(tmp_path: Path) -> None:
    """A notebook, like a pipe, has no script that a new process could import."""
    done = subprocess.run(
        [sys.executable, "-"], input=TYPED, cwd=tmp_path, capture_output=True, text=True, check=False
    )
    assert done.stderr == ""
    assert "typed/net is registered in this session alone" in done.stdout
    assert "write it into mine.py, and start Python, or the notebook, with ZOO_IMPORT=mine" in done.stdout
