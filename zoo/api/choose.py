"""Choosing a backbone from results."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from zoo.choice.choice import choose as choose_among
from zoo.choice.limits import Limits
from zoo.choice.margins import Margins
from zoo.errors import ZooError, option
from zoo.statistics.quantity import ACCURACY

if TYPE_CHECKING:
    from collections.abc import Iterable

    from zoo.choice.choice import Choice
    from zoo.results.view import Results as RecordResults


def choose(
    results: RecordResults,
    objective: str = "accuracy",
    *,
    min_accuracy: float | None = None,
    min_balanced_accuracy: float | None = None,
    min_robustness: float | None = None,
    max_latency_ms: float | None = None,
    max_p99_ms: float | None = None,
    min_throughput: float | None = None,
    max_training_ms: float | None = None,
    max_memory_bytes: float | None = None,
    max_training_memory_bytes: float | None = None,
    max_load_ms: float | None = None,
    max_first_call_ms: float | None = None,
    max_compile_ms: float | None = None,
    max_disk_bytes: float | None = None,
    max_energy_j: float | None = None,
    max_params: float | None = None,
    max_macs: float | None = None,
    limits: Mapping[str, float | None] | None = None,
    licence: str | Iterable[str] = (),
    device: str | None = None,
    threads: int | None = None,
    input_size: int | str | None = None,
    batch: int | None = None,
    task: str | None = None,
    shots: int | str | None = None,
    strategy: str | None = None,
    measure: str = ACCURACY.key,
    margin: float = 1.0,
    margin_latency: float = 0.05,
) -> Choice:
    """Choose a backbone from results.

    Parameters
    ----------
    results : Results
        Of one machine.
    objective : str
        ``accuracy``, the name of a metric (``latency``, ``throughput``), ``params`` or ``macs``.
    min_accuracy, min_balanced_accuracy : float, optional
        Fractions.
    min_robustness : float, optional
        Mean top-1 on ImageNet-V2, R, A and Sketch, a fraction, as others publish it of the weights at their size.
    max_latency_ms, max_p99_ms : float, optional
        Of one image: the median over rounds, and what 99% of all calls stay under.
    min_throughput : float, optional
        Images a second.
    max_training_ms, max_load_ms, max_first_call_ms, max_compile_ms : float, optional
        Of a step of training, of loading, of a process's first call, of compiling.
    max_memory_bytes, max_training_memory_bytes, max_disk_bytes : float, optional
        At the peak of inference and of training, and of the weights.
    max_energy_j : float, optional
        Of one image.
    max_params, max_macs : float, optional
    limits : mapping of str to float, optional
        Limits by name; those on metrics of other packages have no argument of their own:
        ``limits={"max_size_mb": 10}``.
    licence : str or iterable of str
        Licences that the weights may have, as :func:`zoo.registry.licences.is_permitted` takes them.
    device, threads, input_size, batch, task, shots, strategy, measure : optional
        Which measurements to choose by; see :func:`zoo.candidates.candidates.find_candidates`.
    margin : float
        Percentage points of accuracy. Of two that are not told apart, a difference that is no larger is a tie, which
        the lower latency breaks; beyond it the better one is taken, and called unproven.
    margin_latency : float
        The same where a cost is the objective, as a share: 0.05 is 5%. The higher accuracy breaks such a tie.

    Raises
    ------
    ZooError
        For an unknown objective or limit, an argument in the wrong form, or nothing to choose from.
    """
    named = {
        "min_accuracy": min_accuracy,
        "min_balanced_accuracy": min_balanced_accuracy,
        "min_robustness": min_robustness,
        "max_latency_ms": max_latency_ms,
        "max_p99_ms": max_p99_ms,
        "min_throughput": min_throughput,
        "max_training_ms": max_training_ms,
        "max_memory_bytes": max_memory_bytes,
        "max_training_memory_bytes": max_training_memory_bytes,
        "max_load_ms": max_load_ms,
        "max_first_call_ms": max_first_call_ms,
        "max_compile_ms": max_compile_ms,
        "max_disk_bytes": max_disk_bytes,
        "max_energy_j": max_energy_j,
        "max_params": max_params,
        "max_macs": max_macs,
    }
    bounds = limits_of(named, limits, licence)
    margins = Margins(margin, margin_latency)
    return choose_among(
        results,
        objective,
        bounds,
        device=device,
        threads=threads,
        input_size=input_size,
        batch=batch,
        task=task,
        shots=shots,
        strategy=strategy,
        measure=measure,
        margins=margins,
        further=True,
    )


def limits_of(
    named: Mapping[str, float | None], others: Mapping[str, float | None] | None, licence: str | Iterable[str]
) -> Limits:
    """Limits from arguments of their own, and from a mapping of the same.

    Raises
    ------
    ZooError
        For what is no mapping, and for one limit in both.
    """
    given = {name: bound for name, bound in named.items() if bound is not None}
    further = {} if others is None else others
    if not isinstance(further, Mapping) or not all(isinstance(name, str) for name in further):
        raise ZooError(f"{option('limits')} must be a mapping of names to numbers, not {others!r}")
    if twice := [name for name in further if name in given]:
        raise ZooError(f"{option('limits')}: {twice[0]} is also given by itself; give it once")
    return Limits(licence=licence, **given, **further)
