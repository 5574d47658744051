"""A suite of one call: what is asked of some models, now."""

from __future__ import annotations

from pathlib import Path, PurePath
from typing import TYPE_CHECKING, Any, cast

from zoo.api.results import Results
from zoo.checks import filled, function, integer, text
from zoo.errors import ZooError, option
from zoo.paths import default_store_url
from zoo.registry.asked_weights import asked_weights
from zoo.runs.execute import run_suite
from zoo.sources.naming import AUTO, parse_name

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from zoo.executors.events import Event
    from zoo.suites.suite import Suite


def numbers(values: int | str | Iterable[int | str], key: str, word: str) -> tuple[int | str, ...]:
    """Whole numbers of at least one, or the word that stands for some."""
    return tuple(v if v == word else integer(v, "", key, f"or {word!r}") for v in filled(values, "", key))


def named(values: str | Path | Iterable[str | Path], key: str) -> tuple[str, ...]:
    """Names or paths as text, one of which may stand alone."""
    return tuple(text(str(v) if isinstance(v, PurePath) else v, "", key) for v in filled(values, "", key))


def named_weights(weights: Any, models: Sequence[str]) -> tuple[str, dict[str, str | Path]]:
    """Weights of all models, and of the one that a checkpoint is for.

    Raises
    ------
    ZooError
        For a checkpoint beside several models, or beside a tag.
    """
    asked = asked_weights(weights, models)
    if not isinstance(asked, Path):
        return asked, {}
    if len(models) > 1:
        raise ZooError(
            f"{option('weights')}: {asked} is of one model, and {len(models)} are named; name the one, or write a "
            "suite with a table [suite.weights]"
        )
    if (tag := parse_name(models[0]).tag) is not None:
        raise ZooError(f"{models[0]} names the weights {tag}, and {asked} was asked for beside; give one of them")
    return AUTO, {models[0]: asked}


def store_of(store_url: str | None) -> str:
    """The store that a call names, or the default one."""
    return default_store_url() if store_url is None else text(store_url, "", "store_url")


def listener(on_event: Callable[[Event], None] | None) -> Callable[[Event], None]:
    """What a call has told of every step, which may be nobody."""
    return (
        (lambda _event: None)
        if on_event is None
        else cast("Callable[[Event], None]", function(on_event, "", "on_event"))
    )


def run_now(
    suite: Suite,
    store_url: str | None,
    on_event: Callable[[Event], None] | None,
    again: bool,
    max_seconds: float | None = None,
) -> Results:
    """Run a suite that a call asks for, and return its results.

    What failed before is always tried once more.
    """
    outcome = run_suite(
        suite,
        store_url=store_of(store_url),
        again=again,
        retry=True,
        on_event=listener(on_event),
        max_seconds=max_seconds,
    )
    if outcome.interrupted:
        raise KeyboardInterrupt
    return Results(outcome.records)
