"""Every sentence about ties and who is behind holds, and a value without an interval is not treated as exact."""

from __future__ import annotations

import re
from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st

from tests.results.planted import cost, transfer
from zoo.candidates.candidate import Candidate
from zoo.choice.choice import choose
from zoo.choice.gap import gap
from zoo.choice.limits import Limits
from zoo.choice.margins import Margins
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
    assert text.count("Not told apart (no interval): torchvision/vgg16.random.") == 2
    assert "Not certain: latency has no interval." in text
    assert "resolved" not in text
    assert "Tied" not in text
    assert [one.model for one in choose(results, "latency").untold] == ["torchvision/vgg16"]


def test_one_value_without_an_interval_is_not_told_apart_from_one_with() -> None:
    results = Results([cost("resnet18", 10.0), rounds("vgg16", 9.0, 9.1, 9.2)])
    assert "Not told apart (no interval): torchvision/resnet18.random." in said(results, "latency")
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
    assert "Tied with the best accuracy among 2" in text
    tie = (
        "Tied within 1 point with the best, torchvision/resnet18.letters-am, which is better by 1.0 points "
        "[-0.4, 2.4] in pairs; the lower latency was taken."
    )
    assert text.count(tie) == 2
    assert "tied with the best by accuracy" in text
    assert "Best accuracy" not in text
    assert "— best by accuracy" not in text


def seeds(model: str, *accuracies: float, spread: int = 0) -> list[Record]:
    """Three seeds or so of a model; another spread, other images right."""
    return [transfer(model, "full", accuracy, seed=seed + spread) for seed, accuracy in enumerate(accuracies)]


def test_the_better_one_is_taken_where_marginal_intervals_overlap_and_pairs_do_not() -> None:
    """The published choice of the suite quick: over three seeds, on the same images, by 14.7 points."""
    records = [cost("resnet18", 20.0), cost("mobilenet_v2", 8.0)]
    records += seeds("resnet18", 0.70, 0.78, 0.74) + seeds("mobilenet_v2", 0.56, 0.63, 0.60)
    results = Results(records)
    choice = choose(results)
    assert choice.chosen is not None
    assert (choice.chosen.model, choice.ties, choice.unproven) == ("torchvision/resnet18", (), ())
    best, next_best = choice.chosen, choice.runners_up[0]
    assert best.accuracy is not None
    assert next_best.accuracy is not None
    assert best.accuracy.overlaps(next_best.accuracy)
    assert choice.gaps["torchvision/mobilenet_v2"].paired
    assert re.search(r"Better by 14\.3 points \[[\d.]+, [\d.]+\] in pairs, resolved, than the next,", said(results))


def test_one_that_is_better_by_more_than_the_margin_is_taken_and_called_unproven() -> None:
    records = [cost("resnet18", 20.0), cost("mobilenet_v2", 8.0)]
    records += seeds("resnet18", 0.70, 0.78, 0.74) + seeds("mobilenet_v2", 0.72, 0.73, 0.69)
    results = Results(records)
    choice = choose(results)
    assert choice.chosen is not None
    assert choice.chosen.model == "torchvision/resnet18"
    assert [one.model for one in choice.unproven] == ["torchvision/mobilenet_v2"]
    text = said(results)
    words = (
        r"Better by 2\.7 points \[-[\d.]+, [\d.]+\] in pairs, but unproven \(about (\d+) seeds would tell, 3 now\)"
    )
    found = re.findall(words, text)
    assert len(found) == 2
    assert int(found[0]) > 3
    wider = choose(results, margins=Margins(points=3))
    assert wider.chosen is not None
    assert wider.chosen.model == "torchvision/mobilenet_v2"
    assert "Tied within 3 points with the best" in " ".join(wider.to_text().split())


def test_one_seed_proves_nothing() -> None:
    results = Results([transfer("resnet18", "full", 0.80), transfer("vgg16", "full", 0.5)])
    text = said(results)
    assert "but unproven (one seed says nothing of the spread over seeds)" in text
    assert "resolved" not in text


def test_seeds_that_are_not_in_common_are_no_pairs() -> None:
    results = Results(seeds("resnet18", 0.70, 0.78, 0.74) + seeds("vgg16", 0.72, 0.73, 0.69, spread=7))
    choice = choose(results)
    assert not choice.gaps["torchvision/vgg16"].paired
    assert "they share no seeds and test images, as one run of both would" in said(results)


def test_a_tie_of_costs_goes_to_the_more_accurate() -> None:
    records = [cost("resnet18", 20.0, spread=0.1), cost("mobilenet_v2", 20.2, spread=0.1)]
    records += seeds("resnet18", 0.5, 0.5, 0.5) + seeds("mobilenet_v2", 0.9, 0.9, 0.9)
    choice = choose(Results(records), "latency", margins=Margins(share=0.2))
    assert choice.chosen is not None
    assert choice.chosen.model == "torchvision/mobilenet_v2"
    assert "the higher accuracy was taken" in " ".join(choice.to_text().split())


def test_costs_of_one_cohort_are_compared_round_by_round() -> None:
    """Both wander together by 40%, and one is always 2% slower."""
    ms = [10.0, 14.0, 11.0, 13.0, 12.0, 10.5, 13.5, 11.5]
    slower = [1.02 * one for one in ms]
    records = [timed("resnet18", ms), timed("vgg16", slower)]
    choice = choose(Results(records), "latency")
    found = choice.gaps["torchvision/vgg16"]
    assert found.paired
    assert found.is_told
    assert round(found.value, 6) == 0.02
    apart = choose(Results([records[0], timed("vgg16", slower, cohort="c2")]), "latency")
    assert not apart.gaps["torchvision/vgg16"].paired
    assert not apart.gaps["torchvision/vgg16"].is_told
    assert [one.model for one in apart.ties] == ["torchvision/vgg16"]


def test_the_leader_is_who_is_ahead_in_pairs_not_who_has_the_better_median() -> None:
    """The second was not timed in the first rounds, while the machine was fast, and is faster in each it has."""
    records = [timed("resnet18", [10.0] * 5 + [20.0] * 4), timed("vgg16", [9.0] * 3 + [18.0] * 4, first=2)]
    choice = choose(Results(records), "latency")
    assert choice.chosen is choice.best
    assert choice.chosen is not None
    assert choice.chosen.model == "torchvision/vgg16"
    assert [one.latency.value for one in (choice.chosen, *choice.runners_up) if one.latency] == [18.0, 10.0]
    assert "Better by 11.1% [11.1, 11.1] in the same 7 rounds, resolved, than the next, torchvision/resnet18" in said(
        Results(records), "latency"
    )


def timed(model: str, ms: list[float], cohort: str = "c1", first: int = 0) -> Record:
    """A latency of just these rounds, the first of which is the cohort's round ``first``."""
    record = cost(model, ms[0], cohort=cohort)
    notes = record.outcome.notes | {"round_index": list(range(first, first + len(ms)))}
    samples = {"iterations_ms": ms, "round_medians_ms": ms}
    measured = {"latency_ms": summarise_rounds(ms, "ms")}
    return replace(record, outcome=replace(record.outcome, metrics=measured, samples=samples, notes=notes))


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
        found = gap(chosen, other, "accuracy")
        assert found.value == chosen.accuracy.value - other.accuracy.value
        if None in (chosen.accuracy.low, other.accuracy.low):
            assert standing(found, 1.0) == Standing.UNTOLD
            continue
        for margin in (0.0, 0.05, 1.0):
            told = standing(found, margin) == Standing.BEHIND
            assert told == (not (found.low or 0) <= 0 <= (found.high or 0))
            if not told:
                tied = standing(found, margin) == Standing.TIED
                assert tied == (abs(found.value) <= margin + 1e-9)
                assert chosen.accuracy.overlaps(other.accuracy)
