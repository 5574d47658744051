"""Comparisons say what the intervals allow, with the exit code that a script needs."""

from __future__ import annotations

import random
import re
from dataclasses import replace

import pytest

from tests.results.planted import cost, transfer
from zoo.compare.compare import compare, compare_models
from zoo.errors import ZooError
from zoo.machine.differences import UNKNOWN, machine_key
from zoo.outcome import Status
from zoo.results.record import Record
from zoo.results.view import Results
from zoo.training.search_settings import SearchSettings


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


def test_other_machines_have_no_verdict_in_any_row_and_models_are_of_one_machine() -> None:
    mixed = Results([cost("resnet18", 20.0), cost("vgg16", 30.0, machine="m2")])
    with pytest.raises(ZooError, match=r"of 2 machines \(m1, m2\); `zoo COMMAND --machine KEY` takes one"):
        compare_models(mixed, "resnet18", "vgg16")
    comparison = compare(Results([cost("resnet18", 20.0)]), Results([cost("resnet18", 30.0, machine="m2")]))
    assert [row.verdict for row in comparison.rows] == ["n/a"]


def test_no_verdict_between_a_machine_from_before_processors_were_told_apart_and_a_known_one() -> None:
    old = cost("resnet18", 20.0)
    known = replace(old.environment, instruction_sets=("avx2",), capability="AVX2")
    new = replace(cost("resnet18", 30.0), environment=known, machine=machine_key(known))
    for a, b in ((old, new), (new, old)):
        comparison = compare(Results([a]), Results([b]))
        assert f"No verdict across different machines ({UNKNOWN})." in comparison.table().caption
        assert [row.verdict for row in comparison.rows] == ["n/a"]


def upgraded(record: Record, **libraries: str) -> Record:
    environment = replace(record.environment, libraries=dict(record.environment.libraries or {}) | libraries)
    return replace(record, environment=environment, machine="m1-upgraded")


def test_an_upgrade_is_judged_and_named() -> None:
    before = [cost("resnet18", 20.0, spread=0.003)]
    after = [upgraded(cost("resnet18", 30.0, spread=0.003, seed=1), torch="2.16.0")]
    comparison = compare(Results(before), Results(after))
    assert [row.verdict for row in comparison.rows] == ["SLOWER"]
    assert comparison.exit_code == 1
    assert comparison.changed == ("torch 2.15.0 → 2.16.0",)
    assert "Between A and B changed: torch 2.15.0 → 2.16.0." in comparison.table().caption
    moved = compare(Results(run_of(1.0, 0)), Results([upgraded(r, timm="1.0.32") for r in run_of(1.07, 1)]))
    assert "What changed may have moved all of them, too." in moved.table().caption


def test_an_accuracy_is_judged_over_all_its_seeds() -> None:
    # Each seed by itself would be called BETTER or WORSE; together they are undecided.
    before = [transfer("resnet18", "full", 0.6, seed=seed) for seed in range(3)]
    after = [transfer("resnet18", "full", a, seed=seed, run=1) for seed, a in enumerate((0.75, 0.5, 0.65))]
    (row,) = compare(Results(before), Results(after)).rows
    assert row.what == "full on digits, 10 shots, 3 seeds"
    assert row.verdict == "UNRESOLVED"
    assert row.value == pytest.approx(1 / 30)
    assert row.low is not None
    assert row.low < 0
    assert row.unit == "difference of fractions"


def test_equal_models_are_rarely_called_different() -> None:
    draw = random.Random(3)
    alarms = 0
    for _ in range(100):
        sides = [
            [transfer(model, "full", 0.7 + draw.gauss(0, 0.025), seed=seed) for seed in range(3)]
            for model in ("resnet18", "vgg16")
        ]
        comparison = compare_models(Results([*sides[0], *sides[1]]), "resnet18", "vgg16")
        alarms += comparison.exit_code == 1
    assert alarms <= 6


def test_a_row_says_its_precision_and_holms_correction_is_over_accuracies_too() -> None:
    def side(accuracy: float, n: int) -> list[Record]:
        times = [cost("resnet18", 20.0, seed=n), cost("resnet18", 9.0, precision="bf16", seed=n)]
        return [*times, transfer("resnet18", "full", accuracy, run=n)]

    rows = compare(Results(side(0.8, 0)), Results(side(0.6, 1))).rows
    assert [row.what.endswith("bf16") for row in rows] == [False, True, False]
    (alone,) = compare(Results(side(0.8, 0)[2:]), Results(side(0.6, 1)[2:])).rows
    assert alone.p is not None
    assert rows[2].p == pytest.approx(3 * alone.p)


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


def test_what_a_search_tried_is_not_judged() -> None:
    tried = SearchSettings("digits", "arm", "full", 10, 100, 0, (3, 32, 32), rate=1e-3)
    one = transfer("resnet18", "full", 0.8)
    arms = [
        replace(one, id=name, trial=replace(one.trial, settings=tried, protocol=SearchSettings.PROTOCOL))
        for name in "ab"
    ]
    before, after = Results([cost("resnet18", 20.0), arms[0]]), Results([cost("resnet18", 20.0, seed=1), arms[1]])
    comparison = compare(before, after)
    assert [row.verdict for row in comparison.rows] == ["SAME"]
    assert comparison.only_a == comparison.only_b == ()
    with pytest.raises(ZooError, match="share no trial"):
        compare(Results([arms[0]]), Results([arms[1]]))


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
    assert "taken for the machine's own movement between runs (latency, cpu, batch 1, 1 thread: +7." in caption
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


def test_a_verdict_says_what_makes_its_numbers_doubtful() -> None:
    """A measurement under load makes a model SLOWER that is not."""
    loaded = cost("resnet18", 90.0, spread=0.03, seed=1, status=Status.UNCONVERGED, reason="±4%")
    loaded = replace(loaded, outcome=replace(loaded.outcome, flags=("cpu pressure 98%",)))
    calm, other = cost("resnet18", 20.0), cost("vgg16", 50.0)
    comparison = compare(Results([calm, other]), Results([loaded, replace(other, id="again")]))
    assert [row.verdict for row in comparison.rows] == ["SLOWER", "SAME"]
    assert comparison.rows[1].doubts == ""
    words = r"B ±\d%, unconverged, flagged: cpu pressure 98%"
    assert re.fullmatch(words, comparison.rows[0].doubts)
    assert re.search(
        rf"Doubtful: torchvision/resnet18\.\w+, latency, cpu, batch 1, 1 thread \({words}\)\.$",
        comparison.table().caption,
    )
    assert comparison.to_dict()["rows"][0]["doubts"] == comparison.rows[0].doubts
    both = compare_models(Results([loaded, other]), "vgg16", "resnet18")
    assert both.rows[0].doubts == comparison.rows[0].doubts


def test_flags_of_an_accuracy_are_those_of_all_its_seeds() -> None:
    a = [transfer("resnet18", "full", 0.8, seed=seed) for seed in (0, 1)]
    flagged = replace(a[1], outcome=replace(a[1].outcome, flags=("diverged twice",)))
    [row] = compare(Results([a[0], flagged]), Results(a)).rows
    assert row.doubts == "A flagged: diverged twice"
