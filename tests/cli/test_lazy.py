"""Each command is imported when it is called, and the list of commands says what each one's help says."""

from __future__ import annotations

import subprocess
import sys

import pytest

from zoo.cli.main import loaded
from zoo.cli.table import COMMANDS


@pytest.mark.parametrize("name", COMMANDS)
def test_the_list_says_what_the_help_says(name: str) -> None:
    command = loaded(name)
    assert command.name == name
    assert command.help.splitlines()[0] == COMMANDS[name][1]


def test_the_list_of_commands_imports_none_of_them() -> None:
    script = (
        "import sys\nfrom zoo.cli.main import main\n"
        "try:\n    main(['--help'])\nexcept SystemExit:\n    pass\n"
        "found = [name for name in sys.modules if name.startswith('zoo.commands.')]\n"
        "assert not found, found\n"
    )
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert all(f"  {name} " in done.stdout for name in COMMANDS)


@pytest.mark.parametrize(
    ("words", "spared"),
    [
        (["--help"], ["importlib.metadata", "zoo.registry", "zoo.report"]),
        (["list", "--help"], ["zoo.results", "zoo.runs", "sqlalchemy"]),
        (["list", "--format", "json"], ["zoo.results", "zoo.runs", "zoo.cost", "zoo.tasks", "sqlalchemy"]),
        (["list", "resnet1*"], ["zoo.results", "zoo.runs", "zoo.cost", "zoo.tasks", "sqlalchemy"]),
        (["show", "resnet18"], ["zoo.runs", "zoo.results.jsonl", "zoo.models", "zoo.choice"]),
        (["show", "resnet18", "--format", "json"], ["zoo.runs", "zoo.results.jsonl", "sqlalchemy"]),
        (["results", "list", "--help"], ["zoo.runs"]),
    ],
    ids=" ".join,
)
def test_a_command_imports_only_what_it_needs(words: list[str], spared: list[str]) -> None:
    """Nor pydantic, which takes longer to import than most commands take."""
    script = (
        "import sys\nfrom zoo.cli.main import main\n"
        "*words, spared = sys.argv[1:]\n"
        "try:\n    main(words)\nexcept SystemExit as ended:\n    assert ended.code == 0, ended.code\n"
        "spared = tuple(f'{name}.' for name in spared.split(','))\n"
        "found = [name for name in sys.modules if f'{name}.'.startswith(spared)]\n"
        "assert not found, found\n"
    )
    names = ",".join([*spared, "pydantic", "typer"])
    done = subprocess.run([sys.executable, "-c", script, *words, names], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr


def test_a_command_that_is_none_is_told_with_the_nearest(capsys: pytest.CaptureFixture[str]) -> None:
    from zoo.cli.main import main

    with pytest.raises(SystemExit) as caught:
        main(["chose"])
    assert caught.value.code == 2
    assert "No such command 'chose'" in capsys.readouterr().err
