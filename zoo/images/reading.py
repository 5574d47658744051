"""Contents of image files, read once while nothing changed."""

from __future__ import annotations

import contextlib
import hashlib
import io
import json
import os
import time
from dataclasses import dataclass
from functools import cached_property, partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from zoo.images.picture import JPEG, picture_of, pixels_of
from zoo.images.pixels import unreadable, with_reason
from zoo.images.signature import PILLOW, code_signature
from zoo.paths import cache_dir, write_atomically
from zoo.processes.spread import spread

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence

    OnRead = Callable[[int, int], None]


SAMPLE = 32
"""Images that are decoded to see how long that takes."""

SAMPLE_S = 1.0
"""Seconds after which no more of them are."""


@dataclass(frozen=True, slots=True)
class FileContent:
    """What is known of an image file's content.

    Attributes
    ----------
    sha256 : str
        Of its bytes; empty of a file that is no whole image.
    reason : str
        Why it is none, where that is more than that it is broken.
    size : str
        Of its picture, as :func:`zoo.images.picture.picture_of` says it.
    picture : str
        Digest of its picture, by the same.
    pixels : str
        Digest of the pixels of a JPEG that was decoded.
    """

    sha256: str
    reason: str = ""
    size: str = ""
    picture: str = ""
    pixels: str = ""

    @property
    def is_coded(self) -> bool:
        """Whether its picture is told by what it is decoded from."""
        return self.picture.startswith(JPEG)


@dataclass(frozen=True)
class FolderContent:
    """Contents of the files of a folder.

    Attributes
    ----------
    files : dict of Path to FileContent
    seconds : float
        That decoding one file takes, as some of those did that were read last.
    """

    files: dict[Path, FileContent]
    seconds: float

    def is_image(self, file: Path) -> bool:
        """Whether a file is a whole image."""
        return self.files[file].sha256 != ""

    @cached_property
    def pictures(self) -> dict[Path, str]:
        """What each file shares with all that hold the same picture."""
        sizes = sizes_of_others(self.files.values())
        return {
            file: content.pixels if content.size in sizes and content.is_coded else content.picture
            for file, content in self.files.items()
        }

    def name_of(self, file: Path, root: Path) -> str:
        """A corrupt file's name, with the reason if it is not just broken."""
        name = place_in(root, file)
        return f"{name} ({reason})" if (reason := self.files[file].reason) else name


def place_in(root: Path, file: Path) -> str:
    """A file's path from a folder, or its whole path where it lies elsewhere."""
    return str(file).removeprefix(f"{root}/")


def sizes_of_others(contents: Iterable[FileContent]) -> frozenset[str]:
    """Sizes of the images that are no JPEGs.

    A JPEG of another size is none of them.
    """
    return frozenset(content.size for content in contents if not content.is_coded)


def read_files(
    root: Path, files: Sequence[Path], cores: int, on_read: OnRead | None = None, *, decode: bool = False
) -> FolderContent:
    """Read every file of a folder that changed since it was read last.

    JPEGs are decoded where files of other formats hold images of their size, which may be the same ones.

    Parameters
    ----------
    root : Path
        The folder, which the memory is kept of.
    files : sequence of Path
    cores : int
        Files read side by side.
    on_read : callable, optional
        Called with the count of files read and of those to read.
    decode : bool
        Decode every image, to know for certain which are whole.
    """
    with _remembered(root) as memory:
        states = {str(file): (place_in(root, file), _state(file)) for file in files}
        found: dict[str, FileContent] = {}

        def look(work: Callable[[str], tuple[str, ...]], wanted: list[str]) -> None:
            done = 0
            for answers in spread(work, wanted, cores, apart=work):
                for file, answer in zip(wanted[done : done + len(answers)], answers, strict=True):
                    memory.keep(*states[file], answer)
                    found[file] = FileContent(*answer)
                done += len(answers)
                if on_read is not None:
                    on_read(done, len(wanted))

        for file, (name, state) in states.items():
            if (known := memory.recall(name, state)) is not None:
                found[file] = known
        missing = [file for file in states if file not in found]
        begun = time.perf_counter()
        look(_content, missing)
        read_s = time.perf_counter() - begun
        sizes = sizes_of_others(found.values())
        coded = [file for file, content in found.items() if content.is_coded and not content.pixels]
        look(_decoded, [file for file in coded if decode or found[file].size in sizes])
        if missing:
            # What is no JPEG was decoded as it was read.
            memory.seconds = _seconds_to_decode(coded[:SAMPLE], cores) if coded else read_s / len(missing)
        return FolderContent({file: found[str(file)] for file in files}, memory.seconds)


@dataclass
class _Memory:
    """What was read of the files of a folder, by their names."""

    entries: dict[str, list[Any]]
    seconds: float
    changed: bool = False

    def recall(self, name: str, state: list[int]) -> FileContent | None:
        """What is known of a file in a state."""
        entry = self.entries.get(name)
        return FileContent(*entry[3:]) if entry is not None and entry[:3] == state else None

    def keep(self, name: str, state: list[int], answer: tuple[str, ...]) -> None:
        """Keep what was read of a file."""
        self.entries[name] = [*state, *answer]
        self.changed = True


@contextlib.contextmanager
def _remembered(root: Path) -> Iterator[_Memory]:
    """What was read before, none of it where it is damaged or by other code, and kept again whatever happens."""
    place = cache_dir() / "files" / f"{hashlib.sha256(str(root.resolve()).encode()).hexdigest()[:32]}.json"
    memory = _recalled(place)
    try:
        yield memory
    finally:
        if memory.changed:
            kept = {"code": _code(), "seconds": memory.seconds, "files": memory.entries}
            with contextlib.suppress(OSError):
                place.parent.mkdir(parents=True, exist_ok=True)
                write_atomically(place, json.dumps(kept).encode())


def _recalled(place: Path) -> _Memory:
    try:
        kept: Any = json.loads(place.read_text())
        entries = kept["files"] if kept["code"] == _code() else {}
        sound = {
            name: entry
            for name, entry in entries.items()
            if len(entry) == 8 and all(isinstance(text, str) for text in entry[3:])
        }
        return _Memory(sound, float(kept["seconds"]))
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        return _Memory({}, 0.0)


def _code() -> str:
    return code_signature(PILLOW)


def _state(file: Path) -> list[int]:
    state = os.stat(file)  # noqa: PTH116 - a link's file, at the price of one call
    return [state.st_size, state.st_mtime_ns, state.st_ino]


def _content(file: str, *, decode: bool = False) -> tuple[str, str, str, str, str]:
    """Values of a :class:`FileContent`: plain, since thousands come from other processes."""
    from PIL import Image

    try:
        content = Path(file).read_bytes()
        size, picture = picture_of(content)
        pixels = ""
        if decode and picture.startswith(JPEG):  # what else there is was decoded for its picture
            with Image.open(io.BytesIO(content)) as opened:
                pixels = pixels_of(opened)
    except unreadable() as error:
        return "", with_reason("", error).strip(" ()"), "", "", ""
    return hashlib.sha256(content).hexdigest(), "", size, picture, pixels


_decoded = partial(_content, decode=True)


def _seconds_to_decode(files: Sequence[str], cores: int) -> float:
    """That one of some files takes, on so many cores."""
    begun, done = time.perf_counter(), 0
    while done < len(files) and time.perf_counter() - begun < SAMPLE_S:
        _decoded(files[done])
        done += 1
    return (time.perf_counter() - begun) / done / max(1, cores)
