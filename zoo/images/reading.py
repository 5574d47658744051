"""Contents of image files, read once while nothing changed."""

from __future__ import annotations

import contextlib
import hashlib
import io
import json
import os
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from zoo.images.pixels import rgb_on_white, unreadable, upright, with_reason
from zoo.images.signature import PILLOW, code_signature
from zoo.paths import cache_dir, write_atomically
from zoo.processes.spread import spread

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from pathlib import Path

    from zoo.canonical import JsonObject

    OnRead = Callable[[int, int], None]


@dataclass(frozen=True, slots=True)
class FileContent:
    """What is known of an image file's content.

    Attributes
    ----------
    sha256 : str
        Of its bytes; empty of a file that is no whole image.
    reason : str
        Why it is none, where that is more than that it is broken.
    pixels : str
        Digest of its pixels, which other bytes may hold too.
    """

    sha256: str
    reason: str = ""
    pixels: str = ""


@dataclass(frozen=True)
class FolderContent:
    """Contents of the files of a folder.

    Attributes
    ----------
    files : dict of Path to FileContent
    seconds : float
        That one file took, where any was read now; else as it was when they were.
    """

    files: dict[Path, FileContent]
    seconds: float

    def is_image(self, file: Path) -> bool:
        """Whether a file is a whole image."""
        return self.files[file].sha256 != ""

    def name_of(self, file: Path, root: Path) -> str:
        """A corrupt file's name, with the reason if it is not just broken."""
        name = place_in(root, file)
        return f"{name} ({reason})" if (reason := self.files[file].reason) else name


def place_in(root: Path, file: Path) -> str:
    """A file's path from a folder, or its whole path where it lies elsewhere."""
    return str(file).removeprefix(f"{root}/")


def read_files(root: Path, files: Sequence[Path], cores: int, on_read: OnRead | None = None) -> FolderContent:
    """Read every file of a folder that changed since it was read last.

    Parameters
    ----------
    root : Path
        The folder, which the memory is kept of.
    files : sequence of Path
    cores : int
        Files read side by side.
    on_read : callable, optional
        Called with the count of files read and of those to read.
    """
    place = cache_dir() / "files" / f"{hashlib.sha256(str(root.resolve()).encode()).hexdigest()[:32]}.json"
    known, seconds = _recalled(place)
    states = {file: (place_in(root, file), _state(file)) for file in files}
    found: dict[Path, FileContent] = {}
    for file, (name, state) in states.items():
        kept = known.get(name)
        if kept is not None and kept[:3] == state:
            found[file] = FileContent(*kept[3:])
    missing = [file for file in states if file not in found]
    read = 0
    begun = time.perf_counter()
    for contents in spread(_content, missing, cores, apart=_content):
        for file, content in zip(missing[read : read + len(contents)], contents, strict=True):
            name, state = states[file]
            known[name] = [*state, *content]
            found[file] = FileContent(*content)
        read += len(contents)
        if on_read is not None:
            on_read(read, len(missing))
    if missing:
        seconds = (time.perf_counter() - begun) / len(missing)
        with contextlib.suppress(OSError):
            place.parent.mkdir(parents=True, exist_ok=True)
            write_atomically(place, json.dumps({"code": _code(), "seconds": seconds, "files": known}).encode())
    return FolderContent({file: found[file] for file in files}, seconds)


def _code() -> str:
    return code_signature(PILLOW)


def _recalled(place: Path) -> tuple[JsonObject, float]:
    """What was read before, none of it where it is damaged or by other code."""
    try:
        kept: Any = json.loads(place.read_text())
        entries = kept["files"] if kept["code"] == _code() else {}
        sound = {
            name: entry
            for name, entry in entries.items()
            if len(entry) == 6 and all(isinstance(text, str) for text in entry[3:])
        }
        return sound, float(kept["seconds"])
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        return {}, 0.0


def _state(file: Path) -> list[int]:
    state = os.stat(file)  # noqa: PTH116 - a link's file, at the price of one call
    return [state.st_size, state.st_mtime_ns, state.st_ino]


def _content(file: Path) -> tuple[str, str, str]:
    """Values of a :class:`FileContent`: plain, since thousands come from other processes."""
    from PIL import Image

    try:
        content = file.read_bytes()
        with Image.open(io.BytesIO(content)) as opened:
            seen = rgb_on_white(upright(opened))
            pixels = hashlib.blake2b(seen.tobytes(), key=str(seen.size).encode(), digest_size=16).hexdigest()
    except unreadable() as error:
        return "", with_reason("", error).strip(" ()"), ""
    return hashlib.sha256(content).hexdigest(), "", pixels
