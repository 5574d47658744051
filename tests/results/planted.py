"""Records as a run would have made them, without a run."""

from __future__ import annotations

import random
from typing import Any

from zoo.cost.settings import CostSettings
from zoo.machine.fingerprint import Machine
from zoo.outcome import Outcome, Status
from zoo.regimes.settings import TransferSettings
from zoo.results.record import Record
from zoo.results.trial import Trial
from zoo.statistics.intervals import summarise_rounds, wilson_interval
from zoo.statistics.measurement import Measurement

ENVIRONMENT = {
    "cpu": "Planted CPU", "cores": 2, "usable_cores": 2, "memory_bytes": 8 * 2**30, "gpus": [], "python": "3.11",
    "libraries": {"torch": "2.15.0", "torchvision": "0.29.2", "timm": "1.0.31"}, "zoo": "0.1.0",
    "system": "Linux 6.1",
}  # fmt: skip
IMAGES = 200


def cost(
    model: str,
    ms: float,
    *,
    spread: float = 0.005,
    seed: int = 0,
    status: Status = Status.OK,
    reason: str = "",
    flags: tuple[str, ...] = (),
    machine: str = "m1",
    cohort: str = "c1",
    **settings: Any,
) -> Record:
    """A latency, or a throughput, of ten rounds around ``ms``."""
    generator = random.Random(f"{model} {seed}")
    rounds = [ms * generator.lognormvariate(0, spread) for _ in range(10)]
    good = status in (Status.OK, Status.UNCONVERGED)
    stated = {
        "metric": "latency", "device": "cpu", "batch": 1, "threads": 1, "precision": "fp32",
        "memory_format": "contiguous", "input_size": [3, 224, 224], "form": "deployed",
    }  # fmt: skip
    metrics = {"latency_ms": summarise_rounds(rounds, "ms")}
    if settings.get("metric") == "throughput":
        rates = [1000 * settings.get("batch", 1) / taken for taken in rounds]
        metrics = {"throughput": summarise_rounds(rates, "images/s")}
    return Record(
        Trial(model if "/" in model else f"torchvision/{model}", "random", CostSettings.from_dict(stated | settings)),
        Outcome(
            status,
            reason,
            metrics=metrics if good else {},
            samples={"iterations_ms": rounds, "round_medians_ms": rounds} if good else {},
            flags=flags,
            started=1.7e9,
            duration_s=2.0,
            notes={"cohort": cohort, "round_index": list(range(10))},
        ),
        machine=machine,
        environment=Machine.from_dict(ENVIRONMENT | ({} if machine == "m1" else {"cpu": f"CPU of {machine}"})),
        suite="planted",
        run=f"run-{seed}",
        id=f"cost-{model}-{seed}-{machine}-{settings}"[:60],
    )


def transfer(
    model: str,
    strategy: str,
    accuracy: float,
    *,
    shots: int | str = 10,
    seed: int = 0,
    task: str = "digits",
    run: int = 0,
    machine: str = "m1",
    **settings: Any,
) -> Record:
    """``accuracy`` of the test images right; which ones depends on the seed alone, so that regimes pair up."""
    order = list(range(IMAGES))
    random.Random(seed).shuffle(order)
    hits = round(accuracy * IMAGES)
    right = set(order[:hits])
    low, high = wilson_interval(hits, IMAGES)
    control = strategy == "pixels"
    weights = "none" if control else "random" if strategy in ("scratch", "random_features") else "letters-am"
    stated = {
        "task": task,
        "task_digest": f"digest of {task}",
        "strategy": strategy,
        "shots": shots,
        "seed": seed,
        "input_size": None if control else [3, 32, 32],
        "probe": "ridge",
        "recipe": {},
        "device": "cpu",
    } | settings
    stated.pop("probe" if strategy in ("full", "scratch") else "recipe")
    return Record(
        Trial(
            "control/pixels" if control else model if "/" in model else f"torchvision/{model}",
            weights,
            TransferSettings.from_dict(stated)
        ),
        Outcome(
            Status.OK,
            metrics={
                "accuracy": Measurement(hits / IMAGES, "fraction", low, high, IMAGES),
                "trained_params": Measurement(5130, "count"),
                "seconds": Measurement(1.5, "s"),
            },
            samples={"correct": [int(i in right) for i in range(IMAGES)]},
            started=1.7e9 + 60,
            duration_s=1.5,
            notes={"batch_norm": "eval", "classes": 10},
        ),
        machine=machine,
        environment=Machine.from_dict(ENVIRONMENT),
        suite="planted",
        run=f"run-{run}",
        id=f"tr-{model}-{strategy}-{shots}-{seed}-{task}-{run}-{machine}-{settings}",
    )  # fmt: skip


def a_suite() -> list[Record]:
    """Three models with costs, an A/A pair, regimes of two, a failure and flags."""
    records = [
        cost("squeezenet1_0", 8.0),
        cost("resnet18", 21.0),
        cost("resnet18", 21.0, seed=1, replica=1),
        cost("vgg16", 180.0, status=Status.UNCONVERGED, reason="±3.1% after 12 rounds instead of ±2%", spread=0.05),
        cost("alexnet", 1.0, status=Status.FAILED, reason="RuntimeError: planted"),
        cost("squeezenet1_0", 5.0, threads=2, flags=("cpu pressure 9%",)),
    ]
    for seed in range(3):
        for model, shift in (("resnet18", 0.0), ("squeezenet1_0", -0.1)):
            for strategy, accuracy in (
                ("classifier", 0.7), ("full", 0.8), ("scratch", 0.5), ("random_features", 0.4),
            ):  # fmt: skip
                records.append(transfer(model, strategy, accuracy + shift + 0.01 * seed, seed=seed))
        records.append(transfer("", "pixels", 0.55, seed=seed))
    return records
