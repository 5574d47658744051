"""What was measured of one model, in lines for its card."""

from __future__ import annotations

from typing import TYPE_CHECKING

from zoo.report.describe import describe_trial
from zoo.report.numbers import with_interval
from zoo.report.variants import variants

if TYPE_CHECKING:
    from zoo.results.view import Results


def measured_lines(results: Results) -> list[str]:
    """A line for each cost, for each regime with its seeds taken together, and for each evaluation."""
    several = len(results.machines()) > 1
    apart = variants(results.transfer_rows())
    lines = []
    for cost in results.cost_rows():
        unit = "ms" if cost.metric == "latency" else "images/s"
        value = f"{with_interval(cost.value)} {unit}" if cost.value else str(cost.status)
        place = f" (machine {cost.machine})" if several else ""
        lines.append(f"{describe_trial(cost.settings)}: {value}{place}")
    for row in results.transfer_rows():
        value = f"{with_interval(row.accuracy, percent=True)} %" if row.accuracy else str(row.status)
        place = f" (machine {row.machine})" if several else ""
        lines.append(
            f"{row.strategy} from {row.weights} on {row.task}, {row.shots} shots{apart(row)}: {value}{place}"
        )
    for record in results.kind("evaluate"):
        top1 = record.outcome.metrics.get("top1")
        value = f"{with_interval(top1, percent=True)} %" if top1 else str(record.outcome.status)
        lines.append(f"top-1 of {record.trial.weights}, {describe_trial(record.trial.settings)}: {value}")
    return lines
