"""``zoo run``: the main job."""

from __future__ import annotations

import shlex
import sys
import typing
from pathlib import Path

import click

from zoo.api.results import Results
from zoo.choice.choice import choose_from
from zoo.cli import completion, options, values
from zoo.cli.command import Command
from zoo.cli.progress import ProgressReporter
from zoo.paths import shown_command
from zoo.report.printed import printed
from zoo.runs.execute import run_suite
from zoo.suites.file import load_suite

if typing.TYPE_CHECKING:
    from zoo.runs.execute import RunOutcome


@click.command("run", cls=Command)
@options.suite_argument("A shipped suite, or the path of a TOML file (default: quick).")
@click.option(
    "--report",
    metavar="FOLDER",
    shell_complete=completion.folders,
    help="Folder of the report (default: reports/SUITE).",
)
@click.option("--again", is_flag=True, help="Measure everything anew; older records stay.")
@click.option("--retry", is_flag=True, help="Measure anew what did not end as ok.")
@click.option("--strict", is_flag=True, help="Exit with 1 if a trial failed.")
@click.option("--budget", metavar="TIME", help="Start nothing more after this time: 90s, 10m.")
@click.option("--sample", is_flag=True, help="Time one model of each family first, then a second.")
@click.option("--executor", metavar="NAME", help="Where jobs run (default: the suite's, or local).")
@options.store_option
@options.format_option
def run(
    suite: str,
    report: str | None,
    again: bool,
    retry: bool,
    strict: bool,
    budget: str | None,
    sample: bool,
    executor: str | None,
    store: str | None,
    form: str,
) -> None:
    """Run a suite, write its report, print the table and the choice.

    What has a record already is not measured again.

    Example:  zoo run classics --report reports/classics
    """
    options.check_format(form)
    url = options.store_url(store)
    chosen = load_suite(suite)
    limit = values.seconds(budget, "--budget")
    with ProgressReporter() as listen:
        outcome = run_suite(
            chosen,
            store_url=url,
            again=again,
            retry=retry,
            on_event=listen,
            max_seconds=limit,
            executor=executor,
            sample=sample,
        )
    named = _named(store=store, report=report, executor=executor, budget=budget, format=form.replace("table", ""))
    flags = [f"--{name}" for name, given in (("sample", sample), ("strict", strict)) if given]
    same = shlex.join(["zoo", "run", suite, *named, *flags])
    if not outcome.records:
        _end(outcome, same, strict)
        return
    results = Results([*outcome.records, *outcome.published])
    folder = Path(report or f"reports/{chosen.name}")
    files = results.write_report(folder, title=f"Suite {chosen.name}", command=shown_command("run", suite))
    _print_results(results, form)
    print(f"report: {files[0]}; to explore: {files[-1]}", file=sys.stderr)
    missing = results.missing_weights()
    if missing:
        print(f"published weights of {len(missing)} models were not at hand; the report names them", file=sys.stderr)
    _end(outcome, same, strict)


def _named(**chosen: str | None) -> list[str]:
    """The options without which the same command would go on elsewhere."""
    return [word for name, value in chosen.items() if value for word in (f"--{name}", value)]


def _print_results(results: Results, form: str) -> None:
    print(printed(results, form))
    if form != "table" or results.found is None:
        return
    print()
    for objective in ("accuracy", "latency"):
        choice = choose_from(*results.found, objective)
        if choice.chosen is not None:
            print(choice.to_text())
            return


def _end(outcome: RunOutcome, command: str, strict: bool) -> None:
    if outcome.failed:
        word = "trial" if outcome.failed == 1 else "trials"
        print(f"zoo: warning: {outcome.failed} {word} failed; the report says why", file=sys.stderr)
    if outcome.interrupted:
        kept = len(outcome.records)
        print(
            f"zoo: interrupted; {kept} records are kept, {outcome.remaining} trials are left: "
            f"`{command}` goes on from there",
            file=sys.stderr,
        )
        raise click.exceptions.Exit(130)
    if outcome.remaining:
        print(f"zoo: {outcome.remaining} trials are left: `{command}` goes on", file=sys.stderr)
    if outcome.failed and (strict or outcome.failed == len(outcome.records)):
        raise click.exceptions.Exit(1)
