"""``zoo fetch``: weights ahead of time, and bundles of them."""

from __future__ import annotations

import sys
import typing

import click

from zoo.cli import completion, options, values
from zoo.cli.command import Command
from zoo.errors import WeightsError, ZooError
from zoo.formats import render
from zoo.formats.table import Table
from zoo.registry.catalogue import get
from zoo.registry.licences import is_non_commercial
from zoo.registry.packaged import packaged_of
from zoo.report.numbers import MISSING
from zoo.suites.file import load_suite
from zoo.weights.bundle import export_bundle, import_bundle
from zoo.weights.fetch import check_room, download_all, survey, wanted
from zoo.weights.file import ELSEWHERE, FILE, PACKAGE
from zoo.weights.locate import locate

if typing.TYPE_CHECKING:
    from pathlib import Path

    from zoo.canonical import Json
    from zoo.sources.naming import ModelName
    from zoo.weights.fetch import Item
    from zoo.weights.file import WeightsFile

ASK_ABOVE = 5e9
"""Bytes above which a person at a terminal is asked first."""

JOBS = 2


@click.command("fetch", cls=Command)
@click.argument(
    "names",
    nargs=-1,
    metavar="[NAME]...",
    shell_complete=completion.models,
    help="Models, with a tag or with their default weights.",
)
@click.option("--suite", metavar="SUITE", shell_complete=completion.suites, help="The weights of a suite's models.")
@click.option("--again", is_flag=True, help="Download also what is at hand and whole.")
@click.option("--dry-run", is_flag=True, help="Show what would come, and from where; bring nothing.")
@click.option("--jobs", type=int, metavar="N", help=f"Downloads side by side (default: {JOBS}).")
@click.option("--yes", "-y", is_flag=True, help="Do not ask, whatever the size.")
@click.option("--export", "bundle_out", type=options.FILE, metavar="FILE", help="Write them into a bundle.")
@click.option("--import", "bundle_in", type=options.FILE, metavar="FILE", help="Take what a bundle holds.")
@options.format_option
def fetch(
    names: tuple[str, ...],
    suite: str | None,
    again: bool,
    dry_run: bool,
    jobs: int | None,
    yes: bool,
    bundle_out: Path | None,
    bundle_in: Path | None,
    form: str,
) -> None:
    """Bring weights into the caches that the libraries use, and verify them.

    A download that was cut goes on where it ended. Mirrors: ZOO_TORCHVISION_MIRROR and HF_ENDPOINT.

    Example:  zoo fetch resnet18 timm/resnet50.a1_in1k --export bundle.tar
    """
    options.check_format(form)
    if jobs is not None and jobs < 1:
        raise ZooError(f"--jobs must be a whole number of at least 1, not {jobs}")
    if bundle_in is not None:
        if names or suite or bundle_out:
            raise ZooError("--import takes a bundle whole; name no models beside it")
        given = {"--again": again, "--dry-run": dry_run, "--jobs": jobs, "--format": form != "table"}
        if beside := [option for option, value in given.items() if value]:
            raise ZooError(f"--import takes a bundle whole; leave out {', '.join(beside)}")
        _import(bundle_in)
        return
    if not names and not suite:
        raise ZooError("name models, or a suite with --suite; see `zoo list --pretrained`")
    asked, unknown = _wanted([*names, *(_suite_models(suite) if suite else ())])
    if not asked:
        _end(unknown)
    items = survey(asked, again=again)
    coming = [item for item in items if item.remote is not None]
    _state_sizes(items, coming)
    for item in items:
        options.warn_of_licence(item.full_name, item.licence)
    problems: dict[str, str] = {}
    if not dry_run:
        check_room(coming)
        total = sum(item.size or 0 for item in coming)
        if total > ASK_ABOVE and not yes and sys.stdin.isatty() and sys.stderr.isatty():
            click.confirm(f"Bring {_bytes(total)}?", abort=True, err=True)
        try:
            problems = _bring(coming, jobs or JOBS, again)
        except KeyboardInterrupt:
            print("zoo: interrupted; what has come is kept, and the same command goes on from there", file=sys.stderr)
            raise click.exceptions.Exit(130) from None
    _print(items, problems, form, dry_run=dry_run)
    lines = [*unknown, *(item.problem for item in items if item.file is None and item.remote is None)]
    lines += [f"{name}: {problem}" for name, problem in problems.items()]
    if bundle_out is not None:
        if dry_run:
            print(f"{bundle_out}: not written (--dry-run)", file=sys.stderr)
        elif lines:
            lines.append(f"{bundle_out}: not written, since not all is there that it was to hold")
        else:
            _export(items, bundle_out)
    _end(lines)


def _wanted(asked: list[str]) -> tuple[list[ModelName], list[str]]:
    """Weights that names mean, and what is wrong with other names, which keeps none of these from coming."""
    found: list[ModelName] = []
    problems: list[str] = []
    for name in asked:
        try:
            found += wanted([name])
        except ZooError as error:
            problems.append(str(error))
    return list(dict.fromkeys(found)), problems


def _suite_models(suite: str) -> list[str]:
    """Models of a suite that have weights, with the tags that it names."""
    plan = load_suite(suite)
    models = [*plan.models, *(plan.transfer.models if plan.transfer else ())]
    return [model for model in dict.fromkeys(models) if get(model).tag is not None]


def _state_sizes(items: list[Item], coming: list[Item]) -> None:
    whole = [item for item in items if item.file is not None and not item.problem]
    unchecked = sum(item.file is not None for item in items) - len(whole)
    unknown = sum(item.size is None for item in coming)
    text = f"{len(coming)} to bring, {_bytes(sum(item.size or 0 for item in coming))}"
    text += f" and {unknown} of unknown size" if unknown else ""
    part = sum(min(item.remote.here, item.size or 0) for item in coming if item.remote is not None)
    text += f" ({_bytes(part)} of it came before)" if part else ""
    text += f"; {len(whole)} at hand and whole, {_bytes(sum(item.size or 0 for item in whole))}"
    text += f"; {unchecked} at hand of which nothing states a digest" if unchecked else ""
    print(text, file=sys.stderr)


def _bring(coming: list[Item], jobs: int, again: bool) -> dict[str, str]:
    """Download, with progress in bytes on a terminal; the reasons of what did not come, by name."""
    problems: dict[str, str] = {}
    with _Bars(coming) as bars:
        for item, _, problem in download_all(coming, jobs=jobs, again=again, on_bytes=bars.advance):
            if problem:
                problems[item.full_name] = problem
            else:
                bars.done(item)
    return problems


class _Bars:
    """A bar for each download on a terminal, a line for each that is done elsewhere."""

    def __init__(self, coming: list[Item]) -> None:
        self._coming = coming
        self._progress: typing.Any = None
        self._bars: dict[str, typing.Any] = {}

    def __enter__(self) -> _Bars:
        if self._coming and sys.stderr.isatty():
            from rich.console import Console
            from rich.progress import BarColumn, DownloadColumn, Progress, TextColumn, TransferSpeedColumn

            self._progress = Progress(
                TextColumn("{task.description}"), BarColumn(), DownloadColumn(), TransferSpeedColumn(),
                console=Console(stderr=True),
            )  # fmt: skip
            self._progress.start()
            self._bars = {
                item.full_name: self._progress.add_task(item.full_name, total=item.size) for item in self._coming
            }
        return self

    def __exit__(self, *_: object) -> None:
        if self._progress is not None:
            self._progress.stop()

    def advance(self, item: Item, count: int) -> None:
        """Show that so many bytes of a file are here."""
        if self._progress is not None:
            self._progress.update(self._bars[item.full_name], completed=count)

    def done(self, item: Item) -> None:
        """Say that a file is here and verified."""
        if self._progress is None:
            size = f", {_bytes(item.size)}" if item.size else ""
            print(f"{item.full_name}: here and verified{size}", file=sys.stderr)


def _print(items: list[Item], problems: dict[str, str], form: str, *, dry_run: bool) -> None:

    rows, data = [], []
    for item in items:
        found = item.file or (None if dry_run else locate(item.name, item.tag))
        if item.full_name in problems or (item.file is None and item.remote is None):
            state = "missing" if found is None else "not verified"
        elif found is None:
            state = "to bring"
        else:
            state = "verified" if not item.problem or item.remote else "no digest"
        place = found.path.name if found else item.remote.url if item.remote else MISSING
        rows.append((item.full_name, _bytes(item.size), state, item.licence or MISSING, place))
        data.append(_data(item, found, state, problems.get(item.full_name) or item.problem))
    headers = ("weights", "size", "state", "licence", "from" if dry_run else "file")
    print(render(Table("", f"{len(rows)} weights.", headers, tuple(rows), data=tuple(data)), form))


def _data(item: Item, found: WeightsFile | None, state: str, problem: str) -> dict[str, Json]:
    """What a program reads of weights."""
    return {
        "weights": item.full_name,
        "bytes": found.path.stat().st_size if found else item.size,
        "state": state,
        "reason": "" if state == "verified" else problem,  # of the one that a whole one stands for now
        "licence": item.licence,
        "non_commercial": is_non_commercial(item.licence),
        "url": item.remote.url if item.remote else None,
        "path": str(found.path) if found else None,
        "sha256": found.sha256 if found else None,
    }


def _end(lines: list[str]) -> None:
    """One line for each that is missing, and exit code 2."""
    for line in lines:
        print(f"zoo: error: {line}", file=sys.stderr)
    if lines:
        raise click.exceptions.Exit(WeightsError.exit_code)


def _export(items: list[Item], target: Path) -> None:

    files: list[WeightsFile] = [found for item in items if (found := locate(item.name, item.tag)) is not None]
    for file in files:
        if file.kind == PACKAGE and (carried := packaged_of(file.name, file.tag)) is not None:
            said = f"is not in the bundle: it comes with the package {carried.requirement}, which the zoo depends on"
            print(f"{file.name}.{file.tag}: {said}", file=sys.stderr)
        if file.kind == FILE:
            print(
                f"{file.name}.{file.tag}: is not in the bundle: it is a file of yours, {file.path}", file=sys.stderr
            )
    files = [file for file in files if file.kind not in ELSEWHERE]
    if not files:
        raise ZooError(f"{target}: not written: nothing of what was named goes into a bundle")
    entries = export_bundle(files, target)
    print(f"{target}: {len(entries)} weights, {_bytes(target.stat().st_size)}", file=sys.stderr)


def _import(source: Path) -> None:

    taken = import_bundle(source)
    for entry, fresh in taken:
        name = f"{entry.name}.{entry.tag}"
        print(
            f"{name}: {'taken and verified' if fresh else 'was there already'}, {_bytes(entry.size)}", file=sys.stderr
        )
        options.warn_of_licence(name, entry.licence)
    print(f"{len(taken)} weights of {source}", file=sys.stderr)


def _bytes(count: int | None) -> str:
    return "size unknown" if count is None else values.in_bytes(count)
