"""The harness itself against its baselines, each ratio measured side by side in one run.

``pytest benchmarks/bench_harness.py -s`` prints the figures; they are also in ``extra_info`` of
``--benchmark-json``.
"""

from __future__ import annotations

import math
import os
import subprocess
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from pytest_benchmark.fixture import BenchmarkFixture

pytestmark = pytest.mark.timeout(1800)

ROOT = Path(__file__).resolve().parent.parent
LIST = [sys.executable, "-m", "zoo", "list", "--format", "json"]
HELP = [sys.executable, "-m", "zoo", "--help"]
TIMM_LIST = [sys.executable, "-c", "import timm; timm.list_models()"]


def _seconds(command: list[str]) -> float:
    environment = os.environ | {"PYTHONPATH": str(ROOT)}
    start = time.perf_counter()
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL, env=environment, cwd=ROOT)
    return time.perf_counter() - start


def test_list_and_help_against_timm(benchmark: BenchmarkFixture) -> None:
    """``zoo list`` takes at most 1/15, ``zoo --help`` 1/25 of what listing timm's names takes."""
    commands = {"list": LIST, "help": HELP, "timm": TIMM_LIST}
    for command in commands.values():
        _seconds(command)  # byte code and disk cache
    best = dict.fromkeys(commands, math.inf)
    for _ in range(5):
        for name, command in commands.items():
            best[name] = min(best[name], _seconds(command))
    ratios = {name: best[name] / best["timm"] for name in ("list", "help")}
    benchmark.extra_info.update({f"{name}_s": seconds for name, seconds in best.items()}, ratios=ratios)
    benchmark.pedantic(_seconds, args=(LIST,), rounds=1)
    shown = ", ".join(f"{name} {best[name]:.3f} s (1/{1 / ratio:.1f})" for name, ratio in ratios.items())
    print(f"\nzoo {shown}; timm {best['timm']:.3f} s")
    assert ratios["list"] <= 1 / 15
    assert ratios["help"] <= 1 / 25


def test_identical_models_against_a_plain_loop(benchmark: BenchmarkFixture, pytestconfig: pytest.Config) -> None:
    """Two identical models differ by less, and are called different less often, than in a plain loop."""
    from benchmarks.aa_pairs import Pair, judge, measure_pairs, plain_loop, summarise
    from zoo.statistics.comparison import unpaired_ratio

    count, size = int(pytestconfig.getoption("--pairs")), 224
    harness: list[Pair] = []
    loops = []

    def both() -> None:
        for pair in measure_pairs(count, threads=1, size=size, say=lambda _line: None):
            harness.append(pair)
            loops.append(unpaired_ratio(*plain_loop(pair.model, threads=1, size=size)))

    benchmark.pedantic(both, rounds=1)
    ours, theirs = summarise(harness), judge(loops)
    benchmark.extra_info.update(harness=ours, plain_loop=theirs)
    print(f"\n{count} A/A pairs: harness {_floor(ours)}; plain loop {_floor(theirs)}")
    assert ours["hold_1_share"] >= theirs["hold_1_share"]
    assert ours["median_half_width"] <= 0.02


def _floor(found: dict[str, Any]) -> str:
    return (
        f"holds 1 in {found['hold_1']}, half-width ±{found['median_half_width']:.2%}, "
        f"{found['median_distance_from_1']:.2%} from 1"
    )


def test_classifier_regime_against_epochs_through_the_backbone(benchmark: BenchmarkFixture) -> None:
    """One pass of the backbone for all cells: at least 25 times faster than 50 epochs, and no less accurate."""
    from benchmarks.probe_speed import compare

    found = benchmark.pedantic(compare, rounds=1)
    benchmark.extra_info.update(found)
    print(
        f"\nclassifier {found['classifier_s']:.2f} s, {found['classifier_accuracy']:.3f}; epochs "
        f"{found['epochs_s']:.1f} s, {found['epochs_accuracy']:.3f}: ×{found['times_faster']:.0f}"
    )
    assert found["feature_passes"] == 2  # the training split and the test split, once each
    assert found["times_faster"] >= 25
    assert found["classifier_accuracy"] >= found["epochs_accuracy"]


def test_create_against_timm(benchmark: BenchmarkFixture) -> None:
    """Weights on the disk become a model in no more time than timm takes, with the digest checked, in less memory."""
    from benchmarks.create_models import measure

    found: dict[str, dict[str, Any]] = {}
    benchmark.pedantic(lambda: found.update(measure(3)), rounds=1)
    benchmark.extra_info.update(found)
    for name, figures in found.items():
        assert figures["time_ratio"] <= 1.0, name
        assert figures["zoo_peak"] <= 1.1, name
