"""The script's choice is that of zoo.choice, whatever the limits; its frontier and its cells are the zoo's own."""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import pytest

from tests.choice.test_brute_force import table
from tests.webpage.script import run
from zoo.candidates.basis import Basis
from zoo.candidates.candidate import Candidate
from zoo.candidates.candidates import find_candidates
from zoo.choice.choice import choose_from
from zoo.choice.limits import Limits
from zoo.choice.margins import Margins
from zoo.choice.ties import decided_by
from zoo.results.spreadsheet import defused
from zoo.results.view import Results
from zoo.statistics.frontier import pareto_frontier
from zoo.statistics.measurement import Measurement
from zoo.webpage.data import page_data

LICENCES = ("apache-2.0", "mit", "cc-by-nc-4.0", None)
QUESTIONS = 12
"""Of each table."""


def candidates(seed: int) -> tuple[list[Candidate], Basis]:
    """Those of a random table, some of published weights, some with the accuracies that others state."""
    draw = random.Random(f"page {seed}")
    found, basis = find_candidates(Results(table(seed)))
    stated = draw.random() < 0.2
    changed = []
    for one in found:
        if draw.random() < 0.5:
            one = replace(one, published_weights=True, licence=draw.choice(LICENCES))
        if stated and one.accuracy is not None:
            accuracy = Measurement(round(one.accuracy.value, 2), "fraction")
            one = replace(one, accuracy=accuracy, is_stated=True, transfer=None)
        changed.append(one)
    return changed, basis


def bounds(draw: random.Random, found: Sequence[Candidate]) -> dict[str, float]:
    """Random limits, many of them just at what a model has."""
    asked = {}
    for name, objective in (
        ("max_latency_ms", "latency"), ("min_accuracy", "accuracy"), ("max_params", "params"), ("max_macs", "macs"),
    ):  # fmt: skip
        values = [held.value for one in found if (held := one.value(objective)) is not None and held.value > 0]
        if values and draw.random() < 0.5:
            asked[name] = min(draw.choice(values) * draw.choice((1, 1, 0.999, 1.001)), 1.0 if "acc" in name else 1e99)
    return asked


SCRIPT = """questions.map(([objective, limits, margins]) => {
    const found = rule.decide(data, objective, limits, margins);
    const doubts = found.chosen === null ? [] : rule.doubts(data, data.models[found.chosen], limits);
    const gaps = [...found.gaps].map(([place, gap]) => [place, gap.text]);
    const decided = found.ties.length ? rule.decidedBy(data, objective, found) : "";
    return {...found, decided, broken: found.broken.map(broken => broken.map(one => one.name)), doubts, gaps};
})"""


@pytest.mark.parametrize("first", range(0, 300, 100))
def test_the_page_takes_what_a_choice_takes(first: int) -> None:
    met = Counter[str]()
    for seed in range(first, first + 100):
        if not table(seed):
            continue
        found, basis = candidates(seed)
        if not found:
            continue
        data, draw = page_data(found, basis), random.Random(seed)
        questions, choices = [], []
        for _ in range(QUESTIONS):
            objective = draw.choice(list(data["objectives"]))
            asked = bounds(draw, found)
            licences = (
                draw.sample(data["licences"], draw.randint(1, len(data["licences"]))) if data["licences"] else []
            )
            licences = licences if draw.random() < 0.3 else []
            margins = Margins(draw.choice((0.0, 1.0, 1.0, 3.0)), draw.choice((0.0, 0.05, 0.05, 0.2)))
            limits = Limits(licence=tuple(licences), **asked)
            choices.append(choose_from(found, basis, objective, limits, margins))
            places = {"bounds": limits.bounds, "licences": [data["licences"].index(one) for one in licences]}
            questions.append((objective, places, {"points": margins.points, "share": margins.share}))
        place = {id(one): at for at, one in enumerate(found)}
        for got, choice in zip(run(SCRIPT, data=data, questions=questions), choices, strict=True):
            check(got, choice, place, data)
            kinds = ("ties", "unproven", "untold", "behind")
            met.update([name for name in kinds if got[name]])
            met.update(["nothing"] if got["chosen"] is None else ["doubts"] if got["doubts"] else [])
            met.update(["another"] if got["best"] != got["chosen"] else [])
            met.update(["ahead"] if got["best"] is not None and got["best"] != got["ranked"][0] else [])
    assert all(met[name] for name in ("ties", "unproven", "untold", "behind", "nothing", "doubts", "another")), met


def check(got: dict[str, Any], choice: Any, place: dict[int, int], data: dict[str, Any]) -> None:
    def at(one: Candidate | None) -> int | None:
        return None if one is None else place[id(one)]

    assert got["chosen"] == at(choice.chosen)
    assert got["best"] == at(choice.best)
    assert len(got["ranked"]) == choice.ranked
    if choice.ties:
        assert got["decided"] == decided_by(choice.chosen, choice.ties, choice.objective)
    for name in ("ties", "unproven", "untold", "behind"):
        assert got[name] == [at(one) for one in getattr(choice, name)], name
    assert got["unranked"] == [at(one) for one in choice.unranked]
    assert [at for at, broken in enumerate(got["broken"]) if broken] == [at(one) for one, _ in choice.excluded]
    for one, violations in choice.excluded:
        limits = {quantity["name"]: quantity["limit"] for quantity in data["quantities"]} | {"licence": "licence"}
        assert [limits[name] for name in got["broken"][place[id(one)]]] == [each.limit for each in violations]
    labels = {quantity["name"]: quantity["label"] for quantity in data["quantities"]}
    assert {labels[name] for name in got["doubts"]} == {
        doubt.partition(" has no ")[0].partition(" may ")[0] for doubt in choice.doubts
    }
    texts = {place[id(one)]: choice.gaps[one.model].to_text() for one in (*choice.unproven, *choice.untold)}
    assert {at: text for at, text in got["gaps"] if at in texts} == texts
    if choice.chosen is None and got["nearest"] is not None:
        assert got["nearest"] == at(choice.nearest_miss[0])


def test_better_for_certain_goes_before_a_better_median() -> None:
    """In pairs the second is better, though its own number is the worse; a third is no better than either."""
    gaps = {"0": [[1, "ahead", -0.1, "a"], [2, "open", 0.02, "b"]], "1": [[2, "open", 0.005, "c"]], "2": []}
    known = {"order": [0, 1, 2], "ties": [2, 1, 0], "gaps": gaps, "margin": "points"}
    data = {
        "quantities": [],
        "models": [{"published": False}] * 3,
        "objectives": {"accuracy": known},
        "rounding": 1e-9,
    }
    asked = {"bounds": {}, "licences": []}
    got = run("rule.decide(data, 'accuracy', asked, {points: 1, share: 0})", data=data, asked=asked)
    assert (got["best"], got["chosen"], got["ties"], got["behind"]) == (1, 2, [1], [0])
    got = run("rule.decide(data, 'accuracy', asked, {points: 0.1, share: 0})", data=data, asked=asked)
    assert (got["best"], got["chosen"], got["unproven"]) == (1, 1, [2])


def test_the_frontier_is_the_zoos() -> None:
    draw = random.Random(0)
    for _ in range(200):
        points = [{"x": draw.randrange(8), "y": draw.randrange(8)} for _ in range(draw.randrange(20))]
        ways = draw.choice(("lower", "higher")), draw.choice(("lower", "higher"))
        across, up = (1 if ways[0] == "lower" else -1), (1 if ways[1] == "higher" else -1)
        got = run("rule.frontier(points, ...ways)", points=points, ways=ways)
        assert got == pareto_frontier([(across * one["x"], up * one["y"]) for one in points])


def test_what_has_no_value_is_sorted_last_both_ways() -> None:
    keys = [3, None, 1, 2, None]
    script = "rule.sorted([0, 1, 2, 3, 4], place => keys[place], way)"
    assert run(script, keys=keys, way=False) == [2, 3, 0, 1, 4]
    assert run(script, keys=keys, way=True) == [0, 3, 2, 1, 4]
    words = ["b", "a", None, "C".lower(), "a"]
    assert run(script, keys=words, way=False) == [1, 4, 0, 3, 2]


def test_what_is_pasted_is_computed_by_no_spreadsheet() -> None:
    cells = ["=1+2", "+cmd", "-1.5", "+3e5", "@sum", "-2%", "plain", "81.0 [77.9, 84.1]", "-", ""]
    got = run("rule.pasted([cells])", cells=cells)
    assert got == "\t".join(str(defused(cell)) for cell in cells) + "\n"
    assert run("rule.pasted([['a\\tb\\nc', 'd']])") == "a b c\td\n"
