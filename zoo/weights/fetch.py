"""Weights brought ahead of time: what is at hand and whole, what has to come, and bringing it, several at a time."""

from __future__ import annotations

import shutil
import threading
import time
from concurrent.futures import ThreadPoolExecutor, as_completed
from dataclasses import dataclass
from typing import TYPE_CHECKING

from zoo.errors import WeightsError
from zoo.registry.catalogue import full_and_tag, tag_entry
from zoo.weights.download.file import bring
from zoo.weights.download.remote import Remote, ask
from zoo.weights.file import WeightsFile, stated_digest, verify
from zoo.weights.locate import locate, missing, resolve_tag

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator
    from pathlib import Path


SPARE_BYTES = 64 << 20
"""Room that is left on a disk beside what is downloaded."""


@dataclass(frozen=True, slots=True)
class Item:
    """One set of weights that was asked for.

    Attributes
    ----------
    name, tag : str
        ``source/architecture``, and the tag.
    licence : str or None
    file : WeightsFile or None
        At hand, and whole as far as that can be told; None where it has to come.
    remote : Remote or None
        Where it comes from.
    problem : str
        Why it cannot come, or what is wrong with the one at hand, which will be replaced.
    """

    name: str
    tag: str
    licence: str | None
    file: WeightsFile | None
    remote: Remote | None
    problem: str = ""

    @property
    def full_name(self) -> str:
        """``source/architecture.tag``."""
        return f"{self.name}.{self.tag}"

    @property
    def size(self) -> int | None:
        """Bytes of the whole file, where they are known."""
        if self.file is not None:
            return self.file.path.stat().st_size
        return self.remote.size if self.remote else None


def wanted(names: Iterable[str]) -> list[tuple[str, str]]:
    """Architecture and tag of each name, once; a name without a tag means the default weights.

    Raises
    ------
    ZooError
        For an unknown model or tag, and for a model without weights.
    """
    named = [full_and_tag(text) for text in names]
    return list(dict.fromkeys((full, resolve_tag(full, tag or "default")) for full, tag in named))


def survey(pairs: Iterable[tuple[str, str]], *, again: bool = False, jobs: int = 4) -> list[Item]:
    """Look at what is at hand, verify it, and ask the servers for the rest.

    Parameters
    ----------
    pairs : iterable of (str, str)
        As :func:`wanted` gives them.
    again : bool
        Take nothing at hand as good: what cannot be brought again has a problem and no file.
    jobs : int
        How many are looked at side by side.
    """
    with ThreadPoolExecutor(max(1, jobs)) as pool:
        return list(pool.map(lambda pair: _look(*pair, again=again), pairs))


def _look(name: str, tag: str, *, again: bool) -> Item:
    licence = tag_entry(name, tag).get("licence")
    found = locate(name, tag)
    problem = ""
    if found is not None and (not again or found.kind == "zoo"):
        try:
            if stated_digest(found):
                verify(found)
                return Item(name, tag, licence, found, None)
            problem = f"{found.path}: nothing states its digest, so it cannot be checked"
        except WeightsError as error:
            problem, found = str(error), None
    try:
        return Item(name, tag, licence, None, ask(name, tag), problem)
    except WeightsError as error:
        if found is None:
            reason = f"{problem}; it cannot come now: {error}" if problem else str(missing(name, tag, str(error)))
            return Item(name, tag, licence, None, None, reason)
        if not again:
            return Item(name, tag, licence, found, None, problem)
        reason = (
            f"{name}.{tag} cannot be brought again: {error}; {found.path} was not checked (`zoo weights --verify`)"
        )
        return Item(name, tag, licence, None, None, reason)


def check_room(items: Iterable[Item]) -> None:
    """Refuse what the disks have no room for.

    Raises
    ------
    WeightsError
        Naming the folder and both sizes.
    """
    needed: dict[Path, int] = {}
    for item in items:
        if item.remote is not None and item.remote.size is not None:
            folder = _existing(item.remote.target.parent)
            needed[folder] = needed.get(folder, 0) + max(0, item.remote.size - item.remote.here)
    for folder, size in needed.items():
        free = shutil.disk_usage(folder).free
        if size + SPARE_BYTES > free:
            raise WeightsError(
                f"{folder}: {size / 1e9:.2f} GB are to come and {free / 1e9:.2f} GB are free; make room, or move the "
                "caches (TORCH_HOME, HF_HOME)"
            )


def _existing(folder: Path) -> Path:
    while not folder.exists():
        folder = folder.parent
    return folder


def bring_all(
    items: Iterable[Item],
    *,
    jobs: int = 2,
    again: bool = False,
    on_bytes: Callable[[Item, int], None] | None = None,
) -> Iterator[tuple[Item, WeightsFile | None, str]]:
    """Bring what is to come, ``jobs`` at a time; each as it ends, with its file or the reason why not.

    A reader that stops (Ctrl-C) ends the downloads; what has come of them is kept.
    """
    coming = [item for item in items if item.remote is not None]
    stop = threading.Event()

    def one(item: Item) -> WeightsFile:
        def tell(count: int) -> None:
            if stop.is_set():
                raise WeightsError("interrupted")
            if on_bytes is not None:
                on_bytes(item, count)

        def pause(seconds: float) -> None:
            if stop.wait(seconds):
                raise WeightsError("interrupted")

        assert item.remote is not None
        return bring_one(item.remote, again=again, on_bytes=tell, pause=pause)

    pool = ThreadPoolExecutor(max(1, jobs))
    try:
        running = {pool.submit(one, item): item for item in coming}
        for future in as_completed(running):
            try:
                yield running[future], future.result(), ""
            except (WeightsError, OSError) as error:
                yield running[future], None, str(error)
    finally:
        stop.set()
        pool.shutdown(wait=True, cancel_futures=True)


def bring_one(
    remote: Remote,
    *,
    again: bool = False,
    on_bytes: Callable[[int], None] | None = None,
    pause: Callable[[float], None] = time.sleep,
) -> WeightsFile:
    """Download one file and verify it; see :func:`zoo.weights.download.file.bring`."""
    bring(
        remote.url,
        remote.target,
        remote.digest,
        on_bytes,
        pause,
        again=again,
        lock=remote.lock,
        headers=remote.headers,
    )
    return remote.settle()


def fetch_one(name: str, tag: str) -> WeightsFile:
    """Bring the weights of a tag.

    Raises
    ------
    WeightsError
        With the reason why they cannot be had.
    """
    return bring_one(ask(name, tag))
