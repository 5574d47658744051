"""Images as people have them, from the file to the pixels that are trained on."""

from __future__ import annotations

import unicodedata
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from zoo.images.files import FileImages
from zoo.tasks.catalogue import get_task, outline

RED, GREEN, BLUE = (255, 0, 0), (0, 255, 0), (0, 0, 255)
TOP_LEFT_IS_RED = ((RED, GREEN), (BLUE, (255, 255, 0)))


def quarters(side: int = 40) -> Image.Image:
    """Red over blue on the left, green over yellow on the right."""
    corners = np.array(TOP_LEFT_IS_RED, np.uint8)
    return Image.fromarray(corners.repeat(side, 0).repeat(side, 1))


def panorama(path: Path) -> None:
    """Red on the left half and blue on the right, 20,000 wide and 200 high."""
    wide = Image.new("RGB", (20_000, 200), RED)
    wide.paste(BLUE, (10_000, 0, 20_000, 200))
    wide.save(path.with_suffix(".jpg"), quality=95)


def animated(path: Path) -> None:
    """Of an animation the first picture."""
    frames = [quarters(), Image.new("RGB", (80, 80)), Image.new("RGB", (80, 80), "white")]
    frames[0].save(path.with_suffix(".gif"), save_all=True, append_images=frames[1:], duration=50, loop=0)


def turned(orientation: int, turn: Image.Transpose) -> Callable[[Path], None]:
    """As a camera stores it that was held otherwise."""

    def save(path: Path) -> None:
        exif = Image.Exif()
        exif[274] = orientation
        quarters().transpose(turn).save(path.with_suffix(".jpg"), exif=exif, quality=95, subsampling=0)

    return save


def printed(path: Path) -> None:
    quarters().convert("CMYK").save(path.with_suffix(".jpg"), quality=95, subsampling=0)


def palette(path: Path) -> None:
    quarters().quantize(8).save(path.with_suffix(".png"))


def transparent_palette(path: Path) -> None:
    """A colour of the palette is transparent; there is white."""
    image = quarters().quantize(8)
    index = image.getpixel((0, 0))
    image.save(path.with_suffix(".png"), transparency=index)


def sixteen_bits(path: Path) -> None:
    """Grey of 16 bits: a quarter, a half, three quarters and all of white."""
    values = np.array([[16383, 32767], [49151, 65535]], np.uint16).repeat(40, 0).repeat(40, 1)
    Image.fromarray(values).save(path.with_suffix(".png"))


def sixteen_bits_tiff(path: Path) -> None:
    values = np.array([[16383, 32767], [49151, 65535]], np.uint16).repeat(40, 0).repeat(40, 1)
    Image.fromarray(values).save(path.with_suffix(".tif"))


def one_bit(path: Path) -> None:
    Image.fromarray(np.array([[0, 255], [255, 0]], np.uint8).repeat(40, 0).repeat(40, 1)).convert("1").save(
        path.with_suffix(".png")
    )


WHITE_QUARTER = (((255, 255, 255), GREEN), TOP_LEFT_IS_RED[1])
GREYS = (((64,) * 3, (127,) * 3), ((191,) * 3, (255,) * 3))

KINDS: dict[str, tuple[Callable[[Path], None], object]] = {
    "a panorama": (panorama, ((RED, BLUE), (RED, BLUE))),
    "an animated GIF": (animated, TOP_LEFT_IS_RED),
    "turned by 90°": (turned(6, Image.Transpose.ROTATE_90), TOP_LEFT_IS_RED),
    "turned by 180°": (turned(3, Image.Transpose.ROTATE_180), TOP_LEFT_IS_RED),
    "mirrored": (turned(2, Image.Transpose.FLIP_LEFT_RIGHT), TOP_LEFT_IS_RED),
    "CMYK": (printed, TOP_LEFT_IS_RED),
    "a palette": (palette, TOP_LEFT_IS_RED),
    "a palette with transparency": (transparent_palette, WHITE_QUARTER),
    "16 bits": (sixteen_bits, GREYS),
    "16 bits, TIFF": (sixteen_bits_tiff, GREYS),
    "one bit": (one_bit, (((0,) * 3, (255,) * 3), ((255,) * 3, (0,) * 3))),
}


@pytest.mark.parametrize("fit", ["squash", "crop"])
@pytest.mark.parametrize("kind", KINDS)
def test_an_odd_image_is_seen_as_a_viewer_shows_it(kind: str, fit: str, tmp_path: Path) -> None:
    save, expected = KINDS[kind]
    (tmp_path / "train" / "odd").mkdir(parents=True)
    save(tmp_path / "train" / "odd" / "image")
    for place in ("train/plain", "test/plain", "test/odd"):
        (tmp_path / place).mkdir(parents=True)
        Image.new("RGB", (8, 8)).save(tmp_path / place / "1.png")
    found = outline(str(tmp_path))
    assert (found.train_counts, found.skipped, found.left_out) == ((1, 1), (), "")
    images = get_task(str(tmp_path)).train_images
    assert isinstance(images, FileImages)
    pixels = images.at(8, fit)[0].astype(int)
    corners = pixels[1::5, 1::5]  # rows and columns 1 and 6, away from where quarters meet
    assert np.abs(corners - np.array(expected)).max() <= 6


def test_a_panorama_is_not_scaled_whole_to_be_cropped(tmp_path: Path) -> None:
    """Scaled by its shorter side, 224 px high, it would be 22,400 wide."""
    for name in ("train/a", "train/b", "test/a"):
        (tmp_path / name).mkdir(parents=True)
        panorama(tmp_path / name / "image")
    images = get_task(str(tmp_path)).train_images
    assert isinstance(images, FileImages)
    padded = images.at(100, "pad")[0]
    assert np.array_equal(padded[10, 50], (124, 116, 104))
    assert np.abs(padded[50, ::99].astype(int) - (RED, BLUE)).max() <= 6
    cropped = images.at(224, "crop")[0].astype(int)
    assert np.abs(cropped[:, 10::200][100] - (RED, BLUE)).max() <= 6


@pytest.mark.parametrize("form", ["NFC", "NFD"])
def test_names_in_korean(form: str, tmp_path: Path) -> None:
    root = tmp_path / unicodedata.normalize(form, "동물 사진")
    for number, name in enumerate(("고양이", "강아지")):
        folder = root / unicodedata.normalize(form, name)
        folder.mkdir(parents=True)
        for each in range(4):
            Image.new("RGB", (8, 8), (99 * number, each, 0)).save(
                folder / unicodedata.normalize(form, f"사진 {each}.png")
            )
    found = outline(str(root))
    assert (found.name, found.classes, found.train_counts) == ("동물 사진", ("강아지", "고양이"), (3, 3))
    (folder / unicodedata.normalize(form, "사진 0.png")).write_bytes(b"no image")
    assert [unicodedata.normalize("NFC", name) for name in outline(str(root), "skip").skipped] == [
        "강아지/사진 0.png"
    ]
