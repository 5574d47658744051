"""The rule is judged alike for both sides, and says nothing where similarity is unknown or near the line."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from tests.advice.planted import regime
from tests.results.planted import transfer
from zoo.advice.rule import Cell, advice, cells, course_rule, cs231n_rule
from zoo.results.view import Results


def judged(frozen: float, tuned: float, *, control: float | None = 0.1, shots: int = 50, number: int = 0) -> Cell:
    rng = np.random.default_rng(number)
    records = regime(rng, "classifier", frozen, shots) + regime(rng, "full", tuned, shots)
    if control is not None:
        records += regime(rng, "random_features", control, shots)
    (cell,) = cells(Results(records))
    return cell


def test_neither_side_is_favoured_where_both_are_equally_good() -> None:
    found = [judged(0.6, 0.6, number=number).supported for number in range(150)]
    assert found.count("full") <= 8
    assert found.count("classifier") <= 8
    assert abs(found.count("full") - found.count("classifier")) <= 6


@pytest.mark.parametrize(("frozen", "tuned", "supported"), [(0.5, 0.9, "full"), (0.9, 0.5, "classifier")])
def test_what_is_clearly_better_is_supported(frozen: float, tuned: float, supported: str) -> None:
    assert judged(frozen, tuned).supported == supported


def test_what_one_table_of_many_cells_resolves_by_chance_stays_open() -> None:
    number = next(n for n in range(500) if 0.01 < _p(judged(0.6, 0.6, number=n)) < 0.05)
    assert judged(0.6, 0.6, number=number).supported != "unresolved"
    rng = np.random.default_rng(number)
    records = regime(rng, "classifier", 0.6, 50) + regime(rng, "full", 0.6, 50)
    for task in ("letters-nz", "gratings", "photographs", "other", "another"):
        records += regime(rng, "classifier", 0.6, 50, task) + regime(rng, "full", 0.6, 50, task)
    assert next(cell.supported for cell in cells(Results(records))) == "unresolved"


def _p(cell: Cell) -> float:
    assert cell.full_over_classifier is not None
    return cell.full_over_classifier.p


@pytest.mark.parametrize(
    ("frozen", "control", "shots", "course", "cs231n"),
    [
        (0.9, 0.1, 50, "classifier", "full"),
        (0.12, 0.1, 50, "full", "full"),
        (0.34, 0.1, 50, "between", "full"),
        (0.9, None, 50, "not known", "full"),
        (0.9, 0.1, 5, "classifier", "classifier"),
        (0.12, 0.1, 5, "classifier", "earlier layers"),
        (0.9, None, 5, "classifier", "not known"),
    ],
)
def test_each_rule_says_what_it_can(
    frozen: float, control: float | None, shots: int, course: str, cs231n: str
) -> None:
    cell = judged(frozen, 0.9, control=control, shots=shots)
    assert (cell.course, cell.cs231n) == (course, cs231n)
    assert cell.held("between") == cell.held("not known") == "no advice"


@pytest.mark.parametrize(
    ("alike", "data", "course", "cs231n"),
    [
        ("similar", "much", "classifier", "full"),
        ("dissimilar", "much", "full", "full"),
        ("similar", "little", "classifier", "classifier"),
        ("dissimilar", "little", "classifier", "earlier layers"),
        ("similar", "between", "classifier", "between"),
        ("dissimilar", "between", "between", "between"),
        ("dissimilar", "not known", "not known", "not known"),
        ("between", "not known", "not known", "not known"),
        ("not known", "much", "not known", "full"),
        ("between", "between", "between", "between"),
    ],
)
def test_advice_is_given_where_an_open_answer_changes_nothing(
    alike: str, data: str, course: str, cs231n: str
) -> None:
    assert (advice(course_rule, alike, data), advice(cs231n_rule, alike, data)) == (course, cs231n)


def test_a_poor_classifier_of_one_backbone_has_the_advice_of_all() -> None:
    rng = np.random.default_rng(0)
    records = []
    for model, frozen in (("resnet18", 0.85), ("vgg16", 0.85), ("squeezenet1_0", 0.8), ("alexnet", 0.55)):
        for strategy, truth in (("classifier", frozen), ("full", 0.9), ("random_features", 0.2)):
            records += regime(rng, strategy, truth, 50, model=model)
    poor = [record for record in records if record.trial.model == "torchvision/alexnet"]
    found = cells(Results(records))
    assert [cell.course for cell in found] == ["classifier"] * 4
    assert len({id(cell.similarity) for cell in found}) == 1
    own = next(cell for cell in found if cell.frozen.model == "torchvision/alexnet")
    (alone,) = cells(Results(poor))
    assert own.gain == pytest.approx(alone.gain)
    assert alone.similarity.probe_gain is not None
    assert own.similarity.probe_gain is not None
    assert alone.similarity.probe_gain.value < own.similarity.probe_gain.value


def test_what_nothing_notes_of_the_amount_of_data_is_not_known() -> None:
    records = [transfer("resnet18", name, x) for name, x in (("classifier", 0.9), ("full", 0.9), ("pixels", 0.2))]
    records = [replace(record, outcome=replace(record.outcome, notes={})) for record in records]
    (cell,) = cells(Results(records))
    assert (cell.images, cell.amount) == (None, "not known")
    assert (cell.course, cell.cs231n) == ("classifier", "not known")


def test_one_probe_of_all_images_is_judged_against_every_seed_of_a_training() -> None:
    rng = np.random.default_rng(1)
    notes = {"train_images": 1257}
    records = regime(rng, "classifier", 0.6, "all", seeds=1, notes=notes)
    records += regime(rng, "pixels", 0.2, "all", seeds=1, notes=notes)
    records += regime(rng, "full", 0.9, "all", notes=notes)
    (cell,) = cells(Results(records))
    assert cell.best.several
    assert (cell.best.strategy, cell.best.next, cell.supported) == ("full", "classifier", "full")
    mean = np.mean([record.outcome.samples["correct"] for record in records[2:]])
    assert cell.full_over_classifier is not None
    assert cell.full_over_classifier.value == pytest.approx(mean - np.mean(records[0].outcome.samples["correct"]))
    assert (cell.images, cell.amount, cell.course) == (1257, "much", "classifier")


@pytest.mark.parametrize(
    ("earlier", "verdict"), [(None, "not tested"), (0.6, "held"), (0.1, "did not hold"), (0.31, "unresolved")]
)
def test_advice_on_earlier_layers_is_held_against_the_last(earlier: float | None, verdict: str) -> None:
    rng = np.random.default_rng(0)
    records = regime(rng, "classifier", 0.3, 5) + regime(rng, "full", 0.4, 5) + regime(rng, "pixels", 0.3, 5)
    records += [] if earlier is None else regime(rng, "classifier_mid", earlier, 5)
    (cell,) = cells(Results(records))
    assert cell.cs231n == "earlier layers"
    assert cell.held(cell.cs231n) == verdict
