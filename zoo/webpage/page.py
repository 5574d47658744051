"""The page ``report.html``: one file that is opened from disk."""

from __future__ import annotations

import base64
import hashlib
import json
from importlib.resources import files
from string import Template
from typing import TYPE_CHECKING

from zoo.errors import InputFileError
from zoo.webpage.chart import bundle, chart
from zoo.webpage.data import page_data
from zoo.webpage.markup import Markup, marked, plain

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from zoo.canonical import Json
    from zoo.formats.blocks import Block
    from zoo.report.sections.base import Context


FILE = "report.html"

SCRIPTS = ("rule.js", "words.js", "chart.js", "page.js")
"""The zoo's own scripts, in the order in which they run."""

UNSAFE = {ord("<"): "\\u003c", ord(">"): "\\u003e", ord("&"): "\\u0026"}
"""What could end a script or begin a comment, as JSON may write it."""


def write_page(context: Context, blocks: Sequence[Block], folder: Path) -> Path:
    """Write the page beside the others of a report.

    Parameters
    ----------
    context : Context
        What the report is of.
    blocks : sequence of Block
        The whole page, as :func:`zoo.report.page.page_blocks` makes it.
    folder : Path
        Where the figures of the report were written.

    Raises
    ------
    InputFileError
        Where the folder cannot be written.
    """
    path = folder / FILE
    try:
        path.write_text(page_html(context, blocks, folder), encoding="utf-8")
    except OSError as error:
        raise InputFileError(f"{error.filename or path}: cannot write the report: {error.strerror}") from None
    return path


def page_html(context: Context, blocks: Sequence[Block], folder: Path) -> str:
    """The page of :func:`write_page` as text."""
    markup = Markup(folder)
    # The title and the verdict, which begin a report, stand at the head of the page.
    sections = markup.written(blocks[2 if context.verdict else 1 :])
    explored = context.basis is not None and any(one.costs or one.accuracy for one in context.candidates)
    scripts = [bundle(), *map(_text, SCRIPTS)] if explored else []
    return Template(_text("page.html")).substitute(
        policy=_policy(scripts),
        title=plain(context.title),
        style=_text("page.css"),
        verdict=marked(context.verdict),
        contents="\n".join(f'<li><a href="#{anchor}">{marked(text)}</a></li>' for anchor, text in markup.headings),
        explore=_explored(context) if explored else "",
        sections=sections,
        scripts="\n".join(f"<script>{script}</script>" for script in scripts),
    )


def _explored(context: Context) -> str:
    assert context.basis is not None
    data = page_data(context.candidates, context.basis)
    return Template(_text("explore.html")).substitute(
        models=len(context.candidates),
        basis=plain(context.basis.to_text()),
        data=embedded({"data": data, "chart": chart(data["groups"])}),
    )


def embedded(value: Json) -> str:
    """JSON that can stand between the tags of a script, whatever it holds."""
    return json.dumps(value, separators=(",", ":"), ensure_ascii=True, allow_nan=False).translate(UNSAFE)


def _text(name: str) -> str:
    return files("zoo.webpage").joinpath(name).read_text(encoding="utf-8")


def _policy(scripts: Sequence[str]) -> str:
    """What a browser may do with the page: run the scripts of these digests, and ask no address.

    Vega makes functions of the expressions in the chart's description, hence the permission to evaluate.
    """
    digests = [base64.b64encode(hashlib.sha256(script.encode()).digest()).decode() for script in scripts]
    allowed = " ".join([*(f"'sha256-{digest}'" for digest in digests), "'unsafe-eval'"]) if digests else "'none'"
    return f"default-src 'none'; script-src {allowed}; style-src 'unsafe-inline'; img-src data:; base-uri 'none'"
