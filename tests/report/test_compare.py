"""Comparisons say what the intervals allow, with the exit code that a script needs."""

from __future__ import annotations

import pytest

from tests.results.planted import cost, transfer
from zoo.errors import ZooError
from zoo.report.compare import compare, compare_models
from zoo.results.record import Record
from zoo.results.results import Results
from zoo.statistics.outcome import Status


def verdicts(a: list, b: list) -> tuple[list[str], int]:  # type: ignore[type-arg]
    comparison = compare(Results(a), Results(b))
    return [row.verdict for row in comparison.rows], comparison.exit_code


@pytest.mark.parametrize(
    ("factor", "expected", "code"),
    [(1.0, "SAME", 0), (1.2, "SLOWER", 1), (0.8, "FASTER", 0)],
)
def test_a_planted_change_of_speed(factor: float, expected: str, code: int) -> None:
    before = [cost("resnet18", 20.0, spread=0.003)]
    after = [cost("resnet18", 20.0 * factor, spread=0.003, seed=1)]
    assert verdicts(before, after) == ([expected], code)


def test_noise_wider_than_the_margin_is_unresolved() -> None:
    assert verdicts([cost("resnet18", 20.0, spread=0.2)], [cost("resnet18", 20.0, spread=0.2, seed=1)]) == (
        ["UNRESOLVED"],
        3,
    )


def test_accuracies_are_paired_by_test_image() -> None:
    assert verdicts([transfer("resnet18", "full", 0.8)], [transfer("resnet18", "full", 0.6, run=1)]) == (["WORSE"], 1)
    assert verdicts([transfer("resnet18", "full", 0.6)], [transfer("resnet18", "full", 0.8, run=1)]) == (
        ["BETTER"],
        0,
    )
    assert verdicts([transfer("resnet18", "full", 0.8)], [transfer("resnet18", "full", 0.8, run=1)]) == (["SAME"], 0)


def test_what_broke_is_a_regression_and_what_was_mended_is_not() -> None:
    good, bad = cost("resnet18", 20.0), cost("resnet18", 20.0, status=Status.FAILED, reason="planted", seed=1)
    assert verdicts([good], [bad]) == (["BROKE"], 1)
    assert verdicts([bad], [good]) == (["MENDED"], 0)


def test_no_verdict_across_machines() -> None:
    comparison = compare(Results([cost("resnet18", 20.0)]), Results([cost("resnet18", 30.0, machine="m2")]))
    assert comparison.exit_code == 3
    assert "No verdict across different machines (cpu: Planted CPU and CPU of m2)" in comparison.table().caption


def test_one_false_alarm_in_twenty_is_corrected_for() -> None:
    # Twenty models of which one is 4% off by chance of three noisy rounds: Holm holds the table to 5%.
    before = [cost("resnet18", 20.0, spread=0.01, threads=n) for n in range(1, 21)]
    after = [cost("resnet18", 20.0, spread=0.01, threads=n, seed=1) for n in range(1, 21)]
    words, _ = verdicts(before, after)
    assert "SLOWER" not in words
    assert "FASTER" not in words


def test_what_only_one_side_has_is_named_and_nothing_in_common_is_an_error() -> None:
    comparison = compare(
        Results([cost("resnet18", 20.0), cost("vgg16", 90.0)]), Results([cost("resnet18", 20.0, seed=1)])
    )
    assert comparison.only_a == ("torchvision/vgg16.random",)
    with pytest.raises(ZooError, match="share no trial"):
        compare(Results([cost("resnet18", 20.0)]), Results([cost("vgg16", 90.0)]))


def test_two_models_of_one_run() -> None:
    records = Results([cost("resnet18", 20.0, spread=0.003), cost("vgg16", 90.0, spread=0.003)])
    comparison = compare_models(records, "resnet18", "vgg16")
    assert [row.verdict for row in comparison.rows] == ["SLOWER"]
    assert compare_models(records, "vgg16", "resnet18").exit_code == 0
    with pytest.raises(ZooError, match="alexnet was not measured"):
        compare_models(records, "resnet18", "alexnet")


MODELS = ("resnet18", "vgg16", "alexnet", "googlenet", "mobilenet_v2", "densenet161", "squeezenet1_0", "inception_v3")


def run_of(factor: float, seed: int, **changed: float) -> list[Record]:
    return [
        cost(model, ms * factor * changed.get(model, 1.0), spread=0.003, seed=seed)
        for ms, model in zip(range(10, 90, 10), MODELS, strict=True)
    ]


def test_a_machine_that_moved_is_no_regression_and_what_moved_alone_is() -> None:
    before, after = run_of(1.0, 0), run_of(1.07, 1, alexnet=1.3, vgg16=0.8)
    comparison = compare(Results(before), Results(after))
    words = {row.name.split("/")[1].split(".")[0]: row.verdict for row in comparison.rows}
    assert words == dict.fromkeys(MODELS, "SAME") | {"alexnet": "SLOWER", "vgg16": "FASTER"}
    assert comparison.exit_code == 1
    caption = comparison.table().caption
    assert (
        "All models moved together, as a machine does between runs (latency, cpu, batch 1, 1 thread: +7." in caption
    )
    assert "against all" in comparison.rows[0].change
    plain = compare(Results(before), Results(after), absolute=True)
    assert {row.verdict for row in plain.rows} == {"SLOWER", "FASTER"}
    assert plain.moved == ()


def test_the_anchor_is_judged_as_the_others_are() -> None:
    comparison = compare(Results(run_of(1.0, 0)), Results(run_of(0.95, 1, resnet18=1.2)))
    assert [row.verdict for row in comparison.rows] == ["SLOWER"] + ["SAME"] * 7


def test_three_models_say_nothing_of_the_machine() -> None:
    before, after = run_of(1.0, 0)[:3], run_of(1.07, 1)[:3]
    comparison = compare(Results(before), Results(after))
    assert [row.verdict for row in comparison.rows] == ["SLOWER"] * 3
    assert comparison.moved == ()
