"""What a database says when it fails, in words that say what to do."""

from __future__ import annotations

from sqlalchemy.exc import DBAPIError

from zoo.errors import StoreError, option

ANOTHER = f"another with {option('store_url')}"
"""The way out where a store is not to be had."""

MEANINGS = (
    ("database is locked", f"locked by another process; wait for it, or name {ANOTHER}"),
    ("readonly database", f"read-only; make it writable, or name {ANOTHER}"),
    ("read-only", f"read-only; make it writable, or name {ANOTHER}"),
    ("not a database", f"not a record store (no SQLite database); name {ANOTHER}"),
    ("malformed", "damaged; move it away, or import an export of it into a new store"),
    ("disk is full", "the disk is full; records made so far are kept, make room and run again"),
    ("No space left", "the disk is full; records made so far are kept, make room and run again"),
    ("unable to open database file", "cannot be opened; is it a folder, read-only, or not yours?"),
)
"""What is found in a message, and what it means."""


def explained(name: str, error: BaseException, doing: str) -> StoreError:
    """The line for a failure of a store, and what was being done to it."""
    text = str(error.orig) if isinstance(error, DBAPIError) and error.orig else str(error)
    text = (text.splitlines() or [type(error).__name__])[0]
    meaning = next((meaning for sign, meaning in MEANINGS if sign in text), f"cannot {doing} the store: {text}")
    return StoreError(f"{name}: {meaning}")
