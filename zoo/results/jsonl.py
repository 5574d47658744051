"""Records as JSON Lines, written whole, mistakes in them named by line."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from zoo.errors import InputFileError, ZooError
from zoo.paths import written_whole
from zoo.results.record import Record
from zoo.results.upgrade import FORMAT_VERSION

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path


def write_jsonl(records: Iterable[Record], path: Path) -> int:
    """Write one record a line, and return how many.

    Raises
    ------
    InputFileError
        Where the file cannot be written; what stood there before stays.
    """
    count = 0
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with written_whole(path) as file:
            for record in records:
                file.write(json.dumps(record.to_dict(), allow_nan=False).encode() + b"\n")
                count += 1
    except OSError as error:
        raise InputFileError(f"{path}: cannot write: {error.strerror}") from None
    return count


def read_jsonl(path: Path) -> list[Record]:
    """Read records, one a line, passing over empty lines.

    Raises
    ------
    InputFileError
        Unreadable file, no record at all, or a line that is none (names the line).
    """
    try:
        text = path.read_text(encoding="utf-8")
    except OSError as error:
        raise InputFileError(f"{path}: cannot read: {error.strerror}") from None
    except UnicodeDecodeError:
        raise InputFileError(f"{path}: not JSON Lines (not text)") from None
    return parse_jsonl(text, path)


def parse_jsonl(text: str, path: Path) -> list[Record]:
    """Records of a file that was read, one a line.

    Raises
    ------
    InputFileError
        No record at all, or a line that is none (names the line).
    """
    records = [
        _record(line, f"{path}, line {number}")
        for number, line in enumerate(text.splitlines(), start=1)
        if line.strip()
    ]
    if not records:
        raise InputFileError(f"{path}: holds no record; export some with `zoo results export`")
    return records


def merge(*parts: Iterable[Record]) -> list[Record]:
    """Records of all parts in order, each id once."""
    return list({record.id: record for part in parts for record in part}.values())


def _record(line: str, where: str) -> Record:
    try:
        data = json.loads(line, parse_constant=_refuse_constant)
    except json.JSONDecodeError as error:
        raise InputFileError(f"{where}: not JSON ({error.msg}); was the file cut short?") from None
    except (ValueError, RecursionError) as error:
        raise InputFileError(f"{where}: {error}") from None
    if not isinstance(data, dict) or "format" not in data:
        raise InputFileError(f"{where}: not a record of the zoo (no key 'format')")
    if data["format"] not in range(1, FORMAT_VERSION + 1):
        raise InputFileError(
            f"{where}: format {data['format']!r}, and this zoo knows up to {FORMAT_VERSION}; upgrade backbone-zoo"
        )
    try:
        return Record.from_dict(data)
    except ZooError as error:
        raise InputFileError(f"{where}: not a whole record: {error}") from None


def _refuse_constant(name: str) -> float:
    raise ValueError(f"{name} is no number that JSON knows")
