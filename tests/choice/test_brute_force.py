"""Choices of random tables whose models are close, held against every way to put their records side by side."""

from __future__ import annotations

import random
import re
from collections import Counter
from dataclasses import replace

import pytest

from tests.report.choices import CHOICE_FORMS, Chosen
from tests.report.facts import Facts
from tests.report.sentences import Place, UntrueError, read
from tests.results.planted import IMAGES, cost, transfer
from zoo.choice.choice import choose
from zoo.choice.limits import Limits
from zoo.results.record import Record
from zoo.results.view import Results
from zoo.statistics.intervals import summarise_rounds, wilson_interval
from zoo.statistics.measurement import Measurement

MODELS = ("alexnet", "vgg16", "resnet18", "squeezenet1_0", "googlenet", "mobilenet_v2", "densenet161")
TABLES, PART = 1000, 250
RARE = ("_ties", "_ties_with_the_best", "_ties_as_well", "_unproven", "_more", "_untold", "_next", "_without")
"""Sentences that a table of models far apart has seldom, or never."""


def table(seed: int) -> list[Record]:
    """Costs at one or two settings and accuracies over one to three seeds, some of them missing."""
    draw = random.Random(seed)
    models = draw.sample(MODELS, draw.randint(2, 6))
    spread, gap = draw.choice((0.001, 0.01, 0.05)), draw.choice((0.002, 0.03, 0.3))
    records = []
    for threads in draw.choice(((1,), (1, 2))):
        for model in models:
            if draw.random() < 0.85:
                ms = 10 * (1 + draw.uniform(0, gap))
                record = cost(model, ms, spread=spread, seed=draw.randrange(10**6), threads=threads)
                records.append(_some_rounds(draw, record))
    hard = [draw.gauss(0.6, 0.25) for _ in range(IMAGES)]
    for model in models:
        if draw.random() < 0.85:
            better, seeds = draw.uniform(0, gap), draw.choice((1, 2, 3, 3, 3))
            for seed_of_model in range(seeds):
                shift = better + draw.gauss(0, 0.02)
                right = [int(draw.random() < one + shift) for one in hard]
                records.append(_with(transfer(model, "full", 0.5, seed=seed_of_model), right))
    return records


def _some_rounds(draw: random.Random, record: Record) -> Record:
    """Ten rounds of one cohort, or two of them, or ten of another."""
    way = draw.choice(("all", "all", "all", "few", "other"))
    rounds = record.outcome.samples["round_medians_ms"][: 2 if way == "few" else 10]
    notes = record.outcome.notes | {"round_index": list(range(len(rounds)))}
    notes |= {"cohort": "c2"} if way == "other" else {}
    samples = {"iterations_ms": rounds, "round_medians_ms": rounds}
    metrics = {"latency_ms": summarise_rounds(rounds, "ms")}
    return replace(record, outcome=replace(record.outcome, samples=samples, notes=notes, metrics=metrics))


def _with(record: Record, right: list[int]) -> Record:
    value = sum(right) / len(right)
    accuracy = Measurement(value, "fraction", *wilson_interval(sum(right), len(right)), len(right))
    metrics = {**record.outcome.metrics, "accuracy": accuracy}
    return replace(record, outcome=replace(record.outcome, samples={"correct": right}, metrics=metrics))


@pytest.mark.parametrize("first", range(0, TABLES, PART))
def test_choices_of_close_models_are_those_of_a_search(first: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "200")
    untrue, met = [], Counter[str]()
    for seed in range(first, first + PART):
        records = table(seed)
        if not records:
            continue
        objective = "latency" if seed % 3 == 0 else "accuracy"
        bounds = {"max-latency-ms": 10.0 + 0.01 * (seed % 40)} if seed % 2 == 0 else {}
        bounds |= {"min-accuracy": 0.6} if seed % 7 == 0 else {}
        place = Place(Facts(records))
        place.bounds, place.at_report = bounds, False
        place.chosen = Chosen(place.facts, bounds)  # type: ignore[attr-defined]
        place.chosen.objective = objective  # type: ignore[attr-defined]
        limits = Limits(**{name.replace("-", "_"): bound for name, bound in bounds.items()})
        choice = choose(Results(records), objective, limits)
        expected = _prices(place.chosen)  # type: ignore[attr-defined]
        for line in re.sub(r"\n  +", " ", choice.to_text()).splitlines():
            met.update(check.__name__ for pattern, check in CHOICE_FORMS if pattern.match(line))
            try:
                read(line, place)
            except UntrueError as error:
                untrue.append(f"table {seed}: {error}")
        if sorted(getattr(place, "without", [])) not in expected:
            untrue.append(f"table {seed}: prices of {expected}")
    assert "\n".join(untrue) == ""
    assert all(met[name] for name in RARE), met


def _prices(chosen: Chosen) -> list[list[str]]:
    """Limits without which another is taken, in each way to put the records side by side."""
    found = []
    for world in chosen.worlds:
        mine = chosen.taken(world) if chosen.ranked(world) else None
        costly = []
        for limit in chosen.bounds:
            free = Chosen(chosen.facts, {name: bound for name, bound in chosen.bounds.items() if name != limit})
            free.objective = chosen.objective
            if free.ranked(world) and free.taken(world) != mine:
                costly.append(limit)
        found.append(sorted(costly))
    return found
