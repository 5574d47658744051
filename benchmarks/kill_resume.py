"""Kill ``zoo run`` at random moments, resume it, and count: every record once, none measured twice.

``python benchmarks/kill_resume.py --suite smoke --kills 10`` prints what it found as JSON and exits with 1
where a record is missing, doubled or measured again, or where the store is damaged.
"""

from __future__ import annotations

import argparse
import json
import os
import random
import signal
import sqlite3
import subprocess
import sys
import tempfile
import time
from collections import Counter
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent


def run_killed(suite: str, kills: int, seed: int, longest_s: float) -> dict[str, object]:
    """Start the suite ``kills`` times, kill each after a random time, then let one run to its end."""
    moments = random.Random(seed)
    with tempfile.TemporaryDirectory() as folder:
        environment = os.environ | {
            "PYTHONPATH": str(ROOT),
            "ZOO_CACHE": str(Path(folder) / "cache"),
            "ZOO_STORE": str(Path(folder) / "records.sqlite"),
        }
        command = [sys.executable, "-m", "zoo", "run", suite, "--report", str(Path(folder) / "report")]
        killed_after = []
        seen: list[int] = []
        for _ in range(kills):
            process = subprocess.Popen(
                command,
                env=environment,
                cwd=ROOT,
                stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL,
                start_new_session=True,
            )
            wait = moments.uniform(0.5, longest_s)
            time.sleep(wait)
            if process.poll() is None:
                # The whole group: a worker that outlived its parent would go on measuring beside the next run.
                os.killpg(process.pid, signal.SIGKILL)
            process.wait()
            killed_after.append(round(wait, 2))
            seen.append(len(_keys(Path(folder))))
        last = subprocess.run(command, env=environment, cwd=ROOT, capture_output=True, text=True, check=False)
        keys = _keys(Path(folder))
        missing = _expected(suite, environment) - set(keys)
        with sqlite3.connect(Path(folder) / "records.sqlite") as database:
            integrity = database.execute("pragma integrity_check").fetchone()[0]
        return {
            "suite": suite,
            "kills": kills,
            "killed_after_s": killed_after,
            "records_after_each_kill": seen,
            "records": len(keys),
            "distinct_trials": len(set(keys)),
            "missing": len(missing),
            "measured_twice": sum(count > 1 for count in Counter(keys).values()),
            "integrity": integrity,
            "last_exit_code": last.returncode,
        }


def _keys(folder: Path) -> list[str]:
    """Trial keys of every record in the store, as often as they stand there."""
    from zoo.store.store import Store

    path = folder / "records.sqlite"
    if not path.exists():
        return []
    with Store(f"sqlite:///{path}") as store:
        return [record.trial.key for record in store.records(latest=False)]


def _expected(suite: str, environment: dict[str, str]) -> set[str]:
    """Keys of every trial that the suite asks for, now that its weights are made."""
    from unittest import mock

    from zoo.plans.cost import plan_cost
    from zoo.plans.pretrain import plan_pretraining
    from zoo.plans.transfer import plan_transfer
    from zoo.suites.file import load_suite

    with mock.patch.dict(os.environ, environment):
        planned = load_suite(suite)
        items = [*plan_cost(planned), *plan_transfer(planned), *plan_pretraining(planned)]
    return {item.trial.key for item in items}


def main() -> None:
    """Read the command line, run, print, judge."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--suite", default="smoke")
    parser.add_argument("--kills", type=int, default=10)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--longest-s", type=float, default=14.0, help="latest moment of a kill, in seconds")
    arguments = parser.parse_args()
    figures = run_killed(arguments.suite, arguments.kills, arguments.seed, arguments.longest_s)
    print(json.dumps(figures, indent=2))
    intact = figures["integrity"] == "ok" and figures["last_exit_code"] == 0
    sys.exit(0 if intact and not figures["measured_twice"] and not figures["missing"] else 1)


if __name__ == "__main__":
    sys.path.insert(0, str(ROOT))
    main()
