"""Tables of published results as timm writes them, read as records."""

from __future__ import annotations

import hashlib
import re
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING

from zoo.canonical import JsonObject, canonical_digest
from zoo.errors import InputFileError, option
from zoo.machine.fingerprint import Machine
from zoo.outcome import Outcome, Status
from zoo.registry.timm_tables import open_table
from zoo.results.foreign import what_it_is
from zoo.results.published import KIND, MACHINE
from zoo.results.record import Record
from zoo.results.trial import PublishedSettings, Trial
from zoo.statistics.measurement import Measurement
from zoo.textfile import decoded, read_content

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from zoo.registry.timm_tables import Row


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
    columns, rows = open_table(path, text)
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
    for row in rows:
        metrics = _metrics(row)
        if row.model is None or row.tag is None:
            models.append(row.written)
            continue
        if row.renamed:
            renamed.append(row.renamed)
        if metrics is None:
            lines.append(row.line)
        else:
            known.append((row.model, row.tag, metrics, row.values))
    if not known:
        raise InputFileError(f"{path}: none of its {len(models) + len(lines)} rows is a known model with its results")
    dataset = dataset or _dataset(path)
    source = {"source": path.name, "sha256": hashlib.sha256(content).hexdigest()}
    # A table bears no date; an older file that is imported later does not supersede a newer one.
    started = min(time.time(), path.stat().st_mtime)
    records = (_record(*found, dataset, source, started) for found in known)
    unknown = tuple(column for column in columns if column not in COLUMNS)
    return Published(tuple(records), dataset, unknown, tuple(models), tuple(lines), tuple(renamed))


def _dataset(path: Path) -> str:
    plain = path.with_suffix("") if path.suffix in (".gz", ".bz2", ".xz") else path
    named = NAMED.fullmatch(plain.stem)
    if named is None:
        raise InputFileError(
            f"{path}: its name does not say of which images, as results-imagenet.csv does; say "
            f"{option('dataset', 'imagenet')}"
        )
    return named["dataset"]


def _metrics(row: Row) -> dict[str, Measurement] | None:
    found = {
        name: Measurement(value / 100, "fraction", n=0)
        for name in ("top1", "top5")
        if 0 <= (value := row.number(name)) <= 100
    }
    return found if "top1" in found else None


def _record(
    model: str,
    tag: str,
    metrics: dict[str, Measurement],
    row: Mapping[str, str | None],
    dataset: str,
    source: dict[str, str],
    started: float,
) -> Record:
    # One tag may stand there at several sizes; records made before that was kept have the size in the notes alone.
    trial = Trial(model, tag, PublishedSettings(dataset, "timm", row.get("img_size") or ""))
    notes: JsonObject = {key: row[key] for key in ("img_size", "crop_pct", "interpolation") if row.get(key)}
    return Record(
        trial=trial,
        outcome=Outcome(Status.OK, metrics=metrics, started=started, notes=notes | source),
        machine=MACHINE,
        environment=Machine(other=source),
        suite=KIND,
        id=canonical_digest([trial.key, source["sha256"], {k: m.value for k, m in metrics.items()}])[:32],
    )
