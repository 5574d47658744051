"""Measuring what some models cost, now."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Literal

from zoo.api.adhoc import named_weights, numbers, run_now
from zoo.checks import filled, flag, number, size
from zoo.cohorts.batches import CURVE
from zoo.cost.settings import KEPT
from zoo.sources.forms import DEPLOYED
from zoo.sources.naming import AUTO
from zoo.suites.file import check_cost_plan
from zoo.suites.models import resolve_models
from zoo.suites.suite import CostPlan, Suite

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from zoo.api.results import Results
    from zoo.executors.events import Event


def measure(
    models: str | Iterable[str],
    *,
    device: str = "auto",
    metrics: str | Iterable[str] = ("latency",),
    batches: int | Literal["curve"] | Iterable[int | Literal["curve"]] = (8,),
    threads: int | str | Iterable[int | str] = (1, "all"),
    precisions: str | Iterable[str] = ("fp32",),
    memory_formats: str | Iterable[str] = ("contiguous",),
    engines: str | Iterable[str] = ("eager",),
    forms: str | Iterable[str] = (DEPLOYED,),
    allocators: str | Iterable[str] = (KEPT,),
    input_size: int | str = "native",
    weights: Any = AUTO,
    aa_pair: bool = False,
    budget_s: float | None = None,
    again: bool = True,
    store_url: str | None = None,
    on_event: Callable[[Event], None] | None = None,
) -> Results:
    """Measure what some models cost.

    Parameters
    ----------
    models : str or iterable of str
        Names as :func:`zoo.get` takes them. One may stand alone, as of all that follow.
    device : str
        ``"auto"``, ``"cpu"``, ``"cuda"``, ``"cuda:1"``.
    metrics : iterable of str
        ``"latency"`` (milliseconds, batch 1), ``"throughput"`` (images a second, each of ``batches``),
        ``"training"`` (a step, its forward and backward pass and the optimiser), ``"memory"`` and
        ``"training_memory"`` (bytes at the peak), ``"load"`` and ``"first_call"`` (milliseconds), ``"compile"``
        (milliseconds, of engines that compile), ``"disk_size"`` (bytes), ``"energy"`` (joules an image, where it is
        counted), or another of :data:`zoo.cost.metrics.METRICS`.
    batches : iterable of int or "curve"
        Images a call, for metrics that are measured at batches. ``"curve"``: 1, 2, 4 and so on, as far as each
        model's throughput rises; see docs/measuring.md#throughput-over-batch.
    threads : iterable of int or "all"
        CPU threads.
    precisions : iterable of str
        ``"fp32"``, ``"tf32"``, ``"bf16"``, ``"fp16"``, and ``"int8"`` of engines that quantize, by ranges that real
        images give them. Of trained weights a row then has the share of other images whose first class is that of
        fp32.
    engines : iterable of str
        What runs the models; see :data:`zoo.cost.engines.ENGINES`.
    forms : iterable of str
        ``"deployed"``: branches that a library puts into one layer for use are one, and batch norms are in the
        convolutions before them; ``"trained"``: as the library builds it.
    allocators : iterable of str
        ``"kept"``: processes keep what they free, as a program does after :func:`zoo.fast_allocator`; ``"default"``:
        they do as a program does that is told nothing.
    input_size : int or str
        Side in pixels, ``"native"`` or ``"smallest"``.
    weights : str, Path, bool or None
        ``"auto"``: published ones where at hand, else random; None or False: random; True: the default ones; a
        tag; or, of one model, the path of a checkpoint.
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
    counts = numbers(threads, "threads", "all")
    names = resolve_models(filled(models, "", "models"), "")
    asked, own = named_weights(weights, names)
    plan = CostPlan(
        devices=(device,),
        precisions=filled(precisions, "", "precisions"),
        memory_formats=filled(memory_formats, "", "memory_formats"),
        engines=filled(engines, "", "engines"),
        forms=filled(forms, "", "forms"),
        allocators=filled(allocators, "", "allocators"),
        metrics=filled(metrics, "", "metrics"),
        batches=numbers(batches, "batches", CURVE),
        threads=counts,
        throughput_threads=counts,
        input_size=size(input_size, ""),
        weights=asked,
        aa_pair=flag(aa_pair, "", "aa_pair"),
        cohort_budget_s=None if budget_s is None else number(budget_s, "", "budget_s"),
    )
    check_cost_plan(plan, "", table="")
    suite = Suite(name="bench", models=names, cost=plan, weights=own)
    return run_now(suite, store_url, on_event, flag(again, "", "again"))
