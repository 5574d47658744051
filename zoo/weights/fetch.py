"""Weights fetched ahead of time, several at once."""

from __future__ import annotations

import shutil
import threading
import time
from concurrent.futures import ThreadPoolExecutor, as_completed
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from zoo.errors import WeightsError
from zoo.registry.catalogue import resolve, tag_facts
from zoo.sources.naming import DEFAULT
from zoo.weights.download.file import download
from zoo.weights.download.remote import Remote, ask
from zoo.weights.file import FILE, WeightsFile, stated_digest, verify
from zoo.weights.locate import locate, missing, resolve_tag

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator
    from pathlib import Path

    from zoo.sources.naming import ModelName


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


def wanted(names: Iterable[str]) -> list[ModelName]:
    """Full names of the weights that names mean, each once.

    A name without a tag means the default weights.

    Raises
    ------
    ZooError
        For an unknown model or tag, and for a model without weights.
    """
    named = [resolve(text) for text in names]
    return list(dict.fromkeys(replace(name, tag=resolve_tag(name.model, name.tag or DEFAULT)) for name in named))


def survey(names: Iterable[ModelName], *, again: bool = False, jobs: int = 4) -> list[Item]:
    """Look at what is at hand, verify it, and ask the servers for the rest.

    Parameters
    ----------
    names : iterable of ModelName
        As :func:`wanted` gives them.
    again : bool
        Take nothing at hand as good: what cannot be fetched again has a problem and no file.
    jobs : int
        How many are looked at side by side.
    """
    with ThreadPoolExecutor(max(1, jobs)) as pool:
        return list(pool.map(lambda name: _examined(name.model, name.tag or DEFAULT, again=again), names))


def _examined(name: str, tag: str, *, again: bool) -> Item:
    licence = tag_facts(name, tag).licence
    found = locate(name, tag)
    if found is not None and found.kind == FILE:
        return Item(name, tag, licence, found, None)
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


def download_all(
    items: Iterable[Item],
    *,
    jobs: int = 2,
    again: bool = False,
    on_bytes: Callable[[Item, int], None] | None = None,
) -> Iterator[tuple[Item, WeightsFile | None, str]]:
    """Download what is to come, ``jobs`` at a time.

    Each is given as it ends, with its file or the reason why there is none.

    A reader that stops (Ctrl-C) ends the downloads; what has come of them is kept.
    """
    coming = [item for item in items if item.remote is not None]
    stop = threading.Event()

    def one(item: Item) -> WeightsFile:
        def report(count: int) -> None:
            if stop.is_set():
                raise WeightsError("interrupted")
            if on_bytes is not None:
                on_bytes(item, count)

        def pause(seconds: float) -> None:
            if stop.wait(seconds):
                raise WeightsError("interrupted")

        assert item.remote is not None
        return download_one(item.remote, again=again, on_bytes=report, pause=pause)

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


def download_one(
    remote: Remote,
    *,
    again: bool = False,
    on_bytes: Callable[[int], None] | None = None,
    pause: Callable[[float], None] = time.sleep,
) -> WeightsFile:
    """Download one file and verify it.

    Parameters as of :func:`zoo.weights.download.file.download`.
    """
    download(
        remote.url,
        remote.target,
        remote.digest,
        on_bytes,
        pause,
        again=again,
        lock=remote.lock,
        headers=remote.headers,
    )
    return remote.placed()


def fetch_one(name: str, tag: str) -> WeightsFile:
    """Download the weights of a tag.

    Raises
    ------
    WeightsError
        With the reason why they cannot be had.
    """
    return download_one(ask(name, tag))
