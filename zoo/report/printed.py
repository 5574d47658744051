"""What a command prints of results: tables for people and pages, tidy rows with full precision for programs."""

from __future__ import annotations

from typing import TYPE_CHECKING

from zoo.report.sections.costs import cost_tables
from zoo.report.sections.notices import failures_table
from zoo.report.sections.regimes import transfer_tables

if TYPE_CHECKING:
    from zoo.results.view import Results


def printed(results: Results, form: str = "table") -> str:
    """Costs, accuracies and failures as text.

    Parameters
    ----------
    results : Results
    form : str
        ``"table"`` and ``"md"`` give the tables of a report; ``"csv"`` and ``"json"`` one row for each metric
        of each record (the columns of :meth:`zoo.results.view.Results.to_frame`), as one document.

    Raises
    ------
    UnknownNameError
        For another format.
    """
    if form == "csv":
        return results.to_frame().to_csv(index=False).rstrip("\n")
    if form == "json":
        return str(results.to_frame().to_json(orient="records", indent=2, double_precision=15))
    tables = [*cost_tables(results), *transfer_tables(results)]
    failures = failures_table(results)
    if failures is not None:
        tables.append(failures)
    # On a screen a table brings its title along; on a page the heading is the page's.
    headings = [f"### {table.title}\n\n" if form == "md" else "" for table in tables]
    return "\n\n".join(heading + table.render(form) for heading, table in zip(headings, tables, strict=True))
