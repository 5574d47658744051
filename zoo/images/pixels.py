"""Pixels of image files as 8-bit RGB, and errors of those that have none."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from PIL import Image


WHITE_16, STEP_16 = 65535, 257
"""White of 16 bits, and how much of it is one of 8: 65535 / 255."""

TURNED = frozenset({"exif", "xmp", "Raw profile type exif", "XML:com.adobe.xmp"})
"""Where Pillow looks for how a camera was held."""


class NoRangeError(ValueError):
    """Pixels whose format does not say which value is white."""


def unreadable() -> tuple[type[Exception], ...]:
    """What Pillow raises for a file that is no image, or half of one.

    :class:`NoRangeError` is among them, as a ValueError.
    """
    from PIL import Image, UnidentifiedImageError

    return OSError, UnidentifiedImageError, SyntaxError, ValueError, Image.DecompressionBombError


def with_reason(name: str, error: Exception) -> str:
    """The name of a corrupt file, with the reason if it is not just broken."""
    if isinstance(error, PermissionError):
        return f"{name} ({error.strerror})"
    return f"{name} ({error})" if isinstance(error, NoRangeError) else name


def upright(opened: Image.Image) -> Image.Image:
    """An image as the camera was held, the same one where it says nothing."""
    from PIL import ImageOps

    # To look takes a tenth of what reading a small one does.
    if opened.format != "JPEG" or opened.info.keys() & TURNED:
        ImageOps.exif_transpose(opened, in_place=True)
    return opened


def rgb_on_white(opened: Image.Image) -> Image.Image:
    """8-bit RGB of an image to train on, what is transparent on white.

    White is what most viewers show there. The colour stored under it, which dropping the transparency would
    bring to light, is seen by nobody, and often black or the rest of a picture that was cut out.

    Raises
    ------
    NoRangeError
    """
    from PIL import Image

    plain = _eight_bits(opened)
    if not plain.has_transparency_data:
        plain.load()  # its file may be closed before the pixels are asked for
        return plain if plain.mode == "RGB" else plain.convert("RGB")
    front = plain.convert("RGBA")
    return Image.alpha_composite(Image.new("RGBA", front.size, "white"), front).convert("RGB")


def rgb_as_published(opened: Image.Image) -> Image.Image:
    """8-bit RGB as for published figures, where transparency is dropped.

    Raises
    ------
    NoRangeError
    """
    plain = _eight_bits(opened)
    if plain.mode == "P":
        plain = plain.convert("RGBA")  # straight to RGB, Pillow warns of transparency; the colours are the same
    return plain.convert("RGB")


def _eight_bits(opened: Image.Image) -> Image.Image:
    """The image, grey of 16 bits scaled to 8.

    Pillow's own conversion makes all above 255 white.
    """
    import numpy as np
    from PIL import Image

    if opened.mode == "F":
        raise NoRangeError("floating point, without a stated white: save it with 8 or 16 bits")
    if not opened.mode.startswith("I"):
        return opened
    values = np.asarray(opened)
    # Some versions of Pillow open 16 bits as 32.
    if values.min() < 0 or values.max() > WHITE_16:
        raise NoRangeError("integers beyond 16 bits, without a stated white: save it with 8 or 16 bits")
    return Image.fromarray(((values.astype(np.uint32) + STEP_16 // 2) // STEP_16).astype(np.uint8))
