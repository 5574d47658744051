"""The chart of the page: any two numbers, with intervals and the frontier."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

    from zoo.canonical import JsonObject


HEIGHT = 420

FADED = 0.2
"""Opacity of what the limits leave out."""

SNIPPET = "window.vegaEmbed = vegaEmbed;"
"""What the bundle hands to the page's script."""


def chart(groups: Sequence[JsonObject]) -> JsonObject:
    """The Vega-Lite description of the chart, without points.

    The script fills in the titles and scales of the axes that a reader picks, the points, and the signals: ``states``
    (0 of a point that the limits leave out), ``ink`` and ``grid`` (colours of the light page or the dark one).

    Parameters
    ----------
    groups : sequence of dict
        As :meth:`zoo.webpage.families.Families.groups` gives them.
    """
    import altair as alt

    ink = alt.ExprRef("ink")
    room = alt.Scale(padding=16)
    looks = {key: [group[key] for group in groups] for key in ("name", "colour", "shape")}
    colour = alt.Color("group:N", legend=None, scale=alt.Scale(domain=looks["name"], range=looks["colour"]))
    shape = alt.Shape("group:N", legend=None, scale=alt.Scale(domain=looks["name"], range=looks["shape"]))
    shown = alt.condition("states[datum.place] > 0", alt.value(1), alt.value(FADED))
    ticks = alt.Axis(tickCount=alt.ExprRef("ceil(width / 80)"))
    x, y = alt.X("x:Q", scale=room, title="", axis=ticks), alt.Y("y:Q", scale=room, title="")
    across = alt.X("x_low:Q", scale=room, title="", axis=ticks), alt.X2("x_high:Q")
    up = alt.Y("y_low:Q", scale=room, title=""), alt.Y2("y_high:Q")
    points, line, ring = (alt.Chart(alt.NamedData(name)) for name in ("points", "frontier", "chosen"))
    bars = points.mark_rule(strokeWidth=1.2)
    told = [alt.Tooltip(f"{field}:N", title=field) for field in ("model", "family", "across", "up")]
    layers = [
        bars.encode(*across, y, color=colour, opacity=shown),
        bars.encode(x, *up, color=colour, opacity=shown),
        points.mark_point(filled=True, size=70)
        .encode(x, y, color=colour, shape=shape, opacity=shown, tooltip=told)
        .properties(name="models")
        .add_params(alt.selection_interval(bind="scales", name="zoom")),
        line.mark_line(color=ink, strokeDash=[5, 3], strokeWidth=1.5).encode(x, y),
        ring.mark_point(size=330, strokeWidth=2.5, color=ink, filled=False, tooltip=None).encode(x, y),
    ]
    signals = [
        alt.param(name="states", value=[]),
        alt.param(name="ink", value="#222222"),
        alt.param(name="grid", value="#dddddd"),
    ]
    whole = alt.layer(*layers).properties(width="container", height=HEIGHT).add_params(*signals)
    styled = whole.configure(background="transparent", font="system-ui, sans-serif").configure_view(stroke=None)
    described: JsonObject = styled.configure_axis(
        labelColor=ink,
        titleColor=ink,
        domainColor=ink,
        tickColor=ink,
        gridColor=alt.ExprRef("grid"),
        labelFontSize=12,
        titleFontSize=13,
        titleFontWeight="normal",
    ).to_dict()
    return described


@cache
def bundle() -> str:
    """Vega, Vega-Lite and Vega-Embed as one script that asks no address."""
    import altair as alt
    import vl_convert

    version = ".".join(alt.SCHEMA_VERSION.removeprefix("v").split(".")[:2])
    return str(vl_convert.javascript_bundle(SNIPPET, vl_version=version))
