"""Forms, engines, training steps and memory, held against what they are to beat or to equal, in one run.

``python benchmarks/bench_cost.py forms`` times the deployed and the trained form of the families that libraries fuse,
in interleaved rounds. ``engines`` does so with eager, ONNX Runtime and OpenVINO (``--engines`` takes others).
``training`` holds the training step against a plain loop in a process of its own, in turn; ``memory`` the peak of
inference against a script that does the same by hand. Each prints a line of JSON for each model; ``--models`` names
others.
"""

from __future__ import annotations

import argparse
import json
import statistics
import subprocess
import sys
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable

    from zoo.cost.settings import CostSettings
    from zoo.outcome import Outcome

ROOT = Path(__file__).resolve().parent.parent

FAMILIES = tuple(
    f"timm/{name}"
    for name in (
        "mobileone_s0", "repvgg_a0", "repvit_m0_9", "fastvit_t8", "ghostnetv3_100", "repghostnet_100", "levit_128s",
        "shvit_s1", "efficientvit_m0",
    )
)  # fmt: skip
FOR_ENGINES = (
    "torchvision/resnet18",
    "torchvision/mobilenet_v2",
    "torchvision/convnext_tiny",
    "timm/vit_tiny_patch16_224",
)
FOR_MEMORY = ("torchvision/resnet18", "torchvision/mobilenet_v2", "torchvision/vgg16", "torchvision/densenet161")

TURNS = 5
"""How often both sides of a training step are timed."""


def settings_of(model: str, metric: str, **changed: Any) -> CostSettings:
    """A setting on one thread of the CPU, at the model's own size unless ``side`` says another."""
    from zoo.cost.settings import CostSettings
    from zoo.registry.catalogue import get

    side = changed.pop("side", None)
    size = (3, side, side) if side else get(model).input_size
    base = CostSettings(metric, "cpu", 1, 1, "fp32", "contiguous", size, form="deployed")
    return replace(base, **changed)


def together(model: str, ways: dict[str, CostSettings], budget_s: float) -> dict[str, Outcome]:
    """One model in several ways, in interleaved rounds of one cohort."""
    from zoo.cohorts.cohort import run_cohort
    from zoo.cost.case import Case
    from zoo.cost.engines import ENGINES
    from zoo.cost.protocol import Protocol
    from zoo.cost.worker.process import WorkerProcess

    protocol = Protocol(cohort_budget_s=budget_s)
    cases = {name: Case(name, model, None, settings) for name, settings in ways.items()}
    workers = {
        case: WorkerProcess(model, None, protocol, forks=ENGINES.get(case.settings.engine).forks)
        for case in cases.values()
    }
    try:
        return {case.label: outcome for case, outcome in run_cohort(workers, None, protocol, lambda _event: None)}
    finally:
        for worker in workers.values():
            worker.close()


def against(first: Outcome, other: Outcome) -> dict[str, Any]:
    """How many times as long the first takes as the other, from the rounds that they have in common."""
    from zoo.statistics.comparison import paired_ratio

    by_round = [
        dict(zip(one.notes["round_index"], one.samples["round_medians_ms"], strict=True)) for one in (other, first)
    ]
    common = sorted(by_round[0].keys() & by_round[1].keys())
    found = paired_ratio(*([times[index] for index in common] for times in by_round))
    return {"times": round(found.ratio, 3), "low": round(found.low, 3), "high": round(found.high, 3)}


def forms(args: argparse.Namespace) -> None:
    """The trained form over the deployed one."""
    for model in args.models or FAMILIES:
        ways = {form: settings_of(model, "latency", form=form) for form in ("deployed", "trained")}
        found = together(model, ways, args.budget)
        say(
            model=model,
            **{f"{form}_ms": _ms(outcome) for form, outcome in found.items()},
            **{f"{form}_gmacs": round((outcome.notes["macs"] or 0) / 1e9, 4) for form, outcome in found.items()},
            **against(found["trained"], found["deployed"]),
            difference=_difference(found["deployed"]),
        )


def engines(args: argparse.Namespace) -> None:
    """The eager engine over the others, all in the deployed form."""
    for model in args.models or FOR_ENGINES:
        ways = {name: settings_of(model, "latency", engine=name) for name in ("eager", *args.engines)}
        found = together(model, ways, args.budget)
        for name, outcome in found.items():
            if not outcome.metrics:
                say(model=model, engine=name, status=str(outcome.status), reason=outcome.reason)
                continue
            say(
                model=model, engine=name, ms=_ms(outcome), **against(found["eager"], outcome),
                difference=_difference(outcome),
            )  # fmt: skip


def training(args: argparse.Namespace) -> None:
    """The zoo's training step over a plain loop's, in turn, and the sum of its parts over the whole."""
    from zoo.cohorts.measure import measure_cost
    from zoo.cost.case import Case
    from zoo.cost.protocol import Protocol

    for model in args.models or ("torchvision/resnet18",):
        settings = settings_of(model, "training", side=64, batch=32, form="trained")
        ratios, shares = [], []
        for _ in range(TURNS):
            plain = by_hand(PLAIN_STEPS, model)
            ((_, outcome),) = measure_cost([Case("zoo", model, None, settings)], Protocol(), anchor=None)
            ours = outcome.metrics["training_ms"].value
            ratios.append(ours / plain["ms"])
            shares.append(
                sum(outcome.metrics[part].value for part in ("forward_ms", "backward_ms", "optimiser_ms")) / ours
            )
        say(
            model=model, over_plain=round(statistics.median(ratios), 3), each=[round(ratio, 3) for ratio in ratios],
            parts_over_whole=round(statistics.median(shares), 3),
        )  # fmt: skip


TIMES = 4
"""Measurements of a peak, three processes each: what the heap of the C library takes differs from one to the next."""


def memory(args: argparse.Namespace) -> None:
    """The zoo's peak of inference over that of a script, the model as built."""
    from zoo.cohorts.measure import measure_cost
    from zoo.cost.case import Case
    from zoo.cost.protocol import Protocol
    from zoo.results.quantities import rounds_of

    for model in args.models or FOR_MEMORY:
        for batch in (1, 8):
            settings = settings_of(model, "memory", batch=batch, form="trained")
            zoos: list[float] = []
            for _ in range(TIMES):
                ((_, outcome),) = measure_cost([Case("zoo", model, None, settings)], Protocol(), anchor=None)
                zoos += outcome.samples[rounds_of("memory").key]
            if not zoos:
                say(model=model, batch=batch, status=str(outcome.status), reason=outcome.reason)
                continue
            scripts = [by_hand(PLAIN_MEMORY, model, batch)["bytes"] for _ in zoos]
            ours, by_script = statistics.median(zoos), statistics.median(scripts)
            say(
                model=model, batch=batch, processes=len(zoos), zoo_mb=round(ours / 1e6, 1),
                script_mb=round(by_script / 1e6, 1), over_script=round(ours / by_script, 3),
                zoo_from_to=[round(end / 1e6, 1) for end in (min(zoos), max(zoos))],
                script_from_to=[round(end / 1e6, 1) for end in (min(scripts), max(scripts))],
            )  # fmt: skip


PLAIN_STEPS = """
import json, statistics, sys, time, ctypes
libc = ctypes.CDLL(None)
for parameter, value in ((-4, 0), (-1, -1), (-2, 1 << 26)):  # freed memory is kept, as while the zoo times
    libc.mallopt(parameter, value)
import torch, torchvision
torch.set_num_threads(1)
model = getattr(torchvision.models, sys.argv[1].rpartition("/")[2])(weights=None).train()
images, labels = torch.randn(32, 3, 64, 64), torch.randint(1000, (32,))
optimiser, loss_of = torch.optim.AdamW(model.parameters(), lr=1e-6, fused=True), torch.nn.CrossEntropyLoss()
times = []
for step in range(60):
    start = time.perf_counter()
    optimiser.zero_grad()
    loss_of(model(images), labels).backward()
    optimiser.step()
    times.append(time.perf_counter() - start)
print(json.dumps({"ms": 1000 * statistics.median(times[10:])}))
"""

PLAIN_MEMORY = """
import json, sys
import torch, torchvision
torch.set_num_threads(1)
def field(name):
    return next(1024 * int(line.split()[1]) for line in open("/proc/self/status") if line.startswith(name))
torch.nn.functional.conv2d(torch.ones(1, 8, 32, 32), torch.ones(8, 8, 3, 3))
with torch.device("meta"):  # what building imports is no memory of the model
    getattr(torchvision.models, sys.argv[1].rpartition("/")[2])(weights=None)
before = field("VmRSS")
model = getattr(torchvision.models, sys.argv[1].rpartition("/")[2])(weights=None).eval()
open("/proc/self/clear_refs", "w").write("5")
images = torch.randn(int(sys.argv[2]), 3, 224, 224)
with torch.inference_mode():
    for _ in range(2):
        model(images)
print(json.dumps({"bytes": field("VmHWM") - before}))
"""


def by_hand(script: str, *words: object) -> dict[str, Any]:
    """What a script that knows nothing of the zoo prints, in a Python of its own."""
    done = subprocess.run(
        [sys.executable, "-c", script, *map(str, words)], capture_output=True, text=True, check=True
    )
    found: dict[str, Any] = json.loads(done.stdout)
    return found


def _ms(outcome: Outcome) -> str:
    found = outcome.metrics.get("latency_ms")
    return "" if found is None else f"{found.value:.2f} [{found.low or 0:.2f}, {found.high or 0:.2f}]"


def _difference(outcome: Outcome) -> float | None:
    found = outcome.metrics.get("output_difference")
    return None if found is None else float(f"{found.value:.2g}")


def say(**values: Any) -> None:
    """Print a line of JSON."""
    print(json.dumps(values), flush=True)


def main() -> None:
    """Run one of the parts."""
    parts: dict[str, Callable[[argparse.Namespace], None]] = {
        "forms": forms, "engines": engines, "training": training, "memory": memory,
    }  # fmt: skip
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("part", choices=parts)
    parser.add_argument("--models", type=lambda text: text.split(","))
    parser.add_argument("--engines", type=lambda text: text.split(","), default=["onnxruntime", "openvino"])
    parser.add_argument("--budget", type=float, default=60.0, help="seconds for the rounds of one model")
    args = parser.parse_args()
    parts[args.part](args)


if __name__ == "__main__":
    sys.path.insert(0, str(ROOT))
    main()
