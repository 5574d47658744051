"""What the C library's default handling of freed memory costs a forward pass on a CPU.

``python benchmarks/page_faults.py`` times each model in new processes, by turns with the default and with the
variables of :data:`zoo.machine.allocator.ENVIRONMENT`, and prints milliseconds, page faults a call and the
ratio as JSON.
"""

from __future__ import annotations

import argparse
import json
import os
import resource
import subprocess
import sys
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
MODELS = ("torchvision/mobilenet_v2", "torchvision/resnet18", "torchvision/squeezenet1_0", "torchvision/vgg16")
WARM_UP, CALLS = 5, 20


def time_here(model: str) -> dict[str, float]:
    """Median milliseconds and page faults of a call in this process, one thread, batch 1, 224 px."""
    import torch

    from zoo.cost.clock import CpuClock
    from zoo.cost.engines.eager import build
    from zoo.cost.inputs import make_input
    from zoo.cost.settings import CostSettings
    from zoo.statistics.intervals import median

    torch.set_num_threads(1)
    settings = CostSettings("latency", "cpu", 1, 1, "fp32", "contiguous", (3, 224, 224))
    module, images, clock = build(model, None, settings), make_input(settings), CpuClock()
    with torch.inference_mode():
        for _ in range(WARM_UP):
            module(images)
        before = resource.getrusage(resource.RUSAGE_SELF).ru_minflt
        times = [clock.time_call(lambda: module(images))[0] for _ in range(CALLS)]
        after = resource.getrusage(resource.RUSAGE_SELF).ru_minflt
    return {"ms": 1000 * median(times), "faults": (after - before) / CALLS}


def time_in_new_process(model: str, variables: dict[str, str]) -> dict[str, float]:
    """The same in a process that starts with ``variables`` set."""
    command = [sys.executable, str(Path(__file__).resolve()), "--here", model]
    environment = {k: v for k, v in os.environ.items() if not k.startswith("MALLOC_")} | variables
    answer = subprocess.run(command, capture_output=True, check=True, env=environment)
    return dict(json.loads(answer.stdout))


def compare(models: tuple[str, ...], turns: int) -> dict[str, Any]:
    """Default against kept, ``turns`` processes each, by turns; medians over processes."""
    from zoo.machine.allocator import ENVIRONMENT
    from zoo.statistics.intervals import median

    kept = dict(pair.split("=") for pair in ENVIRONMENT.split())
    found = {}
    for model in models:
        ours, theirs = [], []
        for _ in range(turns):
            theirs.append(time_in_new_process(model, {}))
            ours.append(time_in_new_process(model, kept))
        found[model] = {
            "default_ms": median([t["ms"] for t in theirs]),
            "kept_ms": median([t["ms"] for t in ours]),
            "default_faults_a_call": median([t["faults"] for t in theirs]),
            "kept_faults_a_call": median([t["faults"] for t in ours]),
            "ratio": median([a["ms"] / b["ms"] for a, b in zip(theirs, ours, strict=True)]),
            "default_spread": max(t["ms"] for t in theirs) / min(t["ms"] for t in theirs),
            "kept_spread": max(t["ms"] for t in ours) / min(t["ms"] for t in ours),
        }
    return found


def main() -> None:
    """Read the command line, measure, print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--turns", type=int, default=5, help="processes of each kind a model")
    parser.add_argument("--models", nargs="+", default=list(MODELS))
    parser.add_argument("--here", metavar="MODEL", help="time one model in this process, as it was started")
    arguments = parser.parse_args()
    if arguments.here:
        print(json.dumps(time_here(arguments.here)))
    else:
        print(json.dumps(compare(tuple(arguments.models), arguments.turns), indent=2))


if __name__ == "__main__":
    sys.path.insert(0, str(ROOT))
    main()
