"""What tells pictures apart: pixels, or the data of a JPEG."""

from __future__ import annotations

import hashlib
import io
from typing import TYPE_CHECKING

from zoo.images.pixels import rgb_on_white, upright

if TYPE_CHECKING:
    from PIL.Image import Image

START, END = b"\xff\xd8\xff", b"\xff\xd9"
"""Of a JPEG: its first bytes, and the marker after its pixels."""

FRAMES, START_OF_SCAN = frozenset({0xC0, 0xC1, 0xC2}), 0xDA
"""Markers of what Pillow decodes: the frame, with the size, and the pixels."""

NOTES = frozenset({*range(0xE1, 0xEE), 0xEF, 0xFE})
"""Segments that no pixel depends on: notes of cameras and programs, but for how it was held, and comments."""

APP1 = 0xE1
"""The note that says how a camera was held."""

DEPTH, COLOURS = 8, (1, 3, 4)
"""Bits of a value, and values of a pixel, of JPEGs as there are."""

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
        ``"640x480"``, the longer side first, since it may be held either way.
    digest : str
        Begins with :data:`JPEG` where the picture was not decoded.

    Raises
    ------
    Exception
        One of :func:`zoo.images.pixels.unreadable`, for what is no whole image as far as was looked.
    """
    from PIL import Image

    coded = _coded(content) if content.startswith(START) else None
    if coded is not None and not coded[2]:
        return coded[0], f"{JPEG} 1 {coded[1]}"
    with Image.open(io.BytesIO(content)) as opened:
        if coded is not None and opened.format == JPEG:
            return coded[0], f"{JPEG} {opened.getexif().get(ORIENTATION, 1)} {coded[1]}"
        return _size(*opened.size), pixels_of(opened)


def pixels_of(opened: Image) -> str:
    """Digest of the pixels of an opened image, as they are trained on."""
    seen = rgb_on_white(upright(opened))
    return hashlib.blake2b(seen.tobytes(), key=str(seen.size).encode(), digest_size=16).hexdigest()


def _size(width: int, height: int) -> str:
    return f"{max(width, height)}x{min(width, height)}"


def _coded(content: bytes) -> tuple[str, str, bool] | None:
    """Size of a JPEG, digest of what its pixels come from, whether it was noted how the camera was held.

    None of one that has no end, or is built in another way.
    """
    checksum, size, noted = hashlib.blake2b(digest_size=16), "", False
    place = 2
    while content[place : place + 1] == b"\xff" and place + 10 < len(content):
        marker = content[place + 1]
        end = place + 2 + int.from_bytes(content[place + 2 : place + 4], "big")
        if marker == START_OF_SCAN:
            last = content.rfind(END, end)
            checksum.update(content[place : last + len(END)])
            return (size, checksum.hexdigest(), noted) if size and last > 0 else None
        if marker in FRAMES:
            depth, colours = content[place + 4], content[place + 9]
            height, width = (int.from_bytes(content[place + at : place + at + 2], "big") for at in (5, 7))
            if depth != DEPTH or colours not in COLOURS or not height or not width:
                return None
            size = _size(width, height)
        noted |= marker == APP1
        if marker not in NOTES:
            checksum.update(content[place:end])
        place = end
    return None
