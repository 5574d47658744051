"""The ``zoo`` command.

Every error that a user can cause is one line, and exit code 2.
"""

from __future__ import annotations

import errno
import os
import signal
import sys
import warnings
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import click
from click.exceptions import Exit, NoArgsIsHelpError

from zoo import __version__, terminal
from zoo.cli import shell
from zoo.cli.command import Group
from zoo.cli.interruption import INTERRUPTED, TERMINATED, interrupted, signals_as_interruption
from zoo.cli.table import COMMANDS
from zoo.errors import ZooError, ZooWarning
from zoo.paths import cache_dir
from zoo.plugins import load

if TYPE_CHECKING:
    from collections.abc import Iterator


SCRATCH = "TORCHINDUCTOR_CACHE_DIR"
"""Where torch makes a folder for its compiler as soon as parts of it are imported."""


class LazyGroup(Group):
    """The commands, each imported when it is called.

    The list of them needs none.
    """

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """The command that the words call, imported, and the words after it."""
        name, command, rest = super().resolve_command(ctx, args)
        return name, loaded(name) if name is not None else command, rest


def loaded(name: str) -> click.Command:
    """The command of a name, imported."""
    command: click.Command = load(f"zoo.commands.{COMMANDS[name][0]}")
    return command


@click.group(
    cls=LazyGroup,
    commands={name: click.Command(name, short_help=line) for name, (_, line) in COMMANDS.items()},
    context_settings={"show_default": True, "help_option_names": ["-h", "--help"]},
    help="Which pretrained backbone should I use, for my images, on my hardware, within my budget?",
    epilog="\b\nExample:  zoo run quick    measures the eight classics here and recommends one.",
)
@click.option(
    "--debug", is_flag=True, expose_value=False, help="Show the traceback of an error (anywhere on the line)."
)
@click.version_option(__version__, prog_name=shell.PROGRAM, message="%(prog)s %(version)s")
@shell.completion_options
def app() -> None:
    """Hold every command."""


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
    terminal.fit_streams()
    usual, warnings.formatwarning = warnings.formatwarning, _as_line
    came: list[int] = []
    try:
        with _own_scratch(), signals_as_interruption() as came:
            code = _run(words)
        sys.stdout.flush()
    except KeyboardInterrupt:
        code = _end(words, came)
    except BrokenPipeError:
        code = _leave_pipe()
    except Exception as error:
        if debug and not isinstance(error, click.ClickException):
            raise
        code = _end(words, came) if came else _explain(error)
    finally:
        warnings.formatwarning = usual
    sys.exit(code)


@contextmanager
def _own_scratch() -> Iterator[None]:
    """Have torch make the folder of its compiler in the zoo's cache, and not in the temporary folder."""
    chosen = os.environ.get(SCRATCH)
    os.environ[SCRATCH] = chosen or str(cache_dir() / "inductor")
    try:
        yield
    finally:
        if chosen is None:
            del os.environ[SCRATCH]


def _end(words: list[str], came: list[int]) -> int:
    """Say how to go on after a signal; the exit code that is usual for it."""
    _say(f"zoo: {interrupted(words)}")
    # Where text was being executed, as in the definition of a dataclass, Python takes the interruption for one that
    # nobody caught, and would end itself by SIGINT after all; text that is executed without one resets that.
    exec("")  # noqa: S102
    return TERMINATED if signal.SIGTERM in came else INTERRUPTED


def _run(words: list[str]) -> int:
    """Do what the words say, or answer a shell that completes them; the exit code."""
    answered = shell.answer(app)
    if answered is not None:
        return answered
    try:
        with app.make_context(shell.PROGRAM, words) as context:
            app.invoke(context)
    except Exit as end:
        return end.exit_code
    return 0


def _leave_pipe() -> int:
    """The reader (`head`, a closed pager) has had enough; nothing more can be said to it."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    return 0


def _open_closed_streams() -> None:
    """Let what is said to a stream that the shell closed (``>&-``) go nowhere, and no file take its number."""
    for name in ("stdout", "stderr"):
        if getattr(sys, name) is None:
            setattr(sys, name, Path(os.devnull).open("w"))  # noqa: SIM115 - for as long as it lives


def _explain(error: Exception) -> int:
    if isinstance(error, ZooError):
        _say(f"zoo: error: {error.for_command}")
        return error.exit_code
    if isinstance(error, NoArgsIsHelpError):
        _say(error.format_message())
        return 2
    if isinstance(error, click.ClickException):
        message = " ".join(error.format_message().split())
        _say(f"zoo: error: {message} (see `zoo --help`)" if message else "zoo: error: see `zoo --help`")
        return 2
    if isinstance(error, click.Abort):
        _say("zoo: ended before anything was done")
        return 1
    if isinstance(error, OSError) and error.errno == errno.ENOSPC:
        _say("zoo: error: the disk is full; what was measured so far is kept, make room and run again")
        return 2
    if isinstance(error, PermissionError) and error.filename is not None:
        _say(f"zoo: error: {error.filename}: {error.strerror}")
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
