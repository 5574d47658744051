"""A section does without what cannot be computed, and says so."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from tests.results.planted import a_suite, cost, transfer
from zoo.api.results import Results
from zoo.results.record import Record


def with_rounds(record: Record, count: int) -> Record:
    """The record as a cohort of so many rounds would have left it."""
    outcome = record.outcome
    samples = {name: values[:count] for name, values in outcome.samples.items()}
    metrics = {name: replace(m, low=None, high=None, n=count) for name, m in outcome.metrics.items()}
    notes = {"cohort": "c1", "round_index": list(range(count))}
    return replace(record, outcome=replace(outcome, samples=samples, metrics=metrics, notes=notes))


def with_images(record: Record, count: int) -> Record:
    """The record as a test of so many images would have left it."""
    hits = record.outcome.samples["correct"][:count]
    accuracy = replace(record.outcome.metrics["accuracy"], value=sum(hits) / count, low=0.0, high=1.0, n=count)
    metrics = {**record.outcome.metrics, "accuracy": accuracy}
    return replace(record, outcome=replace(record.outcome, metrics=metrics, samples={"correct": hits}))


def test_a_pair_of_one_round_is_said_to_have_no_ratio() -> None:
    pair = [with_rounds(cost("resnet18", 21.0), 1), with_rounds(cost("resnet18", 21.0, seed=1, replica=1), 1)]
    page = Results([*pair, cost("vgg16", 90.0)]).to_markdown()
    assert "1 A/A pair has no ratio: a half is missing, or was timed for one round alone." in page
    assert "No A/A pair was measured" not in page
    assert "vgg16" in page


def test_one_side_of_a_pair_may_have_one_round() -> None:
    found = Results([cost("resnet18", 21.0), with_rounds(cost("resnet18", 21.0, seed=1, replica=1), 1)])
    assert "1 A/A pair has no ratio" in found.to_markdown()


def in_cohort(record: Record, name: str, anchor_ms: Any, side: int = 224) -> Record:
    notes = dict(record.outcome.notes) | {"cohort": name, "anchor_ms": anchor_ms, "anchor_px": side}
    return replace(record, outcome=replace(record.outcome, notes=notes))


def test_how_far_the_machine_moved_is_told_where_there_were_several_cohorts() -> None:
    times = {"alexnet": 24.0, "vgg16": 27.0, "densenet161": 25.5}
    records = [in_cohort(cost(name, 90.0), name, {"value": ms, "unit": "ms"}) for name, ms in times.items()]
    said = "The machine moved between cohorts, by torchvision/resnet18 in each"
    page = Results(records).to_markdown()
    assert said in page
    assert "- latency on cpu, 1 thread, batch 1, 224 px: 24 to 27 ms in 3 cohorts, 12.5% apart\n" in page
    assert said not in Results(records[:1]).to_markdown()
    assert said not in Results([records[0], in_cohort(records[1], "vgg16", {"value": 40.0}, 256)]).to_markdown()
    together = [in_cohort(record, "c1", {"value": 24.0}) for record in records]
    assert said not in Results(together).to_markdown()
    for odd in ("24", {"value": "24"}, {"value": 0}, {}, None):
        assert said not in Results([records[0], in_cohort(records[1], "odd", odd)]).to_markdown()


def test_what_the_machine_moves_by_stands_beside_the_intervals_of_many_cohorts() -> None:
    times = (24.0, 25.0, 26.0, 24.5, 25.5, 25.0)
    names = ("alexnet", "vgg16", "densenet161", "googlenet", "mobilenet_v2", "squeezenet1_0")
    records = [
        in_cohort(cost(name, 90.0), name, {"value": ms, "unit": "ms"}) for name, ms in zip(names, times, strict=True)
    ]
    # Student's 2.5706 of five degrees times the spread of the logarithms, 0.02830.
    said = "8.3% apart; one cohort's times may lie 7.5% off those of many, beside their intervals\n"
    assert f"24 to 26 ms in 6 cohorts, {said}" in Results(records).to_markdown()
    assert "those of many" not in Results(records[:5]).to_markdown()


def test_a_seed_on_other_test_images_is_left_out_and_flagged() -> None:
    records = [transfer("resnet18", "full", 0.8, seed=seed) for seed in range(3)]
    [row] = Results([*records[:2], with_images(records[2], 100)]).transfer_rows()
    assert row.seeds == (0, 1)
    assert row.accuracy is not None
    assert row.accuracy.value == 0.8
    assert row.flags == ("seed 2 left out: 100 test images, the others 200",)


def test_regimes_on_other_test_images_have_no_difference() -> None:
    records = [
        with_images(r, 100) if r.trial.kind == "transfer" and r.trial.transfer.strategy == "full" else r
        for r in a_suite()
    ]
    page = Results(records).to_markdown()
    assert "The course rule, over 2 cells: 2 unresolved." in page
