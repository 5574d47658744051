"""What was best in a cell, over the next, judged among all cells, and how many seeds would tell."""

from __future__ import annotations

import numpy as np
import pytest

from tests.advice.planted import cell
from zoo.advice.best import Best, bests
from zoo.results.record import Record
from zoo.results.rows import transfer_rows
from zoo.statistics.comparison import paired_difference
from zoo.statistics.resolving import seeds_to_resolve

Truths = dict[str, float]


def found(*cells: list[Record]) -> list[Best]:
    return bests([{row.strategy: row for row in transfer_rows(records)} for records in cells])


def test_all_strategies_stand_for_election_controls_too() -> None:
    rng = np.random.default_rng(0)
    (one,) = found(cell(rng, {"classifier": 0.5, "full": 0.6, "partial(2)": 0.9, "pixels": 0.2}))
    assert (one.strategy, one.next, one.resolved, one.seeds) == ("partial(2)", "full", True, None)
    (one,) = found(cell(rng, {"classifier": 0.2, "full": 0.6, "pixels": 0.9}))
    assert (one.strategy, one.next, one.resolved) == ("pixels", "full", True)


def test_the_lead_is_paired() -> None:
    records = cell(np.random.default_rng(1), {"classifier": 0.5, "full": 0.7, "lora": 0.6})
    (one,) = found(records)
    right = {name: [r.outcome.samples["correct"] for r in records if r.trial.transfer.strategy == name]
             for name in ("full", "lora")}  # fmt: skip
    known = paired_difference(right["lora"], right["full"])  # type: ignore[arg-type]
    assert one.lead == known
    assert one.several


def test_the_seeds_that_would_tell_are_counted_among_what_is_open() -> None:
    number = next(n for n in range(300) if _open(n))
    records = cell(np.random.default_rng(number), {"classifier": 0.55, "full": 0.6})
    (alone,) = found(records)
    sides = [[r.outcome.samples["correct"] for r in records if r.trial.transfer.strategy == name]
             for name in (alone.next, alone.strategy)]  # fmt: skip
    assert alone.seeds == seeds_to_resolve(*sides)  # type: ignore[arg-type]
    assert alone.seeds is not None
    assert alone.seeds > 3
    among = found(records, *[cell(np.random.default_rng(0), {"classifier": 0.6, "full": 0.6})] * 3)
    assert not any(one.resolved for one in among)
    assert among[0].seeds == seeds_to_resolve(*sides, 1 - 0.05 / 4)  # type: ignore[arg-type]
    assert among[0].seeds is None or among[0].seeds > alone.seeds


def _open(number: int) -> bool:
    (one,) = found(cell(np.random.default_rng(number), {"classifier": 0.55, "full": 0.6}))
    return not one.resolved and one.seeds is not None


def test_what_chance_resolves_among_many_stays_open() -> None:
    def alone(number: int) -> Best:
        return found(cell(np.random.default_rng(number), {"classifier": 0.6, "full": 0.6}))[0]

    number = next(n for n in range(500) if (lead := alone(n).lead) and 0.01 < lead.p < 0.05)
    assert alone(number).resolved
    cells = [cell(np.random.default_rng(number), {"classifier": 0.6, "full": 0.6})]
    cells += [cell(np.random.default_rng(n), {"classifier": 0.6, "full": 0.6}) for n in range(1000, 1005)]
    assert not found(*cells)[0].resolved


def test_one_seed_says_no_number_and_one_strategy_has_no_next() -> None:
    rng = np.random.default_rng(2)
    (one,) = found(cell(rng, {"classifier": 0.6, "full": 0.61}, seeds=1))
    assert (one.several, one.seeds) == (False, None)
    assert one.lead is not None
    (one,) = found(cell(rng, {"classifier": 0.6}))
    assert (one.strategy, one.next, one.lead, one.resolved, one.seeds) == ("classifier", "", None, False, None)


@pytest.mark.parametrize("order", [("classifier", "full"), ("full", "classifier")])
def test_of_equals_the_first_of_the_table_is_named(order: tuple[str, ...]) -> None:
    (one,) = found([r for name in order for r in cell(np.random.default_rng(3), {name: 1.0})])
    assert one.strategy == "classifier"
