"""The store that a command reads.

The database's library is imported when it is opened.
"""

from __future__ import annotations

import sys
from contextlib import contextmanager
from typing import TYPE_CHECKING

from zoo.cli.options import store_url
from zoo.errors import ZooError
from zoo.plugins import load

if TYPE_CHECKING:
    from collections.abc import Iterator

    from zoo.results.record import Record
    from zoo.store.store import Store


def has_store() -> bool:
    """Whether there is a default store, whole or not."""
    missing: bool = load("zoo.store.database:is_missing")(store_url(None))
    return not missing


def stored_records(store: str | None, *, must_exist: bool = False) -> list[Record]:
    """The newest record of every trial in the store.

    None where no store was named and there is none yet.

    Parameters
    ----------
    must_exist : bool
        Whether there has to be one, even if ``--store`` names none.
    """
    if not must_exist and store is None and not has_store():
        return []
    with open_store(store) as opened:
        return opened.records()


@contextmanager
def open_store(store: str | None) -> Iterator[Store]:
    """The store to read: made nowhere, changed in nothing.

    What in it is no whole record is named on stderr, and passed over.
    """
    opened: Store = load("zoo.store.store:Store")(store_url(store), read_only=True)
    with opened:
        for line in opened.fault_lines():
            print(f"zoo: warning: {line}", file=sys.stderr)
        yield opened


def run_id(opened: Store, text: str, unknown: str = "no run of that id") -> str:
    """The whole id of a run in a store, of which the beginning is enough.

    Raises
    ------
    ZooError
        ``unknown`` where there is none, and where several begin so.
    """
    runs = [str(run["run"]) for run in opened.runs()]
    matching = [run for run in dict.fromkeys(runs) if run.startswith(text)]
    if text in matching:
        return text
    if len(matching) != 1:
        raise ZooError(f"{text!r}: {'several runs begin so' if matching else unknown}; see `zoo results list`")
    return matching[0]
