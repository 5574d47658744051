"""``zoo weights``: what is at hand, and checkpoints of your own added."""

from __future__ import annotations

import sys
import typing
from collections import Counter

import click

from zoo.cli import completion, options, values
from zoo.cli.command import Group
from zoo.cli.store import stored_records
from zoo.errors import WeightsError, ZooError
from zoo.formats import render
from zoo.formats.table import Table
from zoo.loading.adding import add_checkpoint
from zoo.registry.licences import is_non_commercial
from zoo.registry.own_tags import card
from zoo.report.numbers import MISSING
from zoo.weights.digests import digest
from zoo.weights.file import PACKAGE
from zoo.weights.inventory import CUT, DAMAGED, inventory, remove, select

if typing.TYPE_CHECKING:
    from pathlib import Path

    from zoo.canonical import Json
    from zoo.weights.inventory import CachedFile


class Listing(Group):
    """A group whose command ``list`` is meant where none is named."""

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        """The words, with the command that they leave out."""
        named = args and (args[0] in self.commands or args[0] in ctx.help_option_names)
        return super().parse_args(ctx, args if named else ["list", *args])


@click.group("weights", cls=Listing)
def weights() -> None:
    """List the weights in the caches: size, state, licence and use.

    `zoo weights` alone is `zoo weights list`.

    Example:  zoo weights --verify
    """


@weights.command("list")
@click.argument(
    "names", nargs=-1, metavar="[NAME]...", shell_complete=completion.models, help="Only the weights of these models."
)
@click.option("--verify", is_flag=True, help="Read every file and compare its digest.")
@click.option("--unused", is_flag=True, help="Only what no record in the store was measured with.")
@click.option("--remove", is_flag=True, help="Delete what is listed; name models, or say --unused.")
@click.option("--clean", is_flag=True, help="Delete what cut downloads left.")
@options.yes_option
@options.store_option
@options.format_option
def list_(
    names: tuple[str, ...],
    verify: bool,
    unused: bool,
    remove: bool,
    clean: bool,
    yes: bool,
    store: str | None,
    form: str,
) -> None:
    """List the weights in the caches: size, state, licence and use.

    The caches are those of torch hub, the Hugging Face hub and the zoo; packages carry some, too.

    Example:  zoo weights --verify
    """
    options.check_format(form)
    if remove and not (names or unused):
        raise ZooError("--remove deletes what is listed: name models, or say --unused")
    found = inventory(check=verify)
    used = _used(store, needed=unused)
    cut = [kept for kept in found if kept.state == CUT]
    shown = select(found, names) if names else found
    if unused:
        shown = [kept for kept in shown if kept.state != CUT and _sha256(kept) not in used]
        # An installed package is not the zoo's to take apart.
        shown = [kept for kept in shown if not (remove and kept.kind == PACKAGE)]
    chosen = [kept for kept in shown if kept.state != CUT] if remove else []
    chosen += cut if clean else []
    if remove or clean:
        _remove(chosen, yes)
        return
    _print(shown, used, form)
    damaged = [kept for kept in shown if kept.state == DAMAGED]
    for kept in damaged:
        print(f"zoo: error: {kept.path}: damaged; {kept.remedy}", file=sys.stderr)
    if damaged:
        raise click.exceptions.Exit(2)


@weights.command("add")
@click.argument(
    "file", type=options.FILE, metavar="FILE", shell_complete=completion.files, help="A checkpoint of your own."
)
@click.option("--as", "name", required=True, metavar="NAME.TAG", help="The model, and the tag that it is to have.")
@click.option("--again", is_flag=True, help="Write over weights that have the tag.")
def add(file: Path, name: str, again: bool) -> None:
    """Copy a checkpoint into the zoo's own weights, as a tag.

    It is tried first. Names of classes and preprocessing are kept where a JSON file beside it states them.

    Example:  zoo weights add run7/best.pth --as timm/resnet50.mine
    """
    added = add_checkpoint(file, name, again=again)
    stated = card(added.path) or {}
    classes = (
        f"{stated['head']} classes{'' if stated['classes'] else ' without names'}" if stated["head"] else "no head"
    )
    size = values.in_bytes(added.path.stat().st_size)
    print(f"{added.name}.{added.tag}: {classes}, {stated['input_size']} px, {size}, from {file.name}")
    print(f"weights: {added.path}", file=sys.stderr)


def _sha256(kept: CachedFile) -> str:
    """Digest of a file that may be deleted for it: read, where it is not remembered."""
    return kept.sha256 or digest(kept.path)


def _used(store: str | None, *, needed: bool) -> dict[str | None, int]:
    """How many records of the store were measured with the weights of each digest.

    Where what is unused may be deleted (``needed``), a mistyped store must not pass for one without records.
    """
    digests = (record.trial.weights_digest for record in stored_records(store, must_exist=needed))
    return Counter(digest for digest in digests if digest is not None)


def _print(shown: list[CachedFile], used: dict[str | None, int], form: str) -> None:

    rows = tuple(
        (
            ", ".join((kept.full_name, *kept.also)) or kept.path.name[:40],
            values.in_bytes(kept.size),
            kept.kind,
            kept.state,
            (kept.licence or MISSING) + (" (non-commercial)" if is_non_commercial(kept.licence) else ""),
            MISSING if kept.sha256 is None else str(used.get(kept.sha256, 0)),
        )
        for kept in shown
    )
    folders = sorted({str(kept.path.parent) for kept in shown if kept.kind != "hugging-face"})
    total = values.in_bytes(sum(kept.size for kept in shown))
    caption = f"{len(rows)} files, {total}. Records: those in the store that were measured with these bytes."
    caption += f" Folders: {', '.join(folders)}." if folders and form == "table" else ""
    headers = ("weights", "size", "cache", "state", "licence", "records")
    data = tuple(_data(kept, used) for kept in shown)
    print(render(Table("", caption, headers, rows, data=data), form))


def _data(kept: CachedFile, used: dict[str | None, int]) -> dict[str, Json]:
    """What a program reads of a file."""
    return {
        "weights": ", ".join(filter(None, (kept.full_name, *kept.also))) or kept.path.name,
        "path": str(kept.path),
        "bytes": kept.size,
        "cache": kept.kind,
        "state": kept.state,
        "licence": kept.licence,
        "non_commercial": is_non_commercial(kept.licence),
        "sha256": kept.sha256,
        "records": None if kept.sha256 is None else used.get(kept.sha256, 0),
    }


def _remove(chosen: list[CachedFile], yes: bool) -> None:

    if not chosen:
        print("nothing to delete", file=sys.stderr)
        return
    total = values.in_bytes(sum(kept.size for kept in chosen))
    listed = ", ".join(kept.full_name or kept.path.name for kept in chosen[:5])
    listed += f" and {len(chosen) - 5} more" if len(chosen) > 5 else ""
    for kept in chosen:
        if kept.also:
            print(f"zoo: warning: {kept.full_name} is also {', '.join(kept.also)}: one file", file=sys.stderr)
    options.confirm_deletion(f"{listed} ({total})", yes)
    freed, problems = 0, []
    for kept in chosen:
        try:
            freed += remove(kept)
        except WeightsError as error:
            problems.append(str(error))
    print(f"{len(chosen) - len(problems)} deleted, {values.in_bytes(freed)} freed", file=sys.stderr)
    for problem in problems:
        print(f"zoo: error: {problem}", file=sys.stderr)
    if problems:
        raise click.exceptions.Exit(WeightsError.exit_code)
