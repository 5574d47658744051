"""What tells pictures apart: pixels, or the data of a JPEG."""

from __future__ import annotations

import hashlib
import io
from typing import TYPE_CHECKING

from zoo.images.pixels import TURNED, rgb_on_white, upright

if TYPE_CHECKING:
    from PIL.Image import Image

START_OF_SCAN, END = 0xDA, b"\xff\xd9"
"""Markers of a JPEG: before its pixels, and after them."""

NOTES = frozenset({*range(0xE1, 0xEE), 0xEF, 0xFE})
"""Segments that no pixel depends on: notes of cameras and programs, but for how it was held, and comments."""

ORIENTATION = 0x112
JPEG = "JPEG"


def picture_of(content: bytes) -> tuple[str, str]:
    """Size and digest of the picture in a file.

    A JPEG is not decoded where all of it is there: the digest is of its data, without what was noted beside them.

    Parameters
    ----------
    content : bytes
        Of the file.

    Returns
    -------
    size : str
        ``"640x480"``.
    digest : str
        Begins with :data:`JPEG` where the picture was not decoded.

    Raises
    ------
    Exception
        One of :func:`zoo.images.pixels.unreadable`, for what is no whole image as far as was looked.
    """
    from PIL import Image

    with Image.open(io.BytesIO(content)) as opened:
        coded = _coded(content) if opened.format == JPEG else ""
        size = "x".join(map(str, opened.size))
        if coded:
            return size, f"{JPEG} {_orientation(opened)} {coded}"
        return size, pixels_of(opened)


def pixels_of(opened: Image) -> str:
    """Digest of the pixels of an opened image, as they are trained on."""
    seen = rgb_on_white(upright(opened))
    return hashlib.blake2b(seen.tobytes(), key=str(seen.size).encode(), digest_size=16).hexdigest()


def _orientation(opened: Image) -> int:
    return int(opened.getexif().get(ORIENTATION, 1)) if opened.info.keys() & TURNED else 1


def _coded(content: bytes) -> str:
    """Digest of what the pixels of a JPEG come from.

    Empty of one that has no end, or is built in another way.
    """
    checksum = hashlib.blake2b(digest_size=16)
    place = 2
    while content[place : place + 1] == b"\xff":
        marker = content[place + 1]
        end = place + 2 + int.from_bytes(content[place + 2 : place + 4], "big")
        if marker == START_OF_SCAN:
            last = content.rfind(END, end)
            checksum.update(content[place : last + len(END)])
            return checksum.hexdigest() if last > 0 else ""
        if marker not in NOTES:
            checksum.update(content[place:end])
        place = end
    return ""
