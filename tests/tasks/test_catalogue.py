"""Tasks by name, from outside too; and outlines, for which images are made once and not again."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from tests.tasks.planted import Squares
from zoo.errors import InputFileError, UnknownNameError, ZooError
from zoo.images import signature
from zoo.outcome import Status
from zoo.paths import cache_dir, tasks_dir
from zoo.regimes.cell import run_job
from zoo.regimes.strategies.base import TransferJob
from zoo.tasks import catalogue
from zoo.tasks.catalogue import TASKS, check_task_name, get_task, outline, task_names
from zoo.tasks.outline import outline_of

NAME = "theirs/squares"


def forget() -> None:
    """What a new process knows of tasks: what the cache holds."""
    for function in (catalogue._made_by_name, catalogue._made_folder, signature.code_signature):
        function.cache_clear()


@pytest.fixture(autouse=True)
def new_process() -> Iterator[None]:
    forget()
    yield
    TASKS.unregister(NAME)
    forget()


def refuse(*_: Any, **__: Any) -> Any:
    raise AssertionError("an image was made to plan")


def folder(path: Path, each: int = 4) -> Path:
    for index, name in enumerate(("cat", "dog")):
        (path / name).mkdir(parents=True)
        for number in range(each):
            Image.new("RGB", (12, 10), (90 * index, number, 9)).save(path / name / f"{number}.png")
    return path


def read_again(path: Path, corrupt: str = "refuse") -> bool:
    """Whether a new process opens images for the outline of a folder."""
    forget()
    opened: list[Any] = []
    plain = Image.open
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Image, "open", lambda *a, **k: (opened.append(a), plain(*a, **k))[1])
        outline(str(path), corrupt)
    return bool(opened)


@pytest.mark.parametrize("name", task_names())
def test_an_embedded_task_is_drawn_once_for_all_plans(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    first = outline(name)
    task = get_task(name)
    assert first == outline_of(task)
    assert first.train_counts == tuple(np.bincount(task.train_labels))
    assert (first.test_images, first.native_size) == (len(task.test_images), 32)
    forget()
    monkeypatch.setattr("zoo.tasks.embedded.definition.EmbeddedTask.make", refuse)
    assert outline(name) == first


def test_other_libraries_or_other_code_draw_anew(monkeypatch: pytest.MonkeyPatch) -> None:
    outline("gratings")
    forget()
    monkeypatch.setattr("zoo.tasks.embedded.definition.EmbeddedTask.make", refuse)
    monkeypatch.setattr(signature.metadata, "version", lambda library: "99")
    with pytest.raises(AssertionError, match="was made to plan"):
        outline("gratings")
    monkeypatch.undo()
    forget()
    monkeypatch.setattr("zoo.tasks.embedded.definition.EmbeddedTask.make", refuse)
    monkeypatch.setattr(signature, "_own_code", lambda *_: "changed")
    with pytest.raises(AssertionError, match="was made to plan"):
        outline("gratings")


def test_a_folder_is_read_once_for_all_plans_and_again_where_a_file_changed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = folder(tmp_path / "pets")
    assert read_again(path)
    assert not read_again(path)
    first = outline(str(path))
    assert first == outline_of(get_task(str(path)))
    assert first.train_counts == (3, 3)
    monkeypatch.chdir(tmp_path)
    assert outline("pets").digest == first.digest  # by another name, and not read for it

    file = path / "cat" / "0.png"
    before = file.stat()
    Image.new("RGB", (12, 10), (200, 0, 0)).save(file)
    os.utime(file, ns=(before.st_atime_ns, before.st_mtime_ns + 1))  # a nanosecond is enough
    changed = outline(str(path))
    assert changed.digest != first.digest
    assert get_task(str(path)).digest == changed.digest  # in this process too
    assert not read_again(path)
    Image.new("RGB", (12, 10), (1, 2, 3)).save(path / "dog" / "more.png")
    assert read_again(path)
    (path / "dog" / "more.png").unlink()
    assert not read_again(path)  # the files that are left were read
    assert outline(str(path)) == replace(changed, read_s=outline(str(path)).read_s)


def test_what_is_done_about_corrupt_images_is_remembered_each_for_itself(tmp_path: Path) -> None:
    path = folder(tmp_path / "pets")
    (path / "dog" / "3.png").write_bytes(b"no image")
    assert read_again(path, "skip")
    assert outline(str(path), "skip").skipped == ("dog/3.png",)
    assert not read_again(path, "skip")
    for _ in range(2):
        with pytest.raises(InputFileError, match=r"1 corrupt image: dog/3.png"):
            read_again(path)
    with pytest.raises(UnknownNameError, match="refuse, skip"):
        outline(str(path), "ignore")


@pytest.mark.parametrize("damage", ["", "[]", '{"version": 1}', "half", "classes"])
def test_a_damaged_memory_is_made_again(tmp_path: Path, damage: str) -> None:
    path = folder(tmp_path / "pets")
    first = outline(str(path))
    (file,) = tasks_dir().iterdir()
    content = file.read_text()
    damaged = {"half": content[: len(content) // 2], "classes": content.replace('["cat", "dog"]', "7")}
    file.write_text(damaged.get(damage, damage))
    (read,) = (cache_dir() / "files").iterdir()
    read.write_text(damage or read.read_text()[:99])
    assert read_again(path)
    assert outline(str(path)) == replace(first, read_s=outline(str(path)).read_s)
    assert json.loads(file.read_text()).keys() == json.loads(content).keys()


def test_a_cache_that_cannot_be_written_is_done_without(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "file").write_text("no folder")
    monkeypatch.setenv("ZOO_CACHE", str(tmp_path / "file"))
    assert outline("gratings").test_images == 600


def test_a_folder_that_changed_while_it_was_read_is_not_remembered(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = folder(tmp_path / "pets")
    make = catalogue.FolderTask.make
    changed = min((path / "dog").iterdir())

    def meanwhile(*asked: Any) -> Any:
        task = make(*asked)
        Image.new("RGB", (13, 10), (5, 5, 5)).save(changed)
        return task

    monkeypatch.setattr(catalogue.FolderTask, "make", meanwhile)
    before = outline(str(path))
    assert not tasks_dir().exists()
    changed = path / "dog" / "late.png"
    counted = sum(before.train_counts) + before.test_images
    for expected in (counted, counted + 1):
        found = outline(str(path))
        assert sum(found.train_counts) + found.test_images == expected


def test_a_task_from_outside_is_one_among_the_others(monkeypatch: pytest.MonkeyPatch) -> None:
    TASKS.register(NAME, "tests.tasks.planted:SQUARES")
    assert task_names()[-1] == NAME
    check_task_name(NAME)
    assert outline(NAME).classes == ("dark", "bright")
    outcome = run_job(TransferJob("control/pixels", None, "pixels", NAME, 3, 0, None))
    assert outcome.status == Status.OK
    assert outcome.metrics["accuracy"].value == 1.0  # dark or bright, seen by any classifier
    with pytest.raises(UnknownNameError, match=r"mean theirs/squares.*added are theirs/squares; or a data set"):
        get_task("theirs/square")


def test_what_states_nothing_is_made_once_a_process_and_what_states_something_once(tmp_path: Path) -> None:
    for stated, made in ((None, 2), ("first edition", 1)):
        squares = Squares(stated=stated)
        TASKS.register(NAME, squares)
        for _ in range(2):
            forget()
            first = outline(NAME)
            assert outline(NAME) == first
            assert first.train_counts == (6, 6)
        assert len(squares.drawn) == made
        TASKS.unregister(NAME)
    TASKS.register(NAME, Squares(each=7, stated="second edition"))
    assert outline(NAME).train_counts == (7, 7)


def test_an_unknown_name_is_told_what_is_near(tmp_path: Path) -> None:
    with pytest.raises(ZooError) as caught:
        outline("digit")
    assert str(caught.value) == (
        "unknown task 'digit': did you mean digits, DTD, OxfordIIITPet? (embedded are digits, letters-am, "
        "letters-nz, gratings, photographs; or a data set of torchvision's (CIFAR10, …), the path of an image "
        "folder, or of a list of images (.csv, .jsonl))"
    )
