"""Write the catalogue that ships, from the installed libraries.

``python -m zoo.registry.build_catalogue`` takes some minutes on two cores; ``--jobs`` sets the processes,
``--only timm/resnet*`` renews a part, ``--keep-counts`` renews what the libraries state and counts nothing anew,
``--sizes`` counts anew at the sizes of weights that are made for another than the architecture's.
The same libraries give the same bytes.
"""

from __future__ import annotations

import argparse
import fnmatch
import gzip
import json
import sys
from concurrent.futures import ProcessPoolExecutor
from dataclasses import replace
from functools import partial
from multiprocessing import get_context
from pathlib import Path
from typing import TYPE_CHECKING

from zoo.machine.devices import all_cores
from zoo.paths import write_atomically
from zoo.registry.catalogue import DATA, installed_versions, shipped
from zoo.registry.counting import count
from zoo.registry.entry import Entry
from zoo.registry.sources import SHIPPED, SOURCES

if TYPE_CHECKING:
    from collections.abc import Callable

    from zoo.canonical import JsonObject

    Described = tuple[str, JsonObject, str]


def described(full: str) -> Described:
    """Name and entry of a model, and why its counts are missing."""
    name, _, architecture = full.partition("/")
    source = SOURCES.get(name)
    facts = source.facts(architecture)
    counts = count(lambda: source.build(architecture, facts.input_size), facts.input_size)
    entry = _sized(Entry(facts, replace(counts, reason="")))
    return full, entry.to_dict(), counts.reason


def sized(full: str) -> Described:
    """Name and entry of a model, counted anew at its weights' sizes."""
    return full, _sized(Entry.from_dict(shipped()["models"][full])).to_dict(), ""


def _sized(entry: Entry) -> Entry:
    """An entry with counts at the sizes of all its weights."""
    source, architecture = SOURCES.get(entry.facts.source), entry.facts.architecture
    found = {size: count(partial(source.build, architecture, size), size) for size in entry.other_sizes}
    return replace(entry, sized={size: counts for size, counts in found.items() if not counts.reason})


def restated(full: str) -> JsonObject:
    """An entry with what the library states now, its counts as they were."""
    name, _, architecture = full.partition("/")
    old = Entry.from_dict(shipped()["models"][full])
    return Entry(SOURCES.get(name).facts(architecture), old.counts, sized=old.sized).to_dict()


def build(names: list[str], jobs: int, describe: Callable[[str], Described] = described) -> JsonObject:
    """Entries of ``names``, in their order.

    Progress and reasons of missing counts go to stderr.
    """
    models = {}
    # A process is replaced now and then: a few architectures are built for real, and memory is not all returned.
    context = get_context("spawn")
    with ProcessPoolExecutor(jobs, mp_context=context, max_tasks_per_child=200) as pool:
        for done, (full, entry, reason) in enumerate(pool.map(describe, names, chunksize=4), start=1):
            models[full] = entry
            if reason:
                print(f"{full}: no MACs: {reason}", file=sys.stderr)
            if done % 50 == 0 or done == len(names):
                print(f"{done} of {len(names)}", file=sys.stderr)
    return models


def main() -> None:
    """Read the command line, build, write."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--jobs", type=int, default=all_cores())
    parser.add_argument("--only", default="*", help="glob over full names; the rest is kept as it is")
    parser.add_argument("--keep-counts", action="store_true", help="count only what the catalogue has not")
    parser.add_argument("--sizes", action="store_true", help="count at the weights' own sizes alone")
    arguments = parser.parse_args()
    every = [f"{source}/{name}" for source in SHIPPED for name in SOURCES.get(source).architectures()]
    names = [name for name in every if fnmatch.fnmatchcase(name, arguments.only)]
    kept = {} if arguments.only == "*" else shipped()["models"]
    if arguments.sizes:
        built = shipped()["models"]
        sizes = [name for name in names if Entry.from_dict(built[name]).other_sizes]
        built, names = built | build(sizes, arguments.jobs, sized), []
    elif arguments.keep_counts:
        counted = [name for name in names if name in shipped()["models"]]
        built = shipped()["models"] | {name: restated(name) for name in counted}
        names = [name for name in names if name not in built]
    else:
        built = kept
    built = built | (build(names, arguments.jobs) if names else {})
    data = {"versions": installed_versions(), "models": {name: built[name] for name in every}}
    path = Path(__file__).parent / "data" / DATA
    path.parent.mkdir(exist_ok=True)
    text = json.dumps(data, separators=(",", ":"))
    # Without a time stamp, so that the same facts are the same bytes.
    write_atomically(path, gzip.compress(text.encode(), mtime=0))
    print(f"{path}: {len(built)} architectures, {path.stat().st_size} bytes", file=sys.stderr)


if __name__ == "__main__":
    main()
