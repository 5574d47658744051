"""``zoo list``: search the registry."""

from __future__ import annotations

import json

import typer

from zoo.cli import options
from zoo.registry.licences import is_non_commercial
from zoo.registry.search import list_specs
from zoo.report.formats import render
from zoo.report.numbers import MISSING, scaled
from zoo.report.table import Table


def list_(
    globs: list[str] = typer.Argument(None, metavar="[GLOB]...", help="Shell patterns over names: '*resnet*'."),
    source: str | None = typer.Option(None, "--source", help="torchvision, timm, or your own."),
    family: str | None = typer.Option(None, "--family", help="Such as resnet or vision_transformer."),
    max_params: str | None = typer.Option(None, "--max-params", help="30e6 or 30M."),
    max_macs: str | None = typer.Option(None, "--max-macs", help="4e9 or 4G."),
    min_top1: str | None = typer.Option(
        None, "--min-top1", help="ImageNet top-1, percent, where the library states it."
    ),
    pretrained: bool = typer.Option(False, "--pretrained", help="Only architectures with weights."),
    licence: list[str] = options.licence_option(),
    sort: str = typer.Option("name", "--sort", help="name, params, macs, activations, top1, family, input_size."),
    form: str = options.format_option(),
) -> None:
    """Search the models of torchvision and timm, and your own.

    Example:  zoo list '*resnet*' --max-params 30M --sort macs
    """
    options.check_format(form)
    specs = list_specs(
        *(globs or ()),
        source=source,
        family=family,
        max_params=options.amount(max_params, "--max-params"),
        max_macs=options.amount(max_macs, "--max-macs"),
        min_top1=options.amount(min_top1, "--min-top1"),
        pretrained=pretrained,
        licence=options.licences(licence),
        sort=sort,
    )
    if form == "json":
        print(json.dumps([spec.to_dict() for spec in specs]))
        return

    rows: tuple[tuple[str, ...], ...] = tuple(
        (
            spec.name,
            scaled(spec.params, 1e6),
            scaled(spec.macs, 1e9),
            str(spec.input_size[1]),
            MISSING if spec.top1 is None else f"{spec.top1:.2f}",
            str(len(spec.tags)),
            _licence(spec.licence) or MISSING,
        )
        for spec in specs
    )
    headers = ("model", "params, M", "MACs, G", "input, px", "published top-1, %", "weights", "licence")
    if form == "table":
        rows = tuple((name[:44], *rest[:-1], rest[-1][:18]) for name, *rest in rows)
    marked = any(spec.licence and _licence(spec.licence) != spec.licence for spec in specs)
    caption = f"{len(rows)} models." + (" ! no commercial use." if marked else "")
    print(render(Table("", caption, headers, rows), form))


def _licence(stated: str | None) -> str:

    return f"! {stated}" if is_non_commercial(stated) else stated or ""
