"""What was measured of one model, in lines for its card."""

from __future__ import annotations

from typing import TYPE_CHECKING

from zoo.outcome import Status
from zoo.report.numbers import with_interval
from zoo.results.number import Marks, doubts
from zoo.results.quantities import quantity_of
from zoo.results.variants import variants
from zoo.statistics.quantity import ACCURACY

if TYPE_CHECKING:
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
        value = stated(cost.value, quantity_of(cost.metric), cost.status, cost.flags)
        lines.append(f"{cost.settings.describe()}: {value}{place}")
    for row in results.transfer_rows():
        place = f" (machine {row.machine})" if several else ""
        value = stated(row.accuracy, ACCURACY, row.status, row.flags)
        lines.append(
            f"{row.strategy} from {row.weights} on {row.task}, {row.shots} shots{apart(row)}: {value}{place}"
        )
    for record in results.kind("evaluate"):
        outcome = record.outcome
        value = stated(outcome.metrics.get("top1"), ACCURACY, outcome.status, outcome.flags)
        lines.append(f"top-1 of {record.trial.weights}, {record.trial.settings.describe()}: {value}")
    return lines


def stated(value: Measurement | None, quantity: Quantity, status: Status, flags: tuple[str, ...] = ()) -> str:
    """A number with its unit and its doubts, or else the status of its trial."""
    if value is None:
        return str(status)
    said = ", ".join(doubts(value, Marks(status == Status.UNCONVERGED, flags)))
    return f"{with_interval(value, quantity)} {quantity.shown_as}".rstrip() + (f" ({said})" if said else "")
