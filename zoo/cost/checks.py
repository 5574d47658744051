"""The settings of a cost, checked before anything is measured at them."""

from __future__ import annotations

from zoo.cost.engines import ENGINES
from zoo.cost.metrics import METRICS
from zoo.cost.settings import ALLOCATORS, MEMORY_FORMATS, PRECISIONS, CostSettings
from zoo.errors import UnknownNameError, ZooError
from zoo.machine.devices import check_device
from zoo.sources.forms import TRAINED, check_form


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
