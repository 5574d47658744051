"""The section of the machines that a report is of, and how to repeat it."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

from zoo.formats.blocks import Code, Text
from zoo.machine.description import cores_text, processor_text
from zoo.report.reproduction import commands, how
from zoo.report.sections.base import Section

if TYPE_CHECKING:
    from collections.abc import Mapping

    from zoo.formats.blocks import Block
    from zoo.machine.fingerprint import Machine
    from zoo.report.sections.base import Context
    from zoo.results.view import Results


NEVER = "never"


def environment_lines(machines: Mapping[str, Machine]) -> list[str]:
    """Two lines for each machine: its hardware, and what is installed."""
    lines = []
    for key, machine in machines.items():
        gpus = ", ".join(f"{gpu.name} (driver {gpu.driver})" for gpu in machine.gpus or ()) or "no GPU"
        hardware = [
            processor_text(machine) if machine.cpu else "unknown processor",
            cores_text(machine) if machine.cores else "",
            f"{machine.memory_bytes / 2**30:.0f} GiB" if machine.memory_bytes else "",
        ]
        known = [", ".join(filter(None, hardware)), "" if machine.gpus is None else gpus, machine.system or ""]
        lines.append(f"machine `{key}`: {'; '.join(filter(None, known))}")
        versions = {"Python": machine.python, **(machine.libraries or {}), "backbone-zoo": machine.zoo}
        software = [f"{name} {version}" for name, version in versions.items() if version]
        lines += [", ".join(software)] if software else []
    return lines


def when_measured(results: Results) -> str:
    """The first and the last start of the measurements, in UTC."""
    starts = [record.outcome.started for record in results.records if record.trial.kind != "published"]
    if not starts:
        return NEVER
    first, last = (time.strftime("%Y-%m-%d %H:%M", time.gmtime(t)) for t in (min(starts), max(starts)))
    return f"{first} UTC" if first == last else f"{first} to {last} UTC"


def _build(context: Context) -> list[Block]:
    lines = environment_lines(context.results.machines())
    listed: list[Block] = [Text(tuple(lines), listed=True)] if lines else []
    measured = when_measured(context.results)
    code = context.command or "\n".join(commands(context.results))
    said = [f"Measured {measured}."] if measured != NEVER else []
    said += [how(code)] if code else []
    return [*listed, *([Text((" ".join(said),))] if said else []), *([Code(code)] if code else [])]


ENVIRONMENT = Section("environment", "Environment", _build)
