"""The script by which a shell completes, shown or installed."""

from __future__ import annotations

import os
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from zoo.errors import InputFileError, ZooError

if TYPE_CHECKING:
    from collections.abc import Callable

PROGRAM = "zoo"
VARIABLE = "_ZOO_COMPLETE"
"""Set by the script when it asks for completions."""

SHELLS = ("bash", "zsh", "fish")


def completion_options(command: Callable[..., Any]) -> Callable[..., Any]:
    """Give a command ``--install-completion`` and ``--show-completion``."""
    for name, callback, text in (
        ("--show-completion", _show, "Show the script of the current shell's completion, to copy or change it."),
        ("--install-completion", _install, "Install completion for the current shell."),
    ):
        command = click.option(
            name, is_flag=True, is_eager=True, expose_value=False, callback=callback, help=text
        )(command)  # fmt: skip
    return command


def answer(program: click.Command) -> int | None:
    """Answer a shell that asks for completions.

    Returns
    -------
    int or None
        An exit code, or None where no shell asks.
    """
    if not (instruction := os.environ.get(VARIABLE)):
        return None
    from click.shell_completion import shell_complete

    return shell_complete(program, {}, PROGRAM, VARIABLE, instruction)


def current_shell() -> str:
    """The shell that this process was started from, else that of ``$SHELL``.

    Raises
    ------
    ZooError
        Where neither is one for which there is a script.
    """
    import psutil

    names = []
    with suppress(psutil.Error):
        names = [process.name() for process in psutil.Process().parents()]
    for name in (*names, Path(os.environ.get("SHELL", "")).name):
        if name in SHELLS:
            return name
    raise ZooError(f"no shell found that completion is for ({', '.join(SHELLS)}); name yours in $SHELL")


def script(shell: str, program: click.Command) -> str:
    """Source of the function by which a shell completes."""
    from click.shell_completion import get_completion_class

    found = get_completion_class(shell)
    assert found is not None
    return found(program, {}, PROGRAM, VARIABLE).source()


def install(shell: str, program: click.Command) -> Path:
    """Write a shell's script, and have the shell read it when it starts.

    Raises
    ------
    InputFileError
        Where a file of the user's cannot be written.
    """
    home = Path.home()
    path, start, line = {
        "bash": (home / f".bash_completions/{PROGRAM}.sh", home / ".bashrc", "source '{path}'"),
        "zsh": (home / f".zfunc/_{PROGRAM}", home / ".zshrc", "fpath+=~/.zfunc; autoload -Uz compinit; compinit"),
        "fish": (home / f".config/fish/completions/{PROGRAM}.fish", None, ""),
    }[shell]
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(script(shell, program))
        if start is not None:
            _add_line(start, line.format(path=path))
    except OSError as error:
        raise InputFileError(f"{error.filename or path}: cannot write the completion: {error.strerror}") from None
    return path


def _add_line(file: Path, line: str) -> None:
    text = file.read_text() if file.exists() else ""
    if line not in text.splitlines():
        with file.open("a") as opened:
            opened.write(f"{'' if not text or text.endswith(chr(10)) else chr(10)}{line}\n")


def _show(context: click.Context, parameter: click.Parameter, value: bool) -> None:
    del parameter
    if value and not context.resilient_parsing:
        print(script(current_shell(), context.find_root().command))
        context.exit()


def _install(context: click.Context, parameter: click.Parameter, value: bool) -> None:
    del parameter
    if value and not context.resilient_parsing:
        shell = current_shell()
        path = install(shell, context.find_root().command)
        print(f"{shell} completion installed in {path}\nCompletion will take effect once you restart the terminal")
        context.exit()
