"""Pairs of identical models through the harness and a plain loop: how often the interval of their ratio holds 1.

``python benchmarks/aa_pairs.py --pairs 100`` prints what it found as JSON; with ``--raw FILE`` it keeps the round
medians too. The plain loop is what a notebook does: warm up, time one model's calls in a row, then the other's.
"""

from __future__ import annotations

import argparse
import json
import sys
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from zoo.outcome import Outcome
    from zoo.statistics.comparison import RatioInterval

ROOT = Path(__file__).resolve().parent.parent
MODELS = ("torchvision/resnet18", "torchvision/squeezenet1_0", "torchvision/mobilenet_v2")
"""In turn, so that what is found is not one architecture's."""


@dataclass(frozen=True)
class Pair:
    """One model in two processes, timed in the same rounds.

    Attributes
    ----------
    rounds : tuple of (float, float)
        Round medians of both, in milliseconds, of the rounds that they have in common.
    """

    model: str
    rounds: tuple[tuple[float, float], ...]


LOOP_CALLS, LOOP_WARM_UP = 40, 5
"""Calls that the plain loop times, and those before them; the usual numbers."""


def plain_loop(model: str, threads: int, size: int) -> tuple[list[float], list[float]]:
    """Milliseconds of the calls of two identical models, one model's after the other's, in this process."""
    import torch

    from zoo.cost.clock import CpuClock
    from zoo.cost.engines.eager import build
    from zoo.cost.inputs import make_input
    from zoo.cost.settings import CostSettings

    settings = CostSettings("latency", "cpu", 1, threads, "fp32", "contiguous", (3, size, size))
    before, clock = torch.get_num_threads(), CpuClock()
    torch.set_num_threads(threads)
    try:
        modules, images = [build(model, None, settings) for _ in range(2)], make_input(settings)
        times = []
        with torch.inference_mode():
            for module in modules:
                calls = [clock.time_call(lambda m=module: m(images))[0] for _ in range(LOOP_WARM_UP + LOOP_CALLS)]
                times.append([1000 * seconds for seconds in calls[LOOP_WARM_UP:]])
    finally:
        torch.set_num_threads(before)
    return times[0], times[1]


def measure_pairs(pairs: int, threads: int, size: int, say: Callable[[str], None] = print) -> Iterator[Pair]:
    """Time ``pairs`` pairs, each in two processes of its own, as a suite times its A/A pair."""
    from zoo.cohorts.measure import measure_cost
    from zoo.cost.case import Case
    from zoo.cost.settings import CostSettings

    settings = CostSettings("latency", "cpu", 1, threads, "fp32", "contiguous", (3, size, size))
    for index in range(pairs):
        model = MODELS[index % len(MODELS)]
        twins = [Case(f"{index}.{replica}", model, None, replace(settings, replica=replica)) for replica in (0, 1)]
        outcomes = {case.replica: outcome for case, outcome in measure_cost(twins, anchor=model)}
        if not all(outcome.metrics for outcome in outcomes.values()):
            raise RuntimeError(f"pair {index} of {model}: {[o.reason for o in outcomes.values()]}")
        pair = Pair(model, tuple(rounds_in_common(outcomes[0], outcomes[1])))
        say(f"pair {index + 1}/{pairs}, {model}: {len(pair.rounds)} rounds")
        yield pair


def rounds_in_common(first: Outcome, twin: Outcome) -> list[tuple[float, float]]:
    """Round medians of both, in milliseconds, of the rounds that they share."""
    times = [
        dict(zip(outcome.notes["round_index"], outcome.samples["round_medians_ms"], strict=True))
        for outcome in (first, twin)
    ]
    return [(times[0][i], times[1][i]) for i in times[1] if i in times[0]]


def summarise(pairs: list[Pair]) -> dict[str, Any]:
    """How many intervals hold 1, and how wide they are."""
    from zoo.statistics.comparison import paired_ratio

    ratios = [paired_ratio([a for a, _ in pair.rounds], [b for _, b in pair.rounds]) for pair in pairs]
    return judge(ratios) | {
        "rounds": sorted({len(pair.rounds) for pair in pairs}),
        "missed": [
            f"{pair.model} {ratio.ratio - 1:+.2%} [{ratio.low - 1:+.2%}, {ratio.high - 1:+.2%}]"
            for pair, ratio in zip(pairs, ratios, strict=True)
            if not ratio.low <= 1 <= ratio.high
        ],
    }


def judge(ratios: list[RatioInterval]) -> dict[str, Any]:
    """How many of the intervals of A/A ratios hold 1, how wide they are, and how far the ratios lie from 1."""
    from zoo.statistics.intervals import median

    held = sum(ratio.low <= 1 <= ratio.high for ratio in ratios)
    return {
        "pairs": len(ratios),
        "hold_1": held,
        "hold_1_share": held / len(ratios),
        "median_half_width": median([(ratio.high - ratio.low) / 2 for ratio in ratios]),
        "median_distance_from_1": median([abs(ratio.ratio - 1) for ratio in ratios]),
    }


def main() -> None:
    """Read the command line, measure, print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--pairs", type=int, default=100)
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--size", type=int, default=224, help="side of the image in pixels")
    parser.add_argument("--raw", type=Path, help="write the round medians of every pair here, as JSON")
    parser.add_argument("--from-raw", type=Path, help="judge the pairs of such a file instead of measuring")
    arguments = parser.parse_args()
    if arguments.from_raw:
        stored = json.loads(arguments.from_raw.read_text())
        pairs = [Pair(item["model"], tuple((a, b) for a, b in item["rounds"])) for item in stored]
    else:
        pairs = []
        for pair in measure_pairs(
            arguments.pairs, arguments.threads, arguments.size, lambda line: print(line, file=sys.stderr)
        ):
            pairs.append(pair)
            if arguments.raw:
                kept = [{"model": pair.model, "rounds": pair.rounds} for pair in pairs]
                arguments.raw.write_text(json.dumps(kept))
    print(json.dumps(summarise(pairs), indent=2))


if __name__ == "__main__":
    sys.path.insert(0, str(ROOT))
    main()
