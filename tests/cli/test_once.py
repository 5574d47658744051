"""A command reads its suite once, and a run finds what can be chosen from once."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from tests.results.planted import a_suite
from zoo.candidates.candidates import find_candidates
from zoo.cli.main import main
from zoo.paths import default_store_url
from zoo.runs.execute import RunOutcome
from zoo.store.store import Store
from zoo.suites.file import load_suite


class Counted:
    """A function, and how often it was called."""

    def __init__(self, function: Any) -> None:
        self.function = function
        self.calls = 0

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        self.calls += 1
        return self.function(*args, **kwargs)


def called(words: list[str]) -> int:
    with pytest.raises(SystemExit) as ended:
        main(words)
    return int(ended.value.code or 0)


def test_a_run_finds_its_candidates_once(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    records = tuple(a_suite())
    monkeypatch.setattr("zoo.commands.run.run_suite", lambda *_, **__: RunOutcome("r", records, 0, 0, 0))
    found = Counted(find_candidates)
    for module in ("zoo.api.results", "zoo.choice.choice", "zoo.choice.verdict"):
        monkeypatch.setattr(f"{module}.find_candidates", found)
    assert called(["run", "smoke", "--report", str(tmp_path / "report")]) == 0
    printed = capsys.readouterr().out
    assert "Choice: torchvision/resnet18" in printed
    assert "Take **torchvision/resnet18" in (tmp_path / "report" / "README.md").read_text()
    assert found.calls == 1


def test_a_report_reads_its_suite_once(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    with Store(default_store_url()) as opened:
        opened.add_all(a_suite())
    suite = tmp_path / "mine.toml"
    suite.write_text('[suite]\nname = "planted"\nmodels = ["resnet18"]\n[cost]\ndevices = ["cpu"]\n')
    read = Counted(load_suite)
    monkeypatch.setattr("zoo.cli.reading.load_suite", read)
    assert called(["report", str(suite), "--report", str(tmp_path / "report")]) == 0
    assert "# Suite planted" in (tmp_path / "report" / "README.md").read_text()
    assert read.calls == 1
