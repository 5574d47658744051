"""Each command is imported when it is called, and the list of commands says what each one's help says."""

from __future__ import annotations

import subprocess
import sys

import pytest

from zoo.cli.commands import COMMANDS
from zoo.cli.main import loaded


@pytest.mark.parametrize("name", COMMANDS)
def test_the_list_says_what_the_help_says(name: str) -> None:
    command = loaded(name)
    assert command.name == name
    assert command.help.splitlines()[0] == COMMANDS[name][1]


def test_the_list_of_commands_imports_none_of_them() -> None:
    script = (
        "import sys\nfrom zoo.cli.main import main\n"
        "try:\n    main(['--help'])\nexcept SystemExit:\n    pass\n"
        "found = [name for name in sys.modules if name.startswith('zoo.cli.commands.')]\n"
        "assert not found and 'pydantic' not in sys.modules, found\n"
    )
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert all(f"  {name} " in done.stdout for name in COMMANDS)


def test_a_command_that_is_none_is_told_with_the_nearest(capsys: pytest.CaptureFixture[str]) -> None:
    from zoo.cli.main import main

    with pytest.raises(SystemExit) as caught:
        main(["chose"])
    assert caught.value.code == 2
    assert "No such command 'chose'" in capsys.readouterr().err
