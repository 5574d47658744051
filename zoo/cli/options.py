"""Options that several commands take, and what they mean."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from zoo import paths
from zoo.cli import completion
from zoo.cli.values import words
from zoo.errors import UnknownNameError, ZooError
from zoo.formats import FORMATS
from zoo.registry.licences import warning_of
from zoo.sources.naming import AUTO

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Sequence

TEXT_OR_JSON = ("table", "json")
"""Of commands whose answer is no table: a card, a choice."""

FILE = click.Path(path_type=Path, readable=False)
"""A file that is read, or refused, by what uses it."""

store_option = click.option(
    "--store",
    metavar="FILE|URL",
    shell_complete=completion.files,
    help="Record store: a SQLite file's path, or a URL (default: yours, or $ZOO_STORE).",
)
format_option = click.option(
    "--format", "form", default="table", metavar="FORMAT", help="table, json, csv, md or latex."
)
licence_option = click.option(
    "--licence",
    multiple=True,
    metavar="NAME,...",
    help="Of the weights: a name, a pattern, or 'commercial' (known to permit that use).",
)
models_argument = click.argument(
    "names", nargs=-1, required=True, metavar="NAME...", shell_complete=completion.models, help="Names of models."
)
model_argument = click.argument("name", metavar="NAME", shell_complete=completion.models, help="A model's name.")
device_option = click.option("--device", default="auto", metavar="DEVICE", help="auto, cpu, cuda, cuda:N.")
timed_size_option = click.option(
    "--input-size", "size", default="native", metavar="SIZE", help="native, smallest or pixels."
)
timed_weights_option = click.option(
    "--weights",
    default=AUTO,
    metavar="TAG|FILE",
    shell_complete=completion.files,
    help="auto, none, a tag, or a checkpoint of your own.",
)
corrupt_option = click.option(
    "--corrupt", default="refuse", metavar="POLICY", help="Images that cannot be read: refuse or skip."
)
machine_option = click.option("--machine", metavar="KEY", help="Machine key, where records are of several.")
source_option = click.option(
    "--from", "source", type=FILE, metavar="FILE", help="A JSON Lines export to read instead of the store."
)
yes_option = click.option("--yes", "-y", is_flag=True, help="Do not ask before deleting.")


def suite_argument(text: str) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    """The name of a suite, ``quick`` where none is given."""
    return click.argument("suite", default="quick", metavar="[SUITE]", shell_complete=completion.suites, help=text)


def text_or_json_option(text: str) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    """``--format`` of a command whose answer is no table."""
    return click.option("--format", "form", default="table", metavar="FORMAT", help=text)


def licences(given: Sequence[str]) -> tuple[str, ...]:
    """The licences that ``--licence`` asks for.

    Raises
    ------
    ZooError
        Where it names none: no limit that was asked for, but a mistake.
    """
    found = words(given)
    if given and not found:
        raise ZooError("--licence names no licence; leave it out, or name one, a pattern, or 'commercial'")
    return found


def warn_of_licence(name: str, licence: str | None) -> None:
    """Say on stderr where the licence of some weights forbids commercial use."""
    if text := warning_of(licence):
        print(f"zoo: warning: {name}: {text}", file=sys.stderr)


def confirm_deletion(what: str, yes: bool) -> None:
    """Ask before deleting, unless ``yes`` was said.

    Raises
    ------
    ZooError
        Where nobody can be asked.
    """
    if yes:
        return
    if not (sys.stdin.isatty() and sys.stderr.isatty()):
        raise ZooError(f"would delete {what}; say --yes where nobody can be asked")
    click.confirm(f"Delete {what}?", abort=True, err=True)


def store_url(given: str | None) -> str:
    """URL of a store named by file or URL, or of the default one.

    Raises
    ------
    ZooError
        For an empty name, such as that of a shell variable that is not set.
    """
    if given is None:
        return paths.default_store_url()
    if not given.strip():
        raise ZooError("--store is empty; name a SQLite file or a URL, or leave it out for your own store")
    return paths.store_url(given)


def check_format(form: str, permitted: Collection[str] | None = None) -> str:
    """``form`` if it is one of those that a command has.

    Parameters
    ----------
    permitted : collection of str, optional
        Every format of tables otherwise, those of other packages too.

    Raises
    ------
    UnknownNameError
    """
    names = FORMATS if permitted is None else permitted
    if form not in names:
        known = tuple(names)
        raise UnknownNameError("format", form, known, f"permitted here: {', '.join(known)}")
    return form
