"""The fastest setting of a model on this machine."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from zoo.api.adhoc import listener, named_weights, numbers, store_of
from zoo.checks import filled, integer, number, share, size, text
from zoo.cohorts.tried import Permitted
from zoo.cohorts.tuning import Space, search
from zoo.cost.checks import check_engines, check_settings
from zoo.cost.engines import ENGINES
from zoo.cost.settings import CostSettings
from zoo.errors import UnknownNameError, ZooError
from zoo.executors import EXECUTORS, LOCAL
from zoo.executors.events import Message
from zoo.machine.devices import all_cores, resolve_device
from zoo.machine.fingerprint import fingerprint
from zoo.plans.cost import timed_models
from zoo.processes.script import leave_if_in_a_worker
from zoo.processes.turn import turn
from zoo.results.trial import Trial
from zoo.runs.session import Session
from zoo.sources.naming import AUTO, RANDOM, parse_name
from zoo.sources.user import check_reachable, load_user_models
from zoo.store.store import Store
from zoo.suites.file import check_cost_plan
from zoo.suites.models import resolve_models
from zoo.suites.suite import CostPlan, Suite

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from zoo.cohorts.events import CostEvent
    from zoo.cohorts.tuning import Tuning
    from zoo.executors.events import Event

METRICS = ("throughput", "latency")

PERMITTED = 1e-2
"""Relative difference of an output: bfloat16 makes some thousandths, a wrong engine far more."""


def tune(
    model: str,
    *,
    metric: str = "throughput",
    device: str = "auto",
    batches: int | Iterable[int] = (1, 8, 32),
    threads: int | str | Iterable[int | str] = (1, "all"),
    precisions: str | Iterable[str] = ("fp32", "bf16"),
    memory_formats: str | Iterable[str] = ("contiguous", "channels_last"),
    engines: str | Iterable[str] = (AUTO,),
    max_difference: float = PERMITTED,
    min_agreement: float | None = None,
    input_size: int | str = "native",
    weights: Any = AUTO,
    budget_s: float = 180.0,
    store_url: str | None = None,
    on_event: Callable[[Event], None] | None = None,
) -> Tuning:
    """Find the fastest setting of a model on this machine, without trying all.

    Parameters
    ----------
    model : str
        A name as :func:`zoo.get` takes it.
    metric : str
        ``"throughput"``, by the time that an image takes, or ``"latency"``, at one image.
    device : str
        ``"auto"``, ``"cpu"``, ``"cuda"``, ``"cuda:1"``.
    batches, threads, precisions, memory_formats : optional
        What may be tried.
    engines : iterable of str
        ``"auto"``: all that run on the device and are installed, but for those that compile for minutes.
    max_difference : float
        The largest relative difference of an output from that of the model as built, eager in fp32.
    min_agreement : float, optional
        Share of real images whose first class must be the same for a setting whose outputs differ by more to be taken
        too; nothing makes good for that otherwise. Weights that were trained tell it, in a precision other than fp32.
    budget_s : float
        Seconds, of which the last third compares the fastest.
    store_url : str, optional
        Where the records of that comparison are kept; the default store otherwise.

    Returns
    -------
    Tuning

    Raises
    ------
    ZooError
        For anything the caller has to mend, and where the model does not run as it is built.
    """
    leave_if_in_a_worker()
    load_user_models()
    names = resolve_models((text(model, "", "model"),), "")
    if text(metric, "", "metric") not in METRICS:
        raise UnknownNameError("metric", metric, METRICS, f"tuned is {' or '.join(METRICS)}")
    counts = numbers(threads, "threads", "all")
    sizes = tuple(integer(n, "", "batches") for n in filled(batches, "", "batches"))
    asked, own = named_weights(weights, names)
    plan = CostPlan(
        devices=(device,),
        precisions=filled(precisions, "", "precisions"),
        memory_formats=filled(memory_formats, "", "memory_formats"),
        engines=filled(engines, "", "engines"),
        metrics=(metric,),
        batches=sizes,
        threads=counts,
        input_size=size(input_size, ""),
        weights=asked,
    )
    is_auto = plan.engines == (AUTO,)
    check_cost_plan(replace(plan, engines=tuple(ENGINES)) if is_auto else plan, "", table="")
    where = resolve_device(device)
    cores = tuple(dict.fromkeys(all_cores() if n == "all" else int(n) for n in counts))
    space = Space(
        cores if where == "cpu" else (1,),
        sizes if metric == "throughput" else (1,),
        plan.memory_formats,
        plan.precisions,
        usual_engines(where) if is_auto else plan.engines,
    )
    check_engines(space.engines, space.precisions)
    agreement = None if min_agreement is None else share(min_agreement, "", "min_agreement")
    permitted = Permitted(number(max_difference, "", "max_difference"), agreement)
    seconds = number(budget_s, "", "budget_s")
    check_reachable([parse_name(names[0]).model])
    timed = timed_models(Suite("tune", names, cost=plan, weights=own))[names[0]]
    plain = CostSettings(
        metric, where, space.batches[0], space.threads[0], "fp32", "contiguous", timed.input_size, code=timed.code
    )
    for settings in space.every(plain):
        check_settings(settings)
    file = timed.weights.file if timed.weights else None
    say = listener(on_event)

    def heard(event: CostEvent) -> None:
        if event.text.startswith(("trying", "comparing")):
            say(Message(str(event)))

    with turn(lambda line: say(Message(line))), Store(store_of(store_url)) as store:
        session = Session("tune", store, EXECUTORS.get(LOCAL), fingerprint(), say)
        reference = file.reference if file else None
        found = search(timed.name, reference, plain, space, permitted, seconds, heard)
        session.total = len(found.compared)
        for one in found.compared:
            trial = Trial(timed.name, file.tag if file else RANDOM, one.settings, file.sha256 if file else None)
            session.keep(trial, one.outcome)
    if not found.plain.ran:
        raise ZooError(f"{timed.name} does not run as it is built: {found.plain.outcome.reason}")
    return found


def usual_engines(device: str) -> tuple[str, ...]:
    """Engines of a device that are at hand and build in seconds."""
    kind = device.partition(":")[0]
    every = {name: ENGINES.get(name) for name in ENGINES}
    return tuple(name for name, one in every.items() if kind in one.devices and one.is_at_hand and not one.slow)
