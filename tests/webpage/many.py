"""A report of very many models, planted: published accuracies, measured latencies and rates."""

from __future__ import annotations

import random
from dataclasses import replace
from pathlib import Path

from tests.results.planted import cost
from zoo.api.results import Results
from zoo.candidates.basis import Basis
from zoo.candidates.candidate import Candidate
from zoo.candidates.candidates import find_candidates
from zoo.choice.verdict import verdict
from zoo.registry.search import list_specs
from zoo.report.page import page_blocks
from zoo.report.sections.base import Context
from zoo.statistics.measurement import Measurement
from zoo.webpage.page import write_page

MODELS = 1500


def many(count: int = MODELS) -> tuple[Results, list[Candidate], Basis]:
    """Latencies of all architectures, accuracies with intervals that no seeds are behind."""
    draw = random.Random(0)
    specs = list_specs()
    records = []
    for place in range(count):
        spec = specs[place % len(specs)]
        ms = 2 + 40 * ((spec.macs or 1e9) / 1e9) ** 0.7 * draw.lognormvariate(0, 0.4)
        model = spec.name if place < len(specs) else f"mine/net{place}"
        flags = ("cpu pressure 9%",) if place % 9 == 0 else ()
        records.append(
            cost(
                model,
                ms,
                spread=0.01,
                seed=place,
                input_size=list(spec.input_size),
                cohort=f"c{place // 5}",
                flags=flags,
            )
        )
    records = [replace(record, id=f"r{place}") for place, record in enumerate(records)]
    results = Results(records)
    found, basis = find_candidates(results)
    accurate = []
    for one in found:
        value = 0.95 - 0.6 * one.costs["latency"].value ** -0.4 * draw.lognormvariate(0, 0.2)
        half = draw.uniform(0.01, 0.03)
        accuracy = Measurement(value, "fraction", value - half, value + half, 500)
        accurate.append(replace(one, accuracy=accuracy, strategy="full"))
    return results, accurate, replace(basis, cell=("digits", 10))


def write_many(folder: Path, count: int = MODELS) -> Path:
    """The page of such a report, without its figures."""
    results, found, basis = many(count)
    context = Context(results, tuple(found), basis, verdict(results, (found, basis)), title="Very many")
    # Without candidates the report has no figure of them, which nobody looks at here.
    blocks = page_blocks(replace(context, candidates=(), basis=None))
    return write_page(context, blocks, folder)
