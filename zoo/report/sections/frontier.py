"""The section of the frontier: accuracy against latency."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from zoo.figures.frontier import frontier_figure, frontier_points, is_accurate
from zoo.formats.blocks import Figure, Text
from zoo.report.sections.base import Section

if TYPE_CHECKING:
    from collections.abc import Sequence

    from zoo.candidates.basis import Basis
    from zoo.figures.frontier import FrontierPoint
    from zoo.formats.blocks import Block
    from zoo.report.sections.base import Context


def setting_line(basis: Basis | None) -> str:
    """The setting of the latencies, for the axis of a figure."""
    if basis is None or not basis.setting:
        return "latency"
    setting = basis.setting
    return f"latency, {setting.device}{setting.threads_text}, {setting.precision}, batch 1"


def cell_text(basis: Basis | None) -> str:
    """The data cell of the accuracies, in a few words."""
    if basis is None or not basis.cell:
        return ""
    if basis.cell[0] == "published":
        return "ImageNet-1k as published"
    return f"{basis.cell[0]}, {basis.cell[1]} shots"


def frontier_text(points: Sequence[FrontierPoint], accurate: bool, basis: Basis | None) -> str:
    """What stands under the figure of the frontier."""
    members = [point.model for point in sorted(points, key=lambda p: p.latency) if point.frontier]
    axis = (
        f"Accuracy is that of each model's best regime on {cell_text(basis)}."
        if accurate
        else "No model has both a latency at that setting and an accuracy, so parameters stand in its place; fewer "
        "are better."
    )
    axis += _sizes_text(basis) if accurate else ""
    return f"{axis} On the frontier: {', '.join(members)}. Bars are 95% intervals; what has none has no interval."


def _sizes_text(basis: Basis | None) -> str:
    """That the two axes are of images of different sizes, where they are."""
    if basis is None or not basis.accuracy_px or basis.latency_px == basis.accuracy_px:
        return ""
    return (
        f" Latency is of images of {basis.latency_span} px, accuracy of {basis.accuracy_span} px: a product would "
        "measure both at its own size (`zoo bench --input-size N`, `zoo transfer --input-size N`)."
    )


def _why_none(context: Context) -> str:
    """Why no candidate is a point."""
    latencies = [row for row in context.results.cost_rows() if row.metric == "latency"]
    if any(row.value is not None for row in latencies):
        return "Of no model with a latency an accuracy was measured, or the parameters are known"
    return "No latency succeeded" if latencies else "No latency was measured"


def _title(context: Context) -> str:
    return "Accuracy against latency" if is_accurate(context.candidates) else "Parameters against latency"


def _build(context: Context) -> list[Block]:
    points = frontier_points(context.candidates)
    if not points:
        return [Text((f"{_why_none(context)}, so there is no frontier.",))]
    basis, accurate = context.basis, is_accurate(context.candidates)
    chart = partial(frontier_figure, points, setting_line(basis), cell_text(basis), accurate=accurate)
    text = frontier_text(points, accurate, basis)
    return [Figure("frontier", chart, f"{_title(context)}, with 95% intervals", text)]


FRONTIER = Section("frontier", _title, _build)
