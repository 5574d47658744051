"""Images scaled by several processes, into an array on the disk that is bounded, and errors that name the file."""

from __future__ import annotations

import os
import subprocess
import sys
from functools import partial
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from zoo.errors import ZooError
from zoo.images import files as files_module
from zoo.images import kept
from zoo.images.files import FileImages, part_of
from zoo.images.kept import kept_array
from zoo.images.reading import read_files
from zoo.paths import cache_dir
from zoo.processes.spread import spread

COUNT = 200
"""Images: more than three handfuls."""


@pytest.fixture
def images(tmp_path: Path) -> FileImages:
    generator = np.random.default_rng(2)
    names = [tmp_path / f"{number}.png" for number in range(COUNT)]
    for name in names:
        Image.fromarray(generator.integers(0, 256, (9, 12, 3), np.uint8)).save(name)
    return part_of(names, [str(number) for number in range(COUNT)], [str(number) for number in range(COUNT)])


@pytest.fixture
def at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """Processes for whatever there is."""
    monkeypatch.setattr(files_module, "spread", partial(spread, worth_s=0.0))


@pytest.mark.usefixtures("at_once")
@pytest.mark.parametrize("fit", ["crop", "squash", "pad"])
def test_processes_scale_what_one_scales(fit: str, images: FileImages) -> None:
    some = images[list(range(0, COUNT, 2))]
    found = some.at(8, fit, "bicubic")
    assert np.array_equal(images.kept_at(8, fit, "bicubic", cores=2)[::2], found)
    alone = np.stack([files_module._scaled(file, 8, fit, "bicubic") for file in images.files])
    assert np.array_equal(images.at(8, fit, "bicubic"), alone)


def test_what_is_there_is_read_by_nobody_again(images: FileImages, monkeypatch: pytest.MonkeyPatch) -> None:
    """Not by a new process either, whose files may be gone."""
    expected = images.at(8)
    for file in images.files:
        file.unlink()
    assert np.array_equal(images.at(8), expected)
    code = (
        "import sys; from pathlib import Path; from zoo.images.files import part_of\n"
        f"names = [Path(sys.argv[1]) / f'{{n}}.png' for n in range({COUNT})]\n"
        f"digests = [str(n) for n in range({COUNT})]\n"
        "print(int(part_of(names, digests, digests).at(8).sum()))"
    )
    root = str(Path(files_module.__file__).parents[2])
    again = subprocess.run(
        [sys.executable, "-c", code, str(images.files[0].parent)],
        env=os.environ | {"PYTHONPATH": root},
        capture_output=True,
        text=True,
        check=True,
    )
    assert int(again.stdout) == expected.sum()


@pytest.mark.parametrize("apart", [False, True])
def test_a_file_that_was_damaged_since_is_named(
    apart: bool, images: FileImages, request: pytest.FixtureRequest
) -> None:
    if apart:
        request.getfixturevalue("at_once")
    images.files[150].write_bytes(b"no image")
    with pytest.raises(ZooError, match=r"/150\.png: cannot be decoded: damaged, or changed since the task"):
        images.at(8)
    images.files[150].unlink()
    with pytest.raises(ZooError, match=r"/150\.png: cannot be decoded"):
        images.at(8)
    Image.new("RGB", (12, 9)).save(images.files[150])
    assert images.at(8)[150].max() == 0
    assert images.at(8)[151].max() > 0


def test_files_are_read_by_processes_as_by_one(
    images: FileImages, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "77.png").write_bytes(b"no image")
    here = read_files(tmp_path, images.files, 1).files
    monkeypatch.setattr("zoo.images.reading.spread", partial(spread, worth_s=0.0))
    monkeypatch.setenv("ZOO_CACHE", str(tmp_path / "other"))
    told: list[tuple[int, int]] = []
    assert read_files(tmp_path, images.files, 2, lambda *so_far: told.append(so_far)).files == here
    assert [file.name for file, content in here.items() if not content.sha256] == ["77.png"]
    assert told == [(64, COUNT), (128, COUNT), (192, COUNT), (COUNT, COUNT)]


def full(*_: object) -> None:
    raise OSError(28, "No space left on device")


def test_a_full_disk_is_one_line_for_much_and_none_for_little(
    images: FileImages, monkeypatch: pytest.MonkeyPatch
) -> None:
    expected = images.at(8)
    monkeypatch.setattr(os, "posix_fallocate", full)
    monkeypatch.setenv("ZOO_CACHE", f"{cache_dir()}-full")
    assert np.array_equal(images.at(8), expected)
    assert not list((cache_dir() / "pixels").iterdir())
    monkeypatch.setattr(kept, "IN_MEMORY", 1000)
    with pytest.raises(ZooError) as refused:
        images.at(10)
    assert str(refused.value) == (
        f"{cache_dir() / 'pixels'}: pixels of 200 images take 6e-05 GB, which cannot be kept there: No space left on "
        "device; make room, set ZOO_CACHE elsewhere or ZOO_CACHE_BYTES higher, or take smaller images"
    )


def test_an_array_beyond_the_limit_is_refused_before_others_go(monkeypatch: pytest.MonkeyPatch) -> None:
    kept_array("pixels", "a", (10, 10), np.uint8)
    monkeypatch.setattr(kept, "IN_MEMORY", 1000)
    monkeypatch.setenv("ZOO_CACHE_BYTES", "2k")
    with pytest.raises(ZooError, match="ZOO_CACHE_BYTES permits 2e-06 GB; make room"):
        kept_array("pixels", "b", (30, 100), np.uint8)
    assert [file.name for file in (cache_dir() / "pixels").glob("*.pixels")] == ["a.pixels"]
    kept_array("pixels", "c", (19, 100), np.uint8)
    assert sorted(file.name for file in (cache_dir() / "pixels").glob("*.pixels")) == ["a.pixels", "c.pixels"]
    kept_array("pixels", "d", (20, 100), np.uint8)
    assert sorted(file.name for file in (cache_dir() / "pixels").glob("*.pixels")) == ["d.pixels"]


@pytest.mark.parametrize(
    ("said", "bytes_"),
    [("", kept.BYTES), ("20000", 20000), ("1.5G", 1_500_000_000), ("2 TB", 2 * 10**12), ("3m", 3_000_000)],
)
def test_the_limit_is_written_as_people_write_sizes(said: str, bytes_: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ZOO_CACHE_BYTES", said)
    assert kept._limit() == bytes_


@pytest.mark.parametrize("said", ["much", "-1", "20 bananas"])
def test_a_limit_that_is_no_number_is_refused(said: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ZOO_CACHE_BYTES", said)
    with pytest.raises(ZooError, match="ZOO_CACHE_BYTES must be a number of bytes, such as 20G; not"):
        kept_array("pixels", "a", (10, 10), np.uint8)
