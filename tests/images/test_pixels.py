"""Pixels of image files: 16 bits become 8, what is transparent is white or dropped, what has no white is refused."""

from __future__ import annotations

import io
from typing import Any

import numpy as np
import pytest
from PIL import Image

from zoo.images.pixels import NoRangeError, rgb_as_published, rgb_on_white

POLICIES = pytest.mark.parametrize("rgb", [rgb_on_white, rgb_as_published])


def saved(image: Image.Image, form: str, **more: Any) -> Image.Image:
    """The image as it comes back from a file."""
    file = io.BytesIO()
    image.save(file, form, **more)
    return Image.open(io.BytesIO(file.getvalue()))


def first_row(image: Image.Image) -> list[list[int]]:
    rows: list[list[int]] = np.asarray(image)[0].tolist()
    return rows


@POLICIES
@pytest.mark.parametrize(
    ("opened", "mode"),
    [
        (saved(Image.fromarray(np.array([[0, 257, 40000, 65535]], np.uint16)), "PNG"), "I;16"),
        (Image.fromarray(np.array([[0, 257, 40000, 65535]], ">u2")), "I;16B"),
        (saved(Image.fromarray(np.array([[0, 257, 40000, 65535]], np.int32)), "TIFF"), "I"),
    ],
)
def test_sixteen_bits_become_eight(rgb: Any, opened: Image.Image, mode: str) -> None:
    assert opened.mode == mode
    assert first_row(rgb(opened)) == [[v] * 3 for v in (0, 1, 156, 255)]


@POLICIES
@pytest.mark.parametrize(
    ("values", "said"),
    [
        (np.array([[0.0, 0.5]], np.float32), "floating point"),
        (np.array([[0, 65536]], np.int32), "integers beyond 16 bits"),
        (np.array([[-1, 9]], np.int32), "integers beyond 16 bits"),
    ],
)
def test_what_has_no_stated_white_is_refused(rgb: Any, values: Any, said: str) -> None:
    with pytest.raises(NoRangeError, match=said):
        rgb(saved(Image.fromarray(values), "TIFF"))


def test_half_a_file_of_sixteen_bits_is_an_error_of_reading() -> None:
    file = io.BytesIO()
    noise = np.random.default_rng(0).integers(0, 65536, (64, 64), np.uint16)
    Image.fromarray(noise).save(file, "PNG")
    with pytest.raises(OSError, match="truncated"):
        rgb_as_published(Image.open(io.BytesIO(file.getvalue()[:2000])))


RED_THEN_HIDDEN_BLUE = np.array([[[255, 0, 0, 255], [0, 0, 255, 0]]], np.uint8)


def palette() -> Image.Image:
    """With an opacity for each colour, one of them neither all nor nothing: Pillow then warns on the way to RGB."""
    image = Image.new("P", (2, 1))
    image.putpalette([255, 0, 0, 0, 0, 255, 9, 9, 9])
    image.putpixel((1, 0), 1)
    return saved(image, "PNG", transparency=b"\xff\x00\x80")


@pytest.mark.parametrize("opened", [saved(Image.fromarray(RED_THEN_HIDDEN_BLUE), "PNG"), palette()])
def test_what_is_transparent_lies_on_white_or_keeps_its_hidden_colour(opened: Image.Image) -> None:
    assert first_row(rgb_on_white(opened)) == [[255, 0, 0], [255, 255, 255]]
    assert first_row(rgb_as_published(opened)) == [[255, 0, 0], [0, 0, 255]]


def test_transparent_grey_lies_on_white() -> None:
    opened = saved(Image.fromarray(np.array([[[9, 255], [9, 0]]], np.uint8), "LA"), "PNG")
    assert first_row(rgb_on_white(opened)) == [[9] * 3, [255] * 3]


@POLICIES
@pytest.mark.parametrize("mode", ["1", "L", "P", "RGB", "RGBA", "CMYK"])
def test_ordinary_images_are_what_pillow_makes_of_them(rgb: Any, mode: str) -> None:
    noise = np.random.default_rng(1).integers(0, 256, (9, 7, 3), np.uint8)
    image = Image.fromarray(noise).convert(mode)
    assert rgb(image).mode == "RGB"
    assert np.array_equal(np.asarray(rgb(image)), np.asarray(image.convert("RGB")))
