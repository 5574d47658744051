"""The tables of a store, and how those of an older version become today's."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import sqlalchemy as sql

from zoo.errors import ZooError
from zoo.results.record import Record

if TYPE_CHECKING:
    from zoo.canonical import JsonObject

SCHEMA_VERSION = 3
"""1: tables ``schema`` and ``records``. 2, 3: keys and bodies are those of records of that format."""

METADATA = sql.MetaData()

SCHEMA = sql.Table("schema", METADATA, sql.Column("version", sql.Integer, nullable=False))

RECORDS = sql.Table(
    "records",
    METADATA,
    sql.Column("number", sql.Integer, primary_key=True, autoincrement=True),
    sql.Column("id", sql.String(32), nullable=False, unique=True),
    sql.Column("key", sql.String(64), nullable=False),
    sql.Column("machine", sql.String(16), nullable=False),
    sql.Column("kind", sql.String(16), nullable=False),
    sql.Column("suite", sql.Text, nullable=False),
    sql.Column("run", sql.String(32), nullable=False),
    sql.Column("started", sql.Float, nullable=False),
    sql.Column("body", sql.Text, nullable=False),
    sql.Index("records_by_trial", "key", "machine"),
)


def migrate(engine: sql.Engine) -> None:
    """Give the records of an older schema today's form and keys.

    All of them in one transaction, or none.

    What is no whole record stays as it is, and is named when it is read.
    """
    columns = RECORDS.c
    with engine.begin() as connection:
        if max(connection.execute(sql.select(SCHEMA.c.version)).scalars().all(), default=0) == SCHEMA_VERSION:
            return  # another process was first
        changed: list[JsonObject] = []
        for row in connection.execute(sql.select(columns.number, columns.body)):
            try:
                record = Record.from_dict(json.loads(row.body))
            except (ZooError, ValueError, TypeError, RecursionError):
                continue
            changed.append({"at": row.number, "new_key": record.trial.key, "new_body": _body(record)})
        if changed:
            statement = sql.update(RECORDS).where(columns.number == sql.bindparam("at"))
            new = statement.values(key=sql.bindparam("new_key"), body=sql.bindparam("new_body"))
            connection.execute(new, changed)
        connection.execute(sql.update(SCHEMA).values(version=SCHEMA_VERSION))


def row_of(record: Record) -> JsonObject:
    """A record as the columns of its table."""
    return {
        "id": record.id,
        "key": record.trial.key,
        "machine": record.machine,
        "kind": record.trial.kind,
        "suite": record.suite,
        "run": record.run,
        "started": record.outcome.started,
        "body": _body(record),
    }


def _body(record: Record) -> str:
    return json.dumps(record.to_dict(), allow_nan=False)
