"""Commands and groups as the zoo shows them in its help."""

from __future__ import annotations

import inspect
from typing import Any

import click


class Command(click.Command):
    """A command whose example can be copied whole.

    Help is wrapped at the width of the screen, but for paragraphs that begin with "Example:".
    """

    def __init__(self, name: str | None, *, help: str | None = None, **attributes: Any) -> None:  # noqa: A002
        text = inspect.cleandoc(help or "")
        attributes.setdefault("short_help", text.partition("\n")[0])
        # Click keeps the first help option that it makes, with whichever context that was.
        attributes.setdefault("context_settings", {"help_option_names": ["-h", "--help"]})
        super().__init__(name, help=text.replace("\n\nExample:", "\n\n\b\nExample:"), **attributes)


class Group(click.Group):
    """A group of such commands, listed in the order in which they were added."""

    command_class = Command

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Names of the commands."""
        del ctx
        return list(self.commands)
