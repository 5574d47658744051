"""What is printed fits the terminal at hand: its width, and its letters."""

from __future__ import annotations

import io
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.results.planted import a_suite, cost
from zoo import terminal
from zoo.api.results import Results
from zoo.cli.main import main
from zoo.formats import render
from zoo.formats.table import Table
from zoo.paths import default_store_url
from zoo.report.printed import printed
from zoo.runs.execute import RunOutcome
from zoo.store.store import Store

pytestmark = pytest.mark.usefixtures("without_packages")

WIDTHS = (40, 60, 80, 120, 200)
SIGNS = "×↓↑±–−…→·"


def in_letters(monkeypatch: pytest.MonkeyPatch, encoding: str) -> tuple[io.BytesIO, io.BytesIO]:
    """Standard output and error that show these letters alone, and fail at others."""
    streams = io.BytesIO(), io.BytesIO()
    for name, raw in zip(("stdout", "stderr"), streams, strict=True):
        monkeypatch.setattr(sys, name, io.TextIOWrapper(raw, encoding=encoding, errors="strict"))
    monkeypatch.setenv("PYTHONIOENCODING", encoding)
    return streams


def run(words: list[str]) -> int:
    with pytest.raises(SystemExit) as ended:
        main(words)
    sys.stdout.flush()
    sys.stderr.flush()
    assert isinstance(ended.value.code, int)
    return ended.value.code


@pytest.mark.parametrize("width", WIDTHS)
def test_no_line_of_any_table_is_wider_than_the_terminal(width: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", str(width))
    results = Results(a_suite())
    for text in (printed(results), printed(results.on("m1"))):
        assert max(map(len, text.splitlines())) <= width
        for number in ("[21.005, 21.202]", "[67.3, 74.7]", "RuntimeError: planted"):
            assert number.split()[-1] in text, "nothing is cut"


@pytest.mark.parametrize("width", WIDTHS)
def test_commands_use_the_width_there_is(
    width: int, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("COLUMNS", str(width))
    for words, whole in (
        (["list", "vit*siglip*"], "vit_base_"),
        (["list", "resnet1*"], "timm/resnet101_clip"),
        (["show", "timm/vit_base_patch16_siglip_gap_512.v2_webli"], "vit_base_patch16_"),
    ):
        assert run(words) == 0
        lines = capsys.readouterr().out.splitlines()
        wrapped = [line for line in lines if not line.startswith("Python ")]  # which stays whole, to be copied
        assert max(map(len, wrapped)) <= width
        assert any(whole in line for line in lines)


def test_headers_are_wrapped_only_where_they_must_be(monkeypatch: pytest.MonkeyPatch) -> None:
    headers = ("model", "latency, 2 threads, ms ↓", "published top-1, % ↑")
    table = Table("", "", headers, (("a", "21.0 [20.9, 21.1]", "69.8"),))
    for width, lines in ((200, 3), (80, 3), (60, 3), (40, 4)):
        monkeypatch.setenv("COLUMNS", str(width))
        text = render(table)
        assert len(text.splitlines()) <= lines + 2 * (width == 40)
        assert (headers[1] in text) == (width > 40)


def test_a_table_that_nothing_makes_fit_is_written_row_by_row(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "40")
    headers = ("model", *(f"column {n}" for n in range(9)))
    text = render(Table("Title", "Caption.", headers, (("a/b", *"123456789"), ("c/d", *"987654321"))))
    lines = text.splitlines()
    assert lines[:5] == ["Title", "-" * 40, "a/b", "  column 0: 1", "  column 1: 2"]
    assert lines[-1] == "Caption."


@pytest.mark.parametrize(
    ("stated", "width"), [("", 100), ("0", 100), ("wide", 100), ("10", 40), ("73", 73), ("999", 200)]
)
def test_the_width_is_stated_or_that_of_a_page(stated: str, width: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", stated)
    assert terminal.width() == width


@pytest.mark.parametrize("encoding", ["ascii", "latin-1", "cp1252"])
def test_plain_letters_stand_for_what_cannot_be_shown(encoding: str, monkeypatch: pytest.MonkeyPatch) -> None:
    out, err = in_letters(monkeypatch, encoding)
    assert run(["show", "resnet18"]) == 0
    assert run(["list", "resnet1*"]) == 0
    assert run(["show", "résnet/模型 ↓"]) == 2
    assert run(["compare", "a→b", "c"]) == 2
    assert run(["--help"]) == 0
    shown, said = out.getvalue().decode(encoding), err.getvalue().decode(encoding)
    assert ("3 x 224 x 224" in shown) == (encoding == "ascii")
    assert "r\\xe9snet" in said if encoding == "ascii" else "résnet" in said
    assert "\\u6a21\\u578b v" in said
    assert "a->b" in said


@pytest.fixture
def planted(monkeypatch: pytest.MonkeyPatch) -> None:
    """A store with records, of one model whose name has letters that few terminals show."""
    records = [*a_suite(), cost("résnet_模型", 30.0)]
    with Store(default_store_url()) as store:
        store.add_all(records)
    monkeypatch.setattr("zoo.commands.run.run_suite", lambda *_, **__: RunOutcome("r", tuple(records), 1, 0, 1, 2))


@pytest.mark.parametrize("encoding", ["ascii", "cp1252"])
@pytest.mark.parametrize(
    ("words", "shown"),
    [
        (["run", "smoke"], "Choice: torchvision/resnet18"),
        (["run", "smoke", "--format", "md"], "| model"),
        (["report"], "README.md"),
        (["choose"], "Choice: torchvision/resnet18"),
        (["choose", "--max-latency-ms", "1"], "latency"),
        (["doctor"], "machine  "),
        (["results", "list"], "planted"),
        (["weights"], "0 files"),
        (["compare", "--models", "torchvision/resnet18", "torchvision/squeezenet1_0"], "latency"),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, list) else "",
)
def test_every_command_prints_plain_letters_of_a_store(
    words: list[str], shown: str, encoding: str, planted: None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("zoo.commands.doctor.WATCH_S", 0.01)
    report = ["--report", str(tmp_path / "report")] if words[0] in ("run", "report") else []
    out, err = in_letters(monkeypatch, encoding)
    run([*words, *report])
    printed, said = out.getvalue().decode(encoding), err.getvalue().decode(encoding)
    assert shown in printed + said
    assert "Traceback" not in said
    assert "Error" not in said.replace("RuntimeError: planted", "")
    assert not set(printed + said) & set(SIGNS) or encoding != "ascii"
    if report:  # a page is read by browsers, and is in UTF-8 wherever it is written
        assert "—" in (tmp_path / "report" / "README.md").read_text("utf-8")


def test_in_a_real_poor_locale_the_letters_are_plain(planted: None) -> None:
    poor = {name: value for name, value in os.environ.items() if not name.startswith(("LC_", "LANG", "PYTHONIO"))}
    poor.pop("PYTHONUTF8", None)
    done = subprocess.run(
        [sys.executable, "-m", "zoo", "choose"],
        env=poor | {"LC_ALL": "C"},
        cwd=Path(__file__).parents[1],
        capture_output=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert done.stdout.isascii()
    assert done.stderr.isascii()
    assert b"Choice: torchvision/resnet18" in done.stdout


@pytest.mark.parametrize("encoding", ["ascii", "latin-1", "cp1252"])
def test_a_table_in_plain_letters_is_aligned(encoding: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "60")
    results = Results(a_suite())
    in_letters(monkeypatch, encoding)
    terminal.fit_streams()
    text = printed(results)
    text.encode(encoding)
    assert max(map(len, text.splitlines())) <= 60
    assert "ms v" in " ".join(text.split())
    assert ("+-" in text) == (encoding == "ascii")


def test_every_sign_that_the_zoo_prints_has_plain_letters() -> None:
    assert all(terminal.shown(sign, "ascii").isascii() for sign in SIGNS)
    assert "\\" not in terminal.shown(SIGNS, "ascii")
    assert terminal.shown(SIGNS, "utf-8") == SIGNS
    assert terminal.shown("\udcff", "utf-8") == "\\udcff", "a file's name that is no text"


@pytest.mark.parametrize(
    ("variables", "mode", "expected"),
    [
        ({}, 1, "ascii"),
        ({}, 0, "utf-8"),
        ({"PYTHONUTF8": "1"}, 1, "utf-8"),
        ({"PYTHONIOENCODING": "utf-8"}, 1, "utf-8"),
    ],
)
def test_in_the_c_locale_letters_are_plain_unless_python_is_told_otherwise(
    variables: dict[str, str], mode: int, expected: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    in_letters(monkeypatch, "utf-8")
    monkeypatch.delenv("PYTHONIOENCODING")
    monkeypatch.setattr("locale.getencoding", lambda: "ascii")
    monkeypatch.setattr("zoo.terminal.sys.flags", type("Flags", (), {"utf8_mode": mode}))
    for name, value in variables.items():
        monkeypatch.setenv(name, value)
    terminal.fit_streams()
    assert sys.stdout.encoding == sys.stderr.encoding == expected


def test_a_long_name_is_broken_where_a_name_has_parts(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "40")
    lines = render(Table("", "", ("model",), (("timm/vit_base_patch16_siglip_gap_512.v2_webli",),))).splitlines()
    assert lines[-2:] == ["timm/vit_base_patch16_siglip_gap_512.v2_", "webli"]


def test_a_wide_letter_takes_two_columns() -> None:
    table = Table("", "", ("model", "n"), (("模型", "1"), ("ab", "22")))
    assert render(table).splitlines()[-2:] == ["模型    1", "ab     22"]
    long = render(Table("", "", ("model", "n"), (("模" * 80, "1"),)))
    assert max(map(terminal.cells, long.splitlines())) <= terminal.WIDTH
    assert long.count("模") == 80


def test_streams_without_letters_of_their_own_are_left(monkeypatch: pytest.MonkeyPatch) -> None:
    written: list[str] = []
    stream: Callable[[str], None] = written.append
    monkeypatch.setattr(
        sys, "stdout", type("Stream", (), {"write": staticmethod(stream), "isatty": lambda self: False})()
    )
    terminal.fit_streams()
    assert terminal.width() == terminal.WIDTH
    assert terminal.shown("×") == "×"
