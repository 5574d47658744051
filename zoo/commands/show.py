"""``zoo show``: a model's card."""

from __future__ import annotations

import json
import textwrap
import typing
from dataclasses import asdict

import click

from zoo.cli import options
from zoo.cli.command import Command
from zoo.cli.measured import measured_lines
from zoo.cli.store import stored_records
from zoo.registry.catalogue import get, namesakes
from zoo.registry.licences import warning_of
from zoo.registry.packaged import packaged_of
from zoo.results.frame import TidyRows
from zoo.results.published import published_top1
from zoo.results.view import Results
from zoo.sources.figure import ROBUSTNESS, figure_at
from zoo.terminal import shown, width
from zoo.weights.locate import locate

if typing.TYPE_CHECKING:
    from zoo.canonical import JsonObject
    from zoo.results.record import Record
    from zoo.sources.spec import ModelSpec


@click.command("show", cls=Command)
@options.model_argument
@options.store_option
@options.text_or_json_option("table or json, which has the records where --store names one.")
def show(name: str, store: str | None, form: str) -> None:
    """Show a model's card: weights, preprocessing, counts, measurements.

    Also its licence, and its namesake in another source.

    Example:  zoo show resnet50
    """
    options.check_format(form, options.TEXT_OR_JSON)
    spec = get(name)
    full = spec.model
    asked = form != "json" or store is not None  # JSON of a spec needs no database's library
    records = [record for record in stored_records(store) if record.trial.model == full] if asked else []
    carried = packaged_of(full, spec.tag)
    if form == "json":
        held: JsonObject = {"measured": list(TidyRows(records))} if asked else {}
        held |= {"package": asdict(carried)} if carried else {}
        print(json.dumps(spec.to_dict() | held, indent=2, allow_nan=False))
        return
    lines = [("name", spec.name), ("family", spec.family)]
    lines.append(("weights", _weights(spec.tags)))
    found = locate(full, spec.tag) if spec.tag else None
    lines.append(("at hand", str(found.path) if found else "no"))
    lines.append(("licence", warning_of(spec.licence) or spec.licence or "not stated"))
    if carried is not None:
        lines.append(("source", f"the package {carried.distribution} {carried.version}, {carried.origin}"))
    pre = spec.preprocessing
    if pre is not None:
        lines.append(("input", f"{' × '.join(map(str, spec.input_size))} (channels, height, width)"))
        shape = f"{pre.crop} × {pre.width}" if pre.width else str(pre.crop)
        how = "" if pre.crop_mode == "center" else f" ({pre.crop_mode})"
        text = f"resize {pre.resize}, crop {shape}{how} ({pre.crop_fraction:.3g} of it), {pre.interpolation}"
        lines.append(("preprocessing", text))
        test = pre.at_test_size()
        if test is not pre:
            lines.append(("", f"tested at resize {test.resize}, crop {test.crop} ({test.crop_fraction:.3g} of it)"))
        lines.append(("", f"mean {_triple(pre.mean)}, std {_triple(pre.std)}"))
    lines += _counts(spec)
    lines.append(("activations", f"{spec.activations / 1e6:.2f} M" if spec.activations else "unknown"))
    if spec.not_counted:
        lines.append(("not counted", spec.not_counted))
    lines.append(("published", _published(full, spec.tag, records)))
    lines += _robustness(spec)
    measured = measured_lines(Results(r for r in records if r.trial.kind != "published"))
    lines += [("measured", text) for text in measured] or [("measured", "nothing here yet")]
    lines.append(("namesake", ", ".join(namesakes(spec)) or "none"))
    print("\n".join(_wrapped(label, text) for label, text in lines))
    print(f"{'Python':<14}import zoo; model = zoo.create({spec.name!r})")  # whole, however wide, to be copied


def _wrapped(label: str, text: str) -> str:
    """A line of the card, gone on below where it is wider than the screen."""
    return textwrap.fill(
        shown(text),
        width(),
        initial_indent=f"{label:<14}",
        subsequent_indent=" " * 14,
        break_on_hyphens=False,
    )


def _triple(values: tuple[float, ...]) -> str:
    return ", ".join(f"{value:g}" for value in values)


def _weights(tags: tuple[str, ...]) -> str:
    if not tags:
        return "none"
    shown = ", ".join([f"{tags[0]} (default)", *tags[1:6]])
    return shown + (f" and {len(tags) - 6} more" if len(tags) > 6 else "")


COUNTED = (
    "multiply-adds of convolutions, matrix products and attention; counters that add norms, activations and scalings "
    "give more, those of single operations twice as much"
)
"""What MACs are of, and how those of other programs differ."""


def _counts(spec: ModelSpec) -> list[tuple[str, str]]:
    """Parameters and MACs of the form that is deployed, and of the trained one where that has others."""
    params = _both(_whole(spec.deployed_params), _whole(spec.params))
    macs = _both(_billions(spec.deployed_macs), _billions(spec.macs))
    if spec.macs is None:
        return [("params", params), ("MACs", macs)]
    return [("params", params), ("MACs", f"{macs}, at {spec.input_size[1]} px"), ("", COUNTED)]


def _both(deployed: str, trained: str) -> str:
    return deployed if deployed == trained else f"{deployed} deployed, {trained} as trained"


def _whole(count: int | None) -> str:
    return "unknown" if count is None else f"{count:,}"


def _billions(count: float | None) -> str:
    return "unknown" if count is None else f"{count / 1e9:.3f} G"


def _published(full: str, tag: str | None, records: list[Record]) -> str:
    """Top-1 that others state of the weights, and who does."""
    stated = published_top1(records, full, tag) if tag else None
    if stated is None:
        return "no top-1 stated; `zoo results import --timm` reads timm's tables"
    return f"top-1 {100 * stated.top1:.2f} % on ImageNet-1k{stated.at()}, stated by {stated.source}"


def _robustness(spec: ModelSpec) -> list[tuple[str, str]]:
    """Top-1 that others state on other images of ImageNet's classes, or other labels, at one size."""
    found = {name: figure_at(spec.published, dataset, spec.input_size[1]) for dataset, name in ROBUSTNESS.items()}
    stated = {name: figure for name, figure in found.items() if figure is not None}
    if not stated:
        return []
    figures = ", ".join(f"{name} {figure.top1:.2f} %" for name, figure in stated.items())
    sides = sorted({figure.side for figure in stated.values() if figure.side})
    return [("", f"{figures} at {' and '.join(map(str, sides))} px")]
