"""SQLite files as stores: which file a URL means, and how it is opened."""

from __future__ import annotations

import os
import sqlite3
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import quote, unquote

from sqlalchemy.engine import make_url

from zoo.errors import StoreError, option

if TYPE_CHECKING:
    import sqlalchemy as sql


READ_ONLY_SIGNS = ("unable to open", "readonly", "read-only")
"""What SQLite says of a file whose side files it cannot make, as on a read-only mount."""


def parsed_url(url: str) -> sql.URL:
    """Read a URL, in which a SQLite file's name is percent-encoded.

    So it is to SQLAlchemy since 2.1; an older one takes the name as it stands.

    Raises
    ------
    sqlalchemy.exc.ArgumentError
    """
    parsed = make_url(url)
    if parsed.get_backend_name() != "sqlite" or "%" not in url:
        return parsed
    return parsed.set(database=unquote(url.partition("://")[2].partition("/")[2].partition("?")[0]))


def sqlite_file(url: sql.URL) -> Path | None:
    """The file that a URL means.

    None for other databases, and for a URL in SQLite's own form (``file:…``).

    Raises
    ------
    StoreError
        For a database in memory, which would be gone with the command.
    """
    if url.get_backend_name() != "sqlite":
        return None
    name = url.database or ""
    if name in ("", ":memory:") or name == "file::memory:" or url.query.get("mode") == "memory":
        raise StoreError("a store in memory is gone when the command ends; name a file: sqlite:///FILE")
    return None if "uri" in url.query else Path(name)


def prepare_for_writing(connection: Any, _record: Any) -> None:
    """Have what is committed survive a killed process."""
    cursor = connection.cursor()
    try:
        mode = cursor.execute("PRAGMA journal_mode=WAL").fetchone()
        # In WAL mode a record that was committed survives a killed process; in another one only FULL keeps the file
        # sound over a power cut.
        cursor.execute(f"PRAGMA synchronous={'NORMAL' if mode == ('wal',) else 'FULL'}")
    except Exception as error:
        # A store that cannot be written can still be read.
        if "readonly" not in str(error) and "read-only" not in str(error):
            raise
    finally:
        cursor.close()


def begin_writing(connection: sql.Connection) -> None:
    """Begin a transaction that waits for other writers before it reads.

    SQLite's driver would begin a transaction only at the first change, and none for changes of tables.
    """
    if connection.dialect.name == "sqlite":
        connection.exec_driver_sql("BEGIN IMMEDIATE")


def sync_side_file(path: Path) -> None:
    """Force onto the disk what is committed, so that it survives a power cut.

    What is not in the file yet lies in its side file ``-wal``.

    Raises
    ------
    OSError
    """
    try:
        side = os.open(f"{path}-wal", os.O_RDONLY)
    except FileNotFoundError:  # not in WAL mode, where every commit does it, or taken into the file, which does too
        return
    try:
        os.fsync(side)
    finally:
        os.close(side)


def open_for_reading(path: Path, timeout_s: float) -> sqlite3.Connection:
    """A connection that changes nothing.

    On a read-only mount too, where SQLite's side files cannot be made.

    Raises
    ------
    sqlite3.Error
    StoreError
        On a read-only mount, where the last records still lie in the side file ``-wal``.
    """
    try:
        # Read and write, since the last reader in WAL mode tidies up the side files; never "create".
        return _opened(path, "mode=rw", timeout_s)
    except sqlite3.OperationalError as error:
        if not any(sign in str(error) for sign in READ_ONLY_SIGNS) or not _is_readable(path):
            raise
    side = path.with_name(path.name + "-wal")
    if side.exists() and side.stat().st_size:
        raise StoreError(
            f"{path}: read-only, and its last records are still in {side.name}; copy both to a folder of yours, "
            f"and name the copy with {option('store_url')}"
        )
    # Without side files nobody can be writing it here: what SQLite calls immutable.
    return _opened(path, "mode=ro&immutable=1", timeout_s)


def _opened(path: Path, how: str, timeout_s: float) -> sqlite3.Connection:
    uri = f"file:{quote(str(path.absolute()))}?{how}"
    connection = sqlite3.connect(uri, uri=True, timeout=timeout_s, check_same_thread=False)
    try:
        connection.execute("PRAGMA query_only=ON")
        connection.execute("SELECT count(*) FROM sqlite_master").fetchone()  # a file is not opened before it is read
    except BaseException:
        connection.close()
        raise
    return connection


def _is_readable(path: Path) -> bool:
    return path.is_file() and os.access(path, os.R_OK)
