"""A store of very many records, as runs on several machines over a year would have made them."""

from __future__ import annotations

import random
from dataclasses import replace
from typing import TYPE_CHECKING

from zoo.cost.settings import CostSettings
from zoo.machine.differences import machine_key
from zoo.machine.fingerprint import Machine
from zoo.machine.yardstick import Yardstick
from zoo.outcome import Outcome, Status
from zoo.regimes.settings import TransferSettings
from zoo.registry.catalogue import shipped
from zoo.results.record import Record
from zoo.results.trial import Trial
from zoo.statistics.intervals import summarise_rounds, wilson_interval
from zoo.statistics.measurement import Measurement
from zoo.training.recipe import Recipe

if TYPE_CHECKING:
    from collections.abc import Iterator

IMAGES = 500
ROUNDS = 8
SEEDS = 5
SUITE = "scale"
START = 1.7e9

COSTS = [("latency", 1, threads, "fp32", side) for threads in (1, 2, 4) for side in (64, 224)] + [
    ("throughput", batch, threads, precision, 224)
    for batch in (8, 32)
    for threads in (1, 4)
    for precision in ("fp32", "bf16")
]
CELLS = [
    (task, strategy, shots)
    for task in ("digits", "flowers")
    for strategy in ("classifier", "full", "scratch", "random_features")
    for shots in (10, 50)
]
TRIALS = len(COSTS) + len(CELLS) * SEEDS
"""Of one model on one machine."""


def planted_records(models: int, machines: int, runs: int) -> Iterator[Record]:
    """Records of every trial of some models, run by run, each superseding the one before.

    Costs have eight rounds with their calls, trainings which of 500 images were right; one in fifty of either did
    not end well.
    """
    names = [name for name in shipped()["models"] if name.startswith("torchvision/")]
    names += [name for name in shipped()["models"] if name.startswith("timm/")]
    dice = random.Random(0)
    for run in range(runs):
        for number in range(machines):
            machine = Machine(
                cpu=f"Planted CPU {number}", instruction_sets=("avx2",), cores=8, usable_cores=8, memory_bytes=2**34,
                gpus=(), python="3.11", libraries={"torch": "2.11.0", "torchvision": "0.26.0", "timm": "1.0.31"},
                zoo="0.1.0", system="Linux 6.1", yardstick=Yardstick(100.0 + dice.random(), 10.0 + dice.random()),
            )  # fmt: skip
            key = machine_key(machine)
            for order, model in enumerate(names[:models]):
                started = START + 3600.0 * (run * 1000 + order)
                for trial, outcome in _answers(model, order, started, dice):
                    identity = f"{dice.getrandbits(128):032x}"
                    yield Record(trial, outcome, key, machine, SUITE, f"{run:016x}{number:016x}", identity)


def _answers(model: str, order: int, started: float, dice: random.Random) -> Iterator[tuple[Trial, Outcome]]:
    scale = 1 + order % 40
    for place, (metric, batch, threads, precision, side) in enumerate(COSTS):
        settings = CostSettings(metric, "cpu", batch, threads, precision, "contiguous", (3, side, side))
        trial = Trial(model, "random", settings)
        yield trial, replace(_cost(metric, batch, 8.0 * scale / threads, dice), started=started + place)
    for place, (task, strategy, shots) in enumerate(CELLS):
        trained = strategy in ("full", "scratch")
        weights = "random" if strategy in ("scratch", "random_features") else "letters-am"
        skill = 0.4 + 0.3 * (weights != "random") + 0.1 * (shots == 50) + 0.004 * (order % 40)
        for seed in range(SEEDS):
            settings_of = TransferSettings(
                task, strategy, shots, seed, (3, 64, 64), task_digest=64 * task[0], device="cpu",
                probe=None if trained else "ridge", recipe=Recipe() if trained else None,
            )  # fmt: skip
            digest = None if weights == "random" else f"{order:064x}"
            at = started + 60 + 10 * place + seed
            yield Trial(model, weights, settings_of, digest), replace(_training(skill, dice), started=at)


def _cost(metric: str, batch: int, ms: float, dice: random.Random) -> Outcome:
    if dice.random() < 0.01:
        return Outcome(Status.OOM, "planted", duration_s=1.0)
    calls = [ms * dice.lognormvariate(0, 0.01) for _ in range(ROUNDS * 12)]
    rounds = [sorted(calls[n::ROUNDS])[6] for n in range(ROUNDS)]
    notes = {"cohort": "c1", "rounds": ROUNDS, "round_index": list(range(ROUNDS)), "warm_up_calls": 5}
    flags = ("pressure",) if dice.random() < 0.02 else ()
    status = Status.UNCONVERGED if dice.random() < 0.01 else Status.OK
    metrics = {"latency_ms": summarise_rounds(rounds, "ms"), "p90_ms": Measurement(sorted(calls)[86], "ms")}
    if metric == "throughput":
        metrics = {"throughput": summarise_rounds([1000 * batch / taken for taken in rounds], "images/s")}
    return Outcome(status, "", metrics, {"iterations_ms": calls, "round_medians_ms": rounds}, flags, 0.0, 5.0, notes)


def _training(skill: float, dice: random.Random) -> Outcome:
    if dice.random() < 0.01:
        return Outcome(Status.FAILED, "planted", duration_s=1.0)
    correct = [int(dice.random() < skill) for _ in range(IMAGES)]
    hits = sum(correct)
    low, high = wilson_interval(hits, IMAGES)
    metrics = {
        "accuracy": Measurement(hits / IMAGES, "fraction", low, high, IMAGES),
        "trained_params": Measurement(5130, "count"),
        "seconds": Measurement(1.5 + dice.random(), "s"),
    }
    return Outcome(Status.OK, "", metrics, {"correct": correct}, (), 0.0, 2.0, {"batch_norm": "eval", "epochs": 5})
