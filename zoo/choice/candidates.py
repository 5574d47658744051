"""Candidates: what each model costs, joined with the accuracy it reached.

Costs are those of one setting, accuracies the best of each model's regimes.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from zoo.choice.basis import PUBLISHED, Basis, CostBasis
from zoo.choice.comparable import Asked, check_measured, common_accuracies, common_costs, cost_size, is_of_size
from zoo.choice.quantities import metric_quantities
from zoo.errors import UnknownNameError, ZooError
from zoo.regimes.strategies import is_usable
from zoo.registry.catalogue import get, is_published, tag_facts
from zoo.registry.naming import RANDOM
from zoo.results.published import published_of
from zoo.statistics.measurement import Measurement

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from zoo.canonical import JsonObject
    from zoo.results.rows import CostRow, TransferRow
    from zoo.results.view import Results


@dataclass(frozen=True, slots=True)
class Candidate:
    """A model that could be chosen.

    Attributes
    ----------
    model : str
        ``source/architecture``.
    weights : str
        Of the accuracy, or of the cost where no accuracy was measured.
    costs : mapping of str to Measurement
        By metric.
    accuracy : Measurement or None
    strategy : str or None
        The regime that reached ``accuracy``.
    published_weights : bool
        Whether the weights are a tag of the library's, rather than random or trained here.
    licence : str or None
        Of published weights, as the library states it.
    """

    model: str
    weights: str
    costs: Mapping[str, Measurement]
    accuracy: Measurement | None
    strategy: str | None
    params: int | None
    macs: float | None
    published_weights: bool = False
    licence: str | None = None

    @property
    def latency(self) -> Measurement | None:
        """Milliseconds at batch 1."""
        return self.costs.get("latency")

    @property
    def throughput(self) -> Measurement | None:
        """Images a second."""
        return self.costs.get("throughput")

    def value(self, objective: str) -> Measurement | None:
        """The number of an objective, None where it is not known."""
        if objective == "accuracy":
            return self.accuracy
        if objective in ("params", "macs"):
            count = self.params if objective == "params" else self.macs
            return None if count is None else Measurement(count, "count")
        return self.costs.get(objective)

    def to_dict(self) -> JsonObject:
        """Plain values for JSON, each metric under its name."""
        costs = {name: found.to_dict() for name, found in self.costs.items()}
        return {
            "model": self.model,
            "weights": self.weights,
            "latency": None,
            "throughput": None,
            **costs,
            "accuracy": self.accuracy.to_dict() if self.accuracy else None,
            "strategy": self.strategy,
            "params": self.params,
            "macs": self.macs,
            "published_weights": self.published_weights,
            "licence": self.licence,
        }


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
        The data cell; otherwise the first task with the most shots. The task ``"published"`` is the top-1 that
        others state of the weights on ImageNet-1k.
    strategy : str, optional
        Take this regime's accuracy rather than the best of all but the controls.

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
        candidates = [_as_published(_candidate(model, chosen, None), results) for model in costed]
        return candidates, Basis(taken, (PUBLISHED, "all"))
    cell, best = _best_transfer(results, task, shots, strategy, input_size)
    candidates = [_candidate(model, chosen, best.get(model)) for model in dict.fromkeys([*costed, *best])]
    return candidates, Basis(taken, cell, _sides(row.input_size for row in best.values()))


def _sides(sizes: Iterable[Sequence[int] | None]) -> tuple[int, ...]:
    return tuple(sorted({int(size[1]) for size in sizes if size}))


def _best_transfer(
    results: Results, task: str | None, shots: int | str | None, strategy: str | None, size: int | str | None
) -> tuple[tuple[str, int | str] | None, dict[str, TransferRow]]:
    rows = [row for row in results.transfer_rows() if row.seeds and is_usable(row.strategy)]
    if not rows:
        return None, {}
    known = {row.task for row in rows}
    if task is not None and task not in known:
        raise UnknownNameError("task", task, known, f"measured are {', '.join(sorted(known))}")
    task = task or rows[0].task
    counts = {row.shots for row in rows if row.task == task}
    if shots is not None and shots not in counts:
        raise ZooError(f"no accuracy on {task} at {shots} shots; measured are {', '.join(map(str, counts))}")
    most = shots or max(counts, key=lambda count: float("inf") if count == "all" else int(count))
    here = [row for row in rows if row.task == task and row.shots == most and strategy in (None, row.strategy)]
    at_size = [row for row in here if is_of_size(row, size)]
    best: dict[str, TransferRow] = {}
    for row in common_accuracies(at_size or here):
        held = best.get(row.model)
        if held is None or (row.mean or 0.0) > (held.mean or 0.0):
            best[row.model] = row
    return (task, most), best


def _candidate(model: str, costs: Mapping[str, Mapping[str, CostRow]], transfer: TransferRow | None) -> Candidate:
    mine = {metric: rows[model] for metric, rows in costs.items() if model in rows}
    cost = next(iter(mine.values()), None)
    weights = transfer.weights if transfer else cost.weights if cost else RANDOM
    params: int | None = None
    macs: float | None = None
    published, licence = False, None
    try:
        spec = get(model)
        params, macs = spec.params, spec.macs
        published, licence = _licence(model, weights)
    except ZooError:  # a user's model whose module is not imported now
        pass
    return Candidate(
        model=model,
        weights=weights,
        costs={metric: row.value for metric, row in mine.items() if row.value is not None},
        accuracy=transfer.accuracy if transfer else None,
        strategy=transfer.strategy if transfer else None,
        params=params,
        macs=macs,
        published_weights=published,
        licence=licence,
    )


def _as_published(candidate: Candidate, results: Results) -> Candidate:
    """A candidate with the published top-1 of its weights.

    Of the default weights where it was timed without any.
    """
    found = published_of(results.kind("published"), candidate.model, candidate.weights)
    if found is None:
        return candidate
    tag, value, source = found
    published, licence = _licence(candidate.model, tag)
    return replace(
        candidate,
        weights=tag,
        accuracy=Measurement(value, "fraction"),
        strategy=f"published by {source}",
        published_weights=published,
        licence=licence,
    )


def _licence(model: str, weights: str) -> tuple[bool, str | None]:
    """Whether weights are published ones, and under which licence."""
    published = is_published(model, weights)
    return published, tag_facts(model, weights).licence if published else None
