"""What went wrong or was noticed: tables of failures and of flags."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from zoo.report.tables import Table
from zoo.results.trial import threads_text
from zoo.statistics.outcome import Status

if TYPE_CHECKING:
    from zoo.results.results import Results


def failures_table(results: Results) -> Table | None:
    """Every trial that gave no number, with its reason; None where there is none."""
    failed = results.failures()
    if not failed:
        return None
    rows = tuple(
        (r.trial.display_name, describe_trial(r.trial.settings), str(r.outcome.status), r.outcome.reason)
        for r in failed
    )
    return Table("Failures", "", ("model", "trial", "status", "reason"), rows)


def flags_table(results: Results) -> Table | None:
    """Every flagged or unconverged cost and every flagged regime, with what was seen; None where there is none."""
    costs = [
        (row.name, describe_trial(row.settings), "; ".join(filter(None, (*row.flags, row.reason))))
        for row in results.cost_rows(replicas=True)
        if (row.flags or row.status == Status.UNCONVERGED) and row.value is not None
    ]
    regimes = [
        (row.name, f"{row.strategy} on {row.task}, {row.shots} shots", "; ".join(row.flags))
        for row in results.transfer_rows()
        if row.flags
    ]
    return Table("Flags", "", ("model", "trial", "what was seen"), (*costs, *regimes)) if costs or regimes else None


def describe_trial(settings: Any) -> str:
    """The settings of a trial in a few words, without the model."""
    if "metric" in settings:
        replica = ", A/A twin" if settings.get("replica") else ""
        return (
            f"{settings['metric']}, {settings['device']}, batch {settings['batch']}{threads_text(settings)}{replica}"
        )
    if "data" in settings:
        return f"evaluation on {settings['images']} images of {settings['data']}"
    if "dataset" in settings:
        return f"published by {settings['by']} on {settings['dataset']}"
    parts = (settings.get("strategy", "pretraining"), settings["task"])
    shots = f", {settings['shots']} shots" if "shots" in settings else ""
    seed = f", seed {settings['seed']}" if "seed" in settings else ""
    return f"{parts[0]} on {parts[1]}{shots}{seed}"
