"""The machines that a report is of."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping

    from zoo.results.view import Results


def environment_lines(machines: Mapping[str, Mapping[str, Any]]) -> list[str]:
    """Two lines for each machine: its hardware, and what is installed."""
    lines = []
    for key, env in machines.items():
        gpus = ", ".join(f"{gpu['name']} (driver {gpu['driver']})" for gpu in env.get("gpus", [])) or "no GPU"
        libraries = ", ".join(f"{name} {version}" for name, version in env.get("libraries", {}).items())
        memory = env.get("memory_bytes", 0) / 2**30
        lines.append(
            f"machine `{key}`: {env.get('cpu')}, {env.get('usable_cores')} of {env.get('cores')} cores usable, "
            f"{memory:.0f} GiB; {gpus}; {env.get('system')}"
        )
        lines.append(f"Python {env.get('python')}, {libraries}, backbone-zoo {env.get('zoo')}")
    return lines


def when_measured(results: Results) -> str:
    """The first and the last start of the measurements, in UTC."""
    starts = [record.outcome.started for record in results.records if record.trial.kind != "published"]
    if not starts:
        return "never"
    first, last = (time.strftime("%Y-%m-%d %H:%M", time.gmtime(t)) for t in (min(starts), max(starts)))
    return f"{first} UTC" if first == last else f"{first} to {last} UTC"
