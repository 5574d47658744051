"""The section of the machines that a report is of, and how to repeat it."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

from zoo.machine.description import cores_text, processor_text
from zoo.report.blocks import Code, Text
from zoo.report.sections.base import Section

if TYPE_CHECKING:
    from collections.abc import Mapping

    from zoo.machine.fingerprint import Machine
    from zoo.report.blocks import Block
    from zoo.report.sections.base import Context
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


def _build(context: Context) -> list[Block]:
    lines = environment_lines(context.results.machines())
    listed: list[Block] = [Text(tuple(lines), listed=True)] if lines else []
    when = Text((f"Measured {when_measured(context.results)}. Reproduce with:",))
    return [*listed, when, Code(context.command)]


ENVIRONMENT = Section("environment", "Environment", _build)
