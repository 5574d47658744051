"""Questions to the tables: which records match, and which of them stand."""

from __future__ import annotations

from itertools import islice
from typing import TYPE_CHECKING, Any, TypeVar

import sqlalchemy as sql

from zoo.store.columns import BROKEN
from zoo.store.schema import RECORDS

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

T = TypeVar("T")

MOST_VARIABLES = 900
"""Values in one question: a SQLite of before 2020 takes 999."""

IN_ORDER = (RECORDS.c.started, RECORDS.c.number)
"""Oldest first; by what was measured, not by what was imported, so that two stores of the same records are one."""


def chunks(values: Iterable[T], most: int = MOST_VARIABLES) -> Iterator[list[T]]:
    """Values in lists, usually of as many as can be asked for at once."""
    left = iter(values)
    while some := list(islice(left, most)):
        yield some


def of_trials(keys: Sequence[str], machine: str) -> sql.Select[Any]:
    """Records of trials on one machine, of each the one that stands last."""
    c = RECORDS.c
    found = sql.select(RECORDS).where(c.key.in_(keys), c.machine == machine, c.good != BROKEN)
    return found.order_by(c.good, c.started, c.id)


def where(query: sql.Select[Any], values: Mapping[str, str | None], table: sql.Table = RECORDS) -> sql.Select[Any]:
    """A query of the records with all these values, None leaving one open."""
    for column, value in values.items():
        if value is not None:
            query = query.where(table.c[column] == value)
    return query


def every(values: Mapping[str, str | None]) -> sql.Select[Any]:
    """Whole records that match, oldest first."""
    return where(sql.select(RECORDS), values).where(RECORDS.c.good != BROKEN).order_by(*IN_ORDER)


def standing(values: Mapping[str, str | None], *, stands: bool = True, passed_over: bool = False) -> sql.Select[Any]:
    """Of the records that match, those that stand.

    By the order of :func:`zoo.results.standing.rank`.

    Parameters
    ----------
    stands, passed_over : bool
        Whether those that stand are wanted, and those that started after the one that stands for them.
    """
    c = RECORDS.c
    # As the index has them, so that nothing is sorted.
    trial, order = (c.key, c.machine), (c.good.desc(), c.started.desc(), c.id.desc())
    inner = sql.select(
        c.number,
        c.started,
        sql.func.row_number().over(partition_by=trial, order_by=order).label("place"),
        sql.func.first_value(c.started).over(partition_by=trial, order_by=order).label("since"),
    )
    ranked = where(inner, values).where(c.good != BROKEN).subquery()
    wanted = ([ranked.c.place == 1] if stands else []) + ([ranked.c.started > ranked.c.since] if passed_over else [])
    numbers = sql.select(ranked.c.number).where(sql.or_(*wanted))
    return sql.select(RECORDS).where(c.number.in_(numbers)).order_by(*IN_ORDER)
