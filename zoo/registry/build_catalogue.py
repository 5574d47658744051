"""Write the catalogue that ships with the package from the installed libraries.

``python -m zoo.registry.build_catalogue`` takes some minutes on two cores; ``--jobs`` sets the processes,
``--only timm/resnet*`` renews a part, ``--keep-counts`` renews what the libraries state and counts nothing anew.
The same libraries give the same bytes.
"""

from __future__ import annotations

import argparse
import fnmatch
import gzip
import json
import os
import sys
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
from pathlib import Path
from typing import Any

from zoo.paths import write_atomically
from zoo.registry.catalogue import DATA, installed_versions, shipped
from zoo.registry.counting import StaticFacts, count
from zoo.registry.facts import describe
from zoo.registry.sources import SOURCE_MODULES, load_source


def entry(full: str) -> tuple[str, dict[str, Any], str]:
    """Full name, catalogue entry, and why its counts are missing where they are."""
    source, _, architecture = full.partition("/")
    module = load_source(source)
    facts = module.facts(architecture)
    counts = count(lambda: module.build(architecture, facts.input_size), facts.input_size)
    return full, describe(facts, counts), counts.reason


def restate(full: str) -> dict[str, Any]:
    """A catalogue entry with what the library states now, and the counts that it had."""
    source, _, architecture = full.partition("/")
    old = shipped()["models"][full]
    counts = StaticFacts(old["params"], old["macs"], old["activations"])
    return describe(load_source(source).facts(architecture), counts)


def build(names: list[str], jobs: int) -> dict[str, Any]:
    """Entries of ``names``, in their order; progress and reasons go to stderr."""
    models = {}
    # A process is replaced now and then: a few architectures are built for real, and memory is not all returned.
    context = get_context("spawn")
    with ProcessPoolExecutor(jobs, mp_context=context, max_tasks_per_child=200) as pool:
        for done, (full, described, reason) in enumerate(pool.map(entry, names, chunksize=4), start=1):
            models[full] = described
            if reason:
                print(f"{full}: no MACs: {reason}", file=sys.stderr)
            if done % 50 == 0 or done == len(names):
                print(f"{done} of {len(names)}", file=sys.stderr)
    return models


def main() -> None:
    """Read the command line, build, write."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--jobs", type=int, default=len(os.sched_getaffinity(0)))
    parser.add_argument("--only", default="*", help="glob over full names; the rest is kept as it is")
    parser.add_argument("--keep-counts", action="store_true", help="count only what the catalogue has not")
    arguments = parser.parse_args()
    every = [f"{source}/{name}" for source in SOURCE_MODULES for name in load_source(source).architectures()]
    names = [name for name in every if fnmatch.fnmatchcase(name, arguments.only)]
    kept = {} if arguments.only == "*" else shipped()["models"]
    if arguments.keep_counts:
        counted = [name for name in names if name in shipped()["models"]]
        built = shipped()["models"] | {name: restate(name) for name in counted}
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
