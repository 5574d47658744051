"""The store: every record that was ever made, in a database."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import sqlalchemy as sql
from sqlalchemy import event
from sqlalchemy.exc import ArgumentError, NoSuchModuleError, SQLAlchemyError

from zoo.errors import StoreError, ZooError
from zoo.results.record import Record
from zoo.results.store.failures import explained
from zoo.results.store.schema import METADATA, RECORDS, SCHEMA, SCHEMA_VERSION, migrate, row_of
from zoo.results.store.sqlite_file import OWN_TABLES, open_for_reading, prepare_for_writing, sqlite_file

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable
    from pathlib import Path
    from types import TracebackType

    from zoo.canonical import JsonObject


BUSY_TIMEOUT_S = 10.0
"""How long a write waits for another process's."""


class Store:
    """A database of records, as a context manager.

    Parameters
    ----------
    url : str
        Any SQLAlchemy URL.
    read_only : bool
        Make nothing and change nothing. Otherwise a SQLite file is made where there is none, with its folder.

    Raises
    ------
    StoreError
        One line: not there, locked, read-only, newer than this program, not a store, no driver, disk full.
    """

    def __init__(self, url: str, *, read_only: bool = False) -> None:
        self._read_only = read_only
        self._version = SCHEMA_VERSION
        try:
            parsed = sql.make_url(url)
            self._path = sqlite_file(parsed)
            self.name = self._path.as_posix() if self._path else parsed.render_as_string(hide_password=True)
            self._engine = self._make_engine(parsed)
        except (ArgumentError, NoSuchModuleError):
            raise StoreError(
                f"{url.partition(':')[0]}…: no store URL; write sqlite:///FILE or postgresql://…"
            ) from None
        except ModuleNotFoundError as error:
            raise StoreError(f"the store needs the driver {error.name!r}, which is not installed") from None

    def _make_engine(self, url: sql.URL) -> sql.Engine:
        path = self._path
        if path is not None and self._read_only:
            return sql.create_engine(
                "sqlite://", creator=lambda: open_for_reading(path, BUSY_TIMEOUT_S), poolclass=sql.QueuePool
            )
        engine = sql.create_engine(url, connect_args={"timeout": BUSY_TIMEOUT_S} if path is not None else {})
        if url.get_backend_name() == "sqlite":
            event.listen(engine, "connect", prepare_for_writing)
        return engine

    def __enter__(self) -> Store:
        """Open the store, and make its tables where there are none.

        A store that is only read is not made.
        """
        try:
            self._open()
        except BaseException:
            self._engine.dispose()
            raise
        return self

    def __exit__(
        self, kind: type[BaseException] | None, value: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Close every connection."""
        self._engine.dispose()

    def add(self, record: Record) -> None:
        """Keep one record, durably, before this returns."""
        self.add_all([record])

    def add_all(self, records: Iterable[Record]) -> int:
        """Keep records in one transaction.

        Those already there, by id, are left alone.

        Returns
        -------
        int
            How many were new.
        """
        rows = {record.id: row_of(record) for record in records}
        try:
            with self._engine.begin() as connection:
                found = connection.execute(sql.select(RECORDS.c.id).where(RECORDS.c.id.in_(rows)))
                for known in found.scalars().all():
                    del rows[known]
                if rows:
                    connection.execute(sql.insert(RECORDS), list(rows.values()))
        except (SQLAlchemyError, OSError) as error:
            raise explained(self.name, error, "write") from error
        return len(rows)

    def records(
        self,
        *,
        latest: bool = True,
        machine: str | None = None,
        kind: str | None = None,
        suite: str | None = None,
        run: str | None = None,
    ) -> list[Record]:
        """Records that match, oldest first.

        Parameters
        ----------
        latest : bool
            Only the newest of each trial on each machine; False for all that were ever made.
        """
        columns = RECORDS.c
        query = sql.select(columns.id, columns.key, columns.machine, columns.body).order_by(columns.number)
        rows = self._read(_where(query, machine=machine, kind=kind, suite=suite, run=run))
        if latest and self._version < SCHEMA_VERSION:  # opened to be read alone: its keys are those of old
            every = [self._whole(row) for row in rows]
            newest_of = {(one.trial.key, one.machine): one for one in every}
            return [one for one in every if newest_of[one.trial.key, one.machine] is one]
        if latest:
            newest = {(row.key, row.machine): row for row in rows}
            rows = [row for row in rows if newest[row.key, row.machine] is row]
        return [self._whole(row) for row in rows]

    def find(self, key: str, machine: str) -> Record | None:
        """The newest record of a trial on a machine."""
        query = (
            sql.select(RECORDS.c.id, RECORDS.c.body)
            .where(RECORDS.c.key == key, RECORDS.c.machine == machine)
            .order_by(RECORDS.c.number.desc())
            .limit(1)
        )
        rows = self._read(query)
        return self._whole(rows[0]) if rows else None

    def count(self) -> int:
        """How many records there are, superseded ones included."""
        return int(self._read(sql.select(sql.func.count()).select_from(RECORDS))[0][0])

    def runs(self) -> list[JsonObject]:
        """Each run with its suite, machine, records and start, newest first."""
        columns = RECORDS.c
        query = (
            sql.select(
                columns.run,
                columns.suite,
                columns.machine,
                sql.func.count().label("records"),
                sql.func.min(columns.started).label("started"),
            )
            .group_by(columns.run, columns.suite, columns.machine)
            .order_by(sql.desc("started"))
        )
        return [dict(row._mapping) for row in self._read(query)]

    def outlines(
        self, *, ids: Collection[str] = (), run: str | None = None, suite: str | None = None
    ) -> list[JsonObject]:
        """Id, run, suite, machine and kind of the records that match.

        Superseded ones are among them, the oldest first.

        Nothing of their contents is read, so that a record that is broken is found too.
        """
        columns = RECORDS.c
        query = sql.select(columns.id, columns.run, columns.suite, columns.machine, columns.kind)
        rows = self._read(_where(query, run=run, suite=suite).order_by(columns.number))
        return [dict(row._mapping) for row in rows if not ids or row.id in ids]

    def remove(self, ids: Collection[str]) -> int:
        """Delete records by id, in one transaction, and return how many.

        An older record of a trial counts again.
        """
        if not ids:
            return 0
        statement = sql.delete(RECORDS).where(RECORDS.c.id == sql.bindparam("gone"))
        before = self.count()
        try:
            with self._engine.begin() as connection:
                connection.execute(statement, [{"gone": name} for name in ids])
        except (SQLAlchemyError, OSError) as error:
            raise explained(self.name, error, "write") from error
        return before - self.count()

    def _whole(self, row: Any) -> Record:
        try:
            return Record.from_dict(json.loads(row.body))
        except (ZooError, ValueError, TypeError, RecursionError) as error:
            raise StoreError(
                f"{self.name}, record {row.id}: not a whole record: {error}; "
                f"`zoo results remove --record {row.id}` deletes it"
            ) from None

    def _read(self, query: Any) -> list[Any]:
        try:
            with self._engine.connect() as connection:
                return list(connection.execute(query).all())
        except (SQLAlchemyError, OSError) as error:
            raise explained(self.name, error, "read") from error

    def _open(self) -> None:
        if self._path is not None:
            self._find_or_make_folder(self._path)
        try:
            with self._engine.connect() as connection:
                tables = set(sql.inspect(connection).get_table_names())
                if tables >= OWN_TABLES:
                    versions = connection.execute(sql.select(SCHEMA.c.version)).scalars().all()
                    self._version = max(versions, default=0)
                    self._check_version(self._version)
            if tables >= OWN_TABLES:
                if self._version < SCHEMA_VERSION and not self._read_only:
                    migrate(self._engine)
                    self._version = SCHEMA_VERSION
                return
            self._refuse_foreign(tables)
            with self._engine.begin() as connection:
                METADATA.create_all(connection)
                if connection.execute(sql.select(SCHEMA.c.version)).first() is None:
                    connection.execute(sql.insert(SCHEMA).values(version=SCHEMA_VERSION))
        except (SQLAlchemyError, OSError) as error:
            raise explained(self.name, error, "open") from error

    def _find_or_make_folder(self, path: Path) -> None:
        if self._read_only:
            if not path.exists():
                raise StoreError(f"{path}: no store there yet; measure something with `zoo run`")
            return
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise StoreError(f"{path}: cannot make the store's folder: {error.strerror}") from None

    def _refuse_foreign(self, tables: set[str]) -> None:
        """Refuse to add tables to a file of another program's.

        In a database server they may lie beside others.
        """
        others = sorted(tables - OWN_TABLES)
        if self._read_only or (self._path is not None and others):
            holds = f"holds {', '.join(others[:3])}" if others else "holds no records"
            raise StoreError(f"{self.name}: not a record store ({holds}); name another with --store")

    def _check_version(self, found: int) -> None:
        if found > SCHEMA_VERSION:
            raise StoreError(
                f"{self.name}: written by a newer zoo (schema {found}; this one knows {SCHEMA_VERSION}); "
                "upgrade backbone-zoo, or name another store with --store"
            )


def is_missing(url: str) -> bool:
    """Whether a URL means a SQLite file that is not there."""
    try:
        path = sqlite_file(sql.make_url(url))
    except ArgumentError:
        return False
    return path is not None and not path.exists()


def _where(query: sql.Select[Any], **values: str | None) -> sql.Select[Any]:
    for column, value in values.items():
        if value is not None:
            query = query.where(RECORDS.c[column] == value)
    return query
