"""Rankings of backbones by scores and by size, held against SciPy's tau."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from scipy import stats

from tests.advice.planted import cell
from zoo.advice.ranking import rankings
from zoo.registry.catalogue import get
from zoo.report.sections.ranking import ranking_table
from zoo.results.record import Record
from zoo.results.view import Results
from zoo.statistics.ranks import kendall_interval

MODELS = ("resnet18", "vgg16", "squeezenet1_0", "mobilenet_v2", "alexnet", "googlenet")
FROZEN, TUNED = (0.5, 0.74, 0.37, 0.87, 0.24, 0.62), (0.7, 0.79, 0.5, 0.96, 0.6, 0.88)
LOGME = (0.2, 0.9, 0.1, 0.3, 0.5, 0.4)


def suite(count: int = 6, **at: str) -> list[Record]:
    rng, records = np.random.default_rng(0), []
    for model, frozen, tuned, score in zip(MODELS[:count], FROZEN, TUNED, LOGME, strict=False):
        made = cell(rng, {"classifier": frozen, "full": tuned - 0.3, "lp_ft": tuned}, model=model, **at)
        made += cell(rng, {"random_features": 0.1, "scratch": 0.99}, model=model, **at)
        records += [
            replace(r, outcome=replace(r.outcome, notes=dict(r.outcome.notes) | {"logme": score}))
            if r.trial.transfer.strategy == "classifier"
            else r
            for r in made
        ]
    return records


def test_each_score_is_ranked_against_the_best_fine_tuned_accuracy() -> None:
    (found,) = rankings(Results(suite()))
    params = [get(f"torchvision/{model}").params or 0 for model in MODELS]
    for name, values in (("probe gain", FROZEN), ("LogME", LOGME), ("params", params)):
        tau = float(stats.kendalltau(values, TUNED).statistic)
        one = found.by[name]
        assert one.tau == pytest.approx(tau), name
        assert (one.low, one.high) == pytest.approx(kendall_interval(tau, 6) or ()), name
        assert one.n == 6
    assert found.by["H-score"].tau is None
    assert found.n == 6


def test_under_three_backbones_there_is_no_ranking_and_under_six_no_interval() -> None:
    assert rankings(Results(suite(2))) == []
    assert ranking_table(Results(suite(2))) is None
    (found,) = rankings(Results(suite(3)))
    one = found.by["probe gain"]
    assert one.tau == pytest.approx(float(stats.kendalltau(FROZEN[:3], TUNED[:3]).statistic))
    assert (one.low, one.high, one.n) == (None, None, 3)


def test_targets_stand_apart_and_a_score_that_some_lack_says_of_how_many_it_is() -> None:
    records = suite() + suite(3, task="gratings")
    lacking = [
        replace(r, outcome=replace(r.outcome, notes={"classes": 10})) if r.trial.model.endswith("vgg16") else r
        for r in records
    ]
    table = ranking_table(Results(lacking))
    assert table is not None
    assert table.headers == ("target", "shots", "ranked backbones", "probe gain", "LogME", "params (bigger wins)")
    digits, gratings = table.rows
    assert digits[:3] == ("digits", "50", "6")
    assert digits[4].endswith("(of 5)")
    assert gratings[:3] == ("gratings", "50", "3")
    assert gratings[4] == "n/a"
    assert "[" in digits[3]
    assert "[" not in gratings[3]
