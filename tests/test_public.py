"""The public page: its names stay its own whatever is imported, and the README's Python runs as it stands."""

from __future__ import annotations

import os
import re
import subprocess
import sys
import textwrap
from pathlib import Path

import pytest

README = Path(__file__).parent.parent / "README.md"

SUITE = """
[suite]
name = "tiny"
models = ["timm/test_resnet"]

[cost]
devices = ["cpu"]
metrics = ["latency"]
threads = [1]
input_size = 64
cohort_budget_s = 2

[transfer]
tasks = ["digits"]
strategies = ["classifier"]
shots = [2]
seeds = 1
"""

PLANT = """
import os
from pathlib import Path

import pytest
import torch
from PIL import Image
from torchvision.models import resnet18

from tests.weights.planted import hub_id, pickled, plant_classic, plant_hub, safetensors, state_dict
from zoo.weights.save import save_zoo_weights

model = resnet18()
name, tag = "torchvision/resnet18", "IMAGENET1K_V1"
file = plant_classic(pytest.MonkeyPatch(), pickled(model.state_dict()), name, tag).name
# The table names that file in the processes of jobs, too.
table = f"state_of(pytest.MonkeyPatch(), {name!r}, {tag!r}, file={file!r})"
Path("planted_table.py").write_text(f"import pytest\\nfrom tests.weights.planted import state_of\\n\\n{table}\\n")
os.environ["ZOO_IMPORT"] = "planted_table"
info = {"classes": ["a"] * 1000, "input_size": 32, "mean": [0.5] * 3, "std": [0.2] * 3}
save_zoo_weights("torchvision/resnet18", "letters-am", model.state_dict(), info)
plant_hub(hub_id(), safetensors(state_dict("timm/test_resnet")))
plant_hub(hub_id("timm/resnet50", "a1_in1k"), safetensors(state_dict("timm/resnet50")))
Path("run7").mkdir()
torch.save(model.state_dict(), "run7/best.pth")
Path("imagenet/val/7").mkdir(parents=True)
Image.new("RGB", (300, 280), (9, 90, 200)).save("imagenet/val/7/1.png")
"""

CHECKS = """
assert choice.chosen.model == "timm/test_resnet"
for rows in (results.cost_rows(), results.transfer_rows()):
    assert "timm/test_resnet" in {row.model for row in rows}, rows
assert model(torch.zeros(1, 3, 64, 64)).shape == (1, 7)
assert features.eval()(torch.zeros(1, 3, 64, 64)).shape == (1, 2048)
assert torch.equal(own.fc.weight, torch.load("run7/best.pth", weights_only=True)["fc.weight"])
assert set(table["metric"]) == {"top1", "top5"}
assert callable(zoo.transfer) and callable(zoo.choose)
"""


def run_python(code: str, folder: Path) -> None:
    done = subprocess.run([sys.executable, "-c", code], cwd=folder, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr


def test_no_import_takes_a_public_name_away(tmp_path: Path) -> None:
    run_python(
        textwrap.dedent("""
            import importlib, pkgutil, types, zoo

            for module in pkgutil.walk_packages(zoo.__path__, "zoo."):
                if not module.name.endswith("__main__"):
                    importlib.import_module(module.name)
            for name in zoo.__all__:
                assert not isinstance(getattr(zoo, name), types.ModuleType), name
                assert name in dir(zoo)
            """),
        tmp_path,
    )


@pytest.mark.slow
def test_the_readmes_python_runs(tmp_path: Path) -> None:
    match = re.search(r"In Python:\n\n((?:    .*\n|\n)+)", README.read_text())
    assert match is not None
    example = textwrap.dedent(match.group(1))
    assert 'zoo.run("quick")' in example
    assert "max_latency_ms=30)" in example
    (tmp_path / "tiny.toml").write_text(SUITE)
    root = README.parent
    code = [
        f"import sys\nsys.path.insert(0, {str(root)!r})",
        PLANT,
        # A slow machine under load takes longer than the example's limit.
        example.replace('"quick"', '"tiny.toml"').replace("max_latency_ms=30", "max_latency_ms=30_000"),
        CHECKS,
    ]
    run_python("\n".join(code), tmp_path)


CALLER = """
from pathlib import Path

import zoo
from zoo.compare.compare import Comparison, compare, compare_models
from zoo.compare.settings import compare_settings

results: zoo.Results = zoo.measure("resnet18", batches=[1, 8], threads="all", budget_s=2.5)
results = zoo.transfer(["resnet18"], task=Path("images"), shots=["all", 5], recipe={"steps": 3})
results = zoo.evaluate("resnet18", Path("val"), weights=True, classes=["cat", "dog"], batch=8, timeout_s=60)
choice: zoo.Choice = zoo.choose(results, "latency", max_latency_ms=20, min_accuracy=0.7, licence=["mit"], shots="all")
choice = zoo.choose(results, limits={"max_size_mb": 10.0}, input_size="native", threads=2, batch=None, task="digits")
difference: Comparison = compare(results, results, 0.1, absolute=True)
difference = compare_models(results, "resnet18", "alexnet", margin=0.1)
difference = compare_settings(results, {"engine": "eager"}, {"engine": "openvino"})
"""
"""Calls that are right."""

WRONG = (
    'zoo.measure("resnet18", batches="8")',
    'zoo.measure("resnet18", metric="latency")',
    'zoo.transfer("resnet18", seeds="3")',
    'zoo.evaluate("resnet18", None)',
    'zoo.evaluate("resnet18", "val", batch="8")',
    'zoo.evaluate("resnet18", "val", weights=3)',
    'zoo.evaluate("resnet18", "val", shots=3)',
    'zoo.choose(results, max_latency_ms="20")',
    "zoo.choose(results, max_latency=20)",
    "zoo.choose(results, shots=None, threads=1.5)",
    'zoo.choose(results, limits={"max_macs": "3"})',
    "zoo.choose([])",
    "compare(results, [])",
    'compare(results, results, margin="0.1")',
    'compare_models(results, "resnet18", 3)',
    'compare_settings(results, "eager", "openvino")',
)
"""Calls that are wrong, each in one argument."""


@pytest.mark.slow
def test_mypy_checks_a_caller(tmp_path: Path) -> None:
    (tmp_path / "caller.py").write_text(CALLER + "\n".join(WRONG) + "\n")
    # A path of this kind is what an editable install adds: what mypy takes from it has to say that it is typed.
    done = subprocess.run(
        [sys.executable, "-m", "mypy", "--strict", "--cache-dir", str(tmp_path / "cache"), "caller.py"],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=False,
        env={**os.environ, "PYTHONPATH": str(README.parent)},
    )
    found = {int(line.split(":")[1]) for line in done.stdout.splitlines() if ": error: " in line}
    right = CALLER.count("\n")
    assert found == {right + place for place, _ in enumerate(WRONG, 1)}, done.stdout + done.stderr
