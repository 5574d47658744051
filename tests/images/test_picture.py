"""What tells pictures apart, with as few of them decoded as can be."""

from __future__ import annotations

import io
from collections.abc import Callable
from functools import partial
from pathlib import Path

import numpy as np
import pytest
from PIL import Image, ImageOps

from zoo.errors import InputFileError
from zoo.images.picture import picture_of
from zoo.images.reading import read_files
from zoo.tasks.catalogue import outline

ORIENTATION, ARTIST = 0x112, 0x13B


def noise(seed: int, size: tuple[int, int] = (24, 16)) -> Image.Image:
    return Image.fromarray(np.random.default_rng(seed).integers(0, 256, (*size[::-1], 3), np.uint8))


def jpeg(image: Image.Image, **options: object) -> bytes:
    stream = io.BytesIO()
    image.save(stream, "JPEG", **options)  # type: ignore[arg-type]
    return stream.getvalue()


def exif(tag: int, value: object) -> Image.Exif:
    notes = Image.Exif()
    notes[tag] = value
    return notes


PLAIN = jpeg(noise(0))


@pytest.mark.parametrize(
    ("other", "same"),
    [
        (jpeg(noise(0), exif=exif(ARTIST, "somebody")), True),
        (jpeg(noise(0), comment=b"a note"), True),
        (PLAIN + bytes(100), True),
        (jpeg(noise(0), exif=exif(ORIENTATION, 1)), True),
        (jpeg(noise(0), exif=exif(ORIENTATION, 6)), False),
        (jpeg(noise(0), quality=76), False),
        (jpeg(noise(1)), False),
        (jpeg(noise(0, (16, 24))), False),
        (jpeg(noise(0).convert("L")), False),
    ],
)
def test_pictures_are_the_same_whatever_was_noted_beside_them(other: bytes, same: bool) -> None:
    assert (picture_of(other) == picture_of(PLAIN)) == same
    shown = [Image.open(io.BytesIO(content)) for content in (PLAIN, other)]
    assert all(image.format == "JPEG" for image in shown)


@pytest.mark.parametrize("value", range(0, 256, 15))
def test_plain_colours_are_told_apart(value: int) -> None:
    """Their scans may be equal bit for bit where tables say what the bits mean."""
    seen = {
        picture_of(jpeg(Image.new("RGB", (8, 8), (value, other, 99)), optimize=True)): other
        for other in range(0, 256, 15)
    }
    assert len(seen) == len(range(0, 256, 15))


def cut(content: bytes) -> bytes:
    return content[: len(content) // 2]


def without_an_end(content: bytes) -> bytes:
    return content[:-40]


def with_a_small_picture(content: bytes) -> bytes:
    """Cut, with a whole picture in what the camera noted: its end is not that of this one."""
    note = b"Exif\0\0" + jpeg(noise(5, (8, 8)))
    return cut(content[:2] + b"\xff\xe1" + (len(note) + 2).to_bytes(2, "big") + note + content[2:])


@pytest.mark.parametrize("damage", [cut, without_an_end, with_a_small_picture, lambda content: content[:30]])
@pytest.mark.parametrize("corrupt", ["refuse", "skip"])
def test_a_jpeg_that_was_cut_is_seen_when_it_is_read(
    tmp_path: Path, damage: Callable[[bytes], bytes], corrupt: str
) -> None:
    pets(tmp_path)
    file = tmp_path / "cat" / "3.jpg"
    file.write_bytes(damage(file.read_bytes()))
    if corrupt == "refuse":
        with pytest.raises(InputFileError, match=r"1 corrupt image: cat/3\.jpg;"):
            outline(str(tmp_path))
    else:
        assert outline(str(tmp_path), corrupt).skipped == ("cat/3.jpg",)


def pets(root: Path, ending: str = ".jpg") -> None:
    for name in ("cat", "dog"):
        (root / name).mkdir(parents=True)
        for number in range(8):
            noise(number + 100 * (name == "dog")).save(root / name / f"{number}{ending}")


def test_an_orientation_that_is_no_number_is_none_of_the_others() -> None:
    """Cameras write what they like; it is no damage."""
    odd = jpeg(noise(0), exif=exif(ORIENTATION, 6)).replace(b"\x01\x12\x00\x03", b"\x01\x12\x00\x02", 1)
    assert isinstance(Image.open(io.BytesIO(odd)).getexif()[ORIENTATION], str)
    assert picture_of(odd)[0] == picture_of(PLAIN)[0]
    assert picture_of(odd)[1] not in (picture_of(PLAIN)[1], picture_of(jpeg(noise(0), exif=exif(ORIENTATION, 6)))[1])


def test_jpegs_are_not_decoded_to_plan(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    pets(tmp_path)
    monkeypatch.setattr("zoo.images.picture.pixels_of", None)
    monkeypatch.setattr("zoo.images.reading.SAMPLE", 2)
    decoded: list[str] = []
    monkeypatch.setattr("zoo.images.reading.pixels_of", lambda opened: decoded.append(opened.format) or "")
    assert outline(str(tmp_path)).train_counts == (6, 6)
    assert decoded == ["JPEG"] * 2


def test_what_was_decoded_for_its_picture_is_decoded_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    pets(tmp_path, ".png")
    monkeypatch.setattr("zoo.images.reading.pixels_of", None)
    assert outline(str(tmp_path), "skip").train_counts == (6, 6)


def test_large_images_are_a_sample_of_a_second(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    pets(tmp_path)
    decoded: list[str] = []

    def large(_opened: Image.Image) -> str:
        decoded.append("one")
        monkeypatch.setattr("zoo.images.reading.SAMPLE_S", 0.0)
        return ""

    monkeypatch.setattr("zoo.images.reading.pixels_of", large)
    assert outline(str(tmp_path)).read_s > 0
    assert decoded == ["one"]


def test_what_may_be_skipped_is_decoded(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A picture may have its end and no middle; the decoder tells."""
    pets(tmp_path)

    def pixels(opened: Image.Image) -> str:
        if opened.getpixel((0, 0)) == noise_at_the_corner:
            raise OSError("broken data stream")
        return str(opened.getpixel((0, 0)))

    noise_at_the_corner = Image.open(tmp_path / "cat" / "3.jpg").getpixel((0, 0))
    monkeypatch.setattr("zoo.images.reading.pixels_of", pixels)
    assert outline(str(tmp_path)).skipped == ()
    assert outline(str(tmp_path), "skip").skipped == ("cat/3.jpg",)
    assert outline(str(tmp_path), "skip").train_counts == (5, 6)


@pytest.mark.parametrize("first", ["JPEG", "PNG"])
def test_a_jpeg_and_a_copy_in_another_format_are_one_image(tmp_path: Path, first: str) -> None:
    """Of whichever was read first, and known from before."""
    pets(tmp_path / "test")
    if first == "JPEG":
        outline(str(tmp_path / "test"))
    turned = tmp_path / "test" / "cat" / "0.jpg"
    noise(0).save(turned, exif=exif(ORIENTATION, 6))
    for file in sorted((tmp_path / "test").rglob("*.jpg")):
        copy = tmp_path / "train" / file.parent.name / f"{file.stem}.png"
        copy.parent.mkdir(parents=True, exist_ok=True)
        ImageOps.exif_transpose(Image.open(file)).save(copy)
    assert outline(str(tmp_path)).twins == 16
    for file in (tmp_path / "train").rglob("*.png"):
        file.unlink()
        noise(int(file.stem) + 50).save(file.with_suffix(".jpg"))
    assert outline(str(tmp_path)).twins == 0


def test_of_a_reading_that_was_interrupted_all_is_kept(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    pets(tmp_path)
    files = sorted(tmp_path.rglob("*.jpg"))
    monkeypatch.setattr("zoo.processes.spread.AT_ONCE", 4)

    def stop(read: int, _: int) -> None:
        if read == 8:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        read_files(tmp_path, files, 1, stop)
    told: list[tuple[int, int]] = []
    whole = read_files(tmp_path, files, 1, lambda *so_far: told.append(so_far))
    assert told == [(4, 8), (8, 8)]
    monkeypatch.setattr("zoo.images.reading.spread", partial(_nothing, files))
    assert read_files(tmp_path, files, 1).files == whole.files


def _nothing(_files: list[Path], _work: object, wanted: list[str], *_: object, **__: object) -> list[object]:
    assert wanted == []
    return []
