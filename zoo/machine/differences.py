"""Whether two records are of one machine, and in what they differ."""

from __future__ import annotations

from typing import TYPE_CHECKING

from zoo.canonical import canonical_digest
from zoo.machine.description import cache_text, frequency_text, quota_text

if TYPE_CHECKING:
    from collections.abc import Iterable

    from zoo.machine.fingerprint import Machine


NAMED = ("cpu", "cores", "usable_cores")
"""What of the key was always the machine itself; GPUs by name are too, their driver is not."""

KEYED = (*NAMED, "gpus", "python", "libraries")
"""What changes a number, as it was told before processors of one name were told apart."""

PROCESSOR = (
    "vendor",
    "family",
    "model",
    "stepping",
    "instruction_sets",
    "capability",
    "cache_bytes",
    "frequency_mhz",
    "cpu_quota",
)
"""What changes a number since; see docs/measuring.md#the-key.

Threads, batch and precision are settings of the trial.
"""

UNKNOWN = "unknown machine: recorded before the zoo told processors apart"


def is_known(machine: Machine) -> bool:
    """Whether a record tells processors of one name apart.

    Where it does not, two machines may have shared its key.
    """
    return machine.instruction_sets is not None


def machine_key(machine: Machine) -> str:
    """16 hex digits over what changes a number on a machine.

    That of an unknown machine is what it was when it was recorded, and no known one's.
    """
    told = machine.to_dict()
    names = KEYED + PROCESSOR if is_known(machine) else KEYED
    return canonical_digest({name: told.get(name) for name in names})[:16]


def hardware_differences(a: Machine, b: Machine) -> list[str]:
    """In what two fingerprints are of different machines, in words."""
    half = is_known(a) != is_known(b)
    found = [_unknown(b if is_known(a) else a)] if half else []
    for name in NAMED:
        x, y = getattr(a, name), getattr(b, name)
        if x != y and not (half and None in (x, y)):  # what only one of them tells is no difference
            found.append(f"{name}: {x} and {y}")
    if is_known(a) and is_known(b):
        found += _of_processors(a, b)
    gpus = [_listed(gpu.name for gpu in side.gpus or ()) for side in (a, b)]
    return found + ([f"gpus: {gpus[0]} and {gpus[1]}"] if gpus[0] != gpus[1] else [])


def software_differences(a: Machine, b: Machine) -> list[str]:
    """What of the key was installed anew between two fingerprints, in words."""
    sides: list[dict[str, str | None]] = [
        {
            "python": side.python,
            "driver": _listed(sorted({gpu.driver for gpu in side.gpus or ()})),
            **(side.libraries or {}),
        }
        for side in (a, b)
    ]
    names = dict.fromkeys([*sides[0], *sides[1]])
    return [
        f"{name} {sides[0].get(name)} → {sides[1].get(name)}"
        for name in names
        if sides[0].get(name) != sides[1].get(name)
    ]


def _of_processors(a: Machine, b: Machine) -> list[str]:
    found = [
        f"{name}: {x} and {y}"
        for name in ("vendor", "family", "model", "stepping")
        if (x := getattr(a, name)) != (y := getattr(b, name))
    ]
    if a.capability != b.capability:
        found.append(f"PyTorch's kernels: {a.capability} and {b.capability}")
    sets = [[name for name in x.instruction_sets or () if name not in (y.instruction_sets or ())]
            for x, y in ((a, b), (b, a))]  # fmt: skip
    if any(sets):
        found.append(f"instruction sets of one alone: {_listed(sets[0])} and {_listed(sets[1])}")
    for what, text in (("caches", cache_text), ("frequency", frequency_text), ("CPU quota", quota_text)):
        if text(a) != text(b):
            found.append(f"{what}: {text(a)} and {text(b)}")
    return found


def _unknown(machine: Machine) -> str:
    source = machine.other.get("imported_from")
    return f"unknown machine: imported from {source}, which tells only its name" if source else UNKNOWN


def _listed(names: Iterable[str]) -> str:
    return ", ".join(names) or "none"
