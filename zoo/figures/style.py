"""The style of figures, and their files: SVG and PNG."""

from __future__ import annotations

import math
import re
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from pathlib import Path


WIDTH, HEIGHT = 720, 380

SCALE = 2
"""Pixels of a PNG for each of a figure."""

MOST_DOTS = 3e6
"""Of a figure as PNG."""

SIDES = re.compile(r'\b(?:width|height)="([\d.]+)"')
"""Width and height of an SVG, in its first tag."""

FRONTIER, DOMINATED = "#0072B2", "#999999"
"""Colours of Okabe and Ito's palette, distinct to readers of every colour vision and in grey."""

PALETTE = ["#0072B2", "#D55E00", "#009E73", "#CC79A7", "#E69F00", "#56B4E9", "#000000"]
"""Colours of strategies, in the order of their table; beyond them a figure begins again."""


def styled(chart: Any) -> Any:
    """A chart in the fonts and colours of the reports."""
    return chart.configure(background="white", font="DejaVu Sans, sans-serif").configure_axis(
        labelFontSize=12, titleFontSize=13, titleFontWeight="normal", gridColor="#e6e6e6"
    )


def write_figure(chart: Any, path: Path) -> list[Path]:
    """Write a figure as ``path.svg`` and ``path.png``."""
    import vl_convert

    drawn = vl_convert.vegalite_to_svg(chart.to_json())
    svg, png = path.with_suffix(".svg"), path.with_suffix(".png")
    svg.write_text(drawn + "\n", encoding="utf-8")
    # Drawn once: laying it out takes the time and the memory.
    png.write_bytes(vl_convert.svg_to_png(drawn, scale=_scale(drawn)))
    return [svg, png]


def _scale(drawn: str) -> float:
    """Dots a pixel, fewer where a figure is so tall that its dots would take too much memory."""
    sides = [float(side) for side in SIDES.findall(drawn[: drawn.index(">")])]
    return min(SCALE, math.sqrt(MOST_DOTS / math.prod(sides))) if len(sides) == 2 else SCALE
