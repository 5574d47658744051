"""What records say, taken from their samples alone: the oracle that sentences are held against."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from statistics import fmean, median, variance
from typing import Any

from scipy import stats

from zoo.outcome import Status
from zoo.results.record import Record

GOOD = (Status.OK, Status.UNCONVERGED)
CONTROLS = ("random_features", "pixels")
ORDER = ("classifier", "full", "scratch", "random_features", "pixels")


@dataclass
class Cost:
    """A cost: its value, and the ends of its interval, from its rounds."""

    record: Record
    value: float | None
    low: float | None = None
    high: float | None = None

    def __post_init__(self) -> None:
        trial = self.record.trial
        self.model, self.weights, self.settings = trial.model, trial.weights, trial.cost
        found = self.record.outcome.metrics.get("output_difference")
        self.difference = None if found is None else found.value
        self.status, self.flags = self.record.outcome.status, self.record.outcome.flags


@dataclass
class Regime:
    """A regime: its seeds, right and wrong, and what follows."""

    records: list[Record]
    correct: dict[int, list[int]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        trial = self.records[0].trial
        self.model, self.weights, self.settings = trial.model, trial.weights, trial.transfer
        self.strategy, self.shots = self.settings.strategy, self.settings.shots
        self.failed = [r for r in self.records if r.outcome.status != Status.OK]
        for record in self.records:
            if record.outcome.status == Status.OK:
                right = [int(value) for value in record.outcome.samples["correct"]]
                self.correct[record.trial.transfer.seed] = right
        self.flags = {flag for record in self.records for flag in record.outcome.flags}
        good = next(
            (record for record in self.records if record.trial.transfer.seed in self.correct), self.records[0]
        )
        self.labels = [int(label) for label in good.outcome.samples.get("labels", ())]

    @property
    def weights_of_images(self) -> list[float] | None:
        """What makes classes count alike where one has over 1.5 times another's test images, else None."""
        sizes = Counter(self.labels)
        if not sizes or max(sizes.values()) <= 1.5 * min(sizes.values()):
            return None
        return [len(self.labels) / (len(sizes) * sizes[label]) for label in self.labels]

    @property
    def worth(self) -> float | None:
        """The accuracy, of unequal classes the mean over them."""
        of_images = self.weights_of_images
        if of_images is None or not self.correct:
            return self.value
        return fmean(fmean(w * x for w, x in zip(of_images, right, strict=True)) for right in self.correct.values())

    def alike(self, table: dict[int, list[float]]) -> dict[int, list[float]]:
        """A table of seeds by images of which every class counts alike, spread within classes."""
        of_images = self.weights_of_images
        if of_images is None:
            return table
        columns = [fmean(column) for column in zip(*table.values(), strict=True)]
        own = {
            one: fmean(x for x, label in zip(columns, self.labels, strict=True) if label == one)
            for one in set(self.labels)
        }
        mean = fmean(own.values())
        return {
            seed: [mean + w * (x - own[label]) for x, w, label in zip(row, of_images, self.labels, strict=True)]
            for seed, row in table.items()
        }

    @property
    def value(self) -> float | None:
        return fmean(fmean(right) for right in self.correct.values()) if self.correct else None

    @property
    def ends(self) -> tuple[float, float]:
        return accuracy_ends([self.correct[seed] for seed in sorted(self.correct)])


class Facts:
    """Everything that the sentences of one machine's records may be about."""

    def __init__(self, records: Sequence[Record]) -> None:
        self.records = list(records)
        self.measured = [r for r in records if r.trial.kind != "published"]
        self.bad = [r for r in records if r.outcome.status in (Status.FAILED, Status.OOM, Status.TIMEOUT)]
        self.costs = [cost_of(r) for r in records if r.trial.kind == "cost"]
        cells: dict[Any, list[Record]] = {}
        for record in records:
            if record.trial.kind == "transfer":
                s = record.trial.transfer
                way = (s.task_digest, s.strategy, s.shots, s.input_size, s.probe, s.recipe)
                cells.setdefault((record.trial.model, record.trial.weights, *way), []).append(record)
        self.regimes = [Regime(listed) for listed in cells.values()]
        names: dict[str, set[str]] = {}
        for regime in self.regimes:
            names.setdefault(regime.settings.task, set()).add(regime.settings.task_digest)
        self.names = names

    def label(self, regime: Regime) -> str:
        """The task's name, with the first digits of its digest where two share it."""
        s = regime.settings
        return s.task if len(self.names[s.task]) == 1 else f"{s.task}@{s.task_digest[:8]}"

    def on(self, label: str, shots: str | None = None) -> list[Regime]:
        """Regimes of one task, of one number of images a class."""
        return [r for r in self.regimes if self.label(r) == label and shots in (None, str(r.shots))]

    def of(self, kind: str) -> list[Record]:
        """Records of a kind."""
        return [record for record in self.records if record.trial.kind == kind]


def cost_of(record: Record) -> Cost:
    """Median over rounds, between the order statistics that hold it with 95%."""
    rounds = record.outcome.samples.get("round_medians_ms", [])
    if record.outcome.status not in GOOD or not rounds:
        return Cost(record, None)
    settings = record.trial.cost
    values = sorted(1000 * settings.batch / taken if settings.metric == "throughput" else taken for taken in rounds)
    n = len(values)
    ranks = [k for k in range(n // 2) if 1 - 2 * float(stats.binom.cdf(k, n, 0.5)) >= 0.95]
    low, high = (values[ranks[-1]], values[n - 1 - ranks[-1]]) if ranks else (None, None)
    return Cost(record, median(values), low, high)


def accuracy_ends(rows: list[list[int]]) -> tuple[float, float]:
    """Two-way random effects over seeds and images, Wilson's interval where there is one seed or no spread."""
    mean, var, freedom = two_way(rows)
    if len(rows) == 1 or var == 0:
        n = len(rows[0])
        found = stats.binomtest(round(mean * n), n).proportion_ci(0.95, method="wilson")
        return float(found.low), float(found.high)
    half = float(stats.t.ppf(0.975, freedom)) * math.sqrt(var)
    return max(0.0, mean - half), min(1.0, mean + half)


def difference_ends(a: list[list[int]], b: list[list[int]]) -> tuple[float, float, float, float]:
    """Mean, ends and p-value of ``b`` less ``a`` on the same seeds and images."""
    rows = [[float(y - x) for x, y in zip(left, right, strict=True)] for left, right in zip(a, b, strict=True)]
    return ends_of(rows)


def ends_of(rows: list[list[float]]) -> tuple[float, float, float, float]:
    """Mean, ends and p-value of differences, seeds by images."""
    mean, var, freedom = two_way(rows, least=1 / (len(rows[0]) + 2) ** 2)
    half = float(stats.t.ppf(0.975, freedom)) * math.sqrt(var)
    p = float(2 * stats.t.sf(abs(mean) / math.sqrt(var), freedom))
    return mean, max(-1.0, mean - half), min(1.0, mean + half), p


def two_way(rows: Sequence[Sequence[float]], least: float = 0.0) -> tuple[float, float, float]:
    """Grand mean of seeds by images, its variance, its degrees of freedom (docs/measuring.md)."""
    seeds, images = len(rows), len(rows[0])
    by_seed = [fmean(row) for row in rows]
    by_image = [fmean(column) for column in zip(*rows, strict=True)]
    mean = fmean(by_seed)
    of_images = max(variance(by_image) / images, least)
    if seeds == 1:
        return mean, of_images, max(1, images - 1)
    of_seeds = variance(by_seed) / seeds
    total = sum(
        (value - left - top + mean) ** 2
        for row, left in zip(rows, by_seed, strict=True)
        for value, top in zip(row, by_image, strict=True)
    )
    shared = total / ((seeds - 1) * (images - 1)) / (seeds * images)
    var = max(of_seeds, of_images, of_seeds + of_images - shared)
    parts = of_seeds**2 / (seeds - 1) + of_images**2 / (images - 1)
    return mean, var, var**2 / parts if parts else 1.0


def near(shown: str, true: float | None) -> bool:
    """Whether a number as it is printed is the true one, rounded to as many decimals."""
    if true is None:
        return False
    text = shown.replace("−", "-").replace("+", "").replace(",", "")
    if not text[-1:].isdigit():
        return False
    decimals = len(text.partition(".")[2])
    return abs(float(text) - true) <= 0.5000001 * 10**-decimals + 1e-9 * abs(true)
