"""What of a path others may read: its last name, however it is written."""

from __future__ import annotations

from pathlib import Path

import pytest

from zoo.paths import shown_command, shown_name, shown_path


def test_a_folder_has_one_name_by_whatever_path(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    home = tmp_path / "flowers"
    (home / "train").mkdir(parents=True)
    (tmp_path / "link").symlink_to(home)
    monkeypatch.chdir(tmp_path)
    for path in (f"{home}/", "flowers", "./flowers/", "flowers/train/..", "link"):
        assert shown_name(Path(path)) == "flowers"
    monkeypatch.chdir(home)
    assert shown_name(Path()) == shown_name(Path("train/..")) == "flowers"
    assert shown_name(Path("/")) == "folder"


def test_a_path_is_shown_below_the_current_folder_alone() -> None:
    assert shown_path("suites/tiny.toml") == "suites/tiny.toml"
    assert shown_path("quick") == "quick"
    for hidden in ("/srv/ada/tiny.toml", "../ada/tiny.toml", "~/ada/tiny.toml"):
        assert shown_path(hidden) == "tiny.toml"
    assert shown_command("report", "--from", "/srv/ada/my records.jsonl") == "zoo report --from 'my records.jsonl'"
