"""A search tries part after part, drops what cannot win, and compares the fastest in interleaved rounds."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from tests.cohorts.planted import SETTINGS, PlantedClock, PlantedWorker, noisy
from tests.cohorts.test_cohort import clock
from zoo.cohorts import tuning
from zoo.cohorts.tried import Permitted
from zoo.cohorts.tuning import Space, Tuning, search
from zoo.cost.case import Case
from zoo.cost.metrics.base import BLIND
from zoo.cost.protocol import Protocol
from zoo.cost.settings import CostSettings
from zoo.cost.worker.requests import Prepare
from zoo.report.tuned import python_line, sentence, tuning_table

__all__ = ["clock"]

SPACE = Space((1, 2), (1, 8), ("contiguous", "channels_last"), ("fp32", "bf16"), ("eager", "openvino"))
PLAIN = replace(SETTINGS, metric="throughput")


def image_s(s: CostSettings) -> float:
    """Seconds an image on a planted machine: what helps, helps whatever the rest is."""
    seconds = 0.020
    seconds *= 0.6 if s.threads == 2 else 1.0
    seconds *= 0.5 if s.batch == 8 else 1.0
    seconds *= 0.9 if s.form == "deployed" else 1.0
    seconds *= 0.8 if s.memory_format == "channels_last" else 1.0
    seconds *= 0.7 if s.precision == "bf16" else 1.0
    return seconds * (0.6 if s.engine == "openvino" else 1.0)


class Machine:
    """Workers whose calls last what the setting says."""

    def __init__(
        self,
        monkeypatch: pytest.MonkeyPatch,
        clock: PlantedClock,
        seconds: Callable[[CostSettings], float] = image_s,
        difference: Callable[[CostSettings], float] = lambda s: 0.005 if s.precision == "bf16" else 1e-6,
        fails: Callable[[CostSettings], bool] = lambda _s: False,
        classes: Callable[[CostSettings, Protocol], tuple[int, int]] = lambda _s, _protocol: (0, 0),
    ) -> None:
        self.started: list[CostSettings] = []
        self.clock, self.seconds, self.difference, self.fails = clock, seconds, difference, fails
        self.classes = classes
        monkeypatch.setattr(tuning, "started", self.start)
        monkeypatch.setattr(tuning, "time", clock.module)

    def start(self, case: Case, protocol: Protocol) -> Any:
        s = case.settings
        self.started.append(s)
        return PlantedWorker(
            self.clock,
            noisy(s.batch * self.seconds(s), 0.005, len(self.started)),
            protocol,
            difference=self.difference(s),
            classes=self.classes(s, protocol),
            fails_in=Prepare if self.fails(s) else None,
        )

    def tune(
        self, permitted: float = 0.01, budget_s: float = 1e6, space: Space = SPACE, agreement: float | None = None
    ) -> Tuning:
        limits = Permitted(permitted, agreement)
        return search("torchvision/resnet18", None, PLAIN, space, limits, budget_s, lambda _event: None)


def test_the_fastest_is_found_without_trying_all(monkeypatch: pytest.MonkeyPatch, clock: PlantedClock) -> None:
    machine = Machine(monkeypatch, clock)
    found = machine.tune()
    best = found.best.settings
    assert (best.engine, best.precision, best.threads, best.batch) == ("openvino", "bf16", 2, 8)
    assert (found.plain.settings.threads, found.plain.settings.batch, found.plain.settings.form) == (2, 8, "trained")
    assert found.whole == 2 * 4 * (2 * 2 + 2 * 1)
    assert len(found.tried) < found.whole
    assert found.times is not None
    assert found.times.ratio == pytest.approx(image_s(found.plain.settings) / image_s(best), rel=0.01)
    assert 1 < found.times.low < found.times.ratio < found.times.high
    assert found.compared[0] is found.plain
    assert all(one.outcome.notes["rounds"] >= 8 for one in found.compared)
    dropped = [one for one in found.tried if one not in found.compared]
    assert {one.outcome.notes["rounds"] for one in dropped} == {3}


def test_a_dear_model_has_what_mostly_wins_before_its_time_is_over(
    monkeypatch: pytest.MonkeyPatch, clock: PlantedClock
) -> None:
    machine = Machine(monkeypatch, clock, seconds=lambda s: 100 * image_s(s))
    found = machine.tune(budget_s=150.0)
    assert len(found.tried) < 4
    second = machine.started[1]
    assert (second.form, second.precision, second.memory_format) == ("deployed", "bf16", "channels_last")
    assert found.best.settings == second


def test_where_half_the_bits_are_too_far_off_the_rest_is_tried_all_the_same(
    monkeypatch: pytest.MonkeyPatch, clock: PlantedClock
) -> None:
    space = replace(SPACE, precisions=("fp32",))
    without = Machine(monkeypatch, clock).tune(space=space)
    assert (without.best.settings.engine, without.best.settings.precision) == ("openvino", "fp32")
    assert not any(one.settings.precision == "bf16" for one in without.tried)


def test_outputs_too_far_off_are_not_taken(monkeypatch: pytest.MonkeyPatch, clock: PlantedClock) -> None:
    found = Machine(monkeypatch, clock).tune(permitted=0.001)
    assert found.best.settings.precision == "fp32"
    assert found.best.settings.engine == "openvino"
    assert any(one.settings.precision == "bf16" for one in found.tried)
    assert "outputs too far off, over 0.001" in {row[-1] for row in tuning_table(found).rows}


EIGHT = replace(SPACE, precisions=("fp32", "int8"), threads=(1,), batches=(1,))


def eight_bits(
    monkeypatch: pytest.MonkeyPatch, clock: PlantedClock, alike: Callable[[Protocol], int] = lambda protocol: 97
) -> Machine:
    """Twice as fast, with outputs far off, and of a hundred images so many of the same class."""
    return Machine(
        monkeypatch,
        clock,
        seconds=lambda s: image_s(s) * (0.5 if s.precision == "int8" else 1.0),
        difference=lambda s: 0.2 if s.precision == "int8" else 1e-6,
        classes=lambda s, protocol: (100, alike(protocol)) if s.precision == "int8" else (0, 0),
    )


def test_eight_bits_are_tried_by_engines_that_take_them_and_taken_by_the_difference_alone(
    monkeypatch: pytest.MonkeyPatch, clock: PlantedClock
) -> None:
    machine = eight_bits(monkeypatch, clock)
    found = machine.tune(space=EIGHT)
    assert found.best.settings.precision == "fp32"
    assert {s.engine for s in machine.started if s.precision == "int8"} == {"openvino"}
    assert found.whole == 2 * (2 + 2)
    (row,) = (row for row in tuning_table(found).rows if "int8" in row[0])
    assert row[-3:] == ("0.2", "97.0 [91.5, 99.0]", "outputs too far off, over 0.01")
    assert machine.tune(permitted=0.3, space=EIGHT).best.settings.precision == "int8"


def test_equal_classes_make_good_for_a_difference_where_a_share_is_asked_for(
    monkeypatch: pytest.MonkeyPatch, clock: PlantedClock
) -> None:
    machine = eight_bits(monkeypatch, clock)
    found = machine.tune(space=EIGHT, agreement=0.97)
    assert (found.best.settings.engine, found.best.settings.precision) == ("openvino", "int8")
    assert sentence(found).endswith(
        "differ by 0.2 at most, and of 100 crops of scikit-learn's two photographs 97.0% have the same top-1."
    )
    refused = machine.tune(space=EIGHT, agreement=0.98)
    assert refused.best.settings.precision == "fp32"
    (row,) = (row for row in tuning_table(refused).rows if "int8" in row[0])
    assert row[-1] == "outputs too far off, over 0.01, and under 98% with the same top-1"


def test_a_setting_that_agrees_less_in_the_last_comparison_is_not_taken(
    monkeypatch: pytest.MonkeyPatch, clock: PlantedClock
) -> None:
    found = eight_bits(monkeypatch, clock, lambda protocol: 99 if protocol is tuning.SCREENING else 90)
    ended = found.tune(space=EIGHT, agreement=0.95)
    assert any(one.settings.precision == "int8" for one in ended.compared)
    assert (ended.best.settings.engine, ended.best.settings.precision) == ("openvino", "fp32")


def test_an_engine_that_fails_is_a_row_with_its_reason(monkeypatch: pytest.MonkeyPatch, clock: PlantedClock) -> None:
    found = Machine(monkeypatch, clock, fails=lambda s: s.engine == "openvino").tune()
    assert found.best.settings.engine == "eager"
    assert found.best.settings.memory_format == "channels_last"
    failed = [row for row in tuning_table(found).rows if row[0].startswith("openvino")]
    assert failed
    assert all(row[1:] == ("n/a", "n/a", "n/a", "RuntimeError: planted") for row in failed)


def test_where_nothing_is_faster_the_plain_setting_is_taken(
    monkeypatch: pytest.MonkeyPatch, clock: PlantedClock
) -> None:
    slower = Machine(monkeypatch, clock, lambda s: 0.02 if s.is_reference else 0.03)
    found = slower.tune()
    assert found.best is found.plain
    assert found.times is None
    assert sentence(found).startswith("Take the plain setting, eager, fp32, as built, batch ")


def test_a_model_that_does_not_run_is_not_tuned(monkeypatch: pytest.MonkeyPatch, clock: PlantedClock) -> None:
    found = Machine(monkeypatch, clock, fails=lambda _s: True).tune()
    assert not found.plain.ran
    assert found.compared == ()
    assert found.plain.outcome.reason == "RuntimeError: planted"


def test_nothing_more_is_tried_once_two_thirds_of_the_time_are_over(
    monkeypatch: pytest.MonkeyPatch, clock: PlantedClock
) -> None:
    whole = len(Machine(monkeypatch, clock).tune().tried)
    found = Machine(monkeypatch, clock).tune(budget_s=3.0)
    assert 1 <= len(found.tried) < whole
    assert found.plain.ran


def test_it_is_told_in_a_sentence_and_a_line_that_measures_it_again(
    monkeypatch: pytest.MonkeyPatch, clock: PlantedClock
) -> None:
    found = Machine(monkeypatch, clock).tune()
    said = sentence(found)
    assert said.startswith("Take openvino, bf16, batch 8, 2 threads: ")
    assert said.endswith(
        "] as many images a second as eager, fp32, as built, batch 8, 2 threads; outputs differ by 0.005 at most."
    )
    blind = replace(found.best, outcome=replace(found.best.outcome, flags=(BLIND,)))
    assert sentence(replace(found, best=blind)).endswith(
        "differ by 0.005 at most, but do not tell images apart, so that this says nothing."
    )
    assert python_line(found) == (
        "import zoo; results = zoo.measure('torchvision/resnet18', metrics='throughput', device='cpu', batches=8, "
        "threads=2, precisions='bf16', memory_formats='contiguous', engines='openvino', forms='deployed', "
        "input_size=64)"
    )
    assert "('torchvision/resnet18', weights='letters-am', metrics=" in python_line(
        replace(found, weights="letters-am")
    )
    rows = tuning_table(found).rows
    assert rows[0][0] == "openvino, bf16, batch 8, 2 threads"
    assert [row[-1] for row in rows].count("taken") == 1
    assert [row[-1] for row in rows].count("the plain setting") == 1


def test_a_setting_that_would_outlast_the_time_is_not_tried(
    monkeypatch: pytest.MonkeyPatch, clock: PlantedClock
) -> None:
    Machine(monkeypatch, clock, seconds=lambda s: 50 * image_s(s))
    told: list[tuple[float, str]] = []
    found = search(
        "torchvision/resnet18",
        None,
        PLAIN,
        SPACE,
        Permitted(0.01),
        100.0,
        lambda event: told.append((clock.now, event.text)),
    )
    tries = [at for at, text in told if text.startswith("trying")]
    [compares] = [at for at, text in told if text.startswith("comparing")]
    assert len(tries) > 2
    assert compares <= 100 * 2 / 3
    assert clock.now < compares + 2 * (100 - compares) + 20  # for an interval it may take as long again, and a round
    assert found.best.ran
