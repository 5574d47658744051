"""Models whose measuring may last or fail, by what is known before it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from zoo.cohorts.shares import SLOW_ROUND_CALLS, expected_call_s
from zoo.cost.metrics import METRICS
from zoo.errors import ZooError
from zoo.machine.memory import memory_total
from zoo.machine.prior import macs_per_s
from zoo.registry.catalogue import get

if TYPE_CHECKING:
    from zoo.cost.protocol import Protocol
    from zoo.cost.settings import CostSettings
    from zoo.machine.fingerprint import Machine
    from zoo.results.trial import Trial


UNCOUNTED, LARGE, SLOW = "uncounted", "large", "slow"

TRAINING_COPIES = 4
"""Of the parameters while a network trains: themselves, gradients, and two moments of the optimiser."""

FLOAT_BYTES = 4


@dataclass(frozen=True, slots=True)
class Bounds:
    """What a model may take if it is to share a cohort.

    Attributes
    ----------
    bytes : float
        Of memory, on the CPU.
    seconds : float
        Of a call.
    macs_per_s : float
        That one thread is expected to compute.
    """

    bytes: float
    seconds: float
    macs_per_s: float


def bounds(protocol: Protocol, machine: Machine) -> Bounds:
    """The share of each model of a full cohort on a machine."""
    memory = memory_total() if machine.memory_bytes is None else machine.memory_bytes
    calls = protocol.cohort_size * protocol.least_rounds * SLOW_ROUND_CALLS
    return Bounds(
        bytes=memory * protocol.worker_memory / (protocol.cohort_size + 1),  # and the anchor
        seconds=protocol.cohort_budget_s * protocol.overtime / calls,
        macs_per_s=macs_per_s(machine.yardstick),
    )


def risk(trial: Trial, most: Bounds) -> str:
    """Why a cost is better measured last and by itself, empty where it is not.

    See docs/measuring.md#whole-registries.

    Returns
    -------
    str
        :data:`UNCOUNTED`: nobody knows. :data:`LARGE`: a cohort of such may not fit in the memory. :data:`SLOW`: a
        cohort of such would end before each has rounds enough for an interval. Of a GPU only the first is known.
    """
    settings = trial.cost
    try:
        spec = get(trial.model)
    except ZooError:
        return UNCOUNTED
    macs, params, activations = spec.estimated_macs(settings.input_size), spec.params, spec.activations
    if macs is None or params is None or activations is None:
        return UNCOUNTED
    if settings.device != "cpu":
        return ""
    copies = TRAINING_COPIES if METRICS.get(settings.metric).trains else 1
    # Those of all layers together, of which a network in use keeps a few at a time: a bound, not an estimate.
    outputs = activations * _scale(settings, spec.input_size) * settings.batch
    if FLOAT_BYTES * (copies * params + outputs) > most.bytes:
        return LARGE
    return SLOW if expected_call_s(settings, macs, most.macs_per_s) > most.seconds else ""


def _scale(settings: CostSettings, native: tuple[int, int, int]) -> float:
    """How many times as many pixels an image has as the counts are of."""
    return settings.input_size[1] * settings.input_size[2] / (native[1] * native[2])
