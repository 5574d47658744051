"""Similarity belongs to a source and a target: one answer for all backbones, by where its interval lies."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np
import pytest
from scipy import stats

from tests.advice.planted import cell, regime
from tests.results.planted import ENVIRONMENT, transfer
from zoo.advice.similarity import Pair, Similarity, similarities
from zoo.machine.fingerprint import Machine
from zoo.outcome import Outcome, Status
from zoo.regimes.settings import PretrainSettings
from zoo.results.record import Record
from zoo.results.trial import Trial
from zoo.results.view import Results
from zoo.statistics.comparison import paired_difference
from zoo.statistics.measurement import Measurement

MODELS = ("resnet18", "vgg16", "squeezenet1_0", "mobilenet_v2", "alexnet")
DIGITS = Pair("m1", "letters-am", "digest of digits")


def only(records: list[Record]) -> Similarity:
    (found,) = similarities(Results(records)).values()
    return found


def frozen(rng: np.random.Generator, truth: float, control: float, model: str = "resnet18") -> list[Record]:
    return cell(rng, {"classifier": truth, "random_features": control}, model=model)


def table(records: list[Record], strategy: str, model: str) -> np.ndarray:
    return np.array(
        [
            r.outcome.samples["correct"] for r in records
            if r.trial.transfer.strategy == strategy and r.trial.model.endswith(model)
        ],
        dtype=float,
    )  # fmt: skip


def test_of_one_backbone_the_gain_is_over_the_better_control_as_a_share_of_what_it_left() -> None:
    rng = np.random.default_rng(0)
    records = cell(rng, {"classifier": 0.8, "random_features": 0.3, "pixels": 0.5, "full": 0.9, "knn": 0.9})
    found = only(records).probe_gain
    a, b = table(records, "classifier", "resnet18"), table(records, "pixels", "")
    gain = (a.mean() - b.mean()) / (1 - b.mean())
    assert found is not None
    assert found.value == pytest.approx(gain)
    assert found.n == 1
    moved = ((a - b) - gain * (1 - b)) / (1 - b.mean())
    known = paired_difference(np.zeros_like(moved).tolist(), moved.tolist())
    assert (found.low, found.high) == pytest.approx((gain + known.low, gain + known.high))


def test_a_pair_has_one_answer_for_all_its_backbones_and_one_poor_classifier_turns_it_for_none() -> None:
    rng = np.random.default_rng(1)
    good = [record for model in MODELS[:4] for record in frozen(rng, 0.85, 0.2, model)]
    poor = frozen(rng, 0.25, 0.2, "alexnet")
    assert only(poor).answer == "dissimilar"
    found = only(good + poor)
    assert found.pair == DIGITS
    assert found.backbones == tuple(f"torchvision/{model}" for model in MODELS)
    assert found.answer in ("similar", "between")
    assert found.probe_gain is not None
    assert found.probe_gain.value > 0.5
    assert only(good).answer == "similar"


def test_the_interval_over_backbones_is_students_and_more() -> None:
    rng = np.random.default_rng(2)
    truths = dict(zip(MODELS, (0.9, 0.8, 0.7, 0.85, 0.6), strict=True))
    records = [record for model, truth in truths.items() for record in frozen(rng, truth, 0.2, model)]
    over = [
        table(records, "classifier", model).mean() - table(records, "random_features", model).mean()
        for model in MODELS
    ]
    under = [1 - table(records, "random_features", model).mean() for model in MODELS]
    ratio = sum(over) / sum(under)
    left = [a - ratio * b for a, b in zip(over, under, strict=True)]
    half = stats.sem(left) / np.mean(under) * stats.t.ppf(0.975, len(MODELS) - 1)
    found = only(records).probe_gain
    assert found is not None
    assert found.low is not None
    assert found.value == pytest.approx(ratio)
    assert half < found.value - found.low < 1.3 * half


@pytest.mark.parametrize(
    ("truth", "answer"), [(0.9, "similar"), (0.12, "dissimilar"), (0.325, "between"), (0.34, "between")]
)
def test_the_interval_answers_and_near_the_line_it_is_between(truth: float, answer: str) -> None:
    assert only(frozen(np.random.default_rng(0), truth, 0.1)).answer == answer


def test_without_a_control_it_is_not_known_and_nearest_neighbours_are_none() -> None:
    rng = np.random.default_rng(3)
    found = only(cell(rng, {"classifier": 0.9, "knn": 0.8}))
    assert (found.probe_gain, found.knn_gain, found.answer) == (None, None, "not known")
    found = only(cell(rng, {"classifier": 0.9, "knn": 0.8, "pixels": 0.4}))
    assert found.knn_gain is not None
    assert found.knn_gain.value == pytest.approx(0.4 / 0.6, abs=0.08)


def test_sources_and_targets_stand_apart() -> None:
    rng = np.random.default_rng(4)
    records = frozen(rng, 0.9, 0.2) + cell(rng, {"classifier": 0.22, "pixels": 0.2}, task="gratings")
    records += regime(rng, "classifier", 0.22, model="vgg16", weights="packaged")
    records += regime(rng, "random_features", 0.2, model="vgg16")
    found = similarities(Results(records))
    assert {(pair.source, pair.target): one.answer for pair, one in found.items()} == {
        ("letters-am", "digest of digits"): "similar",
        ("letters-am", "digest of gratings"): "dissimilar",
        ("ImageNet-1k", "digest of digits"): "dissimilar",
    }


def test_checkpoints_of_one_file_name_are_sources_of_their_own() -> None:
    rng = np.random.default_rng(4)
    records = [
        replace(record, trial=replace(record.trial, weights_digest=digest))
        for digest in ("a" * 64, "b" * 64)
        for record in regime(rng, "classifier", 0.9, weights="best.pth")
    ]
    found = similarities(Results(records))
    assert sorted(pair.source for pair in found) == ["best.pth (aaaaaaaa)", "best.pth (bbbbbbbb)"]


def test_amounts_of_data_are_pooled_within_a_backbone() -> None:
    rng = np.random.default_rng(5)
    few = cell(rng, {"classifier": 0.6, "pixels": 0.4}, shots=5)
    many = cell(rng, {"classifier": 0.9, "pixels": 0.7}, shots=50)
    found = only(few + many).probe_gain
    a, b = (np.mean([table(part, name, "").mean() for part in (few, many)]) for name in ("classifier", "pixels"))
    assert found is not None
    assert found.value == pytest.approx((a - b) / (1 - b))
    assert found.n == 1


def test_scores_are_means_over_seeds_or_over_backbones() -> None:
    rng = np.random.default_rng(6)

    def scored(model: str, values: tuple[float, ...]) -> list[Record]:
        records = regime(rng, "classifier", 0.5, model=model, seeds=len(values))
        return [
            replace(r, outcome=replace(r.outcome, notes=dict(r.outcome.notes) | {"logme": x, "h_score": 10 * x}))
            for r, x in zip(records, values, strict=True)
        ]

    one = only(scored("resnet18", (0.1, 0.2, 0.6)))
    half = stats.sem([0.1, 0.2, 0.6]) * stats.t.ppf(0.975, 2)
    assert one.logme is not None
    assert (one.logme.value, one.logme.low, one.logme.unit) == (pytest.approx(0.3), pytest.approx(0.3 - half), "nats")
    assert one.h_score is not None
    assert one.h_score.value == pytest.approx(3.0)
    two = only(scored("resnet18", (0.1, 0.2)) + scored("vgg16", (0.5, 0.6))).logme
    models = stats.t.ppf(0.975, 1) * 0.4 / 2
    seeds = stats.t.ppf(0.975, 1) * 0.1 / 2
    assert two is not None
    assert (two.value, two.high) == (pytest.approx(0.35), pytest.approx(0.35 + math.hypot(models, seeds)))


def test_the_benefit_is_over_a_start_from_random() -> None:
    rng = np.random.default_rng(7)
    records = cell(rng, {"classifier": 0.6, "full": 0.9, "scratch": 0.5})
    found = only(records).benefit
    known = paired_difference(
        table(records, "scratch", "resnet18").tolist(), table(records, "full", "resnet18").tolist()
    )
    assert found is not None
    assert (found.value, found.low, found.high) == pytest.approx((known.value, known.low, known.high))
    found = only([r for r in records if r.trial.transfer.strategy != "full"]).benefit
    assert found is not None
    assert found.value == pytest.approx(0.1, abs=0.06)
    assert only(cell(rng, {"classifier": 0.6, "full": 0.9})).benefit is None


def test_the_gap_needs_a_record_of_the_pretraining() -> None:
    rng = np.random.default_rng(8)
    records = frozen(rng, 0.6, 0.2)
    assert only(records).gap is None
    accuracy = Measurement(0.95, "fraction", 0.92, 0.98, 200)
    trial = Trial("torchvision/resnet18", "random", PretrainSettings("letters-am", 0, (3, 32, 32), task_digest="p"))
    made = Record(
        trial, Outcome(Status.OK, "", {"accuracy": accuracy}), "m1", Machine.from_dict(ENVIRONMENT), "s", "r"
    )
    found = only([*records, made]).gap
    right = table(records, "classifier", "resnet18")
    known = paired_difference(np.zeros_like(right, dtype=int).tolist(), right.tolist())
    assert found is not None
    assert found.value == pytest.approx(0.95 - right.mean())
    assert found.high is not None
    assert found.high - found.value == pytest.approx(math.hypot(0.03, (known.high - known.low) / 2))


def test_random_starts_have_no_source() -> None:
    assert similarities(Results([transfer("resnet18", "scratch", 0.5), transfer("", "pixels", 0.5)])) == {}


def test_the_gap_is_each_backbones_own_and_no_difference_is_over_a_hundred_points() -> None:
    rng = np.random.default_rng(9)
    records = frozen(rng, 0.9, 0.2) + frozen(rng, 0.5, 0.2, "vgg16")
    for model, reached in (("resnet18", 0.95), ("vgg16", 0.55)):
        accuracy = Measurement(reached, "fraction", reached - 0.02, reached + 0.02, 200)
        trial = Trial(
            f"torchvision/{model}", "random", PretrainSettings("letters-am", 0, (3, 32, 32), task_digest="p")
        )
        outcome = Outcome(Status.OK, "", {"accuracy": accuracy})
        records.append(Record(trial, outcome, "m1", Machine.from_dict(ENVIRONMENT), "s", "r", id=model))
    found = only(records)
    means = [table(records[:12], "classifier", model).mean() for model in ("resnet18", "vgg16")]
    own = [0.95 - means[0], 0.55 - means[1]]
    assert found.gap is not None
    assert found.gap.value == pytest.approx(np.mean(own))
    assert found.gap.n == 2
    assert found.gap.low is not None
    assert found.gap.low > -1
    apart = cell(rng, {"classifier": 0.2, "full": 0.9, "scratch": 0.1})
    apart += cell(rng, {"classifier": 0.2, "full": 0.2, "scratch": 0.7}, model="vgg16")
    benefit = only(apart).benefit
    assert benefit is not None
    assert (benefit.low, benefit.high) == (-1.0, 1.0)
