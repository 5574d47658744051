"""The harness itself against its baselines, each ratio measured side by side in one run.

``pytest benchmarks/bench_harness.py -s`` prints the figures; they are also in ``extra_info`` of
``--benchmark-json``.
"""

from __future__ import annotations

import os
import subprocess
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pytest_benchmark.fixture import BenchmarkFixture

ROOT = Path(__file__).resolve().parent.parent
LIST = [sys.executable, "-m", "zoo", "list", "--format", "json"]
TIMM_LIST = [sys.executable, "-c", "import timm; timm.list_models()"]


def _seconds(command: list[str]) -> float:
    environment = os.environ | {"PYTHONPATH": str(ROOT)}
    start = time.perf_counter()
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL, env=environment, cwd=ROOT)
    return time.perf_counter() - start


def test_list_against_timm(benchmark: BenchmarkFixture) -> None:
    """``zoo list`` of everything takes at most an eighth of what listing timm's names takes."""
    for command in (LIST, TIMM_LIST):
        _seconds(command)  # byte code and disk cache
    ours, theirs = [], []
    for _ in range(5):
        ours.append(_seconds(LIST))
        theirs.append(_seconds(TIMM_LIST))
    ratio = min(ours) / min(theirs)
    benchmark.extra_info.update(zoo_list_s=min(ours), timm_list_s=min(theirs), ratio=ratio)
    benchmark.pedantic(_seconds, args=(LIST,), rounds=1)
    print(f"\nzoo list {min(ours):.3f} s, timm {min(theirs):.3f} s: ratio {ratio:.3f}")
    assert ratio <= 1 / 8
