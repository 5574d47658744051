"""The process that plans and runs imports no torch: what needs it has processes of its own."""

from __future__ import annotations

import subprocess
import sys

SCRIPT = """
import sys

from zoo.outcome import Outcome, Status
from zoo.paths import default_store_url
from zoo.runs import session
from zoo.runs.execute import run_suite
from zoo.executors.process import JobProcess
from zoo.runs.jobs import cohort
from zoo.plans.plan import planned_keys
from zoo.suites.file import load_suite

FAILED = Outcome(Status.FAILED, "planted", duration_s=1.0)


def run_group(group, *_):
    for case in group.cases:
        yield case, FAILED


cohort.run_group = run_group
JobProcess.ask = lambda self, job, on_step=None: FAILED
session.measure_yardstick = lambda: (None, "")
for name in ("smoke", "quick"):
    suite = load_suite(name)
    for before in (False, True):
        done = run_suite(suite, store_url=default_store_url())
        assert (done.remaining, bool(done.skipped)) == (0, before), done
    assert planned_keys(suite)
heavy = {"torch", "torchvision", "timm"} & set(sys.modules)
assert not heavy, heavy
"""


def test_neither_planning_nor_running_imports_torch() -> None:
    done = subprocess.run([sys.executable, "-c", SCRIPT], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
