"""Whether the better one of two models is taken, over simulated pairs whose true accuracies are known.

``python benchmarks/bench_choose.py pairs`` draws pairs of models that are tested on the same images with the same
seeds, and lets ``zoo.choose`` take one of them. The less accurate one is always the faster, so that a tie costs
accuracy. Beside it stands the rule before: a tie wherever the two marginal intervals overlap. A line of JSON for each
true difference and number of seeds, and one over all.

``python benchmarks/bench_choose.py regret --keep FILE`` trains a grid of models, strategies and rates on two embedded
tasks, which takes hours and goes on where it was cut, and holds against its best cell what ``zoo.search`` picks in an
eighth of the grid's time, what searches at random would in as much, and what one gets who takes the biggest model, or
the one with the best published accuracy. ``--models``, ``--tasks``, ``--strategies``, ``--shots`` and ``--seeds``
choose less; ``--budgets`` searches for other times.

Seeds of the pairs vary as in the trainings of ``benchmarks/kept/regimes.jsonl`` at 10 images a class: the accuracy of
one model by 4.2 points from seed to seed, the difference of two by 3.1, as a seed is also a draw of training images,
which both models share. Some images are harder than others for all models.
"""

from __future__ import annotations

import argparse
import json
import sys
from functools import cache
from pathlib import Path
from statistics import fmean, stdev
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import numpy as np

    from zoo.choice.choice import Choice
    from zoo.machine.fingerprint import Machine
    from zoo.results.record import Record

IMAGES = 500
POINTS, SEEDS = (10.0, 5.0, 2.0, 0.0), (3, 5)
BETTER, WORSE = "torchvision/resnet18", "torchvision/mobilenet_v2"

HARDNESS = 1.0
"""Spread of the images' hardness, beside which an answer is chance with a spread of 1."""

SHARED, OWN = 0.135, 0.055
"""Spread of a seed's effect, of that for both models and of that for one, on the same scale."""


def accuracies(generator: np.random.Generator, points: float, seeds: int) -> list[np.ndarray[Any, Any]]:
    """Right and wrong of the better and of the worse model, shape (seeds, images)."""
    import numpy as np
    from scipy.special import ndtri

    total = (1 + HARDNESS**2 + SHARED**2 + OWN**2) ** 0.5
    base = generator.uniform(0.4, 0.8)
    hardness = generator.normal(0, HARDNESS, IMAGES)
    shared = generator.normal(0, SHARED, seeds)[:, None]
    found = []
    for accuracy in (base + points / 100, base):
        own = generator.normal(0, OWN, seeds)[:, None]
        score = ndtri(accuracy) * total + shared + own - hardness + generator.normal(0, 1, (seeds, IMAGES))
        found.append((score > 0).astype(np.int64))
    return found


def transfers(model: str, right: np.ndarray[Any, Any]) -> list[Record]:
    """A record for each seed of a model."""
    from zoo.outcome import Outcome, Status
    from zoo.regimes.settings import TransferSettings
    from zoo.results.trial import Trial
    from zoo.statistics.intervals import wilson_interval
    from zoo.statistics.measurement import Measurement

    records = []
    for seed, row in enumerate(right):
        settings = TransferSettings.from_dict(
            {
                "task": "simulated",
                "task_digest": "simulated",
                "strategy": "full",
                "shots": 10,
                "seed": seed,
                "input_size": [3, 32, 32],
                "recipe": {},
                "device": "cpu",
            }
        )
        hits = int(row.sum())
        accuracy = Measurement(hits / IMAGES, "fraction", *wilson_interval(hits, IMAGES), IMAGES)
        count, seconds = Measurement(1, "count"), Measurement(1.0, "s")
        metrics = {"accuracy": accuracy, "trained_params": count, "seconds": seconds}
        samples = {"correct": [int(one) for one in row]}
        outcome = Outcome(Status.OK, metrics=metrics, samples=samples, started=1.0, duration_s=1.0)
        records.append(_record(Trial(model, "simulated", settings), outcome, f"{model} {seed}"))
    return records


def latency(model: str, ms: float) -> Record:
    """A latency without spread, for the tie to be broken by."""
    from zoo.cost.settings import CostSettings
    from zoo.outcome import Outcome, Status
    from zoo.results.trial import Trial
    from zoo.statistics.intervals import summarise_rounds

    rounds = [ms] * 8
    settings = CostSettings.from_dict(
        {
            "metric": "latency",
            "device": "cpu",
            "batch": 1,
            "threads": 1,
            "precision": "fp32",
            "memory_format": "contiguous",
            "input_size": [3, 32, 32],
            "form": "deployed",
        }
    )
    metrics = {"latency_ms": summarise_rounds(rounds, "ms")}
    outcome = Outcome(Status.OK, metrics=metrics, samples={"round_medians_ms": rounds}, started=1.0, duration_s=1.0)
    return _record(Trial(model, "random", settings), outcome, model)


@cache
def _machine() -> Machine:
    from zoo.machine.fingerprint import fingerprint

    return fingerprint()


def _record(trial: Any, outcome: Any, name: str) -> Record:
    from zoo.results.record import Record

    return Record(trial, outcome, machine="m", environment=_machine(), suite="simulated", run="r", id=name)


def taken_before(choice: Choice) -> str:
    """What the rule before took: of those whose marginal intervals overlap the faster."""
    (one, other) = (choice.chosen, choice.runners_up[0])
    assert one is not None
    assert one.accuracy is not None
    assert other.accuracy is not None
    if one.accuracy.overlaps(other.accuracy):
        return WORSE
    return max((one, other), key=lambda each: each.accuracy.value if each.accuracy else 0.0).model


def tally(generator: np.random.Generator, points: float, seeds: int, count: int) -> dict[str, float]:
    """How often the better one of so many pairs was taken, and how often it was called better wrongly."""
    from zoo.choice.choice import choose
    from zoo.results.view import Results

    times = [latency(BETTER, 20.0), latency(WORSE, 10.0)]
    took, before, resolved, wrong, spread, spread_of_one = [], [], [], [], [], []
    for _ in range(count):
        better, worse = accuracies(generator, points, seeds)
        choice = choose(Results([*times, *transfers(BETTER, better), *transfers(WORSE, worse)]))
        assert choice.chosen is not None
        ((_, gap),) = choice.gaps.items()
        took.append(choice.chosen.model == BETTER)
        before.append(taken_before(choice) == BETTER)
        resolved.append(gap.is_told)
        wrong.append(gap.is_told and (points == 0 or not took[-1]))
        spread.append(stdev((better.mean(1) - worse.mean(1)).tolist()) ** 2)
        spread_of_one.append(stdev(worse.mean(1).tolist()) ** 2)
    return {
        "better_taken": fmean(took),
        "better_taken_before": fmean(before),
        "resolved": fmean(resolved),
        "resolved_and_wrong": fmean(wrong),
        "sd_of_difference": round(100 * fmean(spread) ** 0.5, 2),
        "sd_of_one": round(100 * fmean(spread_of_one) ** 0.5, 2),
    }


def pairs(args: argparse.Namespace) -> None:
    """Simulated pairs, and how often the better one was taken."""
    import numpy as np

    generator = np.random.default_rng(args.seed)
    wrong = []
    for seeds in SEEDS:
        for points in POINTS:
            count = args.count // len(POINTS)
            found = tally(generator, points, seeds, count)
            wrong.append(found["resolved_and_wrong"])
            say(seeds=seeds, points=points, pairs=count, **found)
    say(part="all", pairs=2 * args.count, resolved_and_wrong=fmean(wrong))


def say(**values: object) -> None:
    """Print a line of JSON."""
    print(json.dumps(values), flush=True)


def main() -> None:
    """Run the part that is named."""
    from benchmarks import regret

    parts = {"pairs": pairs, "regret": regret.measure_regret}
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("part", choices=parts)
    parser.add_argument("--count", type=int, default=2000, help="pairs for each number of seeds")
    parser.add_argument("--seed", type=int, default=0, help="of what is simulated")
    for name, usual in (("models", regret.MODELS), ("tasks", regret.TASKS), ("strategies", regret.STRATEGIES)):
        parser.add_argument(f"--{name}", type=lambda text: text.split(","), default=list(usual), help="of the grid")
    parser.add_argument("--shots", type=int, default=regret.SHOTS, help="training images a class of the grid")
    parser.add_argument("--seeds", type=int, default=regret.SEEDS, help="seeds of the grid")
    parser.add_argument("--share", type=float, default=regret.SHARE, help="the grid's time over that of the search")
    parser.add_argument(
        "--budgets", type=lambda text: [float(one) for one in text.split(",")],
        help="seconds of the searches, 60,300 for two of them, in place of a share of the grid's",
    )  # fmt: skip
    parser.add_argument("--processes", type=int, default=1, help="trainings of the grid at a time")
    parser.add_argument("--keep", type=Path, help="file of what of the grid was trained")
    args = parser.parse_args()
    parts[args.part](args)


if __name__ == "__main__":
    sys.exit(main())
