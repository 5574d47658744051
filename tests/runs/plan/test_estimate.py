"""The time to the end starts as a guess and is corrected by what was seen."""

from __future__ import annotations

import pytest

from zoo.regimes.settings import TransferSettings
from zoo.results.trial import Trial
from zoo.runs.plan.estimate import Estimate, work_units


def trial(seed: int, strategy: str = "full") -> Trial:
    more = {"recipe": {}} if strategy in ("full", "scratch") else {"probe": "ridge"}
    settings = {"task": "digits", "strategy": strategy, "shots": 10, "seed": seed, "input_size": [3, 32, 32]}
    return Trial("torchvision/resnet18", "random", TransferSettings.from_dict(settings | more))


def test_training_is_expected_to_take_longer_than_probing() -> None:
    assert work_units(trial(0)) > work_units(trial(0, "classifier"))


def test_a_machine_twice_as_slow_doubles_the_rest() -> None:
    trials = [trial(seed) for seed in range(4)]
    estimate = Estimate()
    estimate.expect(trials)
    guess = estimate.seconds_left()
    estimate.finished(trials[0], 2 * work_units(trials[0]))
    assert estimate.seconds_left() == pytest.approx(2 * guess * 3 / 4)


def test_nothing_pending_is_no_time() -> None:
    estimate = Estimate()
    estimate.expect([trial(0)])
    estimate.finished(trial(0), 1.0)
    assert estimate.seconds_left() == 0
