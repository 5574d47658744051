"""Candidates: what each model costs, joined with the accuracy it reached.

Costs are those of one setting, accuracies the best of each model's regimes.
"""

from __future__ import annotations

from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING

from zoo.candidates.basis import PUBLISHED, Basis, CostBasis
from zoo.candidates.candidate import Candidate
from zoo.candidates.cell import best_transfer
from zoo.candidates.comparable import Asked, check_measured, common_costs, cost_size
from zoo.candidates.quantities import further_quantities, metric_quantities
from zoo.errors import ZooError
from zoo.outcome import Status
from zoo.registry.catalogue import get, is_published, tag_facts
from zoo.results.macs import Macs
from zoo.results.number import Marks
from zoo.results.published import published_of
from zoo.sources.forms import DEPLOYED
from zoo.sources.naming import NO_WEIGHTS, RANDOM
from zoo.statistics.measurement import Measurement
from zoo.statistics.quantity import ACCURACY

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from zoo.results.record import Record
    from zoo.results.rows import CostRow, TransferRow
    from zoo.results.view import Results


def find_candidates(
    results: Results,
    *,
    device: str | None = None,
    threads: int | None = None,
    input_size: int | str | None = None,
    batch: int | None = None,
    task: str | None = None,
    shots: int | str | None = None,
    strategy: str | None = None,
    measure: str = ACCURACY.key,
) -> tuple[list[Candidate], Basis]:
    """Join costs and accuracies by architecture.

    A cost does not depend on the weights.

    Parameters
    ----------
    device, threads : optional
        The setting of the costs; otherwise the one that most models share, with the most threads.
    input_size : int or "native", optional
        Side in pixels of the images that were timed; otherwise each model's native size, where any was timed at it.
        Accuracies are those at this size, where there are any.
    batch : int, optional
        Of the throughputs; otherwise the one that most models share, and the largest of several.
    task, shots : optional
        The data cell; otherwise the first task with the most shots. A task is named as
        :func:`zoo.candidates.tasks.find` takes it. The task ``"published"`` is the top-1 that
        others state of the weights on ImageNet-1k.
    strategy : str, optional
        Take this regime's accuracy rather than the best of all but the controls, which is chosen on training images
        held out where every regime has such.
    measure : str
        Judge regimes and models by ``accuracy`` or by ``balanced_accuracy``.

    Raises
    ------
    ZooError
        Nothing measured, or nothing at what was asked for; and records of several machines.
    """
    if not len(results):
        raise ZooError("nothing measured to choose from; run `zoo run` first")
    results.check_one_machine()
    rows = [row for row in results.cost_rows() if row.value is not None]
    asked = Asked(device, threads, input_size, batch)
    check_measured(rows, asked)
    chosen: dict[str, dict[str, CostRow]] = {}
    taken: dict[str, CostBasis] = {}
    for metric in metric_quantities():
        beside = next((found.setting for found in taken.values()), None)
        setting, by_model = common_costs(rows, metric, asked, beside=beside)
        if setting is not None:
            sides = _sides(row.settings.input_size for row in by_model.values())
            chosen[metric], taken[metric] = by_model, CostBasis(setting, sides)
    if input_size is not None and not chosen:
        sizes = sorted({str(cost_size(row)) for row in rows})
        raise ZooError(f"no cost was measured at input size {input_size}; measured are {', '.join(sizes) or 'none'}")
    costed = dict.fromkeys(model for by_model in chosen.values() for model in by_model)
    if task == PUBLISHED:
        candidates = _candidates(costed, chosen, {}, measure)
        candidates, sides = _as_published(candidates, results.kind("published"), chosen)
        return candidates, Basis(taken, (PUBLISHED, "all"), sides)
    cell, found, floor = best_transfer(results, task, shots, strategy, input_size, measure)
    best = found.best
    digest = next((row.settings.task_digest for row in best.values()), "")
    candidates = _candidates(dict.fromkeys([*costed, *best]), chosen, best, measure)
    sides = _sides(row.input_size for row in best.values())
    return candidates, Basis(taken, cell, sides, floor, digest, measure, found.text(measure))


def stated_candidate(model: str, weights: str) -> Candidate:
    """A candidate by what the catalogue knows of its deployed form."""
    spec = get(model)
    published, licence = _licence(model, weights)
    return Candidate(
        model=model,
        weights=weights,
        costs={},
        accuracy=None,
        strategy=None,
        params=spec.deployed_params,
        count=lambda: spec.deployed_macs,
        published_weights=published,
        licence=licence,
        macs_px=spec.input_size[1],
    )


def _sides(sizes: Iterable[Sequence[int] | None]) -> tuple[int, ...]:
    return tuple(sorted({int(size[1]) for size in sizes if size}))


def _candidates(
    models: Iterable[str], costs: Mapping[str, Mapping[str, CostRow]], best: Mapping[str, TransferRow], measure: str
) -> list[Candidate]:
    """Candidates with the MACs of the images that were timed, or trained on."""
    parts = {
        model: ({metric: rows[model] for metric, rows in costs.items() if model in rows}, best.get(model))
        for model in models
    }
    macs = Macs((record for mine, transfer in parts.values() for record in _records(mine, transfer)), DEPLOYED)
    return [_candidate(model, *part, macs, measure) for model, part in parts.items()]


def _records(mine: Mapping[str, CostRow], transfer: TransferRow | None) -> list[Record]:
    """Records of the size that a candidate's MACs are of, the first of one cost or a training."""
    costs = [row.record for row in mine.values()][:1]
    return costs or (list(transfer.records) if transfer else [])


def _candidate(
    model: str, mine: Mapping[str, CostRow], transfer: TransferRow | None, macs: Macs, measure: str
) -> Candidate:
    cost = next(iter(mine.values()), None)
    weights = transfer.weights if transfer else cost.weights if cost else RANDOM
    size = cost.settings.input_size if cost else transfer.settings.input_size if transfer else None
    # What is run in use is what is chosen for, where no cost says otherwise.
    form = cost.settings.form if cost else DEPLOYED
    params: int | None = None
    published, licence, is_file = False, None, False
    try:
        spec = get(model)
        params, is_file = spec.params_of(form), weights not in (*spec.tags, RANDOM, NO_WEIGHTS)
        published, licence = _licence(model, weights)
    except ZooError:  # a user's model whose module is not imported now
        pass
    first = transfer.records[0] if transfer else cost.record if cost else None
    marks = {metric: Marks(row.status == Status.UNCONVERGED, row.flags) for metric, row in mine.items()}
    records: dict[str, tuple[str, ...]] = {metric: (row.record.id,) for metric, row in mine.items()}
    if transfer:
        records["accuracy"] = tuple(record.id for record in transfer.records)
        marks["accuracy"] = Marks(transfer.status == Status.UNCONVERGED, transfer.flags)
    return Candidate(
        model=model,
        weights=weights,
        costs={metric: row.value for metric, row in mine.items() if row.value is not None},
        accuracy=transfer.by(measure) if transfer else None,
        measure=measure,
        strategy=transfer.strategy if transfer else None,
        params=params,
        count=partial(macs.at, model, size, form) if size else None,
        published_weights=published,
        licence=licence,
        macs_px=size[1] if size else None,
        marks={name: found for name, found in marks.items() if found},
        records=records,
        file_digest=(first.trial.weights_digest or "") if first is not None and is_file else "",
        further=_further(mine),
        rows=mine,
        transfer=transfer,
    )


def _further(mine: Mapping[str, CostRow]) -> dict[str, Measurement]:
    """What the costs tell beside their headline numbers and may be limited in."""
    told = {
        name: mine[metric].record.outcome.metrics.get(quantity.key)
        for name, (metric, quantity) in further_quantities().items()
        if metric in mine
    }
    return {name: value for name, value in told.items() if value is not None}


def _as_published(
    candidates: Iterable[Candidate], published: Sequence[Record], costs: Mapping[str, Mapping[str, CostRow]]
) -> tuple[list[Candidate], tuple[int, ...]]:
    """Candidates with the published top-1 of their weights, and the sides of images that it is stated for.

    Of the default weights where one was timed without any.
    """
    found = []
    sides: set[int] = set()
    for candidate in candidates:
        row = next(rows[candidate.model] for rows in costs.values() if candidate.model in rows)
        stated = published_of(published, candidate.model, candidate.weights, row.settings.side)
        if stated is None:
            found.append(candidate)
            continue
        is_tag, licence = _licence(candidate.model, stated.tag)
        sides |= {stated.side} if stated.side else set()
        changed = replace(
            candidate,
            weights=stated.tag,
            accuracy=Measurement(stated.top1, "fraction"),
            strategy=f"published by {stated.source}{stated.at(row.settings.side)}",
            published_weights=is_tag,
            licence=licence,
            is_stated=True,
            transfer=None,
        )
        found.append(changed)
    return found, tuple(sorted(sides))


def _licence(model: str, weights: str) -> tuple[bool, str | None]:
    """Whether weights are published ones, and under which licence."""
    published = is_published(model, weights)
    return published, tag_facts(model, weights).licence if published else None
