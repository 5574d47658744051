"""The tables of a store."""

from __future__ import annotations

import sqlalchemy as sql

SCHEMA_VERSION = 3
"""1: tables ``schema`` and ``records``. 2: keys and bodies are those of records of format 2. 3: a record's parts have
columns, what many share stands once in ``parts``, and samples have a table of their own."""

METADATA = sql.MetaData()

SCHEMA = sql.Table("schema", METADATA, sql.Column("version", sql.Integer, nullable=False))

RECORDS = sql.Table(
    "records",
    METADATA,
    sql.Column("number", sql.Integer, primary_key=True, autoincrement=True),
    sql.Column("id", sql.Text, nullable=False, unique=True),
    sql.Column("key", sql.String(64), nullable=False),
    sql.Column("machine", sql.Text, nullable=False),
    sql.Column("kind", sql.Text, nullable=False),
    sql.Column("suite", sql.Text, nullable=False),
    sql.Column("run", sql.Text, nullable=False),
    sql.Column("good", sql.Integer, nullable=False),
    sql.Column("started", sql.Float, nullable=False),
    sql.Column("status", sql.Text, nullable=False),
    sql.Column("reason", sql.Text, nullable=False),
    sql.Column("flags", sql.Text, nullable=False),
    sql.Column("duration_s", sql.Float, nullable=False),
    sql.Column("model", sql.Text, nullable=False),
    sql.Column("weights", sql.Text, nullable=False),
    sql.Column("weights_digest", sql.Text),
    sql.Column("protocol", sql.Integer, nullable=False),
    sql.Column("settings", sql.String(64), nullable=False),
    sql.Column("environment", sql.String(64), nullable=False),
    sql.Column("metrics", sql.Text, nullable=False),
    sql.Column("notes", sql.Text, nullable=False),
)
"""``good`` is 1 of what is ``ok``, -1 of what is no whole record. ``settings`` and ``environment`` are digests of
parts; the parts of an outcome are JSON."""

sql.Index(
    "records_by_trial",
    RECORDS.c.key,
    RECORDS.c.machine,
    RECORDS.c.good.desc(),
    RECORDS.c.started.desc(),
    RECORDS.c.id.desc(),
)
sql.Index("records_by_run", RECORDS.c.run)

PARTS = sql.Table(
    "parts",
    METADATA,
    sql.Column("digest", sql.String(64), primary_key=True),
    sql.Column("body", sql.Text, nullable=False),
)
"""JSON that many records share: settings of trials, and machines."""

SAMPLES = sql.Table(
    "samples",
    METADATA,
    sql.Column("id", sql.Text, primary_key=True),
    sql.Column("body", sql.Text, nullable=False),
)
"""Raw samples by the id of their record, read only where they are wanted."""

FAULTS = sql.Table(
    "faults",
    METADATA,
    sql.Column("id", sql.Text, primary_key=True),
    sql.Column("reason", sql.Text, nullable=False),
    sql.Column("body", sql.Text, nullable=False),
)
"""What is no whole record, as it came, and why it is none."""

OLD_RECORDS = sql.Table(
    "records",
    sql.MetaData(),
    *(sql.Column(c.name, c.type) for c in list(RECORDS.c)[:7]),
    sql.Column("started", sql.Float),
    sql.Column("body", sql.Text),
)
"""The records of schemas 1 and 2, as far as they are read."""

TABLES = {SCHEMA.name, *METADATA.tables}
