"""Options of a command for every limit that can be set."""

from __future__ import annotations

import inspect
import typing
from typing import TYPE_CHECKING, Any

import typer

from zoo.choice.limits import limits_by_name

if TYPE_CHECKING:
    from collections.abc import Callable

    from zoo.statistics.quantity import Quantity


def with_limits(command: Callable[..., None]) -> Callable[..., None]:
    """Give a command an option for each limit that can be set, in place of its ``**bounds``."""
    signature = inspect.signature(command)
    fixed = [one for one in signature.parameters.values() if one.kind is not inspect.Parameter.VAR_KEYWORD]
    limits = [
        inspect.Parameter(
            name,
            inspect.Parameter.POSITIONAL_OR_KEYWORD,
            default=typer.Option(
                None, quantity.limit_flag, help=quantity.hint or f"{quantity.label}, {quantity.unit}."
            ),
            annotation=str | None,
        )
        for name, (_, quantity) in limits_by_name().items()
    ]
    command.__signature__ = signature.replace(parameters=[fixed[0], *limits, *fixed[1:]])  # type: ignore[attr-defined]
    hints = typing.get_type_hints(command)
    command.__annotations__ = {**hints, **{limit.name: limit.annotation for limit in limits}}
    return command


def _option(quantity: Quantity) -> Any:
    return typer.Option(None, quantity.limit_flag, help=quantity.hint or f"{quantity.label}, {quantity.unit}.")
