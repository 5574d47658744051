"""The report: a folder with one page of Markdown, its figures, and every number as CSV."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any

from zoo.errors import InputFileError
from zoo.registry.weights import weights_file
from zoo.report import figures
from zoo.report.cost_tables import cost_tables
from zoo.report.evaluation import evaluation_tables
from zoo.report.noise import noise_floors
from zoo.report.notices import failures_table, flags_table
from zoo.report.numbers import with_interval
from zoo.report.rule import cells, verdict_lines
from zoo.report.tables import Table
from zoo.report.transfer_tables import effort_table, transfer_tables
from zoo.results.trial import threads_text

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from zoo.choose.candidates import Basis, Candidate
    from zoo.report.rule import Cell
    from zoo.results.results import Results
    from zoo.statistics.comparison import AccuracyDifference
    from zoo.statistics.measurement import Measurement


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
        What :func:`zoo.choose.candidates.find_candidates` found: the points of the frontier, and the setting
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
    setting = _setting_text(basis)
    cell = _cell_text(basis)
    written: list[Path] = []
    frontier = figures.frontier_figure(candidates, setting, cell)
    if frontier is not None:
        written += figures.write_figure(frontier, folder / "frontier")
    regimes = figures.regimes_figure(results)
    if regimes is not None:
        written += figures.write_figure(regimes, folder / "regimes")
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

    rows = figures.points(candidates or [])
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
        frontier_text=_frontier_text(rows, accurate, basis),
        regimes=bool(results.kind("transfer")),
        rule_lines=verdict_lines(found) if found else ["No cell has both a frozen and a fine-tuned regime."],
        rule_table=_rule_table(found) if found else None,
        pretraining=pretraining_lines(results),
        missing=missing_text(results),
        effort=effort_table(results),
        floors=noise_floors(results),
        flags=flags_table(results),
        failures=failures_table(results),
        environment=_environment_lines(results.machines()),
        when=_when(results),
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


def _setting_text(basis: Basis | None) -> str:
    if basis is None or not basis.setting:
        return "latency"
    s = basis.setting
    return f"latency, {s['device']}{threads_text(s)}, {s['precision']}, batch 1"


def _cell_text(basis: Basis | None) -> str:
    if basis is None or not basis.cell:
        return ""
    if basis.cell[0] == "published":
        return "ImageNet-1k as published"
    return f"{basis.cell[0]}, {basis.cell[1]} shots"


def _frontier_text(rows: list[dict[str, Any]], accurate: bool, basis: Basis | None) -> str:
    members = [row["model"] for row in sorted(rows, key=lambda r: r["latency"]) if row["frontier"]]
    axis = (
        f"Accuracy is that of each model's best regime on {_cell_text(basis)}."
        if accurate
        else "No accuracy was measured, so parameters stand in its place; fewer are better."
    )
    axis += _sizes_text(basis) if accurate else ""
    return f"{axis} On the frontier: {', '.join(members)}. Bars are 95% intervals."


def _sizes_text(basis: Basis | None) -> str:
    """That the two axes are of images of different sizes, where they are."""
    if basis is None or basis.latency_px == basis.accuracy_px:
        return ""
    return (
        f" Latency is of images of {basis.latency_span} px, accuracy of {basis.accuracy_span} px, where the small "
        "tasks are quick to train on: a product would measure both at its own size (`zoo bench` and "
        "`zoo transfer` take `--input-size`)."
    )


def _points(difference: AccuracyDifference | None) -> str:
    return with_interval(difference.measurement if difference else None, percent=True)


def _rule_table(found: list[Cell]) -> Table:
    rows = tuple(
        (
            cell.model,
            cell.task,
            str(cell.shots),
            "n/a" if cell.gain is None else f"{cell.gain:+.2f}",
            _points(cell.full_over_classifier),
            _points(cell.full_over_scratch),
            cell.supported,
            f"{cell.course}: {cell.held(cell.course)}",
            f"{cell.cs231n}: {cell.held(cell.cs231n)}",
        )
        for cell in found
    )
    headers = (
        "model and weights", "task", "shots", "probe gain", "full − classifier, points",
        "full − scratch, points", "the data support", "course rule", "CS231n",
    )  # fmt: skip
    caption = (
        "Probe gain measures similarity: accuracy of frozen features over the better control, as a fraction of "
        "what that control left to gain; from 0.25 a target counts as similar. Fifty images a class count as "
        "much data. Differences are paired over seeds and test images; `classifier` is supported where "
        "fine-tuning gains less than a point, unless the fine-tuning was cut short (see the flags)."
    )
    return Table("The rule", caption, headers, rows)


def pretraining_lines(results: Results) -> list[str]:
    """A line for each set of weights that the zoo trained itself: what, how long, how well, its digest."""
    lines = []
    for record in results.kind("pretrain"):
        settings, outcome = record.trial.settings, record.outcome
        if "accuracy" not in outcome.metrics:
            lines.append(f"{record.trial.model} on {settings['task']}: {outcome.status}, {outcome.reason}")
            continue
        accuracy = with_interval(outcome.metrics["accuracy"], percent=True)
        lines.append(
            f"{record.trial.model}.{settings['task']} at {settings['input_size'][1]} px: {accuracy} % on the "
            f"test images of {settings['task']}, {outcome.notes.get('steps', '?')} steps, "
            f"{_seconds(outcome.metrics.get('seconds'))}, SHA-256 {str(outcome.notes.get('sha256', '?'))[:12]}"
        )
    return lines


def missing_text(results: Results) -> str:
    """Which published weights were not at hand, what stood in for them, and how to bring them; empty for none."""
    names = results.missing_weights()
    if not names:
        return ""
    files = ", ".join(f"{name} ({weights_file(name)})" for name in names)
    return (
        f"Published weights that were not at hand: {files}. Costs of these models are of random weights, on which "
        "they do not depend; regimes started from weights that the zoo trained itself. "
        f"`zoo fetch {' '.join(names)}` brings them, and the same command then measures with them."
    )


def _seconds(taken: Measurement | None) -> str:
    return "made before" if taken is None else f"{taken.value:.0f} s"


def _environment_lines(machines: Mapping[str, Mapping[str, Any]]) -> list[str]:
    lines = []
    for key, env in machines.items():
        gpus = ", ".join(f"{gpu['name']} (driver {gpu['driver']})" for gpu in env.get("gpus", [])) or "no GPU"
        libraries = ", ".join(f"{name} {version}" for name, version in env.get("libraries", {}).items())
        memory = env.get("memory_bytes", 0) / 2**30
        lines.append(
            f"machine `{key}`: {env.get('cpu')}, {env.get('usable_cores')} of {env.get('cores')} cores usable, "
            f"{memory:.0f} GiB; {gpus}; {env.get('system')}"
        )
        lines.append(f"Python {env.get('python')}, {libraries}, backbone-zoo {env.get('zoo')}")
    return lines


def _when(results: Results) -> str:
    starts = [record.outcome.started for record in results.records if record.trial.kind != "published"]
    if not starts:
        return "never"
    first, last = (time.strftime("%Y-%m-%d %H:%M", time.gmtime(t)) for t in (min(starts), max(starts)))
    return f"{first} UTC" if first == last else f"{first} to {last} UTC"
