"""The ``zoo`` command: every error a user can cause is one line, and exit code 2."""

from __future__ import annotations

import errno
import os
import sys
import warnings
from pathlib import Path
from typing import Any

import typer
from typer.core import TyperCommand, TyperGroup

from zoo.cli.commands import COMMANDS
from zoo.errors import ZooError, ZooWarning
from zoo.plugins import load

INTERRUPTED = 130


class LazyGroup(TyperGroup):
    """The commands, each imported when it is called; the list of them needs none."""

    def __init__(self, **attributes: Any) -> None:
        super().__init__(**attributes)
        self._listing = False
        self.commands = {name: TyperCommand(name, help=line) for name, (_, line) in COMMANDS.items()}

    def list_commands(self, ctx: Any) -> list[str]:
        """Names in the order of the table."""
        del ctx
        return list(COMMANDS)

    def get_command(self, ctx: Any, cmd_name: str) -> Any:
        """The command of a name, or what the list says of it."""
        del ctx
        if self._listing or cmd_name not in COMMANDS:
            return self.commands.get(cmd_name)
        return loaded(cmd_name)

    def format_commands(self, ctx: Any, formatter: Any) -> None:
        """Write the list of commands."""
        self._listing = True
        super().format_commands(ctx, formatter)
        self._listing = False


def loaded(name: str) -> Any:
    """The command of a name, imported."""
    part = load(f"zoo.cli.commands.{COMMANDS[name][0]}")
    if isinstance(part, typer.Typer):
        command = typer.main.get_command(part)
    else:
        alone = typer.Typer(add_completion=False, rich_markup_mode=None)
        alone.command(name)(part)
        command = typer.main.get_command(alone)
    command.name = name
    return command


app = typer.Typer(
    name="zoo",
    cls=LazyGroup,
    help="Which pretrained backbone should I use, for my images, on my hardware, within my budget?",
    epilog="Example:  zoo run quick    measures the eight classics here and recommends one.",
    no_args_is_help=True,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
)


@app.callback()
def options(
    debug: bool = typer.Option(False, "--debug", help="Show the traceback of an error (anywhere on the line)."),
) -> None:
    """Take the options of every command."""
    del debug  # taken out by main(), before commands are told apart


def main(arguments: list[str] | None = None) -> None:
    """Run the command line and exit.

    Parameters
    ----------
    arguments : list of str, optional
        The words after ``zoo``; those of this process otherwise.
    """
    words = list(sys.argv[1:] if arguments is None else arguments)
    debug = "--debug" in words
    words = [word for word in words if word != "--debug"]
    _open_closed_streams()
    usual, warnings.formatwarning = warnings.formatwarning, _as_line
    try:
        code = app(words, prog_name="zoo", standalone_mode=False)
        sys.stdout.flush()
    except KeyboardInterrupt:
        _say("zoo: interrupted; everything measured so far is kept, and the same command goes on from there")
        code = INTERRUPTED
    except BrokenPipeError:
        code = _leave_pipe()
    except SystemExit as error:
        # Click makes a closed pipe an exit with 1.
        if not isinstance(error.__context__, BrokenPipeError):
            raise
        code = _leave_pipe()
    except Exception as error:
        if debug and not _is_usage(error):
            raise
        code = _explain(error)
    finally:
        warnings.formatwarning = usual
    sys.exit(code if isinstance(code, int) else 0)


def _leave_pipe() -> int:
    """The reader (`head`, a closed pager) has had enough; nothing more can be said to it."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    return 0


def _open_closed_streams() -> None:
    """Let what is said to a stream that the shell closed (``>&-``) go nowhere, and no file take its number."""
    for name in ("stdout", "stderr"):
        if getattr(sys, name) is None:
            setattr(sys, name, Path(os.devnull).open("w"))  # noqa: SIM115 - for as long as it lives


def _is_usage(error: BaseException) -> bool:
    return hasattr(error, "format_message")


def _explain(error: Any) -> int:
    if isinstance(error, ZooError):
        _say(f"zoo: error: {error}")
        return error.exit_code
    if type(error).__name__ == "NoArgsIsHelpError":
        _say(error.format_message())
        return 2
    if _is_usage(error):
        message = " ".join(str(error.format_message()).split())
        _say(f"zoo: error: {message} (see `zoo --help`)" if message else "zoo: error: see `zoo --help`")
        return 2
    if type(error).__name__ == "Abort":
        _say("zoo: ended before anything was done")
        return 1
    if isinstance(error, OSError) and error.errno == errno.ENOSPC:
        _say("zoo: error: the disk is full; what was measured so far is kept, make room and run again")
        return 2
    lines = str(error).splitlines() or [""]
    _say(f"zoo: error: {type(error).__name__}: {lines[0]} (--debug shows the traceback)")
    return 2


def _as_line(
    message: Warning | str, category: type[Warning], filename: str, lineno: int, line: str | None = None
) -> str:
    """A warning of the zoo's own as a line for a terminal; any other with where it came from."""
    if issubclass(category, ZooWarning):
        return f"zoo: warning: {message}\n"
    return f"{filename}:{lineno}: {category.__name__}: {message}\n" + (f"  {line.strip()}\n" if line else "")


def _say(line: str) -> None:
    print(line, file=sys.stderr)


if __name__ == "__main__":
    main()
