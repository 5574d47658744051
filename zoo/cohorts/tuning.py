"""The search for the fastest setting of a model, setting by setting."""

from __future__ import annotations

import time
from dataclasses import dataclass, replace
from itertools import product
from typing import TYPE_CHECKING

from zoo.cohorts.cohort import run_cohort
from zoo.cohorts.events import CostEvent
from zoo.cohorts.measure import started
from zoo.cohorts.shares import Allowance
from zoo.cohorts.tried import Permitted, Tried
from zoo.cost.case import Case
from zoo.cost.engines import ENGINES
from zoo.cost.protocol import Protocol
from zoo.outcome import Outcome, Status
from zoo.sources.forms import DEPLOYED, FORMS
from zoo.statistics.comparison import paired_ratio

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator
    from pathlib import Path

    from zoo.cost.settings import CostSettings
    from zoo.statistics.comparison import RatioInterval

    Say = Callable[[CostEvent], None]


SCREENING = Protocol(
    min_rounds=3, max_rounds=3, target_half_width=0.0, cohort_budget_s=30.0, warmup_s=3.0, compared_images=50
)
"""Three rounds tell what cannot win."""

FINALISTS = 3
"""Beside the plain setting, in interleaved rounds."""

LEAST_FINAL_S = 20.0

HALVES = ("bf16", "fp16")
"""Precisions of half the bits, the one that networks mostly bear first."""


@dataclass(frozen=True, slots=True)
class Space:
    """The values of each part of a setting that are tried."""

    threads: tuple[int, ...]
    batches: tuple[int, ...]
    memory_formats: tuple[str, ...]
    precisions: tuple[str, ...]
    engines: tuple[str, ...]

    def every(self, at: CostSettings) -> Iterator[CostSettings]:
        """Settings that hold each value once."""
        for name in ("threads", "batches", "memory_formats", "precisions", "engines"):
            part = {"batches": "batch"}.get(name, name.removesuffix("s") if name != "threads" else name)
            yield from (replace(at, **{part: value}) for value in getattr(self, name))

    def size(self) -> int:
        """Settings of the whole product, in both forms.

        As far as each engine takes them.
        """
        ways = 0
        for name in self.engines:
            engine = ENGINES.get(name)
            precisions = [p for p in self.precisions if engine.takes(p)]
            layouts = [f for f in self.memory_formats if engine.layouts is None or f in engine.layouts]
            ways += len(precisions) * len(layouts)
        return len(FORMS) * ways * len(self.threads) * len(self.batches)


@dataclass(frozen=True)
class Tuning:
    """What a search found.

    Attributes
    ----------
    model : str
    weights : str, Path or None
    plain : Tried
        The model as built, eager in fp32 and channels first, at the threads and batch that suit it best.
    best : Tried
        The fastest of those that are permitted.
    times : RatioInterval or None
        How many times as long the plain setting takes for an image, from rounds in common; None where it is the best.
    tried : tuple of Tried
        In the order in which they were tried, those compared last as they ended there.
    compared : tuple of Tried
        Those of the last comparison, the plain one first.
    whole : int
        Settings of the whole product.
    permitted : Permitted
    """

    model: str
    weights: str | Path | None
    plain: Tried
    best: Tried
    times: RatioInterval | None
    tried: tuple[Tried, ...]
    compared: tuple[Tried, ...]
    whole: int
    permitted: Permitted


def search(
    model: str,
    weights: str | Path | None,
    plain: CostSettings,
    space: Space,
    permitted: Permitted,
    budget_s: float,
    say: Say,
) -> Tuning:
    """Find the fastest setting of a model on this machine, without trying all.

    What mostly wins of the plain setting's engine is tried first, so that a dear model has it in little time. Then
    parts of the setting are tried one after the other, each from the best so far: form, memory format, precision,
    engine, then threads and batch, and those of the plain setting too. Three rounds each tell what cannot win. The
    fastest are compared with the plain setting in interleaved rounds.

    Parameters
    ----------
    model : str
        ``source/architecture``.
    weights : str, Path or None
    plain : CostSettings
        The model as built, eager, fp32, contiguous, whose threads and batch are those of the space.
    space : Space
    permitted : Permitted
    budget_s : float
        What is not expected to end within two thirds of it, by the longest so far, is not tried.
    say : callable

    Returns
    -------
    Tuning
        Of the plain setting alone where that does not run.
    """
    begun = time.monotonic()
    tried: dict[CostSettings, Tried] = {}
    longest = 0.0

    def best(of: Iterable[Tried]) -> Tried:
        return min(of, key=lambda one: one.middle_ms)

    def screen(asked: Iterable[CostSettings]) -> Tried:
        """Try what was not tried yet, and return the best that is permitted of all."""
        nonlocal longest
        for settings in asked:
            at = time.monotonic()
            if settings not in tried and (not tried or at - begun + longest < budget_s * 2 / 3):
                say(CostEvent(f"trying {settings.describe()}"))
                (outcome,) = _measured(model, weights, [settings], SCREENING, say)
                tried[settings] = Tried(settings, outcome)
                longest = max(longest, time.monotonic() - at)
        return best(one for one in tried.values() if not one.ran or permitted.allows(one))

    def places(at: CostSettings) -> Iterator[CostSettings]:
        return (replace(at, threads=t, batch=b) for t, b in product(space.threads, space.batches))

    # What helps most comes first, at one place: of a dear model the time holds few settings.
    first = screen([replace(plain, threads=max(space.threads), batch=space.batches[len(space.batches) // 2])])
    if not first.ran:
        return Tuning(model, weights, first, first, None, tuple(tried.values()), (), space.size(), permitted)
    screen(_leap(first.settings, space))
    lead = screen([replace(first.settings, form=DEPLOYED)])
    lead = screen(replace(lead.settings, memory_format=layout) for layout in space.memory_formats)
    own = ENGINES.get(lead.settings.engine)
    lead = screen(replace(lead.settings, precision=precision) for precision in filter(own.takes, space.precisions))
    lead = screen(_on_engines(lead.settings, space))
    lead = screen(places(lead.settings))
    screen([replace(plain, threads=lead.settings.threads, batch=lead.settings.batch)])
    screen(places(plain))
    plainest = best(one for one in tried.values() if one.settings.is_reference)
    left_s = budget_s - (time.monotonic() - begun)
    return _final(model, weights, plainest.settings, tried, space, permitted, left_s, say)


def _leap(at: CostSettings, space: Space) -> Iterator[CostSettings]:
    """Half the bits, channels last, as it is deployed: what mostly wins of the plain setting's own engine."""
    halves = [name for name in HALVES if name in space.precisions and ENGINES.get(at.engine).takes(name)]
    for precision in halves[:1]:
        yield replace(at, form=DEPLOYED, precision=precision, memory_format=space.memory_formats[-1])


def _on_engines(at: CostSettings, space: Space) -> Iterator[CostSettings]:
    """The other engines at the same threads and batch, in each precision that they take."""
    for name in space.engines:
        engine = ENGINES.get(name)
        kept = engine.layouts is None or at.memory_format in engine.layouts
        layout = at.memory_format if kept or engine.layouts is None else engine.layouts[0]
        for precision in space.precisions:
            if engine.takes(precision):
                yield replace(at, engine=name, precision=precision, memory_format=layout, form=DEPLOYED)


def _final(
    model: str,
    weights: str | Path | None,
    plain: CostSettings,
    tried: dict[CostSettings, Tried],
    space: Space,
    permitted: Permitted,
    left_s: float,
    say: Say,
) -> Tuning:
    """Compare the fastest with the plain setting in interleaved rounds."""
    others = [one for one in tried.values() if one.ran and permitted.allows(one) and not one.settings.is_reference]
    ranked = sorted(others, key=lambda one: one.middle_ms)
    finalists = ranked[:FINALISTS]
    # Classes are compared on more images now, by which a setting may fall that only they permit.
    sure = next((one for one in ranked if one.difference <= permitted.difference), None)
    if sure is not None and sure not in finalists:
        finalists[-1] = sure
    # What was slower in its fastest round than the fastest in its slowest cannot win.
    slowest = max((sure or finalists[0]).per_image_ms) if finalists else 0.0
    finalists = [one for one in finalists if min(one.per_image_ms) <= slowest]
    compared = [plain, *(one.settings for one in finalists)]
    say(CostEvent(f"comparing {len(finalists)} with the plain setting"))
    # With the start of their processes; what has no interval by then may take as long again.
    seconds = max(LEAST_FINAL_S, left_s)
    outcomes = _measured(model, weights, compared, Protocol(), say, Allowance(2 * seconds, seconds=seconds))
    tried |= {settings: Tried(settings, outcome) for settings, outcome in zip(compared, outcomes, strict=True)}
    ended = [tried[settings] for settings in compared]
    # By all images that are compared now, of which the search had few.
    taken = (one for one in ended if one.ran and permitted.allows(one))
    best = min(taken, key=lambda one: one.middle_ms, default=ended[0])
    every = tuple(tried.values())
    times = _times(ended[0], best)
    return Tuning(model, weights, ended[0], best, times, every, tuple(ended), space.size(), permitted)


def _times(plain: Tried, best: Tried) -> RatioInterval | None:
    """How many times as long the plain setting takes for an image."""
    if best is plain or not plain.ran:
        return None
    fast, slow = (one.by_round for one in (best, plain))
    common = sorted(fast.keys() & slow.keys())
    return paired_ratio([fast[i] for i in common], [slow[i] for i in common]) if len(common) > 1 else None


def _measured(
    model: str,
    weights: str | Path | None,
    asked: list[CostSettings],
    protocol: Protocol,
    say: Say,
    allowance: Allowance | None = None,
) -> list[Outcome]:
    """Outcomes of settings of one model, in interleaved rounds, each in a process of its own."""
    cases = [Case(str(place), model, weights, settings) for place, settings in enumerate(asked)]
    workers = {case: started(case, protocol) for case in cases}
    try:
        found = dict(run_cohort(workers, None, protocol, say, allowance=allowance))
    finally:
        for worker in workers.values():
            worker.close()
    over = Outcome(Status.TIMEOUT, "the time was over before its first round")
    return [found.get(case, over) for case in cases]
