"""A user's code can end its own process alone, and prints nowhere that a command's output goes."""

from __future__ import annotations

import ctypes
import os
import subprocess
import sys
from pathlib import Path

import pytest
import torch
from torch import nn

from zoo import plugins
from zoo.contained import EndedError, contained
from zoo.errors import ZooError
from zoo.models.input_size import check_input_size
from zoo.registry import facts
from zoo.registry.catalogue import get
from zoo.sources import user

MODULE = """
import os, sys
import zoo
from torch import nn

print("printed at import")

class Net(nn.Module):
    def __init__(self, num_classes=1000):
        super().__init__()
        self.fc = nn.Linear(3, num_classes)

    def forward(self, images):
        print("printed in forward")
        os._exit(0)

zoo.register("mine/ends", input_size=(3, 32, 32))(Net)
"""


@pytest.mark.parametrize("end", ["import sys; sys.exit(0)", "raise SystemExit", "import os; os._exit(0)", "quit()"])
def test_a_module_that_would_end_the_command_is_one_line(
    end: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "ending_module.py").write_text(f"print('hello')\n{end}\n")
    monkeypatch.syspath_prepend(tmp_path)
    monkeypatch.setenv("ZOO_IMPORT", "ending_module")
    monkeypatch.setattr(plugins, "_LOADED", set())
    monkeypatch.delitem(sys.modules, "ending_module", raising=False)
    with pytest.raises(ZooError, match=r"cannot load module ending_module in ZOO_IMPORT: it .* ended this command"):
        get("resnet18")
    assert capfd.readouterr().out == ""


@pytest.mark.parametrize(
    "end",
    ["raise GeneratorExit", "import asyncio; raise asyncio.CancelledError", "import pytest; pytest.skip('no GPU')"],
)
def test_what_is_no_exception_is_one_line_too(end: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "odd_module.py").write_text(f"{end}\n")
    monkeypatch.syspath_prepend(tmp_path)
    monkeypatch.setenv("ZOO_IMPORT", "odd_module")
    monkeypatch.setattr(plugins, "_LOADED", set())
    monkeypatch.delitem(sys.modules, "odd_module", raising=False)
    with pytest.raises(ZooError, match=r"cannot load module odd_module in ZOO_IMPORT: it raised \w+, which would"):
        get("resnet18")


def test_what_programs_and_c_print_is_no_part_of_the_output_either(capfd: pytest.CaptureFixture[str]) -> None:
    """The number of standard output is given back by the last that contains code."""
    os.write(1, b"before ")
    with contained():
        with contained():
            os.write(1, b"inner ")
        os.write(1, b"written ")
        subprocess.run(["echo", "by a program"], check=True)
        ctypes.CDLL(None).printf(b"by C")
    os.write(1, b"after")
    out, err = capfd.readouterr()
    assert out == "before after"
    assert err == "inner written by a program\nby C"


def test_ctrl_c_while_a_module_is_imported_is_the_users() -> None:
    with pytest.raises(KeyboardInterrupt), contained():
        raise KeyboardInterrupt


def test_what_is_contained_ends_nothing_and_the_usual_end_is_back_after() -> None:
    usual = os._exit
    with pytest.raises(EndedError, match=r"it called os\._exit\(3\)"), contained():
        os._exit(3)
    assert os._exit is usual


class Ends(nn.Module):
    def __init__(self, how: str) -> None:
        super().__init__()
        self.fc = nn.Linear(3, 5)
        self.how = how

    def forward(self, images: torch.Tensor) -> torch.Tensor:
        if self.how == "exit":
            sys.exit(0)
        os._exit(0)


@pytest.mark.parametrize("how", ["exit", "os._exit"])
def test_a_model_of_this_session_that_ends_is_not_counted_and_says_why(
    how: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(user, "_REGISTERED", {})
    monkeypatch.setattr(facts, "_COUNTED", {})
    user.add("mine/ends", lambda num_classes=1000: Ends(how), (3, 32, 32))
    spec = get("mine/ends")
    assert spec.macs is None
    assert spec.not_counted is not None
    assert "it raised SystemExit(0)" in spec.not_counted or "it called os._exit(0)" in spec.not_counted


@pytest.mark.parametrize(
    "output", ["dict", "tuple", "raises", "grey", "lazy", "two arguments", "interrupts", "nothing"]
)
def test_no_model_of_the_users_refuses_a_whole_suite_for_its_size(
    output: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(user, "_REGISTERED", {})
    monkeypatch.setattr(facts, "_COUNTED", {})

    class Net(nn.Module):
        def forward(self, images: torch.Tensor) -> object:
            if output == "raises":
                raise RuntimeError("no")
            if output == "interrupts":
                raise GeneratorExit
            if output == "nothing":
                return None
            return {"logits": images} if output == "dict" else (images, images)

    class Two(nn.Module):
        def forward(self, images: torch.Tensor, ages: torch.Tensor) -> torch.Tensor:
            return images.mean() + ages

    def build(num_classes: int = 1000) -> nn.Module:
        if output == "lazy":
            return nn.Sequential(nn.LazyConv2d(4, 3), nn.Flatten(), nn.LazyLinear(num_classes))
        return Two() if output == "two arguments" else Net()

    user.add("mine/other", build, (1 if output == "grey" else 3, 32, 32))
    check_input_size("mine/other", 7)
    check_input_size("mine/other", 640)


@pytest.mark.slow
def test_a_model_of_a_module_is_counted_apart_and_the_output_is_the_commands(tmp_path: Path) -> None:
    (tmp_path / "mine_ends.py").write_text(MODULE)
    done = subprocess.run(
        [sys.executable, "-m", "zoo", "list", "mine/*", "--format", "json"],
        env=os.environ | {"ZOO_IMPORT": "mine_ends", "PYTHONPATH": str(tmp_path)},
        cwd=Path(__file__).parents[2],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert "printed" not in done.stdout
    assert '"name": "mine/ends"' in done.stdout
    assert "the process ended without an answer (exit code 0)" in done.stdout
    assert "printed at import" in done.stderr
