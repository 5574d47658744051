"""Regimes are taken together, and held against each other, only where they are of one kind."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from tests.results.planted import cost, transfer
from zoo.errors import ZooError
from zoo.results.lines import lines
from zoo.results.record import Record
from zoo.results.rows import TransferRow
from zoo.results.view import Results


def row(*records: Record) -> TransferRow:
    [found] = Results(records).transfer_rows()
    return found


def test_seeds_of_two_devices_are_two_rows() -> None:
    records = [
        transfer("resnet18", "full", 0.8, seed=seed, device=device) for device in ("cpu", "cuda") for seed in range(3)
    ]
    assert [found.seeds for found in Results(records).transfer_rows()] == [(0, 1, 2), (0, 1, 2)]


@pytest.mark.parametrize(
    ("strategies", "other"),
    [
        (("classifier", "full"), {"machine": "m2"}),
        (("classifier", "random_features"), {"probe": "logistic"}),
        (("full", "scratch"), {"recipe": {"steps": 600}}),
        (("classifier", "full"), {"device": "cuda"}),
        (("classifier", "full"), {"shots": 50}),
    ],
    ids=str,
)
def test_regimes_taken_in_other_ways_do_not_stand_beside_each_other(
    strategies: tuple[str, str], other: dict[str, Any]
) -> None:
    one, another = strategies
    first = row(transfer("resnet18", one, 0.7))
    assert first.is_beside(row(transfer("resnet18", another, 0.8)))
    assert not first.is_beside(row(transfer("resnet18", another, 0.8, **other)))


def test_a_probe_stands_beside_trainings_by_any_recipe_in_a_line_each() -> None:
    again = transfer("resnet18", "full", 0.9, recipe={"steps": 600})
    rows = Results(
        [transfer("resnet18", "classifier", 0.7), transfer("resnet18", "full", 0.8), again]
    ).transfer_rows()
    first, second = lines(rows)
    assert first.here["classifier"] is second.here["classifier"]
    assert [line.here["full"].accuracy.value for line in (first, second)] == [0.8, 0.9]  # type: ignore[union-attr]
    assert [line.recipe.steps for line in (first, second) if line.recipe] == [60, 600]


def test_the_control_without_a_model_stands_beside_regimes_of_every_device() -> None:
    pixels = row(transfer("", "pixels", 0.5))
    assert pixels.is_beside(row(transfer("resnet18", "full", 0.8, device="cuda")))
    assert not pixels.is_beside(row(transfer("resnet18", "classifier", 0.8, probe="logistic")))


def test_records_of_an_unknown_machine_are_told_as_that() -> None:
    known = cost("resnet18", 20.0, machine="m2")
    known = replace(known, environment=replace(known.environment, instruction_sets=("avx2",)))
    with pytest.raises(ZooError, match=r"of 2 machines \(m1: unknown, m2\); `zoo COMMAND --machine KEY` takes one"):
        Results([cost("resnet18", 20.0), known]).check_one_machine()
