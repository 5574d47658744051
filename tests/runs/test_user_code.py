"""A user's model with other code is another trial, and a library's trial says nothing of code."""

from __future__ import annotations

import importlib
import sys
from pathlib import Path

import pytest

from zoo import plugins
from zoo.plans.cost import plan_cost
from zoo.plans.transfer import plan_transfer
from zoo.sources import code, user
from zoo.suites.suite import CostPlan, Suite, TransferPlan

TEXT = """
import zoo
from torch import nn
from mypackage import parts

@zoo.register("mine/coded", input_size=(3, 32, 32))
class Net(nn.Module):
    def __init__(self, num_classes=1000):
        super().__init__()
        self.fc = nn.Linear(3, num_classes)

    def forward(self, images):
        return self.fc(parts.pooled(images))
"""


@pytest.fixture
def package(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    folder = tmp_path / "mypackage"
    folder.mkdir()
    (folder / "__init__.py").touch()
    (folder / "net.py").write_text(TEXT)
    (folder / "parts.py").write_text("def pooled(images):\n    return images.mean((2, 3))\n")
    monkeypatch.syspath_prepend(tmp_path)
    monkeypatch.setenv("ZOO_IMPORT", "mypackage.net")
    monkeypatch.setattr(user, "_REGISTERED", {})
    monkeypatch.setattr(plugins, "_LOADED", set())
    return folder


def keys(model: str) -> list[str]:
    """Keys as a new process would plan them."""
    for name in [name for name in sys.modules if name.partition(".")[0] == "mypackage"]:
        del sys.modules[name]
    user._REGISTERED.clear()
    plugins._LOADED.clear()
    code._digest.cache_clear()
    importlib.invalidate_caches()
    cost = CostPlan(devices=("cpu",), threads=(1,), metrics=("latency",))
    transfer = TransferPlan(
        tasks=("digits",), strategies=("scratch",), shots=(5,), seeds=1, input_size=32, device="cpu"
    )
    suite = Suite(name="mine", models=(model,), cost=cost, transfer=transfer)
    planned = [item.trial for item in (*plan_cost(suite), *plan_transfer(suite))]
    trials = [trial for trial in planned if trial.model == model]
    assert {trial.kind for trial in trials} == {"cost", "transfer"}
    assert all(("code" in trial.settings.to_dict()) == model.startswith("mine/") for trial in trials)
    return [trial.key for trial in trials]


def test_other_code_is_another_trial(package: Path) -> None:
    first = keys("mine/coded")
    assert keys("mine/coded") == first
    parts = package / "parts.py"
    parts.write_text(parts.read_text().replace("mean", "amax"))
    assert not set(keys("mine/coded")) & set(first)


def test_a_librarys_model_has_no_code_of_the_users(package: Path) -> None:
    first = keys("torchvision/resnet18")
    (package / "parts.py").write_text("changed = True\n")
    assert keys("torchvision/resnet18") == first
