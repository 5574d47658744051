"""Write the catalogue that ships, from the installed libraries.

``python -m zoo.registry.build_catalogue`` takes some minutes on two cores; ``--jobs`` sets the processes,
``--only timm/resnet*`` renews a part, ``--keep-counts`` renews what the libraries state and counts nothing anew.
``--published FOLDER --date 2026-08-08`` takes in timm's tables of results, as they stood on a day. The same libraries
and tables give the same bytes.
"""

from __future__ import annotations

import argparse
import fnmatch
import gzip
import json
import math
import re
import sys
from dataclasses import replace
from functools import partial
from multiprocessing import get_context
from pathlib import Path
from typing import TYPE_CHECKING

from zoo.machine.devices import all_cores
from zoo.paths import write_atomically
from zoo.registry.catalogue import DATA, installed_versions, shipped
from zoo.registry.entry import Entry
from zoo.registry.figures import DATA as PUBLISHED
from zoo.registry.figures import tables
from zoo.registry.rates import DATA as RATE_DATA
from zoo.registry.timm_tables import open_table
from zoo.sources import SHIPPED, SOURCES
from zoo.sources.counting import count
from zoo.sources.figure import IMAGENET, ROBUSTNESS
from zoo.textfile import decoded, read_content

if TYPE_CHECKING:
    from multiprocessing.pool import Pool

    from zoo.canonical import JsonObject


def described(full: str) -> tuple[str, JsonObject, str]:
    """Name and entry of a model, and why its counts are missing."""
    name, _, architecture = full.partition("/")
    source = SOURCES.get(name)
    facts = source.facts(architecture)
    counts = count(lambda: source.build(architecture, facts.input_size), facts.input_size)
    entry = _sized(Entry(facts, replace(counts, reason="")))
    return full, entry.to_dict(), counts.reason


def _sized(entry: Entry) -> Entry:
    """An entry with counts at the sizes of all its weights, of which those that it has stay."""
    source, architecture = SOURCES.get(entry.facts.source), entry.facts.architecture
    new = [size for size in entry.other_sizes if size not in entry.sized]
    found = {size: count(partial(source.build, architecture, size), size) for size in new}
    return replace(entry, sized={**entry.sized, **{size: one for size, one in found.items() if not one.reason}})


def restated(full: str) -> JsonObject:
    """An entry with what the library states now, its counts as they were."""
    name, _, architecture = full.partition("/")
    old = Entry.from_dict(shipped()["models"][full])
    return _sized(Entry(SOURCES.get(name).facts(architecture), old.counts, sized=old.sized)).to_dict()


def _pool(jobs: int) -> Pool:
    # A process is replaced now and then: a few architectures are built for real, and memory is not all returned.
    return get_context("spawn").Pool(jobs, maxtasksperchild=50)


def restate(names: list[str], jobs: int) -> JsonObject:
    """Entries of ``names`` with what the libraries state now."""
    with _pool(jobs) as pool:
        return dict(zip(names, pool.imap(restated, names, chunksize=4), strict=True))


def old_names() -> dict[str, str]:
    """Full names that libraries map from old to those of today."""
    every = {source: SOURCES.get(source).old_names() for source in SHIPPED}
    return {f"{source}/{old}": f"{source}/{new}" for source, names in every.items() for old, new in names.items()}


def build(names: list[str], jobs: int) -> JsonObject:
    """Entries of ``names``, in their order.

    Progress and reasons of missing counts go to stderr.
    """
    models = {}
    with _pool(jobs) as pool:
        for done, (full, entry, reason) in enumerate(pool.imap(described, names, chunksize=4), start=1):
            models[full] = entry
            if reason:
                print(f"{full}: no MACs: {reason}", file=sys.stderr)
            if done % 50 == 0 or done == len(names):
                print(f"{done} of {len(names)}", file=sys.stderr)
    return models


def published(folder: Path, date: str) -> JsonObject:
    """What timm's tables in a folder state of the registry's weights.

    As :func:`zoo.registry.figures.tables` has it.

    Raises
    ------
    InputFileError
        For a table that is missing or no table.
    """
    files = {dataset: f"results-{dataset}.csv" for dataset in (IMAGENET, *ROBUSTNESS)}
    figures: dict[str, dict[str, list[list[float | None]]]] = {}
    for place, name in enumerate(files.values()):
        path = folder / name
        rows = list(open_table(path, decoded(read_content(path)) or "")[1])
        for row in rows:
            top1, top5 = (row.number(column) for column in ("top1", "top5"))
            if row.model is not None and row.tag is not None and not math.isnan(top1):
                figure = [place, int(row.number("img_size")), top1, None if math.isnan(top5) else top5]
                figures.setdefault(row.model, {}).setdefault(row.tag, []).append(figure)
        unknown = [row.written for row in rows if row.tag is None]
        print(f"{path}: {len(rows) - len(unknown)} rows; not known: {', '.join(unknown) or 'none'}", file=sys.stderr)
    return {"by": "timm", "date": date, "files": files, "figures": {name: figures[name] for name in sorted(figures)}}


RATES = re.compile(
    r"benchmark-infer-(?P<precision>[a-z0-9]+)-(?P<layout>nchw|nhwc)-pt(?P<torch>\d+)-(?P<runtime>cu\d+|cpu)-"
    r"(?P<device>\w+?)(?P<compiled>-dynamo)?\.csv"
)
"""What the name of a table of rates says."""

DEVICE_NAMES = {
    "rtx3090": "RTX 3090",
    "4090": "RTX 4090",
    "5090": "RTX 5090",
    "pro6000maxq": "RTX PRO 6000 Max-Q",
    "i7_12700h": "i7-12700H",
    "i9_10940x": "i9-10940X",
}

LAYOUTS = {"nchw": "channels first", "nhwc": "channels last"}


def rates(folder: Path, date: str) -> JsonObject:
    """What timm's tables in a folder state of speed on some machines.

    As :func:`zoo.registry.rates.rate_tables` has it.

    Raises
    ------
    InputFileError
        For what is no table.
    """
    machines, found = {}, {}
    for path in sorted(folder.glob("benchmark-infer-*.csv")):
        said = RATES.fullmatch(path.name)
        if said is None:
            print(f"{path}: its name does not say how it was measured; left out", file=sys.stderr)
            continue
        name = DEVICE_NAMES.get(said["device"], said["device"])
        how = [said["precision"], LAYOUTS[said["layout"]], "torch.compile" if said["compiled"] else "eager"]
        how += [f"PyTorch {'.'.join(said['torch'])}"]
        how += [f"CUDA {said['runtime'][2:-1]}.{said['runtime'][-1]}"] if said["runtime"] != "cpu" else ["CPU"]
        key = name.lower().replace(" ", "-")
        machines[key] = {"name": name, "how": ", ".join(how), "file": path.name}
        found[key], unknown = _rates_in(path)
        print(f"{path}: {len(found[key])} models; not known: {', '.join(unknown) or 'none'}", file=sys.stderr)
    return {"by": "timm", "date": date, "devices": machines, "rates": found}


def _rates_in(path: Path) -> tuple[dict[str, list[list[float]]], list[str]]:
    """Side, batch and rate of the models in a table, and the names that the registry has not."""
    models: dict[str, list[list[float]]] = {}
    unknown = []
    for row in open_table(path, decoded(read_content(path)) or "")[1]:
        stated = [row.number(f"infer_{column}") for column in ("img_size", "batch_size", "samples_per_sec")]
        if row.model is None:
            unknown.append(row.written)
        elif not any(map(math.isnan, stated)):
            models.setdefault(row.model, []).append([int(stated[0]), int(stated[1]), stated[2]])
    return {name: models[name] for name in sorted(models)}, unknown


def write(name: str, data: JsonObject) -> Path:
    """Write a file of the package's data."""
    path = Path(__file__).parent / "data" / name
    path.parent.mkdir(exist_ok=True)
    # Without a time stamp, so that the same facts are the same bytes.
    write_atomically(path, gzip.compress(json.dumps(data, separators=(",", ":")).encode(), mtime=0))
    return path


def main() -> None:
    """Read the command line, build, write."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--jobs", type=int, default=all_cores())
    parser.add_argument("--only", default="*", help="glob over full names; the rest is kept as it is")
    parser.add_argument("--keep-counts", action="store_true", help="count only what the catalogue has not")
    parser.add_argument(
        "--published", type=Path, metavar="FOLDER", help="timm's results-*.csv and benchmark-infer-*.csv"
    )
    parser.add_argument("--date", help="the day of the tables, such as 2026-08-08")
    arguments = parser.parse_args()
    if (arguments.published is None) != (arguments.date is None):
        parser.error("a folder of published tables and their day belong together")
    if arguments.published is not None:
        write(PUBLISHED, published(arguments.published, arguments.date))
        write(RATE_DATA, rates(arguments.published, arguments.date))
        tables.cache_clear()
    every = [f"{source}/{name}" for source in SHIPPED for name in SOURCES.get(source).architectures()]
    names = [name for name in every if fnmatch.fnmatchcase(name, arguments.only)]
    kept = {} if arguments.only == "*" else shipped()["models"]
    if arguments.keep_counts:
        counted = [name for name in names if name in shipped()["models"]]
        built = shipped()["models"] | restate(counted, arguments.jobs)
        names = [name for name in names if name not in built]
    else:
        built = kept
    built = built | (build(names, arguments.jobs) if names else {})
    models = {name: built[name] for name in every}
    data = {"versions": installed_versions(), "models": models, "old_names": old_names()}
    path = write(DATA, data)
    print(f"{path}: {len(built)} architectures, {path.stat().st_size} bytes", file=sys.stderr)


if __name__ == "__main__":
    main()
