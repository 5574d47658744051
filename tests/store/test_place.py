"""A store's name is a path, taken as it stands, unless it begins as a URL does."""

from __future__ import annotations

import sqlite3
from pathlib import Path

import pytest

from tests.results.planted import cost
from zoo.cli.options import store_url
from zoo.paths import default_store_url
from zoo.store.database import is_missing
from zoo.store.store import Store

NAMES = [
    "a?b.db",
    "a%20b.db",
    "a#b",
    "a b.db",
    "b~",
    "~b.db",
    "50%.db",
    "file:x?mode=ro",
    "a&b=c;d.db",
    "ü.db",
    "x:y",
    "sqlite:plain.db",
    "new\nline.db",
    "'q' \"r\".db ",
    "C:\\x.db",
    "-d.db",
]


def names(folder: Path) -> list[str]:
    return [path.name for path in folder.iterdir()]


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    (tmp_path / "here").mkdir()
    monkeypatch.chdir(tmp_path / "here")
    monkeypatch.setenv("HOME", str(tmp_path / "home"))
    return tmp_path / "here"


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("way", ["--store", "ZOO_STORE", "whole path"])
def test_a_name_is_the_file_of_that_name(name: str, way: str, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    if way == "ZOO_STORE":
        monkeypatch.setenv("ZOO_STORE", name)
    url = default_store_url() if way == "ZOO_STORE" else store_url(name if way == "--store" else str(folder / name))
    assert is_missing(url)
    with Store(url) as store:
        store.add(cost("resnet18", 20.0))
    assert names(folder) == [name]
    assert not is_missing(url)
    with Store(url, read_only=True) as store:
        assert store.count() == 1
        assert store.name.endswith(name)
    assert names(folder) == [name]


@pytest.mark.parametrize("way", ["--store", "ZOO_STORE"])
def test_the_home_folder_is_meant_by_a_tilde_before_a_slash(
    way: str, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("ZOO_STORE", "~/sub/s.db")
    with Store(store_url("~/sub/s.db") if way == "--store" else default_store_url()):
        pass
    assert (folder.parent / "home" / "sub" / "s.db").is_file()
    assert names(folder) == []


def test_a_url_stays_one(folder: Path) -> None:
    with Store(store_url("sqlite:///a%20b.db?timeout=3")):
        pass
    assert names(folder) == ["a b.db"]
    with sqlite3.connect("a b.db") as database:
        assert database.execute("select count(*) from records").fetchone() == (0,)
    database.close()
    assert store_url("postgresql+psycopg://lab/zoo?sslmode=require") == "postgresql+psycopg://lab/zoo?sslmode=require"
