"""Limits that control groups, as of a container, set this process."""

from __future__ import annotations

from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator


ROOT = Path("/")


def cpu_quota(root: Path = ROOT) -> float | None:
    """Cores' worth of time that this process may use, None where unlimited.

    Parameters
    ----------
    root : Path
        The folder in which ``/proc`` and the control groups are looked for.
    """
    found = [quota for group in _groups("cpu", root) if (quota := _quota(group)) is not None]
    return min(found, default=None)


def memory_limit(root: Path = ROOT) -> int | None:
    """Bytes of memory that this process may fill, None where unlimited."""
    found = [limit for group in _groups("memory", root) if (limit := _memory(group)) is not None]
    return min(found, default=None)


def _quota(group: Path) -> float | None:
    """Of version 2 ``cpu.max``, of version 1 two files, -1 for no limit."""
    words = _words(group / "cpu.max") or [
        *_words(group / "cpu.cfs_quota_us"),
        *_words(group / "cpu.cfs_period_us"),
    ]
    try:
        quota, period = map(int, words)
    except ValueError:  # "max", or the group has no such files
        return None
    return round(quota / period, 3) if quota > 0 and period > 0 else None


def _memory(group: Path) -> int | None:
    """Of version 2 the lesser of two, since beyond the high one all is slowed down until it is freed."""
    names = "memory.max", "memory.high", "memory.limit_in_bytes"
    found = [words[0] for name in names if len(words := _words(group / name)) == 1]
    return min((int(word) for word in found if word.isdigit()), default=None)


def _groups(controller: str, root: Path) -> Iterator[Path]:
    """Folders of this process's groups of both versions, own one first."""
    own: dict[str, PurePosixPath] = {}
    for line in _lines(root / "proc/self/cgroup"):
        _, _, named = line.partition(":")
        controllers, _, path = named.partition(":")
        own |= dict.fromkeys(controllers.split(","), PurePosixPath(path))  # version 2 names no controller
    for line in _lines(root / "proc/self/mountinfo"):
        mount, _, kind = line.partition(" - ")
        place, what = mount.split(), kind.split()
        if len(place) < 5 or len(what) < 3 or what[0] not in ("cgroup", "cgroup2"):
            continue
        if what[0] == "cgroup" and controller not in what[2].split(","):
            continue
        group = own.get(controller if what[0] == "cgroup" else "")
        if group is not None:
            yield from _upwards(root / place[4].lstrip("/"), PurePosixPath(place[3]), group)


def _upwards(mount: Path, mounted: PurePosixPath, group: PurePosixPath) -> Iterator[Path]:
    """Folders from a group up to the one that is mounted.

    That one alone where the group is not under it: without a namespace of its own a container sees its path as the
    host does, and only its own group mounted.
    """
    inside = group.is_relative_to(mounted) and ".." not in group.parts
    below = group.relative_to(mounted) if inside else PurePosixPath()
    for part in (below, *below.parents):
        yield mount / part


def _words(path: Path) -> list[str]:
    return " ".join(_lines(path)).split()


def _lines(path: Path) -> list[str]:
    try:
        return path.read_text().splitlines()
    except OSError:
        return []
