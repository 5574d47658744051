"""Every sentence about ties and who is behind holds, and a value without an interval is not treated as exact."""

from __future__ import annotations

from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st

from tests.results.planted import cost, transfer
from zoo.choice.candidates import Candidate
from zoo.choice.choice import choose
from zoo.choice.limits import Limits
from zoo.choice.ties import Standing, decided_by, standing
from zoo.choice.verdict import verdict
from zoo.results.record import Record
from zoo.results.view import Results
from zoo.statistics.intervals import summarise_rounds
from zoo.statistics.measurement import Measurement


def rounds(model: str, *ms: float) -> Record:
    """A latency of just these rounds; under six have no interval."""
    record = cost(model, ms[0])
    measured = {"latency_ms": summarise_rounds(ms, "ms")}
    return replace(record, outcome=replace(record.outcome, metrics=measured))


def said(results: Results, objective: str = "accuracy", limits: Limits | None = None) -> str:
    """Both that is said of a choice: the lines of the command, and the headline of a report."""
    return " ".join([*choose(results, objective, limits).to_text().split(), verdict(results)])


def test_two_values_with_too_few_rounds_are_not_told_apart() -> None:
    results = Results([rounds("resnet18", 10.0, 11.0), rounds("vgg16", 90.0, 91.0)])
    text = said(results, "latency", Limits(max_latency_ms=100))
    assert "10.5 ms (no interval)" in text
    assert "Not told apart (no interval): torchvision/vgg16." in text
    assert "Not certain: latency has no interval." in text
    assert "is not told apart: no interval." in text
    assert "behind by more than the intervals" not in text
    assert "Ties" not in text
    assert [one.model for one in choose(results, "latency").untold] == ["torchvision/vgg16"]


def test_one_value_without_an_interval_is_not_told_apart_from_one_with() -> None:
    results = Results([cost("resnet18", 10.0), rounds("vgg16", 9.0, 9.1, 9.2)])
    assert "Not told apart (no interval): torchvision/resnet18." in said(results, "latency")
    assert [one.model for one in choose(results, "latency").ties] == []


def test_counts_are_exact_and_need_no_interval() -> None:
    results = Results([cost("squeezenet1_0", 9.0), cost("resnet18", 3.0)])
    for objective, least in (("params", "torchvision/squeezenet1_0"), ("macs", "torchvision/squeezenet1_0")):
        choice = choose(results, objective, Limits(max_params=12e6))
        assert choice.chosen is not None
        assert (choice.chosen.model, choice.untold, choice.doubts) == (least, (), ())


def test_where_another_than_the_best_is_taken_nothing_calls_it_the_best() -> None:
    records = [cost("resnet18", 20.0), cost("squeezenet1_0", 8.0)]
    records += [transfer("resnet18", "full", 0.80), transfer("squeezenet1_0", "full", 0.79)]
    text = said(Results(records))
    assert "Not told apart from the best accuracy among 2" in text
    assert "intervals overlap that of the best, torchvision/resnet18; the lower latency was taken" in text
    assert "not told apart from the best by accuracy" in text
    assert "Best accuracy" not in text
    assert "— best by accuracy" not in text


def test_the_lower_latency_is_said_to_be_taken_only_where_one_was_measured() -> None:
    accuracies = [transfer("resnet18", "full", 0.80), transfer("squeezenet1_0", "full", 0.79)]
    untimed = said(Results(accuracies))
    assert "no latency was measured; the fewer parameters were taken" in untimed
    assert "lower latency" not in untimed
    one = said(Results([*accuracies, cost("resnet18", 20.0)]))
    assert "the one with a measured latency was taken" in one
    twins = said(Results([transfer("vgg16", "full", 0.80), transfer("vgg16", "full", 0.8, seed=1)]))
    assert "No other model has a measured accuracy to compare it with." in twins


ENDS = st.one_of(st.none(), st.floats(0.01, 0.2))


@given(values=st.lists(st.tuples(st.floats(0, 1), ENDS, st.none() | st.floats(1, 9)), min_size=2, max_size=5))
def test_what_decided_is_true_and_a_standing_is_that_of_the_intervals(
    values: list[tuple[float, float | None, float | None]],
) -> None:
    found = [
        Candidate(
            f"a/{place}",
            "random",
            {} if ms is None else {"latency": Measurement(ms, "ms")},
            Measurement(value, "fraction", *((None, None) if half is None else (value - half, value + half))),
            "full",
            None,
            None,
        )
        for place, (value, half, ms) in enumerate(values)
    ]
    chosen, *ties = sorted(found, key=lambda one: (one.latency.value if one.latency else float("inf"), one.model))
    if decided_by(chosen, ties) == "the lower latency was taken":
        assert chosen.latency is not None
        assert all(other.latency is None or chosen.latency.value < other.latency.value for other in ties)
        assert any(other.latency for other in ties)
    for other in ties:
        assert chosen.accuracy is not None
        assert other.accuracy is not None
        told = None not in (chosen.accuracy.low, other.accuracy.low)
        assert (standing(chosen, other, "accuracy") == Standing.UNTOLD) == (not told)
        overlap = told and chosen.accuracy.overlaps(other.accuracy)
        assert (standing(chosen, other, "accuracy") == Standing.TIED) == overlap
