"""``zoo list``: search the registry."""

from __future__ import annotations

import json
import typing

import click

from zoo.cli import completion, options, values
from zoo.cli.command import Command
from zoo.formats import render
from zoo.formats.table import Table
from zoo.registry.licences import marked_licence
from zoo.registry.search import list_specs
from zoo.report.numbers import MISSING, scaled
from zoo.sources.figure import IMAGENET, ROBUSTNESS, at_side, figure_at

if typing.TYPE_CHECKING:
    from zoo.sources.spec import ModelSpec


@click.command("list", cls=Command)
@click.argument(
    "globs",
    nargs=-1,
    metavar="[GLOB]...",
    shell_complete=completion.models,
    help="Shell patterns over names: '*resnet*'.",
)
@click.option("--source", metavar="NAME", help="torchvision, timm, or your own.")
@click.option("--family", metavar="NAME", help="Such as resnet or vision_transformer.")
@click.option("--max-params", metavar="NUMBER", help="30e6 or 30M, of the form that is deployed.")
@click.option("--max-macs", metavar="NUMBER", help="4e9 or 4G, of the form that is deployed.")
@click.option(
    "--min-top1", metavar="PERCENT", help="ImageNet top-1 as published, percent: a line for each set of weights."
)
@click.option("--pretrained", is_flag=True, help="Only architectures with weights.")
@options.licence_option
@click.option("--robustness", is_flag=True, help="Columns of published top-1 on ReaL, V2, R, A and Sketch.")
@click.option(
    "--sort", default="name", metavar="KEY", help="name, params, macs, activations, top1, family, input_size."
)
@options.format_option
def list_(
    globs: tuple[str, ...],
    source: str | None,
    family: str | None,
    max_params: str | None,
    max_macs: str | None,
    min_top1: str | None,
    pretrained: bool,
    licence: tuple[str, ...],
    robustness: bool,
    sort: str,
    form: str,
) -> None:
    """Search the models of torchvision and timm, and your own.

    Example:  zoo list '*resnet*' --max-params 30M --sort macs
    """
    options.check_format(form)
    specs = list_specs(
        *globs,
        source=source,
        family=family,
        max_params=values.amount(max_params, "--max-params"),
        max_macs=values.amount(max_macs, "--max-macs"),
        min_top1=values.amount(min_top1, "--min-top1"),
        pretrained=pretrained,
        licence=options.licences(licence),
        sort=sort,
    )
    if form == "json":
        print(json.dumps([spec.to_dict() for spec in specs]))
        return
    further = ROBUSTNESS if robustness else {}
    rows = tuple(
        (
            spec.name,
            scaled(spec.deployed_params, 1e6),
            scaled(spec.deployed_macs, 1e9),
            str(spec.input_size[1]),
            *(_published(spec, dataset) for dataset in (IMAGENET, *further)),
            str(len(spec.tags)),
            marked_licence(spec.licence) or MISSING,
        )
        for spec in specs
    )
    stated = ("published top-1, %", *(f"{name}, %" for name in further.values()))
    headers = ("model", "params, M", "MACs, G", "input, px", *stated, "weights", "licence")
    marked = any(spec.licence and marked_licence(spec.licence) != spec.licence for spec in specs)
    count = f"{len(rows)} models." if min_top1 is None else f"{len(rows)} weights and sizes."
    caption = f"{count} Params and MACs as deployed." + (" ! no commercial use." if marked else "")
    data = tuple({"model": spec.name, **spec.to_dict()} for spec in specs) if form == "csv" else ()
    print(render(Table("", caption, headers, rows, data=data), form))


def _published(spec: ModelSpec, dataset: str) -> str:
    """A top-1, with the size of its images where that is not the one in the row."""
    found = figure_at(spec.published, dataset, spec.input_size[1])
    if found is None:
        return MISSING
    return f"{found.top1:.2f}{at_side(found.side, spec.input_size[1])}"
