"""What was measured of one model, in lines for its card."""

from __future__ import annotations

from typing import TYPE_CHECKING

from zoo.report.numbers import with_interval
from zoo.report.variants import variants
from zoo.results.quantities import quantity_of
from zoo.statistics.quantity import ACCURACY

if TYPE_CHECKING:
    from zoo.outcome import Status
    from zoo.results.view import Results
    from zoo.statistics.measurement import Measurement
    from zoo.statistics.quantity import Quantity


def measured_lines(results: Results) -> list[str]:
    """A line for each cost, each regime over its seeds, and each evaluation."""
    several = len(results.machines()) > 1
    apart = variants(results.transfer_rows())
    lines = []
    for cost in results.cost_rows():
        place = f" (machine {cost.machine})" if several else ""
        value = stated(cost.value, quantity_of(cost.metric), cost.status)
        lines.append(f"{cost.settings.describe()}: {value}{place}")
    for row in results.transfer_rows():
        place = f" (machine {row.machine})" if several else ""
        value = stated(row.accuracy, ACCURACY, row.status)
        lines.append(
            f"{row.strategy} from {row.weights} on {row.task}, {row.shots} shots{apart(row)}: {value}{place}"
        )
    for record in results.kind("evaluate"):
        value = stated(record.outcome.metrics.get("top1"), ACCURACY, record.outcome.status)
        lines.append(f"top-1 of {record.trial.weights}, {record.trial.settings.describe()}: {value}")
    return lines


def stated(value: Measurement | None, quantity: Quantity, status: Status) -> str:
    """A number with its interval and unit, or else the status of its trial."""
    return str(status) if value is None else f"{with_interval(value, quantity)} {quantity.shown_as}".rstrip()
