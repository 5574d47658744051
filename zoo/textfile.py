"""Text of a file as people bring it: packed or not, in any Unicode."""

from __future__ import annotations

import bz2
import codecs
import gzip
import io
import lzma
import zlib
from shlex import quote
from typing import TYPE_CHECKING

from zoo.errors import InputFileError

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path
    from typing import Any

PACKED: tuple[tuple[bytes, Callable[..., Any]], ...] = (
    (b"\x1f\x8b", gzip.open),
    (b"BZh", bz2.open),
    (b"\xfd7zXZ\x00", lzma.open),
)
"""How packed files begin, whatever they are called, and what opens them."""

MARKS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF32_LE, "utf-32-le"),
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)
"""Byte order marks, and the encodings that they mean; those of 32 bits before those of 16, which begin alike."""

ARCHIVES = (
    (0, b"PK\x03\x04", "a zip archive"),
    (0, b"7z\xbc\xaf\x27\x1c", "a 7z archive"),
    (0, b"\x28\xb5\x2f\xfd", "packed by zstd"),
    (257, b"ustar", "a tar archive"),
)
"""What is named and not opened: where in it a sign stands, the sign, and what it is a sign of."""

SQLITE = b"SQLite format 3\x00"

MOST_BYTES = 2**31
"""No more than this is unpacked: a packed file may hold a thousand times its size."""


def read_content(path: Path) -> bytes:
    """Bytes of a file, unpacked where it is packed by gzip, bzip2 or xz.

    Raises
    ------
    InputFileError
        For a folder, a store, an archive, a packed file that is damaged or too large, and what cannot be read.
    """
    if path.is_dir():
        raise InputFileError(f"{path}: a folder; name a file in it")
    try:
        content = path.read_bytes()  # at once, since a pipe cannot be opened twice
        if content.startswith(SQLITE):
            export = f"`zoo results export FILE --store {quote(str(path))}`"
            raise InputFileError(f"{path}: a SQLite database; of a record store, {export} makes a file")
        opener = next((opener for sign, opener in PACKED if content.startswith(sign)), None)
        if opener is not None:
            with opener(io.BytesIO(content)) as unpacked:
                content = bytes(unpacked.read(MOST_BYTES + 1))
    except (EOFError, gzip.BadGzipFile, lzma.LZMAError, zlib.error, ValueError):
        raise InputFileError(f"{path}: packed, and cut short or damaged; fetch it again") from None
    except OSError as error:
        why = "packed, and damaged; fetch it again" if error.strerror is None else f"cannot read: {error.strerror}"
        raise InputFileError(f"{path}: {why}") from None
    if len(content) > MOST_BYTES:
        raise InputFileError(f"{path}: unpacks to more than {MOST_BYTES / 1e9:.1f} GB; divide it")
    kind = next((kind for place, sign, kind in ARCHIVES if content.startswith(sign, place)), None)
    if kind is None and any(content.startswith(sign) for sign, _ in PACKED):
        kind = "packed twice"
    if kind is not None:
        raise InputFileError(f"{path}: {kind}; unpack it, and name the file that was in it")
    return content


def decoded(content: bytes) -> str | None:
    """Text of bytes by their byte order mark, UTF-8 without one.

    None where they are no text, as those of an image.
    """
    mark, encoding = next(((m, e) for m, e in MARKS if content.startswith(m)), (b"", "utf-8"))
    try:
        text = content[len(mark) :].decode(encoding)
    except UnicodeDecodeError:
        return None
    # Files that were put together have a mark at the head of each.
    return None if "\x00" in text else text.replace("\n\ufeff", "\n")
