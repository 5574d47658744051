"""Lists of images as tasks: how they are written, what they share with folders, and what is refused."""

from __future__ import annotations

import csv
import gzip
import json
import shutil
import unicodedata
from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from zoo.api.transfer import transfer
from zoo.cli.main import main
from zoo.cli.values import tasks
from zoo.errors import InputFileError, UnknownNameError
from zoo.suites.file import load_suite
from zoo.tasks.catalogue import check_task_name, get_task, outline
from zoo.tasks.lists.rows import is_list, read_rows

EACH = 8


@pytest.fixture
def pets(tmp_path: Path) -> Path:
    generator = np.random.default_rng(5)
    for name in ("cat", "dog"):
        (tmp_path / "pets" / name).mkdir(parents=True)
        for number in range(EACH):
            pixels = generator.integers(0, 256, (12, 10, 3), np.uint8)
            Image.fromarray(pixels).save(tmp_path / "pets" / name / f"{number}.png")
    return tmp_path / "pets"


Rows = list[tuple[str, ...]]


def rows_of(root: Path, of: Path) -> Rows:
    """Path and label of each image of a folder."""
    return [(file.relative_to(of).as_posix(), file.parent.name) for file in sorted(root.rglob("*.png"))]


def written(path: Path, rows: Sequence[Sequence[str]], header: str = "", separator: str = ",") -> Path:
    with path.open("w", newline="", encoding="utf-8") as file:
        file.write(header)
        csv.writer(file, delimiter=separator).writerows(rows)
    return path


def as_json(path: Path, rows: Rows, names: Sequence[str] = ("path", "label", "split")) -> Path:
    path.write_text("".join(json.dumps(dict(zip(names, row, strict=False))) + "\n" for row in rows))
    return path


def with_mark(path: Path, rows: Rows) -> Path:
    written(path, rows, "path,label\n")
    path.write_bytes(b"\xef\xbb\xbf" + path.read_bytes())
    return path


def packed(path: Path, rows: Rows) -> Path:
    path = path.with_name(path.name + ".gz")
    with gzip.open(path, "wt") as file:
        csv.writer(file).writerows(rows)
    return path


def from_windows(path: Path, rows: Rows) -> Path:
    """Backslashes, semicolons, UTF-16."""
    text = "".join(f"{name.replace('/', chr(92))};{label}\r\n" for name, label in rows)
    path.write_bytes(text.encode("utf-16"))
    return path


WAYS: dict[str, Callable[[Path, Rows], Path]] = {
    "header": lambda path, rows: written(path, rows, "path,label\n"),
    "no header": written,
    "synonyms": lambda path, rows: written(path, rows, "File Name,CLASS\n"),
    "other columns": lambda path, rows: written(
        path, [("7", label, name, "x") for name, label in rows], "id,target,image_path,note\n"
    ),
    "tabs": lambda path, rows: written(path.with_suffix(".tsv"), rows, separator="\t"),
    "blanks after commas": lambda path, rows: written(path, [(name, f" {label}") for name, label in rows]),
    "empty lines": lambda path, rows: written(path, [row for pair in rows for row in (pair, ())], "path,label\n\n"),
    "a mark": with_mark,
    "packed": packed,
    "of Windows": from_windows,
    "JSON": lambda path, rows: as_json(path.with_suffix(".jsonl"), rows),
    "JSON of other names": lambda path, rows: as_json(path.with_suffix(".ndjson"), rows, ("image", "class")),
    "absolute": lambda path, rows: written(path, [(str(path.parent / name), label) for name, label in rows]),
}


@pytest.mark.parametrize("way", WAYS)
def test_a_list_of_a_folder_is_the_folders_task(way: str, pets: Path, tmp_path: Path) -> None:
    path = WAYS[way](tmp_path / "photos.csv", rows_of(pets, tmp_path))
    found, expected = outline(str(path)), outline(str(pets))
    assert (found.digest, found.classes, found.train_counts) == (expected.digest, ("cat", "dog"), (6, 6))
    assert found.name == path.name
    assert found.native_size is None
    assert found.left_out == ""


@pytest.mark.parametrize("names", [("train", "test"), ("Training", "VAL"), ("train", "valid")])
def test_splits_are_the_parts_of_a_folder(names: tuple[str, str], pets: Path, tmp_path: Path) -> None:
    root = tmp_path / "parts"
    rows: list[tuple[str, ...]] = []
    for file in sorted(pets.rglob("*.png")):
        part = int(int(file.stem) >= 5)
        place = root / ("train", "test")[part] / file.parent.name / file.name
        place.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(file, place)
        rows.append((str(file), file.parent.name, names[part]))
    found = outline(str(written(tmp_path / "list.csv", rows, "path,label,split\n")))
    assert found.digest == outline(str(root)).digest
    assert (found.train_counts, found.test_counts) == ((5, 5), (3, 3))
    assert outline(str(as_json(tmp_path / "list.jsonl", rows))).digest == found.digest


def test_parts_beside_the_two_and_lines_that_repeat_others_are_counted(pets: Path, tmp_path: Path) -> None:
    rows = rows_of(pets, tmp_path)
    splits = ["train", "val", "test", "train"] * 4
    every: Rows = [(*row, split) for row, split in zip(rows, splits, strict=True)]
    found = outline(str(written(tmp_path / "list.csv", [*every, every[0]])))
    assert (found.train_counts, found.test_counts) == ((4, 4), (2, 2))
    assert "4 images left out of parts beside the two; 1 line left out as repeated" in found.health()


def test_one_image_in_both_parts_is_found(pets: Path, tmp_path: Path) -> None:
    rows = rows_of(pets, tmp_path)
    shutil.copy(pets / "cat" / "0.png", pets / "copy.png")
    every = [*((*row, "train") for row in rows), (*rows[9], "test"), ("pets/copy.png", "cat", "test")]
    found = outline(str(written(tmp_path / "list.csv", every)))
    assert (found.test_images, found.twins) == (2, 2)
    assert any("2 of 2 test images stand among the training images too" in line for line in found.health())


def test_labels_that_are_numbers_are_names(pets: Path, tmp_path: Path) -> None:
    rows = [(name, int(label == "dog")) for name, label in rows_of(pets, tmp_path)]
    path = tmp_path / "list.jsonl"
    path.write_text("\n".join(json.dumps({"path": name, "label": label}) for name, label in rows))
    assert outline(str(path)).classes == ("0", "1")


@pytest.mark.parametrize("form", ["NFC", "NFD"])
def test_names_in_korean_are_found_however_they_are_written(form: str, pets: Path, tmp_path: Path) -> None:
    """macOS writes a syllable as its letters, others as one character."""
    root = tmp_path / "사진"
    root.mkdir()
    rows = []
    for file in sorted(pets.rglob("*.png")):
        label = {"cat": "고양이", "dog": "개"}[file.parent.name]
        name = unicodedata.normalize("NFC", f"{label} {file.stem}.png")
        shutil.copy(file, root / name)
        rows.append(tuple(unicodedata.normalize(form, text) for text in (name, label)))
    found = outline(str(written(root / "목록.csv", rows)))
    assert found.classes == ("개", "고양이")
    assert found.train_counts == (6, 6)
    assert found.name == "목록.csv"
    images = get_task(str(root / "목록.csv")).train_images
    assert len(images) == 12


REFUSED: dict[str, tuple[Callable[[Rows], Rows], str]] = {
    "missing files": (
        lambda rows: [*rows, *((f"gone/{n}.jpg", "cat") for n in range(7))],
        "7 of 23 images are missing: gone/0.jpg, gone/1.jpg, gone/2.jpg, gone/3.jpg, gone/4.jpg and 2 more; paths",
    ),
    "an unknown header": (
        lambda rows: [("id", "breed"), *rows],
        "line 1: 'id' is no file; if it is a column's name, let the first line be path,label[,split]",
    ),
    "half a header": (
        lambda rows: [("file", "breed", "weight"), *((*row, "3") for row in rows)],
        "line 1: columns 'file', 'breed', 'weight' name no path and label; let the first line be path,label[,split]",
    ),
    "four columns": (
        lambda rows: [(*row, "train", "1") for row in rows],
        "line 1: columns 'pets/cat/0.png', 'cat', 'train', '1' name no path and label",
    ),
    "labels that differ in case": (
        lambda rows: [("pets/cat/0.png", "Cat"), ("pets/cat/1.png", "ca t"), *rows[2:]],
        "labels differ in case or spaces alone: 'Cat' (1) and 'ca t' (1) and 'cat' (6); write them alike where ",
    ),
    "two labels": (
        lambda rows: [*rows, ("pets/./cat/../cat/0.png", "fox"), ("pets/cat/0.png", "dog")],
        "pets/cat/0.png is 'cat' in line 1 and 'dog' in line 18; keep one of them",
    ),
    "an empty label": (lambda rows: [*rows[:2], (rows[2][0], " ")], "line 3: no label; fill it in"),
    "an empty path": (lambda rows: [*rows[:2], ("", "cat")], "line 3: no path; fill it in"),
    "a short line": (lambda rows: [*rows, ("pets/cat/0.png",)], "line 17: 1 column, where 2 are needed"),
    "an unknown split": (
        lambda rows: [(*row, "tset") for row in rows],
        "line 1: unknown split 'tset': did you mean test",
    ),
    "a split that is missing": (
        lambda rows: [*((*row, "train") for row in rows[:3]), (*rows[3], "")],
        "line 4: no split, where other lines have one; fill it in",
    ),
    "nothing to test on": (
        lambda rows: [(*row, "train") for row in rows],
        "train to train on, but no 'test' or 'val'; add some, or leave the splits out",
    ),
    "nothing to train on": (
        lambda rows: [(*row, "val") for row in rows],
        "val to test on, but no 'train' to train on",
    ),
    "a class to test on alone": (
        lambda rows: [(*row, "train" if row[1] == "cat" else "test") for row in rows],
        "classes to test on without an image to train on: dog",
    ),
    "one class": (lambda rows: rows[:EACH], "only one class, 'cat'; a task needs at least two"),
    "a class of one image": (
        lambda rows: rows[: EACH + 1],
        "class 'dog' has one image; train and test need one each",
    ),
    "one column": (
        lambda rows: [(row[0],) for row in rows],
        "one column; write path,label[,split] with a comma, semicolon or tab between",
    ),
    "nothing": (lambda rows: [], "no rows; write path,label for each image"),
}


@pytest.mark.parametrize("kind", REFUSED)
def test_what_is_no_list_is_refused_in_one_line(
    kind: str, pets: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    change, said = REFUSED[kind]
    path = written(tmp_path / "list.csv", change(rows_of(pets, tmp_path)))
    with pytest.raises(InputFileError) as refused:
        outline(str(path))
    assert str(refused.value).startswith(f"{path}: ")
    assert said in str(refused.value)
    with pytest.raises(SystemExit) as ended:
        main(["transfer", "timm/test_resnet", "--task", str(path)])
    assert ended.value.code == 2
    printed = capsys.readouterr().err.strip().splitlines()
    assert said in printed[-1]


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"\x89PNG\r\n\x1a\n\x00\xff\xfe", "no text in UTF-8 or UTF-16; save it as UTF-8"),
        (b"PK\x03\x04 and more", "a zip archive; unpack it"),
        (b'{"path": "a.png", "label": "b"}\n{"path"', "line 2: no JSON; write one object a line"),
        (b'{"name": "a.png", "label": "b"}', "line 1: no object with a path and a label"),
        (b'{"path": "a.png", "label": null}', "line 1: no label; fill it in"),
        (b"\x1f\x8b and no more", "packed, and cut short or damaged; fetch it again"),
        (b"path,label\n" + b"x" * 200_000 + b",cat\n", "line 2: no CSV: field larger than field limit"),
    ],
)
def test_what_is_no_table_is_refused(content: bytes, said: str, tmp_path: Path) -> None:
    path = tmp_path / "list.csv"
    path.write_bytes(content)
    with pytest.raises(InputFileError) as refused:
        read_rows(path)
    assert said in str(refused.value)


def test_images_that_are_none_are_named(pets: Path, tmp_path: Path) -> None:
    (pets / "dog" / "3.png").write_bytes(b"no image")
    path = written(tmp_path / "list.csv", rows_of(pets, tmp_path))
    with pytest.raises(InputFileError, match=r"list\.csv: 1 corrupt image: pets/dog/3\.png; mend them"):
        outline(str(path))
    assert outline(str(path), "skip").skipped == ("pets/dog/3.png",)


def test_a_list_is_read_once_until_it_or_an_image_changes(pets: Path, tmp_path: Path) -> None:
    path = written(tmp_path / "list.csv", rows_of(pets, tmp_path))
    read: list[int] = []

    def known() -> bool:
        read.clear()
        outline(str(path), on_read=lambda done, total: read.append(total))
        return not read

    assert not known()
    assert known()
    Image.new("RGB", (9, 9)).save(pets / "cat" / "0.png")
    assert not known()
    assert read == [1]
    before = outline(str(path))
    written(path, rows_of(pets, tmp_path)[1:])
    assert outline(str(path)).train_counts != before.train_counts


def test_a_list_is_known_by_its_ending() -> None:
    assert all(is_list(Path(name)) for name in ("a.csv", "b/A.CSV", "c.jsonl.gz", "d.tsv", "e.ndjson.xz"))
    assert not any(is_list(Path(name)) for name in ("a", "a.txt", "csv", "a.csv.zip", "a.gz"))


def test_what_is_not_there_and_what_is_no_list(tmp_path: Path) -> None:
    with pytest.raises(InputFileError, match=r"photos\.csv: no such file"):
        check_task_name(str(tmp_path / "photos.csv"))
    (tmp_path / "notes.txt").write_text("x")
    with pytest.raises(InputFileError, match=r"a list of images ends in \.csv or \.jsonl"):
        check_task_name(str(tmp_path / "notes.txt"))
    with pytest.raises(UnknownNameError, match=r"or of a list of images \(\.csv, \.jsonl\)"):
        check_task_name("digtis")


def test_a_list_goes_where_a_task_goes(pets: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """In Python, in a suite and on the command line, where its name may have commas in it."""
    path = written(tmp_path / "red, green.csv", rows_of(pets, tmp_path))
    found = transfer("timm/test_resnet", task=path, strategies="pixels", seeds=1)
    (record,) = found.records
    assert (record.trial.transfer.task, record.trial.transfer.task_digest) == (path.name, outline(str(pets)).digest)
    monkeypatch.setenv("HOME", str(tmp_path))
    suite = tmp_path / "mine.toml"
    suite.write_text(
        '[suite]\nname = "mine"\nmodels = ["timm/test_resnet"]\n[transfer]\ntasks = ["~/red, green.csv"]\n'
    )
    plan = load_suite(str(suite)).transfer
    assert plan is not None
    assert outline(plan.tasks[0]).digest == outline(str(pets)).digest
    monkeypatch.chdir(tmp_path)
    assert tasks(["red, green.csv", "digits,gratings"]) == ("red, green.csv", "digits", "gratings")
