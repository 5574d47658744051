"""What a file is that holds no records, told by what it begins with."""

from __future__ import annotations

import json
from shlex import quote
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path

TIDY = ("kind", "model", "weights", "status", "reason")
"""First columns of the tables that commands and reports write of records."""

EXPORT = "import the JSON Lines of `zoo results export`"


def what_it_is(path: Path, text: str) -> str:
    """What a file is instead of records, and what to do.

    Empty where nobody knows.

    Parameters
    ----------
    path : Path
    text : str
    """
    first = text.lstrip().partition("\n")[0].strip()
    columns = [name.strip('" ') for name in first.replace(";", ",").replace("\t", ",").split(",")]
    if tuple(columns[: len(TIDY)]) == TIDY:
        return f"a report's table (results.csv), without the samples behind its numbers; {EXPORT}"
    if {"model", "top1"} <= set(columns):
        return f"a table of published results; `zoo results import --timm {quote(str(path))}` reads it"
    try:
        data = json.loads(text)
    except (ValueError, RecursionError):
        return ""
    if isinstance(data, dict) and "benchmarks" in data:
        return f"a file of pytest-benchmark; `zoo results import {quote(str(path))}` reads it into a store"
    if isinstance(data, list) and data and isinstance(data[0], dict) and set(TIDY) <= set(data[0]):
        return f"a table that a command printed as JSON, without the samples behind its numbers; {EXPORT}"
    if isinstance(data, list) and data and isinstance(data[0], dict) and "format" in data[0]:
        return "records as one list of JSON; write one a line, without the brackets and commas around them"
    return ""
