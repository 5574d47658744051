"""The report: a folder with one page of Markdown, its figures, and every number as CSV."""

from __future__ import annotations

from typing import TYPE_CHECKING

from zoo.errors import InputFileError
from zoo.report.figures.frontier import frontier_figure, points
from zoo.report.figures.regimes import regimes_figure
from zoo.report.figures.style import write_figure
from zoo.report.sections.costs import cost_tables
from zoo.report.sections.environment import environment_lines, when_measured
from zoo.report.sections.evaluations import evaluation_tables
from zoo.report.sections.frontier import cell_text, frontier_text, setting_line
from zoo.report.sections.missing import missing_text
from zoo.report.sections.noise import noise_floors
from zoo.report.sections.notices import failures_table, flags_table
from zoo.report.sections.pretraining import pretraining_lines
from zoo.report.sections.regimes import effort_table, transfer_tables
from zoo.report.sections.rule import cells, rule_table, verdict_lines

if TYPE_CHECKING:
    from pathlib import Path

    from zoo.choice.basis import Basis
    from zoo.choice.candidates import Candidate
    from zoo.results.view import Results


def write_report(
    results: Results,
    folder: Path,
    *,
    title: str = "Backbone Zoo",
    command: str = "zoo run",
    verdict: str | None = None,
    candidates: list[Candidate] | None = None,
    basis: Basis | None = None,
) -> list[Path]:
    """Write ``README.md``, ``results.csv`` and the figures; nothing else in the folder is touched.

    Parameters
    ----------
    results : Results
    folder : Path
        Made where it is not there.
    title, command : str
    verdict : str, optional
        Two sentences for the top of the page; without them it says what was measured.
    candidates, basis : optional
        What :func:`zoo.choice.candidates.find_candidates` found: the points of the frontier, and the setting
        they share.

    Returns
    -------
    list of Path
        Every file written.

    Raises
    ------
    InputFileError
        Where the folder cannot be written.
    """
    try:
        folder.mkdir(parents=True, exist_ok=True)
        return _write(results, folder, title, command, verdict, candidates or [], basis)
    except OSError as error:
        raise InputFileError(f"{error.filename or folder}: cannot write the report: {error.strerror}") from None


def _write(
    results: Results,
    folder: Path,
    title: str,
    command: str,
    verdict: str | None,
    candidates: list[Candidate],
    basis: Basis | None,
) -> list[Path]:
    setting = setting_line(basis)
    cell = cell_text(basis)
    written: list[Path] = []
    frontier = frontier_figure(candidates, setting, cell)
    if frontier is not None:
        written += write_figure(frontier, folder / "frontier")
    regimes = regimes_figure(results)
    if regimes is not None:
        written += write_figure(regimes, folder / "regimes")
    page = folder / "README.md"
    text = render(
        results,
        title=title,
        command=command,
        verdict=verdict,
        candidates=candidates,
        basis=basis,
    )
    page.write_text(text)
    table = folder / "results.csv"
    results.to_frame().to_csv(table, index=False)
    return [page, table, *written]


def render(
    results: Results,
    *,
    title: str = "Backbone Zoo",
    command: str = "zoo run",
    verdict: str | None = None,
    candidates: list[Candidate] | None = None,
    basis: Basis | None = None,
) -> str:
    """The page of :func:`write_report` as text."""
    import jinja2

    rows = points(candidates or [])
    accurate = any(c.latency is not None and c.accuracy is not None for c in candidates or [])
    found = cells(results)
    loader = jinja2.PackageLoader("zoo.report")
    # Markdown, not HTML: escaping would print entities in code blocks and tables.
    environment = jinja2.Environment(loader=loader, keep_trailing_newline=True, autoescape=False)  # noqa: S701
    text = environment.get_template("report.md.j2").render(
        title=title,
        verdict=verdict or default_verdict(results),
        tables=[*cost_tables(results), *transfer_tables(results), *evaluation_tables(results)],
        frontier_title="Accuracy against latency" if accurate else "Parameters against latency",
        frontier=bool(rows),
        frontier_text=frontier_text(rows, accurate, basis),
        regimes=bool(results.kind("transfer")),
        rule_lines=verdict_lines(found) if found else ["No cell has both a frozen and a fine-tuned regime."],
        rule_table=rule_table(found) if found else None,
        pretraining=pretraining_lines(results),
        missing=missing_text(results),
        effort=effort_table(results),
        floors=noise_floors(results),
        flags=flags_table(results),
        failures=failures_table(results),
        environment=environment_lines(results.machines()),
        when=when_measured(results),
        command=command,
    )
    return "\n".join(line.rstrip() for line in text.splitlines()).strip() + "\n"


def default_verdict(results: Results) -> str:
    """What was measured, in two sentences, for when nothing was chosen."""
    costs, cells_ = len(results.cost_rows()), len(results.transfer_rows())
    failed = len(results.failures())
    return (
        f"{costs} costs and {cells_} accuracies were measured; no choice was asked for. "
        f"{failed} trials failed." if failed else
        f"{costs} costs and {cells_} accuracies were measured; no choice was asked for. None failed."
    )  # fmt: skip
