"""Tables of published results as timm writes them, read as records."""

from __future__ import annotations

import csv
import hashlib
import io
import math
import re
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING

from zoo.canonical import JsonObject, canonical_digest
from zoo.errors import InputFileError, ZooError, option
from zoo.machine.fingerprint import Machine
from zoo.outcome import Outcome, Status
from zoo.registry.catalogue import entries, today_name
from zoo.registry.spelling import read_name
from zoo.results.foreign import what_it_is
from zoo.results.published import KIND, MACHINE
from zoo.results.record import Record
from zoo.results.trial import PublishedSettings, Trial
from zoo.statistics.measurement import Measurement
from zoo.textfile import decoded, read_content

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from zoo.sources.naming import ModelName


COLUMNS = ("model", "img_size", "top1", "top1_err", "top5", "top5_err", "param_count", "crop_pct", "interpolation")
"""Columns of ``results-imagenet.csv`` as timm writes it; the errors are 100 less the accuracies."""


NEEDED = ("model", "top1")


NAMED = re.compile(r"results-(?P<dataset>.+?)(?: ?\(\d+\))?")
"""Names of timm's tables, less the ending; a browser numbers what it saved before."""


@dataclass(frozen=True)
class Published:
    """What a table of published results held.

    Attributes
    ----------
    records : tuple of Record
    dataset : str
        The images: ``imagenet`` is ImageNet-1k's validation set.
    unknown_columns : tuple of str
    unknown_models : tuple of str
        Models and tags that this registry does not have.
    broken_lines : tuple of int
        Lines whose numbers are none.
    renamed : tuple of str
        Models under names that are older than this registry's, which has them under others.
    """

    records: tuple[Record, ...]
    dataset: str
    unknown_columns: tuple[str, ...]
    unknown_models: tuple[str, ...]
    broken_lines: tuple[int, ...]
    renamed: tuple[str, ...] = ()


def read_timm_results(path: Path, dataset: str | None = None) -> Published:
    """Read a table of results as timm publishes them.

    Parameters
    ----------
    path : Path
    dataset : str, optional
        What images they are on; otherwise from the file's name: ``results-imagenet.csv`` is ``imagenet``.

    Raises
    ------
    InputFileError
        For a file that cannot be read, lacks the columns ``model`` and ``top1``, or says nowhere of what images
        it is.
    """
    content = read_content(path)
    text = decoded(content)
    if text is None:
        raise InputFileError(f"{path}: no CSV (not text)")
    body = text.lstrip("\r\n")
    blank = text[: len(text) - len(body)].count("\n")
    reader = csv.DictReader(io.StringIO(body))
    columns = [column for column in _fieldnames(path, reader) if column]
    lacking = [column for column in NEEDED if column not in columns]
    if lacking:
        if (
            foreign := "JSON; `zoo results import FILE` reads it"
            if text.lstrip().startswith("{")
            else what_it_is(path, text)
        ):
            raise InputFileError(f"{path}: {foreign}")
        raise InputFileError(
            f"{path}: lacks the column{'s' * (len(lacking) > 1)} {', '.join(lacking)}; is it a results-*.csv of timm?"
        )
    known, models, lines, renamed = [], [], [], []
    for row in _rows(path, reader):
        written, current = _read(row["model"] or "")
        name = None if written is None else _known(current or written)
        if name is not None and current is not None:
            renamed.append(f"{written} is {current}")
        metrics = _metrics(row)
        if name is None:
            models.append(row["model"] or "")
        elif metrics is None:
            lines.append(blank + reader.line_num)
        else:
            known.append((name, metrics, row))
    if not known:
        raise InputFileError(f"{path}: none of its {len(models) + len(lines)} rows is a known model with its results")
    dataset = dataset or _dataset(path)
    source = {"source": path.name, "sha256": hashlib.sha256(content).hexdigest()}
    # A table bears no date; an older file that is imported later does not supersede a newer one.
    started = min(time.time(), path.stat().st_mtime)
    records = (_record(name, metrics, row, dataset, source, started) for name, metrics, row in known)
    unknown = tuple(column for column in columns if column not in COLUMNS)
    return Published(tuple(records), dataset, unknown, tuple(models), tuple(lines), tuple(renamed))


def _fieldnames(path: Path, reader: csv.DictReader[str]) -> list[str]:
    try:
        return list(reader.fieldnames or [])
    except csv.Error as error:
        raise InputFileError(f"{path}, line 1: no CSV ({error})") from None


def _rows(path: Path, reader: csv.DictReader[str]) -> Iterator[JsonObject]:
    try:
        yield from reader
    except csv.Error as error:
        raise InputFileError(f"{path}, line {reader.line_num + 1}: no CSV ({error})") from None


def _dataset(path: Path) -> str:
    plain = path.with_suffix("") if path.suffix in (".gz", ".bz2", ".xz") else path
    named = NAMED.fullmatch(plain.stem)
    if named is None:
        raise InputFileError(
            f"{path}: its name does not say of which images, as results-imagenet.csv does; say "
            f"{option('dataset', 'imagenet')}"
        )
    return named["dataset"]


def _read(text: str) -> tuple[ModelName | None, ModelName | None]:
    """The name as it is written, and today's where that is an older one."""
    try:
        written = read_name(text, entries())
    except ZooError:
        return None, None
    there = f"timm/{written.architecture}" in entries()
    return written, None if there else today_name(written)


def _known(name: ModelName) -> tuple[str, str] | None:
    """``timm/architecture`` and tag, where the registry has both.

    A name without a tag means the only one.
    """
    full = f"timm/{name.architecture}"
    entry = entries().get(full)
    tags = list(entry.tags) if entry else []
    tag = name.tag or (tags[0] if len(tags) == 1 else None)
    return (full, tag) if tag in tags and name.source in (None, "timm") and tag else None


def _metrics(row: JsonObject) -> dict[str, Measurement] | None:
    found = {}
    for name in ("top1", "top5"):
        text = row.get(name)
        try:
            value = float(text) if text else math.nan
        except ValueError:
            value = math.nan
        if 0 <= value <= 100:
            found[name] = Measurement(value / 100, "fraction", n=0)
    return found if "top1" in found else None


def _record(
    name: tuple[str, str],
    metrics: dict[str, Measurement],
    row: JsonObject,
    dataset: str,
    source: dict[str, str],
    started: float,
) -> Record:
    # One tag may stand there at several sizes; records made before that was kept have the size in the notes alone.
    trial = Trial(*name, PublishedSettings(dataset, "timm", row.get("img_size") or ""))
    notes = {key: row[key] for key in ("img_size", "crop_pct", "interpolation") if row.get(key)}
    return Record(
        trial=trial,
        outcome=Outcome(Status.OK, metrics=metrics, started=started, notes=notes | source),
        machine=MACHINE,
        environment=Machine(other=source),
        suite=KIND,
        id=canonical_digest([trial.key, source["sha256"], {k: m.value for k, m in metrics.items()}])[:32],
    )
