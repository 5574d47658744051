"""A file of records of either kind: the zoo's, or pytest-benchmark's."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from zoo.results.importers.pytest_benchmark import from_pytest_benchmark
from zoo.results.jsonl import parse_jsonl, read_text

if TYPE_CHECKING:
    from pathlib import Path

    from zoo.results.record import Record


def read_any(path: Path) -> list[Record]:
    """Records of a file, whichever of the two kinds it is.

    Raises
    ------
    InputFileError
        For a file of neither kind, naming what is wrong.
    """
    text = read_text(path)
    try:
        data = json.loads(text)
    except (ValueError, RecursionError):
        return parse_jsonl(text, path)
    if isinstance(data, dict) and "benchmarks" in data:
        return from_pytest_benchmark(data, str(path))
    return parse_jsonl(text, path)
