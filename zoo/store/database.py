"""The database under a store: opened, asked, and written to."""

from __future__ import annotations

import time
import weakref
from typing import TYPE_CHECKING, Any, Self

import sqlalchemy as sql
from sqlalchemy import event
from sqlalchemy.exc import ArgumentError, NoSuchModuleError, SQLAlchemyError

from zoo.errors import StoreError
from zoo.store.failures import ANOTHER, explained
from zoo.store.migrate import migrate
from zoo.store.schema import METADATA, SCHEMA, SCHEMA_VERSION, TABLES
from zoo.store.sqlite_file import (
    begin_writing,
    open_for_reading,
    parsed_url,
    prepare_for_writing,
    sqlite_file,
    sync_side_file,
)

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path
    from types import TracebackType


BUSY_TIMEOUT_S = 10.0
"""How long a write waits for another process's."""

SYNC_EVERY_S = 1.0
"""What was kept is forced onto the disk so often, and by :meth:`Database.sync`."""

NEEDED = {"schema", "records"}
"""Tables by which a store is known, of whichever version."""


class Database:
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
        self._synced_at = float("-inf")
        self._is_synced = True
        try:
            parsed = parsed_url(url)
            self._path = sqlite_file(parsed)
            self.name = self._path.as_posix() if self._path else parsed.render_as_string(hide_password=True)
            self._engine = self._make_engine(parsed)
            # What a record leaves in the store may still be read when the store is closed.
            weakref.finalize(self, self._engine.dispose)
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

    def __enter__(self) -> Self:
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
        self.sync()
        self._engine.dispose()

    def sync(self) -> None:
        """Have what was kept survive a power cut too.

        A killed process loses none of it anyway.
        """
        try:
            if not self._is_synced and self._path is not None:
                sync_side_file(self._path)
        except OSError as error:
            raise explained(self.name, error, "write") from error
        self._is_synced, self._synced_at = True, time.monotonic()

    def _read(self, query: Any) -> list[Any]:
        try:
            with self._engine.connect() as connection:
                return list(connection.execute(query).all())
        except (SQLAlchemyError, OSError) as error:
            raise explained(self.name, error, "read") from error

    def _write(self, change: Callable[[sql.Connection], int]) -> int:
        """Change the store in one transaction, and return how many records that were."""
        try:
            with self._engine.begin() as connection:
                begin_writing(connection)
                count = change(connection)
            self._is_synced = False
            if time.monotonic() - self._synced_at >= SYNC_EVERY_S:
                self.sync()
        except (SQLAlchemyError, OSError) as error:
            raise explained(self.name, error, "write") from error
        return count

    def _open(self) -> None:
        if self._path is not None:
            self._find_or_make_folder(self._path)
        try:
            with self._engine.connect() as connection:
                tables = set(sql.inspect(connection).get_table_names())
                if tables >= NEEDED:
                    versions = connection.execute(sql.select(SCHEMA.c.version)).scalars().all()
                    self._version = max(versions, default=0)
                    self._check_version(self._version)
            if tables >= NEEDED:
                if self._version < SCHEMA_VERSION and not self._read_only:
                    migrate(self._engine)
                    self._version = SCHEMA_VERSION
                return
            self._refuse_foreign(tables)
            with self._engine.begin() as connection:
                begin_writing(connection)
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
        others = sorted(tables - TABLES)
        if self._read_only or (self._path is not None and others):
            holds = f"holds {', '.join(others[:3])}" if others else "holds no records"
            raise StoreError(f"{self.name}: not a record store ({holds}); name {ANOTHER}")

    def _check_version(self, found: int) -> None:
        if found > SCHEMA_VERSION:
            raise StoreError(
                f"{self.name}: written by a newer zoo (schema {found}; this one knows {SCHEMA_VERSION}); "
                f"upgrade backbone-zoo, or name {ANOTHER}"
            )


def is_missing(url: str) -> bool:
    """Whether a URL means a SQLite file that is not there."""
    try:
        path = sqlite_file(parsed_url(url))
    except ArgumentError:
        return False
    return path is not None and not path.exists()
