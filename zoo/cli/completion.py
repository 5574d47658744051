"""Names for the shell's completion.

What knows them is imported when a shell asks.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from zoo.plugins import load

if TYPE_CHECKING:
    import click
    from click.shell_completion import CompletionItem

MOST = 200
"""Names offered at once."""


def models(context: click.Context, parameter: click.Parameter, incomplete: str) -> list[str]:
    """Names of models, from the catalogue."""
    del context, parameter
    names = sorted(load("zoo.registry.catalogue:entries")())  # no model of the user's is built for its name
    bare = [name.partition("/")[2] for name in names]
    return [name for name in dict.fromkeys([*bare, *names]) if name.startswith(incomplete)][:MOST]


def suites(context: click.Context, parameter: click.Parameter, incomplete: str) -> list[CompletionItem]:
    """Names of shipped suites, or files where none begins so."""
    names = [name for name in load("zoo.suites.file:suite_names")() if name.startswith(incomplete)]
    return [_item(name) for name in names] or files(context, parameter, incomplete)


def files(context: click.Context, parameter: click.Parameter, incomplete: str) -> list[CompletionItem]:
    """Whatever files the shell finds."""
    del context, parameter
    return [_item(incomplete, "file")]


def folders(context: click.Context, parameter: click.Parameter, incomplete: str) -> list[CompletionItem]:
    """Whatever folders the shell finds."""
    del context, parameter
    return [_item(incomplete, "dir")]


def _item(text: str, kind: str = "plain") -> CompletionItem:
    from click.shell_completion import CompletionItem

    return CompletionItem(text, type=kind)
