"""One measuring run at a time on a machine: the others wait for it."""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
import platform
import sys
import time
from contextlib import contextmanager
from typing import TYPE_CHECKING

from zoo.paths import cache_dir, shown_command

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from filelock import FileLock


LOOK_S = 0.5
"""How often a run that waits looks whether its turn has come."""


@contextmanager
def turn(say: Callable[[str], None]) -> Iterator[None]:
    """Wait until no other run measures here, and keep others waiting.

    Two runs at once would measure each other. The turn of a process that died is over with it.

    Parameters
    ----------
    say : callable
        Told whose turn it is, where there is another's.
    """
    import filelock

    folder = cache_dir() / "runs"
    name = hashlib.sha256(platform.node().encode()).hexdigest()[:12]
    try:
        folder.mkdir(parents=True, exist_ok=True)
        lock = filelock.FileLock(folder / f"{name}.lock")
        _acquire(lock, folder / f"{name}.json", say, filelock.Timeout)
    except OSError:  # a cache that cannot be written has no turns
        yield
        return
    try:
        with contextlib.suppress(OSError):
            owner = {"pid": os.getpid(), "since": time.time(), "command": shown_command(*sys.argv[1:])}
            (folder / f"{name}.json").write_text(json.dumps(owner))
        yield
    finally:
        with contextlib.suppress(OSError):
            (folder / f"{name}.json").unlink()
        lock.release()


def _acquire(lock: FileLock, owner: Path, say: Callable[[str], None], timeout: type[Exception]) -> None:
    try:
        lock.acquire(blocking=False)
    except timeout:
        say(_whose(owner))
        lock.acquire(poll_interval=LOOK_S)


def _whose(owner: Path) -> str:
    """Whose turn it is, as far as that is known."""
    try:
        told = json.loads(owner.read_text())
        since = time.strftime("%H:%M:%S", time.localtime(float(told["since"])))
        who = f"another run (process {int(told['pid'])}, `{told['command']}`, since {since})"
    except (OSError, ValueError, KeyError, TypeError):
        who = "another run"
    return f"{who} measures on this machine; waiting for it, and taking what it measures as done"
