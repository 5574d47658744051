"""What the measuring protocol is worth: false and missed verdicts, coverage, and a script beside it.

``python benchmarks/bench_protocol.py pairs`` times pairs of identical models and counts the verdicts that say they
differ; ``--neighbours 1`` does so beside a process that spins. ``slowed`` holds a model against itself slowed by
five percent, timed until the intervals are half as wide as usual, and counts how often that is found. ``coverage``
measures one model beside the anchor over and over, and counts the intervals that hold the median of all rounds of
the session: those of its time, those of its time widened by what the anchor moved between the cohorts so far, as a
report states it, and those of the ratio of the two. ``script`` measures the eight classics once, and in as much
time as often as that holds them by a loop as timm's script has it (ten calls to warm up, the mean of forty), each
time in a new process: the interval of the one beside the spread of the other.

Each prints a JSON line as it goes, and a summary at the end. ``--count`` says how many times.
"""

from __future__ import annotations

import argparse
import contextlib
import json
import math
import os
import statistics
import subprocess
import sys
import time
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterator

    from zoo.cost.case import Case
    from zoo.outcome import Outcome

ROOT = Path(__file__).resolve().parent.parent
SPIN = "while True: pass"
CLASSICS = (
    "alexnet", "vgg16", "resnet18", "densenet161", "squeezenet1_0", "googlenet", "mobilenet_v2", "inception_v3",
)  # fmt: skip
LARGER = {"inception_v3": 299}
"""Sides of images that are not 224 pixels."""

WARM_UP, CALLS = 10, 40
"""Of the loop."""


@contextlib.contextmanager
def neighbours(count: int) -> Iterator[None]:
    """Processes that spin meanwhile."""
    running = [subprocess.Popen([sys.executable, "-c", SPIN]) for _ in range(count)]
    try:
        yield
    finally:
        for one in running:
            one.kill()
            one.wait()


def measured(cases: list[Case], anchor: str | None, **changes: Any) -> dict[Case, Outcome]:
    """Outcomes of cases, as a suite has them, or by a changed protocol."""
    from zoo.cohorts.measure import measure_cost
    from zoo.cost.protocol import Protocol

    return dict(measure_cost(cases, replace(Protocol(), **changes), anchor))


def case_of(model: str, threads: int, side: int = 224, replica: int = 0) -> Case:
    """A latency at one image, in the form that is deployed."""
    from zoo.cost.case import Case
    from zoo.cost.settings import CostSettings
    from zoo.sources.forms import DEPLOYED

    settings = CostSettings("latency", "cpu", 1, threads, "fp32", "contiguous", (3, side, side), form=DEPLOYED)
    return Case(f"{model} {replica}", model, None, replace(settings, replica=replica))


def verdict_between(first: Outcome, second: Outcome) -> tuple[str, Any]:
    """What the zoo says of two that were measured in the same rounds, and the ratio."""
    from benchmarks.aa_pairs import rounds_in_common
    from zoo.statistics.comparison import paired_ratio, verdict

    shared = rounds_in_common(first, second)
    ratio = paired_ratio([one for one, _ in shared], [other for _, other in shared])
    return str(verdict(ratio)), ratio


def pairs(args: argparse.Namespace) -> None:
    """Identical models held against each other."""
    from benchmarks.aa_pairs import MODELS

    found: list[tuple[str, bool]] = []
    for index in range(args.count):
        model = MODELS[index % len(MODELS)]
        twins = [case_of(model, args.threads, replica=replica) for replica in (0, 1)]
        _held(twins, model, found, index)
    _say_verdicts(found, wrong=("FASTER", "SLOWER"), neighbours=args.neighbours)


NARROW = {"target_half_width": 0.01, "max_rounds": 256, "cohort_budget_s": 45.0}
"""Of the protocol where five percent are to be told from the two of the margin: half the usual width."""


def slowed(args: argparse.Namespace) -> None:
    """A model held against itself, slowed."""
    from benchmarks.slowed import NAME, SLOWER

    found: list[tuple[str, bool]] = []
    seconds = []
    for index in range(args.count):
        begun = time.monotonic()
        both = [case_of("torchvision/resnet18", args.threads), case_of(NAME, args.threads)]
        _held(both, None, found, index, **NARROW)
        seconds.append(time.monotonic() - begun)
    _say_verdicts(
        found, right=("SLOWER",), slower_by=SLOWER, longest_s=round(max(seconds), 1),
        median_s=round(statistics.median(seconds), 1),
    )  # fmt: skip


def _held(two: list[Case], anchor: str | None, found: list[tuple[str, bool]], index: int, **changes: Any) -> None:
    outcomes = measured(two, anchor, **changes)
    first, second = (outcomes[case] for case in two)
    word, ratio = verdict_between(first, second)
    flagged = any(flag.startswith("cpu pressure") for one in (first, second) for flag in one.flags)
    found.append((word, flagged))
    say(
        place=index + 1, model=two[0].model, verdict=word, ratio=round(ratio.ratio, 4), low=round(ratio.low, 4),
        high=round(ratio.high, 4), flagged=flagged,
    )  # fmt: skip


def _say_verdicts(
    found: list[tuple[str, bool]], right: tuple[str, ...] = (), wrong: tuple[str, ...] = (), **about: Any
) -> None:
    words = [word for word, _ in found]
    say(
        count=len(found), verdicts={word: words.count(word) for word in sorted(set(words))},
        flagged=sum(flagged for _, flagged in found),
        **({"right": sum(word in right for word in words)} if right else {}),
        **({"wrong": sum(word in wrong for word in words)} if wrong else {}),
        **about,
    )  # fmt: skip


def coverage(args: argparse.Namespace) -> None:
    """Intervals of one model beside the anchor, and the medians of all rounds of the session.

    Of its time by itself, of its time with what the anchor moved by so far, and of the ratio in common rounds.
    """
    from benchmarks.aa_pairs import rounds_in_common
    from zoo.statistics.intervals import median, movement

    model, anchor = case_of("torchvision/mobilenet_v2", args.threads), case_of("torchvision/resnet18", args.threads)
    times: list[Held] = []
    wide: list[Held] = []
    ratios: list[Held] = []
    anchors: list[float] = []
    for index in range(args.count):
        outcomes = measured([anchor, model], anchor.model)
        latency, rounds = outcomes[model].metrics["latency_ms"], outcomes[model].samples["round_medians_ms"]
        _, ratio = verdict_between(outcomes[anchor], outcomes[model])
        shared = rounds_in_common(outcomes[anchor], outcomes[model])
        times.append(Held(latency.value, latency.low, latency.high, rounds))
        anchors.append(outcomes[anchor].metrics["latency_ms"].value)
        if (moved := movement(anchors)) is not None:
            wide.append(times[-1].widened(moved))
        ratios.append(Held(ratio.ratio, ratio.low, ratio.high, [second / first for first, second in shared]))
        say(
            place=index + 1, status=str(outcomes[model].status), rounds=len(rounds), **times[-1].told("ms"),
            **ratios[-1].told("ratio"),
        )  # fmt: skip
    for what, found, every in (
        ("ms", times, times),
        ("ms off those of many", wide, times),
        ("ratio", ratios, ratios),
    ):
        truth = median([value for one in every for value in one.rounds])
        held = sum(one.low is not None and one.high is not None and one.low <= truth <= one.high for one in found)
        say(of=what, count=len(found), median=round(truth, 4), held=held)


@dataclass(frozen=True)
class Held:
    """A number with its interval, and the rounds that it is of."""

    value: float
    low: float | None
    high: float | None
    rounds: list[float]

    def widened(self, moved: float) -> Held:
        """With a further uncertainty of its own, on the scale of the natural logarithm."""
        ends = [
            None if one is None else self.value * math.exp(sign * math.hypot(math.log(one / self.value), moved))
            for one, sign in ((self.low, -1), (self.high, 1))
        ]
        return replace(self, low=ends[0], high=ends[1])

    def told(self, what: str) -> dict[str, float | None]:
        """The three numbers, rounded."""
        ends = {"": self.value, "_low": self.low, "_high": self.high}
        return {f"{what}{end}": None if one is None else round(one, 4) for end, one in ends.items()}


def script(args: argparse.Namespace) -> None:
    """The zoo once, and a loop as often as its time holds."""
    cases = [case_of(f"torchvision/{name}", args.threads, LARGER.get(name, 224)) for name in CLASSICS]
    begun = time.monotonic()
    outcomes = measured(cases, "torchvision/resnet18")
    spent = time.monotonic() - begun
    means: dict[str, list[float]] = {name: [] for name in CLASSICS}
    begun = time.monotonic()
    while time.monotonic() - begun < spent or len(means["alexnet"]) < args.count:
        words = f"from benchmarks.bench_protocol import loop; loop({args.threads}, {list(CLASSICS)})"
        asked = [sys.executable, "-c", words]
        answer = subprocess.run(asked, capture_output=True, text=True, check=True, cwd=ROOT)
        for name, mean in json.loads(answer.stdout).items():
            means[name].append(mean)
    narrower = 0
    for name, case in zip(CLASSICS, cases, strict=True):
        latency = outcomes[case].metrics["latency_ms"]
        width = None if latency.low is None or latency.high is None else (latency.high - latency.low) / latency.value
        spread = (max(means[name]) - min(means[name])) / statistics.median(means[name])
        narrower += width is not None and width < spread
        say(
            model=name, ms=round(latency.value, 2), width=None if width is None else round(width, 4),
            status=str(outcomes[case].status), loop_ms=[round(mean, 2) for mean in means[name]],
            spread=round(spread, 4),
        )  # fmt: skip
    say(models=len(CLASSICS), narrower=narrower, zoo_s=round(spent), loop_s=round(time.monotonic() - begun))


def loop(threads: int, names: list[str]) -> None:
    """Print mean milliseconds of a call by model, as somebody would write it in an afternoon."""
    import torch
    import torchvision

    torch.set_num_threads(threads)
    found = {}
    for name in names:
        own = {"init_weights": False} if name in ("googlenet", "inception_v3") else {}
        model, side = torchvision.models.get_model(name, **own).eval(), LARGER.get(name, 224)
        images = torch.randn(1, 3, side, side)
        with torch.inference_mode():
            for _ in range(WARM_UP):
                model(images)
            begun = time.perf_counter()
            for _ in range(CALLS):
                model(images)
        found[name] = 1000 * (time.perf_counter() - begun) / CALLS
    say(**found)


def say(**values: Any) -> None:
    """Print a line of JSON."""
    print(json.dumps(values), flush=True)


def main() -> None:
    """Run one of the parts."""
    parts = {"pairs": (pairs, 100), "slowed": (slowed, 100), "coverage": (coverage, 50), "script": (script, 3)}
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("part", choices=parts)
    parser.add_argument("--count", type=int, help="how many times; of a script, at least")
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--neighbours", type=int, default=0, help="processes that spin meanwhile")
    args = parser.parse_args()
    part, usual = parts[args.part]
    args.count = usual if args.count is None else args.count
    os.environ.setdefault("ZOO_IMPORT", "benchmarks.slowed")
    with neighbours(args.neighbours):
        part(args)


if __name__ == "__main__":
    sys.path.insert(0, str(ROOT))
    os.environ["PYTHONPATH"] = os.pathsep.join(filter(None, [str(ROOT), os.environ.get("PYTHONPATH")]))
    main()
