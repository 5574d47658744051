"""Candidates: for each model what it costs at one setting, joined with the best accuracy it reached."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from zoo.choice.common import common_accuracies, common_latencies, common_throughputs, cost_size, is_of_size
from zoo.errors import UnknownNameError, ZooError
from zoo.registry.catalogue import get, is_published, tag_entry
from zoo.results.published import published_of
from zoo.results.trial import threads_text
from zoo.statistics.measurement import Measurement

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from zoo.results.rows import CostRow, TransferRow
    from zoo.results.view import Results


PUBLISHED = "published"
"""The task that stands for what others state of ImageNet-1k, instead of an accuracy measured here."""

USABLE = ("classifier", "full", "scratch")
"""Strategies a product could use; the controls are yardsticks, not choices."""


@dataclass(frozen=True, slots=True)
class Candidate:
    """A model that could be chosen.

    Attributes
    ----------
    model : str
        ``source/architecture``.
    weights : str
        Of the accuracy, or of the cost where no accuracy was measured.
    latency, throughput, accuracy : Measurement or None
    strategy : str or None
        The regime that reached ``accuracy``.
    published_weights : bool
        Whether the weights are a tag of the library's, rather than random or trained here.
    licence : str or None
        Of published weights, as the library states it.
    """

    model: str
    weights: str
    latency: Measurement | None
    throughput: Measurement | None
    accuracy: Measurement | None
    strategy: str | None
    params: int | None
    macs: float | None
    published_weights: bool = False
    licence: str | None = None


@dataclass(frozen=True)
class Basis:
    """What all candidates have in common: the setting of the cost, and the data cell of the accuracy.

    Attributes
    ----------
    setting : mapping or None
        Device, threads, precision, memory format and kind of input size of the latencies.
    cell : tuple or None
        Task and images a class of the accuracies.
    latency_px, accuracy_px : tuple of int
        Sides of the images that were timed, and of those that accuracy was measured on; often not the same.
    rate : mapping or None
        As ``setting`` with the batch, of the throughputs.
    rate_px : tuple of int
        Sides of the images of the throughputs.
    """

    setting: Mapping[str, Any] | None
    cell: tuple[str, int | str] | None
    latency_px: tuple[int, ...] = ()
    accuracy_px: tuple[int, ...] = ()
    rate: Mapping[str, Any] | None = None
    rate_px: tuple[int, ...] = ()

    @property
    def latency_span(self) -> str:
        """Sides of the images that were timed, such as ``224–299``."""
        return _span(self.latency_px)

    @property
    def accuracy_span(self) -> str:
        """Sides of the images that accuracy was measured on."""
        return _span(self.accuracy_px)

    def to_text(self) -> str:
        """One line."""
        parts = []
        if self.setting:
            parts.append(f"latency {_cost_text(self.setting, 1, self.latency_px)}")
        if self.rate:
            rest = {key: value for key, value in self.rate.items() if key != "batch"}
            batch = f"batch {self.rate['batch']}"
            same = (rest, self.rate_px) == (self.setting, self.latency_px)
            parts.append(
                f"throughput there at {batch}"
                if same
                else f"throughput {_cost_text(self.rate, self.rate['batch'], self.rate_px)}"
            )
        if self.cell and self.cell[0] == PUBLISHED:
            parts.append("accuracy on ImageNet-1k as published, not measured here")
        elif self.cell:
            shots = "all images" if self.cell[1] == "all" else f"{self.cell[1]} images"
            parts.append(f"accuracy on {self.cell[0]} with {shots} a class{_at(self.accuracy_span)}")
        return "; ".join(parts)


def _cost_text(setting: Mapping[str, Any], batch: int, sides: tuple[int, ...]) -> str:
    layout = setting["memory_format"]
    parts = [f"on {setting['device']}{threads_text(setting)}", setting["precision"]]
    parts += [layout.replace("_", " ")] if layout != "contiguous" else []
    return ", ".join([*parts, f"batch {batch}"]) + _at(_span(sides))


def _span(sides: tuple[int, ...]) -> str:
    return "–".join(str(side) for side in dict.fromkeys((*sides[:1], *sides[-1:])))


def _at(span: str) -> str:
    return f", at {span} px" if span else ""


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
    """Join costs and accuracies by architecture; a cost does not depend on the weights.

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
        Take this regime's accuracy rather than the best of :data:`USABLE`.

    Raises
    ------
    ZooError
        Nothing measured, or nothing at what was asked for; and records of several machines.
    """
    if not len(results):
        raise ZooError("nothing measured to choose from; run `zoo run` first")
    results.check_one_machine()
    costs = [row for row in results.cost_rows() if row.value is not None]
    setting, chosen = common_latencies(costs, device, threads, input_size)
    rate, rates = common_throughputs(costs, device, threads, input_size, batch, beside=setting)
    if input_size is not None and not chosen and not rates:
        sizes = sorted({str(cost_size(row)) for row in costs})
        raise ZooError(f"no cost was measured at input size {input_size}; measured are {', '.join(sizes) or 'none'}")
    basis = Basis(
        dict(setting) if setting else None,
        None,
        latency_px=_sides(row.settings.input_size for row in chosen.values()),
        rate=dict(rate) if rate else None,
        rate_px=_sides(row.settings.input_size for row in rates.values()),
    )
    if task == PUBLISHED:
        models = list(dict.fromkeys([*chosen, *rates]))
        candidates = [_as_published(_candidate(m, chosen.get(m), rates.get(m), None), results) for m in models]
        return candidates, replace(basis, cell=(PUBLISHED, "all"))
    cell, best = _best_transfer(results, task, shots, strategy, input_size)
    models = list(dict.fromkeys([*chosen, *rates, *best]))
    candidates = [_candidate(m, chosen.get(m), rates.get(m), best.get(m)) for m in models]
    return candidates, replace(basis, cell=cell, accuracy_px=_sides(row.input_size for row in best.values()))


def _sides(sizes: Iterable[Sequence[int] | None]) -> tuple[int, ...]:
    return tuple(sorted({int(size[1]) for size in sizes if size}))


def _best_transfer(
    results: Results, task: str | None, shots: int | str | None, strategy: str | None, size: int | str | None
) -> tuple[tuple[str, int | str] | None, dict[str, TransferRow]]:
    rows = [row for row in results.transfer_rows() if row.accuracy is not None and row.strategy in USABLE]
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
        assert row.accuracy is not None
        if held is None or (held.accuracy is not None and row.accuracy.value > held.accuracy.value):
            best[row.model] = row
    return (task, most), best


def _candidate(model: str, latency: CostRow | None, rate: CostRow | None, transfer: TransferRow | None) -> Candidate:

    cost = latency or rate
    weights = transfer.weights if transfer else cost.weights if cost else "random"
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
        latency=latency.value if latency else None,
        throughput=rate.value if rate else None,
        accuracy=transfer.accuracy if transfer else None,
        strategy=transfer.strategy if transfer else None,
        params=params,
        macs=macs,
        published_weights=published,
        licence=licence,
    )


def _as_published(candidate: Candidate, results: Results) -> Candidate:
    """A candidate with the published top-1 of its weights, or of the default ones where it was timed without."""
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
    return published, tag_entry(model, weights).get("licence") if published else None
