"""Some models, now: what ``zoo bench`` and ``zoo transfer`` ask, as a suite of one call."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from zoo.paths import default_store_url
from zoo.regimes.strategies import DEFAULT_STRATEGIES
from zoo.registry.naming import AUTO
from zoo.results.view import Results
from zoo.runs.execute import run_suite
from zoo.runs.suite.checks import filled, integer, number, seed_count, size
from zoo.runs.suite.file import check_cost_plan, check_transfer_plan, resolve_models
from zoo.runs.suite.suite import CostPlan, Suite, TransferPlan

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    from zoo.runs.events import Event


def measure(
    models: Iterable[str],
    *,
    device: str = "auto",
    metrics: Iterable[str] = ("latency",),
    batches: Iterable[int] = (8,),
    threads: Iterable[int | str] = (1, "all"),
    precisions: Iterable[str] = ("fp32",),
    memory_formats: Iterable[str] = ("contiguous",),
    engines: Iterable[str] = ("eager",),
    input_size: int | str = "native",
    weights: str = AUTO,
    aa_pair: bool = False,
    budget_s: float | None = None,
    again: bool = True,
    store_url: str | None = None,
    on_event: Callable[[Event], None] | None = None,
) -> Results:
    """Measure what some models cost.

    Parameters
    ----------
    models : iterable of str
        Names as :func:`zoo.get` takes them.
    device : str
        ``"auto"``, ``"cpu"``, ``"cuda"``, ``"cuda:1"``.
    metrics : iterable of str
        ``"latency"`` (milliseconds, batch 1), ``"throughput"`` (images a second, each of ``batches``), or another
        of :data:`zoo.cost.metrics.METRICS`.
    threads : iterable of int or "all"
        CPU threads.
    engines : iterable of str
        What runs the models; see :data:`zoo.cost.engines.ENGINES`.
    input_size : int or str
        Side in pixels, ``"native"`` or ``"smallest"``.
    weights : str
        ``"auto"``: published ones where at hand, else random; ``"none"``: random; or a tag.
    aa_pair : bool
        Also measure the anchor twice, for the noise floor.
    again : bool
        False skips what has a record on this machine.
    store_url : str, optional
        Where records are kept; the default store otherwise.

    Returns
    -------
    Results

    Raises
    ------
    ZooError
        For anything the caller has to mend, before anything is measured.
    """
    counts = _numbers(threads, "threads", "all")
    plan = CostPlan(
        devices=(device,),
        precisions=filled(precisions, "", "precisions"),
        memory_formats=filled(memory_formats, "", "memory_formats"),
        engines=filled(engines, "", "engines"),
        metrics=filled(metrics, "", "metrics"),
        batches=tuple(integer(batch, "", "batches") for batch in filled(batches, "", "batches")),
        threads=counts,
        throughput_threads=counts,
        input_size=size(input_size, ""),
        weights=weights,
        aa_pair=aa_pair,
        cohort_budget_s=None if budget_s is None else number(budget_s, "", "budget_s"),
    )
    check_cost_plan(plan, "", table="")
    suite = Suite(name="bench", models=resolve_models(list(models), ""), cost=plan)
    return _results(suite, store_url, on_event, again)


def transfer(
    models: Iterable[str],
    task: str | None = None,
    *,
    tasks: Iterable[str] = ("digits",),
    strategies: Iterable[str] = DEFAULT_STRATEGIES,
    shots: Iterable[int | str] = (10,),
    seeds: int = 3,
    weights: str = AUTO,
    input_size: int | str = "smallest",
    probe: str = "ridge",
    recipe: Mapping[str, Any] | None = None,
    device: str = "auto",
    corrupt: str = "refuse",
    again: bool = True,
    store_url: str | None = None,
    on_event: Callable[[Event], None] | None = None,
) -> Results:
    """Train and test some models under transfer regimes.

    Parameters
    ----------
    models : iterable of str
    task : str, optional
        One embedded task or image folder; short for ``tasks=(task,)``.
    strategies : iterable of str
        See :data:`zoo.regimes.strategies.STRATEGIES`.
    shots : iterable of int or "all"
        Training images a class.
    seeds : int
        How many draws of the training set and of the initial head.
    weights : str
        ``"auto"`` (published, else the zoo's own), ``"default"`` or a tag.

    Returns
    -------
    Results

    Raises
    ------
    ZooError
        For anything the caller has to mend, before anything is trained.
    """
    plan = TransferPlan(
        tasks=(task,) if task is not None else filled(tasks, "", "tasks"),
        strategies=filled(strategies, "", "strategies"),
        shots=_numbers(shots, "shots", "all"),
        seeds=seed_count(seeds, "", "seeds"),
        weights=weights,
        input_size=size(input_size, ""),
        probe=probe,
        recipe=dict(recipe or {}),
        device=device,
        corrupt=corrupt,
    )
    check_transfer_plan(plan, "", table="")
    suite = Suite(name="transfer", models=resolve_models(list(models), ""), transfer=plan)
    return _results(suite, store_url, on_event, again)


def _numbers(values: Iterable[int | str], key: str, word: str) -> tuple[int | str, ...]:
    return tuple(v if v == word else integer(v, "", key, f"or {word!r}") for v in filled(values, "", key))


def _results(suite: Suite, store_url: str | None, on_event: Callable[[Event], None] | None, again: bool) -> Results:
    outcome = run_suite(suite, store_url=store_url or default_store_url(), again=again, on_event=on_event)
    if outcome.interrupted:
        raise KeyboardInterrupt
    return Results(outcome.records)
