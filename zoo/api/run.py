"""Running a suite."""

from __future__ import annotations

from pathlib import PurePath
from typing import TYPE_CHECKING

from zoo.api.adhoc import listener, store_of
from zoo.api.results import Results
from zoo.checks import flag, text
from zoo.runs.execute import run_suite
from zoo.suites.file import load_suite

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from zoo.executors.events import Event


def run(
    suite: str | Path = "quick",
    *,
    again: bool = False,
    retry: bool = False,
    executor: str | None = None,
    sample: bool = False,
    store_url: str | None = None,
    on_event: Callable[[Event], None] | None = None,
) -> Results:
    """Run a suite, going on where an earlier run left off.

    Returns all that it has measured on this machine.

    Parameters
    ----------
    suite : str or Path
        A shipped suite's name, or the path of a TOML file.
    again, retry : bool
        Measure everything anew, or what did not end as ``ok``.
    executor : str, optional
        Name of the place where its jobs run; the suite's otherwise.
    sample : bool
        Time one model of each family before any second one; trainings keep their order.
    store_url : str, optional
        SQLAlchemy URL of the store; the default one otherwise.
    on_event : callable, optional
        Told of every step; see :mod:`zoo.executors.events`.

    Raises
    ------
    ZooError
        For what the caller has to mend.
    KeyboardInterrupt
        After Ctrl-C; what was measured is kept.
    """
    outcome = run_suite(
        load_suite(suite if isinstance(suite, PurePath) else text(suite, "", "suite")),
        store_url=store_of(store_url),
        again=flag(again, "", "again"),
        retry=flag(retry, "", "retry"),
        on_event=listener(on_event),
        executor=None if executor is None else text(executor, "", "executor"),
        sample=flag(sample, "", "sample"),
    )
    if outcome.interrupted:
        raise KeyboardInterrupt
    return Results([*outcome.records, *outcome.published])
