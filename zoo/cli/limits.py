"""Options of a command for every limit that can be set."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from zoo.choice.limits import limits_by_name

if TYPE_CHECKING:
    from collections.abc import Callable

    from zoo.statistics.quantity import Quantity


def limit_flag(quantity: Quantity) -> str:
    """The limit on a quantity as an option: ``--max-latency-ms``."""
    return f"--{quantity.limit_shown}"


def limit_options(command: Callable[..., Any]) -> Callable[..., Any]:
    """Give a command an option for each limit that can be set."""
    for name, (_, quantity) in reversed(limits_by_name().items()):
        text = quantity.hint or f"{quantity.label}, {quantity.unit}."
        command = click.option(limit_flag(quantity), name, metavar="NUMBER", help=text)(command)
    return command
