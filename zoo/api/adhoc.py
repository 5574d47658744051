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

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from zoo.executors.events import Event
    from zoo.suites.suite import Suite


def numbers(values: int | str | Iterable[int | str], key: str, word: str) -> tuple[int | str, ...]:
    """Whole numbers of at least one, or the word that stands for some."""
    return tuple(v if v == word else integer(v, "", key, f"or {word!r}") for v in filled(values, "", key))


def named(values: str | Path | Iterable[str | Path], key: str) -> tuple[str, ...]:
    """Names or paths as text, one of which may stand alone."""
    return tuple(text(str(v) if isinstance(v, PurePath) else v, "", key) for v in filled(values, "", key))


def named_weights(weights: Any, models: Iterable[str]) -> str:
    """A tag or a word for weights, of any form but that of a file.

    Raises
    ------
    ZooError
        For a checkpoint, which belongs to one model and has no tag.
    """
    asked = asked_weights(weights, models)
    if isinstance(asked, Path):
        raise ZooError(
            f"{option('weights')} is a tag here, not the file {asked}; `zoo evaluate --weights FILE` and "
            "zoo.create(NAME, weights=FILE) take a checkpoint of your own"
        )
    return asked


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


def run_now(suite: Suite, store_url: str | None, on_event: Callable[[Event], None] | None, again: bool) -> Results:
    """Run a suite that a call asks for, and return its results."""
    outcome = run_suite(suite, store_url=store_of(store_url), again=again, on_event=listener(on_event))
    if outcome.interrupted:
        raise KeyboardInterrupt
    return Results(outcome.records)
