"""A shell completes commands, options, models and suites, and is told how by the zoo itself."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import psutil
import pytest

from zoo.cli import shell
from zoo.cli.main import main


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("HOME", str(tmp_path))
    return tmp_path


def call(words: list[str], capsys: pytest.CaptureFixture[str], code: int = 0) -> str:
    capsys.readouterr()
    with pytest.raises(SystemExit) as caught:
        main(words)
    shown = capsys.readouterr()
    assert caught.value.code == code, shown.err
    return shown.err if code else shown.out


def started_from(monkeypatch: pytest.MonkeyPatch, *names: str, variable: str = "") -> None:
    class Parent:
        def __init__(self, name: str) -> None:
            self.name = lambda: name

    monkeypatch.setattr(psutil.Process, "parents", lambda _: [Parent(name) for name in names])
    monkeypatch.setenv("SHELL", variable)


def completed(line: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> list[str]:
    """What is offered for the last word of a line, each as "kind,text"."""
    monkeypatch.setenv(shell.VARIABLE, "bash_complete")
    monkeypatch.setenv("COMP_WORDS", f"zoo {line}")
    monkeypatch.setenv("COMP_CWORD", str(len(line.split(" "))))
    return [line for line in call([], capsys).splitlines() if line]


def test_commands_options_models_and_suites_are_completed(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def offered(line: str) -> list[str]:
        return completed(line, monkeypatch, capsys)

    assert offered("re") == ["plain,report", "plain,results"]
    assert offered("results ex") == ["plain,export"]
    assert offered("list --max-") == ["plain,--max-params", "plain,--max-macs"]
    assert "plain,--max-latency-ms" in offered("choose --max-")
    for command in ("show", "bench", "transfer", "evaluate", "fetch", "pretrain"):
        assert "plain,resnet18" in offered(f"{command} resnet1"), command
    assert "plain,torchvision/resnet18" in offered("bench alexnet torchvision/resnet1")
    for words in ("run", "report", "fetch --suite", "choose --suite"):
        assert offered(f"{words} q") == ["plain,quick"], words
    assert len(offered("show ")) == 200


def test_files_and_folders_are_left_to_the_shell(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    for line, kind in (
        ("run my-", "file"),
        ("compare before.", "file"),
        ("results import o", "file"),
        ("choose --from x", "file"),
        ("list --format json", None),
        ("run --store re", "file"),
        ("run --report re", "dir"),
        ("evaluate resnet18 --data x", "dir"),
    ):
        expected = [] if kind is None else [f"{kind},{line.rpartition(' ')[2]}"]
        assert completed(line, monkeypatch, capsys) == expected, line


def test_completion_imports_only_the_command_at_hand() -> None:
    script = (
        "import sys\nfrom zoo.cli.main import main\n"
        "try:\n    main([])\nexcept SystemExit:\n    pass\n"
        "print([name for name in sys.modules if name.startswith('zoo.commands.')], file=sys.stderr)\n"
    )
    for words, loaded in (("zoo s", []), ("zoo show res", ["zoo.commands.show"])):
        known = {shell.VARIABLE: "bash_complete", "COMP_WORDS": words, "COMP_CWORD": str(words.count(" "))}
        done = subprocess.run(
            [sys.executable, "-c", script], capture_output=True, text=True, check=True, env=os.environ | known
        )
        assert done.stderr.strip() == str(loaded)


def test_bash_completes_by_the_script_that_is_shown(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    started_from(monkeypatch, "python3", "bash", "tmux")
    script = tmp_path / "completion.sh"
    script.write_text(call(["--show-completion"], capsys))
    program = tmp_path / "zoo"
    program.write_text(f'#!/bin/sh\nexec "{sys.executable}" -m zoo "$@"\n')
    program.chmod(0o755)
    line = (
        f"source {script}; COMP_WORDS=(zoo show torchvision/resnet1); COMP_CWORD=2; "
        '_zoo_completion zoo; echo "${COMPREPLY[@]}"'
    )
    known = os.environ | {"PATH": f"{tmp_path}:{os.environ['PATH']}"}
    done = subprocess.run(["bash", "-c", line], capture_output=True, text=True, check=True, env=known)
    assert done.stdout.split() == [f"torchvision/resnet1{number}" for number in ("01", "52", "8")], done.stderr


@pytest.mark.parametrize("name", shell.SHELLS)
def test_the_script_of_each_shell_is_shown(
    name: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    started_from(monkeypatch, name)
    script = call(["--show-completion"], capsys)
    assert f"{shell.VARIABLE}={name}_complete" in script
    if shutil.which(name) is not None:
        subprocess.run([name, "-n"], input=script, text=True, check=True)


@pytest.mark.parametrize(
    ("name", "written", "start", "line"),
    [
        ("bash", ".bash_completions/zoo.sh", ".bashrc", "source '{}'"),
        ("zsh", ".zfunc/_zoo", ".zshrc", "fpath+=~/.zfunc; autoload -Uz compinit; compinit"),
        ("fish", ".config/fish/completions/zoo.fish", None, ""),
    ],
)
def test_completion_is_installed_once(
    name: str,
    written: str,
    start: str | None,
    line: str,
    home: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    if start is not None:
        (home / start).write_text("alias ll='ls -l'")
    started_from(monkeypatch, variable=f"/usr/bin/{name}")
    for _ in range(2):
        out = call(["--install-completion"], capsys)
    assert f"{name} completion installed in {home / written}" in out
    assert call(["--show-completion"], capsys) in ((home / written).read_text(), (home / written).read_text() + "\n")
    if start is not None:
        lines = (home / start).read_text().splitlines()
        assert lines == ["alias ll='ls -l'", line.format(home / written)]


def test_what_cannot_be_installed_is_one_line(
    home: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    started_from(monkeypatch, "python3", variable="/bin/tcsh")
    said = call(["--install-completion"], capsys, code=2)
    assert said == "zoo: error: no shell found that completion is for (bash, zsh, fish); name yours in $SHELL\n"
    started_from(monkeypatch, "fish")
    (home / ".config").write_text("no folder")
    said = call(["--install-completion"], capsys, code=2)
    assert "cannot write the completion" in said
    assert len(said.splitlines()) == 1
