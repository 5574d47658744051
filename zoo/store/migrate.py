"""How the records of an older schema become today's."""

from __future__ import annotations

import json
from contextlib import nullcontext, suppress
from typing import TYPE_CHECKING, Any

import sqlalchemy as sql
from sqlalchemy.dialects import sqlite
from sqlalchemy.exc import IntegrityError

from zoo.errors import ZooError
from zoo.results.record import Record
from zoo.store.columns import Rows
from zoo.store.schema import FAULTS, METADATA, OLD_RECORDS, PARTS, RECORDS, SAMPLES, SCHEMA, SCHEMA_VERSION
from zoo.store.sqlite_file import begin_writing

if TYPE_CHECKING:
    from collections.abc import Iterator
    from contextlib import AbstractContextManager

AT_ONCE = 500
"""Records that are held at once."""

RENAMED = "records_of_old"

INSERTS = {table.name: sql.insert(table) for table in (RECORDS, SAMPLES, FAULTS)}
"""Made once: a run writes record by record."""

OF_SQLITE = {
    name: str(
        statement.compile(
            dialect=sqlite.dialect(paramstyle="named"),
            column_keys=[column.name for column in statement.table.columns if column.autoincrement is not True],
        )
    )
    for name, statement in INSERTS.items()
}
"""The same as text for SQLite's driver: compiled once, not looked up for each record."""


def migrate(engine: sql.Engine) -> None:
    """Give the records of an older schema today's tables, form and keys.

    All of them in one transaction, or none.

    What is no whole record stays as it is, and is named when the store is opened.
    """
    with engine.begin() as connection:
        begin_writing(connection)
        if max(connection.execute(sql.select(SCHEMA.c.version)).scalars().all(), default=0) == SCHEMA_VERSION:
            return  # another process was first
        connection.exec_driver_sql("DROP INDEX IF EXISTS records_by_trial")
        connection.exec_driver_sql(f"ALTER TABLE records RENAME TO {RENAMED}")
        METADATA.create_all(connection)
        old = OLD_RECORDS.to_metadata(sql.MetaData(), name=RENAMED)
        for page in _pages(connection, old):
            rows = Rows()
            for row in page:
                _take(row, rows)
            insert(connection, rows)
        old.drop(connection)
        connection.execute(sql.update(SCHEMA).values(version=SCHEMA_VERSION))


def insert(connection: sql.Connection, rows: Rows) -> None:
    """Write rows, of whose parts those that are there already are left."""
    for digest, body in rows.parts.items():
        there = sql.exists().where(PARTS.c.digest == digest)
        new = sql.select(sql.literal(digest), sql.literal(body)).where(~there)
        # On a server another may write the same part at this moment.
        with suppress(IntegrityError), reversible(connection):
            connection.execute(sql.insert(PARTS).from_select(["digest", "body"], new))
    for table, found in ((RECORDS, rows.records), (SAMPLES, rows.samples), (FAULTS, rows.faults)):
        if found:
            if connection.dialect.name == "sqlite":
                connection.exec_driver_sql(OF_SQLITE[table.name], found[0] if len(found) == 1 else found)
            else:
                connection.execute(INSERTS[table.name], found)


def reversible(connection: sql.Connection) -> AbstractContextManager[object]:
    """A block whose statements fail without what the transaction did before.

    SQLite undoes a failed statement alone; a server ends the transaction, unless it is told of a point to go back to.
    """
    return nullcontext() if connection.dialect.name == "sqlite" else connection.begin_nested()


def old_record(row: Any) -> Record:
    """The record of a row of an older schema.

    Raises
    ------
    ZooError, ValueError, TypeError, RecursionError
        Where it is no whole record.
    """
    return Record.from_dict(json.loads(row.body))


def _pages(connection: sql.Connection, table: sql.Table) -> Iterator[list[Any]]:
    last = -1
    while True:
        query = sql.select(table).where(table.c.number > last).order_by(table.c.number).limit(AT_ONCE)
        page = list(connection.execute(query).all())
        if not page:
            return
        yield page
        last = page[-1].number


def _take(row: Any, rows: Rows) -> None:
    try:
        record = old_record(row)
    except (ZooError, ValueError, TypeError, RecursionError) as error:
        names = ("id", "key", "machine", "kind", "suite", "run", "started")
        rows.add_fault({name: getattr(row, name) for name in names}, str(error), row.body)
        return
    rows.add(record)
