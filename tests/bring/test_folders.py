"""Twenty folders of one set of images: the same task, or one true line each."""

from __future__ import annotations

import shutil
import unicodedata
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from zoo.errors import InputFileError
from zoo.images.files import FileImages
from zoo.suites.file import load_suite
from zoo.tasks.catalogue import outline
from zoo.tasks.folders.folder import load_folder
from zoo.tasks.folders.imagenet import read_class_folders

EACH = 8
CLASSES = ("cat", "dog")


@pytest.fixture(scope="module")
def pets(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Two classes of noise, a folder each."""
    root = tmp_path_factory.mktemp("bring") / "pets"
    generator = np.random.default_rng(0)
    for name in CLASSES:
        (root / name).mkdir(parents=True)
        for number in range(EACH):
            pixels = generator.integers(0, 256, (12, 16, 3), np.uint8)
            Image.fromarray(pixels).save(root / name / f"{number}.png")
    return root


def copied(pets: Path, to: Path) -> Path:
    shutil.copytree(pets, to)
    return to


def beside(name: str, content: bytes = b"x") -> Callable[[Path, Path], Path]:
    """The same folder with one more file in a class."""

    def make(pets: Path, place: Path) -> Path:
        root = copied(pets, place / "pets")
        (root / "cat" / name).parent.mkdir(parents=True, exist_ok=True)
        (root / "cat" / name).write_bytes(content)
        return root

    return make


def renamed(ending: str) -> Callable[[Path, Path], Path]:
    """The same files under other names."""

    def make(pets: Path, place: Path) -> Path:
        root = copied(pets, place / "pets")
        for number, file in enumerate(sorted(root.rglob("*.png"), reverse=True)):
            file.rename(file.with_name(f"img_{number}{ending}"))
        return root

    return make


def around(*names: str) -> Callable[[Path, Path], Path]:
    """Folders too many around it."""

    def make(pets: Path, place: Path) -> Path:
        copied(pets, place.joinpath(*names))
        return place / names[0]

    return make


def archive_of_a_mac(pets: Path, place: Path) -> Path:
    copied(pets, place / "download" / "pets")
    (place / "download" / "__MACOSX" / "pets" / "cat").mkdir(parents=True)
    (place / "download" / "__MACOSX" / "pets" / "cat" / "._0.png").write_bytes(b"x")
    (place / "download" / ".DS_Store").write_bytes(b"x")
    return place / "download"


def linked_classes(pets: Path, place: Path) -> Path:
    (place / "pets").mkdir(parents=True)
    for name in CLASSES:
        (place / "pets" / name).symlink_to(pets / name)
    return place / "pets"


def linked_whole(pets: Path, place: Path) -> Path:
    place.mkdir(exist_ok=True)
    (place / "data").symlink_to(pets)
    return place / "data"


def linked_inside(pets: Path, place: Path) -> Path:
    """Images of a class behind a link in its folder, and a link back up, which has no end."""
    for name in CLASSES:
        (place / "pets" / name).mkdir(parents=True)
        (place / "pets" / name / "all").symlink_to(pets / name)
        (place / "pets" / name / "up").symlink_to(place / "pets" / name)
    return place / "pets"


def linked_files(pets: Path, place: Path) -> Path:
    for name in CLASSES:
        (place / "pets" / name).mkdir(parents=True)
        for file in (pets / name).iterdir():
            (place / "pets" / name / file.name).symlink_to(file)
    return place / "pets"


def dangling(name: str) -> Callable[[Path, Path], Path]:
    """The same folder with a link whose target was on another machine."""

    def make(pets: Path, place: Path) -> Path:
        root = copied(pets, place / "pets")
        (root / name).symlink_to(place / "not here")
        return root

    return make


def in_subfolders(pets: Path, place: Path) -> Path:
    root = copied(pets, place / "pets")
    for file in sorted(root.rglob("*.png"))[::2]:
        (file.parent / "more").mkdir(exist_ok=True)
        file.rename(file.parent / "more" / file.name)
    return root


FOLDERS: dict[str, tuple[Callable[[Path, Path], Path], str]] = {
    "as it is": (lambda pets, _: pets, ""),
    "with a slash": (lambda pets, _: Path(f"{pets}/"), ""),
    "copied": (lambda pets, place: copied(pets, place / "pets"), ""),
    "by another name": (lambda pets, place: copied(pets, place / "my animals (1)"), ""),
    "by a link of another name": (linked_whole, ""),
    "with a dot in its path": (lambda pets, _: pets / ".." / pets.name, ""),
    "other names of files": (renamed(".png"), ""),
    "without endings": (renamed(""), ""),
    "upper case": (renamed(".PNG"), ""),
    "an ending of another kind": (renamed(".img"), ""),
    "one folder too many": (around("pets", "pets"), ""),
    "two folders too many": (around("data", "v1", "pets"), ""),
    "an archive of a Mac": (archive_of_a_mac, ""),
    "linked classes": (linked_classes, ""),
    "linked inside": (linked_inside, ""),
    "linked files": (linked_files, ""),
    "subfolders": (in_subfolders, ""),
    "hidden files": (beside(".hidden.png"), ""),
    "a system's file": (beside("Thumbs.db"), ""),
    "a text beside": (beside("labels.txt"), "1 file left out, which Pillow reads no image from here (.txt 1)"),
    "no ending and no image": (
        beside("LICENSE"),
        "1 file left out, which Pillow reads no image from here (without an ending 1)",
    ),
    "a table and a movie": (
        beside("more/clip.mp4"),
        "1 file left out, which Pillow reads no image from here (.mp4 1)",
    ),
    "what a telephone wrote": (
        beside("IMG_1.HEIC", b"\0\0\0\x18ftypheic\0\0\0\0mif1heic" + bytes(99)),
        "1 file left out, which Pillow reads no image from here (.heic 1)",
    ),
    "what Pillow knows and cannot decode": (
        beside("features.h5", b"\x89HDF\r\n\x1a\n" + bytes(99)),
        "1 file left out, which Pillow reads no image from here (.h5 1)",
    ),
    "a link to nothing": (dangling("cat/old.png"), "1 link to nothing left out"),
    "a class that is a link to nothing": (dangling("fox"), "1 link to nothing left out"),
    "an image beside the classes": (
        lambda pets, place: (copied(pets, place / "pets"), Image.new("L", (9, 9)).save(place / "pets" / "lost.png"))[
            0
        ],
        "1 image left out beside the class folders",
    ),
    "an empty class beside": (
        lambda pets, place: (copied(pets, place / "pets"), (place / "pets" / "fox").mkdir())[0],
        "fox: no images",
    ),
    "half an image": (beside("cut.png", b"\x89PNG\r\n\x1a\n"), "1 corrupt image: cat/cut.png"),
}


REFUSED = ("an empty class beside", "half an image")


@pytest.mark.parametrize("kind", FOLDERS)
def test_every_folder_is_the_same_task(kind: str, pets: Path, tmp_path: Path) -> None:
    make, said = FOLDERS[kind]
    path = make(pets, tmp_path)
    expected = outline(str(pets))
    if kind in REFUSED:
        with pytest.raises(InputFileError, match=said):
            outline(str(path))
        return
    found = outline(str(path))
    assert found.digest == expected.digest
    assert found.train_counts == (6, 6)
    assert [line for line in found.health() if "left out" in line] == ([said] if said else [])
    assert found.name == path.resolve().name


def test_a_relative_path_is_the_same_task(pets: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(pets.parent)
    assert [outline(text).digest for text in ("pets", "./pets", "pets/")] == [outline(str(pets)).digest] * 3


def test_the_home_folder_may_be_written_short(pets: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """No shell expands it in a suite, in Python or behind ``--task=``."""
    monkeypatch.setenv("HOME", str(pets.parent))
    found = outline(f"~/{pets.name}")
    assert (found.digest, found.name) == (outline(str(pets)).digest, pets.name)
    suite = "[suite]\nname = 'mine'\nmodels = ['timm/test_resnet']\n[transfer]\ntasks = ['~/pets']\n"
    monkeypatch.setenv("HOME", str(tmp_path))
    (tmp_path / "mine.toml").write_text(suite)
    copied(pets, tmp_path / "pets")
    assert load_suite("~/mine.toml").name == "mine"


def test_accents_are_one_name_however_a_system_writes_them(pets: Path, tmp_path: Path) -> None:
    """A folder made on macOS has two characters for "ä", and is the same task and the same images elsewhere."""
    found = []
    for form in ("NFC", "NFD"):
        root = copied(pets, tmp_path / form / unicodedata.normalize(form, "Für"))
        for name in CLASSES:
            (root / name).rename(root / unicodedata.normalize(form, f"{name}chen ä"))
        task, images = outline(str(root)), read_class_folders(root)
        found.append((task.digest, task.name, task.classes, images.digest, tuple(images.counts)))
    assert found[0] == found[1]
    assert found[0][1:3] == ("Für", ("catchen ä", "dogchen ä"))
    (root / "catchen ä").mkdir()  # beside the one that is written in the other way
    with pytest.raises(InputFileError, match="two folders are called 'catchen ä', written in two ways"):
        outline(str(root))


def test_parts_are_one_task_however_they_are_called(pets: Path, tmp_path: Path) -> None:
    digests = set()
    for number, names in enumerate(
        (
            ("train", "test"), ("Training", "VAL"), ("train", "validation"), ("seg_train", "seg_test"),
            ("train_set", "test_set"), ("train2017", "val2017"), ("Pets Train", "Pets Test"),
        )
    ):  # fmt: skip
        for name in names:
            copied(pets, tmp_path / str(number) / name)
        digests.add(outline(str(tmp_path / str(number))).digest)
    copied(tmp_path / "0", tmp_path / "around" / "inside")
    digests.add(outline(str(tmp_path / "around")).digest)
    assert len(digests) == 1
    assert digests != {outline(str(pets)).digest}


@pytest.mark.parametrize(
    "ending",
    [".jfif", ".jpe", ".jpg", ".pgm", ".ppm", ".jp2", ".webp", ".tif", ".bmp", ".gif", ".tga", ".ico", ".avif"],
)
def test_what_pillow_reads_is_read(ending: str, tmp_path: Path) -> None:
    Image.init()
    if Image.registered_extensions().get(ending) not in Image.SAVE:
        pytest.skip(f"this Pillow writes no {ending}")
    generator = np.random.default_rng(1)
    for name in CLASSES:
        (tmp_path / name).mkdir()
        for number in range(4):
            pixels = generator.integers(0, 256, (16, 16, 3), np.uint8)
            image = Image.fromarray(pixels).convert("L") if ending == ".pgm" else Image.fromarray(pixels)
            image.save(tmp_path / name / f"{number}{ending}")
    found = outline(str(tmp_path))
    assert found.train_counts == (3, 3)
    assert found.health() == tuple(line for line in found.health() if "under 5" in line)


def test_an_evaluation_reads_the_same_files(pets: Path, tmp_path: Path) -> None:
    expected = read_class_folders(pets)
    for number, make in enumerate((archive_of_a_mac, linked_inside, renamed(""), beside("notes.txt"))):
        found = read_class_folders(make(pets, tmp_path / str(number)))
        assert found.digest == expected.digest
        assert found.counts == {"cat": EACH, "dog": EACH}
        assert any("left out" in line for line in found.health()) == (number == 3)


def test_a_test_part_that_lacks_a_class_is_said_as_that(pets: Path, tmp_path: Path) -> None:
    copied(pets, tmp_path / "train")
    copied(pets / "cat", tmp_path / "test" / "cat")
    found = outline(str(tmp_path))
    assert found.test_counts == (EACH, 0)
    assert "the test part has no images of class 'dog'" in found.health()


def test_a_part_within_a_part_of_its_name_is_one_folder_too_many(pets: Path, tmp_path: Path) -> None:
    for name in ("seg_train", "seg_test"):
        copied(pets, tmp_path / "once" / name)
        copied(pets, tmp_path / "twice" / name / name)
    (tmp_path / "twice" / "seg_pred" / "seg_pred").mkdir(parents=True)  # images without labels, left alone
    for name in ("once", "twice"):
        assert outline(str(tmp_path / name)).classes == CLASSES
        assert read_class_folders(tmp_path / name).folders == CLASSES


def test_classes_that_are_called_after_parts_are_classes(pets: Path, tmp_path: Path) -> None:
    for name in ("wind_test", "crash_test", "train_steam"):
        copied(pets / "cat", tmp_path / "kinds" / name)
    assert outline(str(tmp_path / "kinds")).classes == ("crash_test", "train_steam", "wind_test")
    for name in ("bus_train", "bus_test"):  # whose images lie right in them
        copied(pets / "cat", tmp_path / "buses" / name)
    assert outline(str(tmp_path / "buses")).classes == ("bus_test", "bus_train")


@pytest.mark.parametrize("name", ["$RECYCLE.BIN", "@eaDir", "System Volume Information", "#recycle"])
def test_what_systems_leave_is_no_class(name: str, pets: Path, tmp_path: Path) -> None:
    root = copied(pets, tmp_path / "pets")
    copied(pets / "cat", root / name)
    copied(pets / "cat", root / "dog" / name)
    assert outline(str(root)).digest == outline(str(pets)).digest


def test_an_archive_is_said_to_be_a_file(pets: Path, tmp_path: Path) -> None:
    shutil.make_archive(str(tmp_path / "pets"), "zip", pets)
    for read in (outline, load_folder, read_class_folders):
        with pytest.raises(InputFileError, match=r"pets\.zip: a file, where a folder of images is needed; unpack it"):
            read(tmp_path / "pets.zip" if read is not outline else str(tmp_path / "pets.zip"))


def test_a_class_of_one_image_is_named_with_its_place(pets: Path, tmp_path: Path) -> None:
    root = copied(pets, tmp_path / "pets")
    for file in sorted((root / "cat").iterdir())[1:]:
        file.unlink()
    with pytest.raises(InputFileError, match=r"pets/cat: class 'cat' has one image; train and test need one each"):
        outline(str(root))


def test_equal_images_go_into_one_part_and_are_no_leak(pets: Path, tmp_path: Path) -> None:
    root = copied(pets, tmp_path / "pets")
    for name in CLASSES:
        for number in range(EACH):
            shutil.copy(root / name / f"{number}.png", root / name / f"copy-{number}.png")
    task = load_folder(root)
    assert isinstance(task.train_images, FileImages)
    assert isinstance(task.test_images, FileImages)
    assert not set(task.train_images.digests) & set(task.test_images.digests)
    assert len(task.train_labels) + len(task.test_labels) == 4 * EACH
    assert outline(str(root)).twins == 0


def test_equal_images_in_both_parts_are_counted(pets: Path, tmp_path: Path) -> None:
    for part in ("train", "test"):
        copied(pets, tmp_path / part)
    found = outline(str(tmp_path))
    assert found.twins == 2 * EACH
    assert len(found.twin_names) == 3
    assert any(
        f"among the training images too ({', '.join(found.twin_names)}, …): " in line for line in found.health()
    )
    assert all((tmp_path / "test" / name).is_file() for name in found.twin_names)
    assert any("16 of 16 test images stand among the training images too" in line for line in found.health())


def test_the_same_pixels_in_other_files_are_the_same_images(pets: Path, tmp_path: Path) -> None:
    """Saved anew in another format, or without what a camera noted."""
    copied(pets, tmp_path / "parts" / "train")
    for file in sorted(copied(pets, tmp_path / "parts" / "test").rglob("*.png")):
        Image.open(file).save(file.with_suffix(".bmp"))
        file.unlink()
    assert outline(str(tmp_path / "parts")).twins == 2 * EACH
    root = copied(pets, tmp_path / "pets")
    for file in sorted(root.rglob("*.png")):
        Image.open(file).save(file.with_suffix(".tif"))
    found = outline(str(root))
    assert (found.train_counts, found.test_counts, found.twins) == ((12, 12), (4, 4), 0)


def test_shapes_in_their_transparency_alone_are_different_images(tmp_path: Path) -> None:
    for number, name in enumerate(CLASSES):
        (tmp_path / name).mkdir()
        for side in range(1, 5):
            alpha = Image.new("L", (16, 16))
            alpha.paste(255, (number, 0, number + side, side))
            icon = Image.new("RGBA", (16, 16))
            icon.putalpha(alpha)
            icon.save(tmp_path / name / f"{side}.png")
    found = outline(str(tmp_path))
    assert (found.train_counts, found.twins) == ((3, 3), 0)


def test_one_image_in_two_classes_is_counted(pets: Path, tmp_path: Path) -> None:
    """Whichever it is, one of the two labels is wrong, and training on one is no test of the other."""
    root = copied(pets, tmp_path / "pets")
    for file in (root / "cat").iterdir():
        shutil.copy(file, root / "dog" / f"cat-{file.name}")
    found = outline(str(root))
    assert found.twins > 0
    assert any("stand among the training images too" in line for line in found.health())


def test_reading_is_done_once_with_progress(pets: Path, tmp_path: Path) -> None:
    root = copied(pets, tmp_path / "pets")
    told: list[tuple[int, int]] = []
    outline(str(root), on_read=lambda done, total: told.append((done, total)))
    assert told[-1] == (2 * EACH, 2 * EACH)
    told.clear()
    Image.new("RGB", (8, 8)).save(root / "dog" / "new.png")
    outline(str(root), on_read=lambda done, total: told.append((done, total)))
    assert told == [(1, 1)]
