"""The settings of a cost, checked before anything is measured at them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from zoo.cost.engines import ENGINES
from zoo.cost.metrics import METRICS
from zoo.cost.settings import ALLOCATORS, INT8, MEMORY_FORMATS, PRECISIONS, CostSettings
from zoo.errors import UnknownNameError, ZooError
from zoo.machine.devices import check_device
from zoo.sources.forms import TRAINED, check_form

if TYPE_CHECKING:
    from collections.abc import Iterable


def check_settings(settings: CostSettings) -> None:
    """Refuse what cannot be measured.

    Raises
    ------
    ZooError
        For an unknown name, a precision that the device has not, and numbers below one.
    """
    METRICS.check(settings.metric)
    ENGINES.check(settings.engine)
    known = (
        ("precision", settings.precision, PRECISIONS),
        ("memory format", settings.memory_format, MEMORY_FORMATS),
        ("allocator", settings.allocator, ALLOCATORS),
    )
    for kind, value, values in known:
        if value not in values:
            raise UnknownNameError(kind, value, values, f"permitted: {', '.join(values)}")
    check_form(settings.form)
    if METRICS.get(settings.metric).trains and settings.form != TRAINED:
        raise ZooError(f"metric {settings.metric!r} takes gradients, which the {settings.form} form has not")
    if METRICS.get(settings.metric).trains and settings.precision == INT8:
        raise ZooError(f"metric {settings.metric!r} takes gradients, which {INT8} has not")
    check_device(settings.device)
    if settings.precision == "tf32" and settings.device == "cpu":
        raise ZooError("precision 'tf32' is a GPU's, not the CPU's: give device cuda, or leave tf32 out")
    for name, number in (
        ("batch", settings.batch),
        ("threads", settings.threads),
        ("size", min(settings.input_size)),
    ):
        if number < 1:
            raise ZooError(f"{name} must be at least 1, not {number}")


def check_engines(engines: Iterable[str], precisions: Iterable[str]) -> None:
    """Refuse a precision that none of the engines of a plan takes.

    One that some of them do not take is the reason of their rows.

    Raises
    ------
    ZooError
        With the engines that take it.
    """
    listed = list(engines)
    for precision in precisions:
        if not any(ENGINES.get(name).takes(precision) for name in listed):
            others = [name for name in ENGINES if ENGINES.get(name).takes(precision)]
            with_it = f"give engine {' or '.join(others)}" if others else "give another precision"
            raise ZooError(f"{precision!r} is not run by engine {' or '.join(listed)}: {with_it}")
