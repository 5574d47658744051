"""The machines that a report is of."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

from zoo.machine.description import cores_text, processor_text

if TYPE_CHECKING:
    from collections.abc import Mapping

    from zoo.machine.fingerprint import Machine
    from zoo.results.view import Results


def environment_lines(machines: Mapping[str, Machine]) -> list[str]:
    """Two lines for each machine: its hardware, and what is installed."""
    lines = []
    for key, machine in machines.items():
        gpus = ", ".join(f"{gpu.name} (driver {gpu.driver})" for gpu in machine.gpus or ()) or "no GPU"
        libraries = ", ".join(f"{name} {version}" for name, version in (machine.libraries or {}).items())
        memory = (machine.memory_bytes or 0) / 2**30
        lines.append(
            f"machine `{key}`: {processor_text(machine)}, {cores_text(machine)}, "
            f"{memory:.0f} GiB; {gpus}; {machine.system}"
        )
        lines.append(f"Python {machine.python}, {libraries}, backbone-zoo {machine.zoo}")
    return lines


def when_measured(results: Results) -> str:
    """The first and the last start of the measurements, in UTC."""
    starts = [record.outcome.started for record in results.records if record.trial.kind != "published"]
    if not starts:
        return "never"
    first, last = (time.strftime("%Y-%m-%d %H:%M", time.gmtime(t)) for t in (min(starts), max(starts)))
    return f"{first} UTC" if first == last else f"{first} to {last} UTC"
