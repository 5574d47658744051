"""Similarity, the rule's cells and rankings, taken from the samples anew: the oracle of their tables."""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from itertools import product
from operator import sub
from statistics import fmean, stdev

from scipy import stats

from tests.report.facts import CONTROLS, ORDER, Facts, Regime, ends_of, two_way
from zoo.outcome import Status
from zoo.registry.catalogue import get
from zoo.statistics.resolving import seeds_to_resolve

Number = tuple[float, float | None, float | None]
"""A value with the ends of its interval."""

Table = dict[int, list[float]]
"""One number for each image, by seed."""


def paired(a: Regime, b: Regime) -> list[tuple[int, list[int], list[int]]]:
    """Seeds that both have; a probe of all images has every seed of the other."""
    sides = [dict(a.correct), dict(b.correct)]
    for here, there, regime in ((0, 1, a), (1, 0, b)):
        if str(regime.shots) == "all" and regime.strategy in ("classifier", "pixels") and len(sides[here]) == 1:
            [right] = sides[here].values()
            sides[here] |= dict.fromkeys(sides[there], right)
    return [(seed, sides[0][seed], sides[1][seed]) for seed in sides[0] if seed in sides[1]]


def difference(a: Regime, b: Regime) -> tuple[float, float, float, float] | None:
    found = paired(a, b)
    if not found:
        return None
    return ends_of(list(a.alike({seed: list(map(float, map(sub, y, x))) for seed, x, y in found}).values()))


def ratio(parts: list[tuple[str, Table, Table]]) -> Number | None:
    """Mean over mean, of groups alike: Student's over groups, and seeds by images, in squares."""
    groups = list(dict.fromkeys(group for group, *_ in parts))
    if not groups:
        return None

    def mean(which: int) -> float:
        return fmean(
            fmean(fmean(fmean(row) for row in part[which].values()) for part in parts if part[0] == group)  # type: ignore[union-attr]
            for group in groups
        )

    under = mean(2)
    if under <= 0:
        return None
    value = mean(1) / under
    moved = [(group, {seed: [(x - value * y) / under for x, y in zip(row, below[seed], strict=True)]
                      for seed, row in above.items()}) for group, above, below in parts]  # fmt: skip
    halves = []
    own = [fmean(fmean(map(fmean, table.values())) for name, table in moved if name == group) for group in groups]
    if len(own) > 1:
        halves.append(float(stats.t.ppf(0.975, len(own) - 1)) * stdev(own) / math.sqrt(len(own)))
    rows = []
    for seed in sorted({seed for _, table in moved for seed in table}):
        of_groups = []
        for group in groups:
            here = [
                [x - fmean(map(fmean, table.values())) for x in table[seed]]
                for name, table in moved if name == group and seed in table
            ]  # fmt: skip
            of_groups += [[fmean(column) for column in zip(*here, strict=True)]] if here else []
        rows.append([fmean(column) for column in zip(*of_groups, strict=True)])
    if len(rows[0]) > 1:
        _, var, freedom = two_way(rows, least=1 / (len(rows[0]) + 2) ** 2)
        halves.append(float(stats.t.ppf(0.975, freedom)) * math.sqrt(var))
    elif len(rows) > 1:
        halves.append(float(stats.t.ppf(0.975, len(rows) - 1)) * stdev(row[0] for row in rows) / math.sqrt(len(rows)))
    half = math.hypot(*halves)
    return (value, value - half, value + half) if halves else (value, None, None)


def over(control: Regime, other: Regime) -> tuple[str, Table, Table] | None:
    found = paired(control, other)
    if not found:
        return None
    return (
        other.model,
        other.alike({seed: [float(y - x) for x, y in zip(a, b, strict=True)] for seed, a, b in found}),
        other.alike({seed: [1.0 - x for x in a] for seed, a, _ in found}),
    )


def mean_of(group: str, table: Table) -> tuple[str, Table, Table]:
    return group, table, {seed: [1.0] * len(row) for seed, row in table.items()}


def beside(facts: Facts, classifier: Regime) -> Regime | None:
    """The better control of a classifier's cell."""
    found = [
        r for r in facts.on(facts.label(classifier), str(classifier.shots))
        if r.strategy in CONTROLS and r.value is not None and r.model in (classifier.model, "control/pixels")
        and r.settings.probe in (None, classifier.settings.probe)
    ]  # fmt: skip
    return max(found, key=lambda r: r.worth or 0.0, default=None)


def scores(classifier: Regime, name: str) -> Table:
    noted = {
        record.trial.transfer.seed: record.outcome.notes.get(name)
        for record in classifier.records if record.outcome.status == Status.OK
    }  # fmt: skip
    return {seed: [float(value)] for seed, value in noted.items() if isinstance(value, float)}


def bounded(found: Number | None) -> Number | None:
    if found is None or found[1] is None or found[2] is None:
        return found
    return found[0], max(-1.0, found[1]), min(1.0, found[2])


def source_of(weights: str) -> str:
    return "ImageNet-1k" if weights.startswith("IMAGENET1K") else weights


@dataclass
class Alike:
    """A source and a target, judged anew."""

    source: str
    label: str
    facts: Facts
    classifiers: list[Regime] = field(default_factory=list)

    @property
    def gain(self) -> Number | None:
        pairs = [(beside(self.facts, c), c) for c in self.classifiers]
        found = ratio([part for control, c in pairs if control and (part := over(control, c))])
        return found and (found[0], found[1], None if found[2] is None else min(1.0, found[2]))

    @property
    def answer(self) -> str:
        found = self.gain
        if found is None or found[1] is None or found[2] is None:
            return "not known"
        return "similar" if found[1] > 0.25 else "dissimilar" if found[2] < 0.25 else "between"

    def score(self, name: str) -> Number | None:
        return ratio([mean_of(c.model, noted) for c in self.classifiers if (noted := scores(c, name))])

    @property
    def benefit(self) -> Number | None:
        chosen: dict[tuple[int, int], tuple[str, Table, Table]] = {}
        for c in self.classifiers:
            trained = [
                r for r in self.facts.on(self.label, str(c.shots))
                if r.model == c.model and r.value is not None and r.strategy in ("full", "scratch")
            ]  # fmt: skip
            for recipe in {r.settings.recipe for r in trained}:
                here = {r.strategy: r for r in trained if r.settings.recipe == recipe}
                if "scratch" in here and (part := over(here["scratch"], here.get("full", c))):
                    chosen[id(here["scratch"]), id(here.get("full", c))] = mean_of(part[0], part[1])
        return bounded(ratio(list(chosen.values())))

    @property
    def gap(self) -> Number | None:
        made = {
            (record.trial.model, record.trial.pretrain.task): record.outcome.metrics["accuracy"]
            for record in self.facts.of("pretrain") if "accuracy" in record.outcome.metrics
        }  # fmt: skip
        mine = [c for c in self.classifiers if (c.model, c.weights) in made]
        if not mine:
            return None
        found = ratio(
            [mean_of(c.model, c.alike({s: list(map(float, right)) for s, right in c.correct.items()})) for c in mine]
        )
        assert found is not None
        [accuracy] = {(c.model, c.weights): made[c.model, c.weights] for c in mine}.values()
        half = math.hypot((accuracy.high - accuracy.low) / 2, 0.0 if found[1] is None else found[0] - found[1])  # type: ignore[operator]
        return bounded(
            (accuracy.value - found[0], accuracy.value - found[0] - half, accuracy.value - found[0] + half)
        )


def pairs_of(facts: Facts) -> dict[tuple[str, str], Alike]:
    found: dict[tuple[str, str], Alike] = {}
    for c in facts.regimes:
        if c.strategy == "classifier" and c.value is not None:
            key = source_of(c.weights), facts.label(c)
            found.setdefault(key, Alike(*key, facts)).classifiers.append(c)
    return found


class Cell:
    """A cell of the rule, judged anew."""

    def __init__(self, facts: Facts, alike: Alike, classifier: Regime, full: Regime) -> None:
        self.name = f"{full.model}.{full.weights}"
        self.label, self.shots = facts.label(full), str(full.shots)
        control = beside(facts, classifier)
        self.gain = None
        if control and (part := over(control, classifier)) and (share := ratio([part])):
            self.gain = share[0]
        self.difference = difference(classifier, full)
        self.supported = "unresolved"
        if self.difference:
            _, low, high, _ = self.difference
            self.equal = low >= -0.01 and high <= 0.01
            frozen = (high < 0 or self.equal) and not full.flags
            self.supported = "full" if low > 0 else "classifier" if frozen else "unresolved"
        noted = [record.outcome.notes for record in classifier.records]
        self.images = next((n["train_images"] for n in noted if "train_images" in n), None)
        if self.images is None and self.shots != "all":
            self.images = next((n["classes"] * int(self.shots) for n in noted if "classes" in n), None)  # type: ignore[operator]
        much = {True, False} if self.images is None or 200 < self.images < 500 else {self.images >= 500}  # type: ignore[operator]
        similar = {"similar": {True}, "dissimilar": {False}}.get(alike.answer, {True, False})
        word = "not known" if self.images is None or alike.answer == "not known" else "between"
        course = {"full" if m and not s else "classifier" for m, s in product(much, similar)}
        cs231n = {"full" if m else "classifier" if s else "earlier layers" for m, s in product(much, similar)}
        self.course = course.pop() if len(course) == 1 else word
        self.cs231n = cs231n.pop() if len(cs231n) == 1 else word
        self._elect(facts, classifier, full)

    def _elect(self, facts: Facts, classifier: Regime, full: Regime) -> None:
        """The best and the next of the cell."""
        here = [
            r for r in facts.on(self.label, self.shots)
            if r.value is not None and r.model in (full.model, "control/pixels")
            and r.settings.probe in (None, classifier.settings.probe)
            and r.settings.recipe in (None, full.settings.recipe)
        ]  # fmt: skip
        here.sort(key=lambda r: (-round(r.worth or 0.0, 12), ORDER.index(r.strategy)))
        self.best, self.next = here[:2]
        self.pairs = paired(self.next, self.best)
        self.labels = self.next.labels if self.next.weights_of_images else None
        self.lead = difference(self.next, self.best)
        self.resolved = ""

    def held(self, rule: str) -> str:
        if rule in ("between", "not known"):
            return "no advice"
        if rule == "earlier layers":
            return "not tested"
        if self.supported == "unresolved":
            return "unresolved"
        return "held" if rule == self.supported else "did not hold"


def adjusted(p_values: list[float]) -> list[float]:
    """Holm's correction, step by step from the smallest."""
    found, largest = dict.fromkeys(range(len(p_values)), 1.0), 0.0
    for place, index in enumerate(sorted(range(len(p_values)), key=lambda i: p_values[i])):
        largest = max(largest, min(1.0, p_values[index] * (len(p_values) - place)))
        found[index] = largest
    return [found[index] for index in range(len(p_values))]


def rule_cells(facts: Facts) -> list[Cell]:
    """Every classifier beside every fine-tuning of the same weights and cell, both with a number."""
    if hasattr(facts, "rule_cells"):
        return list(facts.rule_cells)
    alike = pairs_of(facts)
    good = [r for r in facts.regimes if r.value is not None]
    cells = [
        Cell(facts, alike[source_of(a.weights), facts.label(a)], a, b) for a, b in product(good, good)
        if (a.strategy, b.strategy) == ("classifier", "full") and a.model == b.model and a.weights == b.weights
        and facts.label(a) == facts.label(b) and a.shots == b.shots
    ]  # fmt: skip
    for cell, p in zip(cells, adjusted([c.difference[3] if c.difference else 1.0 for c in cells]), strict=True):
        if p >= 0.05 and not (cell.difference and cell.equal):
            cell.supported = "unresolved"
    told = adjusted([cell.lead[3] if cell.lead else 1.0 for cell in cells])
    confidence = 1 - 0.05 / max(1, sum(p >= 0.05 for p in told))
    for cell, p in zip(cells, told, strict=True):
        cell.resolved = _resolved(cell, p, confidence)
    facts.rule_cells = cells  # type: ignore[attr-defined]
    return cells


def _resolved(cell: Cell, p: float, confidence: float) -> str:
    if cell.lead is None:
        return "n/a"
    if p < 0.05:
        return "yes"
    if cell.lead[1] >= -0.01 and cell.lead[2] <= 0.01:
        return "equal within a point"
    if len(cell.pairs) == 1:
        return "no, with one seed"
    sides = [a for _, a, _ in cell.pairs], [b for *_, b in cell.pairs]
    needed = seeds_to_resolve(*sides, confidence, labels=cell.labels)
    return "no, nor would 1000 seeds" if needed is None else f"no, {needed} seeds would"


def tau(values: list[tuple[float | None, float]]) -> float | None:
    known = [(round(value, 10), round(accuracy, 10)) for value, accuracy in values if value is not None]
    if len(known) < 3:
        return None
    found = float(stats.kendalltau(*zip(*known, strict=True)).statistic)
    return None if math.isnan(found) else found


def rankings(facts: Facts) -> dict[tuple[str, str], tuple[int, dict[str, float | None]]]:
    """Taus of each cell of three fine-tuned backbones, by score."""
    cells: dict[tuple[str, str], dict[str, list[Regime]]] = {}
    for r in facts.regimes:
        if r.strategy in ("full", "classifier") and r.value is not None:
            cells.setdefault((facts.label(r), str(r.shots)), {}).setdefault(r.model, []).append(r)
    found = {}
    for cell, models in cells.items():
        best = {m: max(r.worth or 0.0 for r in rs if r.strategy == "full") for m, rs in models.items()
                if any(r.strategy == "full" for r in rs)}  # fmt: skip
        if len(best) < 3:
            continue
        frozen = {m: next((r for r in models[m] if r.strategy == "classifier"), None) for m in best}

        def of(name: str, frozen: dict[str, Regime | None] = frozen) -> dict[str, float | None]:
            return {
                m: fmean(map(fmean, t.values())) if r and (t := scores(r, name)) else None for m, r in frozen.items()
            }

        gains: dict[str, float | None] = {}
        for m, r in frozen.items():
            control = beside(facts, r) if r else None
            part = over(control, r) if control and r else None
            share = ratio([part]) if part else None
            gains[m] = share[0] if share else None
        sizes: dict[str, float | None] = {m: get(m).params for m in best}
        by = {"probe gain": gains, "LogME": of("logme"), "H-score": of("h_score"), "params (bigger wins)": sizes}
        taus = {name: tau([(values[m], best[m]) for m in best]) for name, values in by.items()}
        found[cell] = len(best), taus
    return found
