"""Records as JSON Lines, written whole, mistakes in them named by line."""

from __future__ import annotations

import gzip
import json
import time
from contextlib import nullcontext
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from zoo.errors import InputFileError, ZooError
from zoo.paths import written_whole
from zoo.results.foreign import what_it_is
from zoo.results.record import Record
from zoo.results.upgrade import FORMAT_VERSION
from zoo.textfile import decoded, read_content

if TYPE_CHECKING:
    from collections.abc import Iterable
    from contextlib import AbstractContextManager
    from pathlib import Path
    from typing import IO

    from zoo.canonical import JsonObject

AHEAD_S = 86_400.0
"""By how much the clock of another machine may be ahead, its time zone mistaken for UTC among the reasons."""


def write_jsonl(records: Iterable[Record], path: Path) -> int:
    """Write one record a line, and return how many.

    A file whose name ends in ``.gz`` is packed.

    Raises
    ------
    InputFileError
        Where the file cannot be written; what stood there before stays.
    """
    count = 0
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with written_whole(path) as file, _packed(path, file) as target:
            for record in records:
                target.write(json.dumps(record.to_dict(), allow_nan=False).encode() + b"\n")
                count += 1
    except OSError as error:
        raise InputFileError(f"{path}: cannot write: {error.strerror}") from None
    return count


def _packed(path: Path, file: IO[bytes]) -> AbstractContextManager[IO[bytes]]:
    if path.suffix != ".gz":
        return nullcontext(file)
    return gzip.GzipFile("", "wb", fileobj=file, mtime=0)  # type: ignore[return-value]


def read_jsonl(path: Path) -> list[Record]:
    """Read records, one a line, passing over empty lines.

    The file may be packed by gzip, bzip2 or xz, and in any Unicode that a byte order mark tells.

    Raises
    ------
    InputFileError
        Unreadable file, no record at all, or a line that is none (names the line).
    """
    return parse_jsonl(read_text(path), path)


def read_text(path: Path) -> str:
    """Text of a file that is to hold records.

    Raises
    ------
    InputFileError
        For what cannot be read, or is no text.
    """
    text = decoded(read_content(path))
    if text is None:
        raise InputFileError(f"{path}: not JSON Lines (not text)")
    return text


def parse_jsonl(text: str, path: Path) -> list[Record]:
    """Records of a file that was read, one a line: all of them, or none.

    Raises
    ------
    InputFileError
        No record at all, or a line that is none: names the first, and says how many there are.
    """
    records: list[Record] = []
    faults: list[InputFileError] = []
    # By line feeds alone: text in a record may hold what Unicode counts as the end of a line.
    for number, line in enumerate(text.split("\n"), start=1):
        if line.strip():
            try:
                records.append(_record(line, f"{path}, line {number}"))
            except InputFileError as error:
                faults.append(error)
    if not records and (foreign := what_it_is(path, text)):
        raise InputFileError(f"{path}: {foreign}")
    if faults and (whole := _whole_file(text, path)):
        return [whole]
    if faults:
        total = len(faults) + len(records)
        others = f" ({len(faults)} of {total} lines not whole; none is read)" if total > 1 else ""
        raise InputFileError(f"{faults[0]}{others}")
    if not records:
        empty = "" if text.strip() else ", since it is empty"
        raise InputFileError(f"{path}: holds no record{empty}; export some with `zoo results export`")
    return records


def _whole_file(text: str, path: Path) -> Record | None:
    """The record that a file is as a whole, written over several lines."""
    if not text.lstrip().startswith("{\n") and not text.lstrip().startswith("{\r"):
        return None
    try:
        json.loads(text)
    except (ValueError, RecursionError):
        return None
    return _record(text, str(path))


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
        if "\\ud" in line.lower():
            _check_letters(data)
        found = Record.from_dict(data)
        check_not_ahead(found.outcome.started)
    except ZooError as error:
        raise InputFileError(f"{where}: not a whole record: {error}") from None
    return found


def _check_letters(data: JsonObject) -> None:
    """Refuse halves of characters, which JSON can write and no file in UTF-8 can."""
    try:
        json.dumps(data, ensure_ascii=False).encode()
    except UnicodeEncodeError as error:
        raise ZooError(f"its text has half of a character ({error.object[error.start]!r})") from None


def check_not_ahead(started: float) -> None:
    """Refuse a start in the future.

    Such a record would stand for every later one. A clock that is reset to the past does no such harm.

    Raises
    ------
    ZooError
    """
    if started > time.time() + AHEAD_S:
        shown = datetime.fromtimestamp(started, UTC)
        raise ZooError(f"outcome.started must be a time that has been, not {shown:%Y-%m-%d %H:%M} UTC")


def _refuse_constant(name: str) -> float:
    raise ValueError(f"{name} is no number that JSON knows")
