"""The setting that numbers share, so that like is compared with like."""

from __future__ import annotations

from dataclasses import dataclass, replace
from itertools import product
from typing import TYPE_CHECKING, TypeVar

from zoo.candidates.basis import Setting
from zoo.checks import NATIVE
from zoo.cost.metrics import METRICS
from zoo.cost.settings import INT8, KEPT
from zoo.errors import ZooError
from zoo.models.input_size import default_input_size
from zoo.registry.catalogue import get
from zoo.sources.forms import DEPLOYED

if TYPE_CHECKING:
    from collections.abc import Iterable

    from zoo.results.rows import CostRow, TransferRow


T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Asked:
    """The costs that are wanted, None leaving a part open.

    Attributes
    ----------
    input_size : int or "native" or None
        Side in pixels of the images that were timed.
    batch : int or None
        Of metrics that are taken at several.
    """

    device: str | None = None
    threads: int | None = None
    input_size: int | str | None = None
    batch: int | None = None

    def takes(self, row: CostRow, *, size: bool = True) -> bool:
        """Whether a row is among them, whatever its batch."""
        at_size = not size or self.input_size is None or self.input_size in (cost_size(row), row.settings.side)
        return self.device in (None, row.settings.device) and self.threads in (None, row.settings.threads) and at_size

    def takes_batch(self, row: CostRow) -> bool:
        """Whether a row of a metric that is taken at several is at that batch."""
        return self.batch in (None, row.settings.batch)


def common_costs(
    costs: Iterable[CostRow], metric: str, asked: Asked, *, beside: Setting | None = None
) -> tuple[Setting | None, dict[str, CostRow]]:
    """The newest cost of each model at one setting, of what is asked for.

    Native input sizes where any model was measured at its own, then what most models share, then not eight bits,
    whose accuracies are others than those measured, then the setting ``beside``, with the largest batch and the most
    threads.
    """
    batched = METRICS.get(metric).at_batches
    rows = [row for row in costs if row.metric == metric and asked.takes(row)]
    # Where a side is asked for, a model whose own size that is stands beside the others.
    sizes: dict[tuple[str, int], int | str] = {}
    for row in rows:
        if (place := (row.model, row.settings.side)) not in sizes:
            sizes[place] = cost_size(row) if asked.input_size is None else asked.input_size
    placed = [
        (row, Setting.of(row.settings, sizes[row.model, row.settings.side], row.settings.batch if batched else None))
        for row in rows
        if not batched or asked.takes_batch(row)
    ]
    # A model of whose own size nothing is known here stands beside those at its size, and beside the native ones.
    known = {model: _is_known(model) for model in {row.model for row, _ in placed}}
    if asked.input_size is None:
        placed += [(row, replace(setting, size=NATIVE)) for row, setting in placed if not known[row.model]]
    models: dict[Setting, set[str]] = {}
    for row, setting in placed:
        models.setdefault(setting, set()).add(row.model)
    native = {setting for row, setting in placed if setting.size == NATIVE and known[row.model]}
    common = max(
        models,
        key=lambda s: (
            s in native,
            len(models[s]),
            s.form == DEPLOYED,
            s.allocator == KEPT,
            s.precision != INT8,
            beside is not None and s.is_at(beside),
            s.batch or 1,
            s.device,
            s.threads,
        ),
        default=None,
    )
    return common, {row.model: row for row, setting in placed if setting == common}


def check_measured(costs: Iterable[CostRow], asked: Asked) -> None:
    """Refuse a device, threads or a batch that nothing was measured at.

    Device and threads are those of latencies.

    Raises
    ------
    ZooError
    """
    listed = list(costs)
    latencies = any(row.metric == "latency" and asked.takes(row, size=False) for row in listed)
    if listed and (asked.device is not None or asked.threads is not None) and not latencies:
        raise ZooError(f"no latency was measured at device {asked.device or 'any'}, threads {asked.threads or 'any'}")
    names = [name for name in METRICS if METRICS.get(name).at_batches]
    batched = [row for row in listed if row.metric in names and asked.takes(row)]
    if asked.batch is not None and not any(asked.takes_batch(row) for row in batched):
        named = " or ".join(name for name in names if name in {row.metric for row in batched}) or "cost"
        batches = ", ".join(map(str, sorted({row.settings.batch for row in batched}))) or "none"
        raise ZooError(f"no {named} was measured at batch {asked.batch}; measured are {batches}")


def common_accuracies(rows: Iterable[TransferRow]) -> list[TransferRow]:
    """Rows of the one probe, recipe and kind of size that most models share.

    Among equals the newest.
    """
    listed = list(rows)
    sizes: dict[str, set[tuple[int, ...] | None]] = {}
    for row in listed:
        sizes.setdefault(row.model, set()).add(row.input_size)
    several = any(len(found) > 1 for found in sizes.values())
    groups: list[list[TransferRow]] = []
    for probe, recipe in product(
        _ways(row.settings.probe for row in listed), _ways(row.settings.recipe for row in listed)
    ):
        alike: dict[tuple[str, str], list[TransferRow]] = {}
        for row in listed:
            if row.settings.probe in (None, probe) and row.settings.recipe in (None, recipe):
                # Kinds of size are looked up only where there is a choice: what is smallest may have to be tried out.
                key = row.settings.task_digest, _training_size(row) if several else ""
                alike.setdefault(key, []).append(row)
        groups += alike.values()
    return max(
        groups,
        key=lambda g: (len({r.model for r in g}), max(r.outcome.started for row in g for r in row.records)),
        default=[],
    )


def _ways(found: Iterable[T | None]) -> list[T | None]:
    """Distinct values, or None alone where there are none.

    A row without one goes with each.
    """
    return list(dict.fromkeys(way for way in found if way is not None)) or [None]


def cost_size(row: CostRow) -> int | str:
    """``native`` of a model timed at its own size, else the side in pixels.

    The side also of a model whose own size is not known.
    """
    side = row.settings.side
    return NATIVE if _is_known(row.model) and side == _native(row.model, side) else side


def _is_known(model: str) -> bool:
    """Whether its native size can be looked up: not of a user's model whose module is not imported now."""
    try:
        get(model)
    except ZooError:
        return False
    return True


def is_of_size(row: TransferRow, size: int | str | None) -> bool:
    """Whether a model was trained at that side, or at its native one.

    True where none is asked for.
    """
    if size is None or row.input_size is None:
        return size is None
    side = row.input_size[1]
    return side == (_native(row.model, side) if size == NATIVE else size)


def _training_size(row: TransferRow) -> str:
    """``smallest`` or ``native`` of the model, else the side in pixels."""
    if row.input_size is None:
        return ""
    side = row.input_size[1]
    try:
        if side == default_input_size(row.model):
            return "smallest"
    except ZooError:  # a user's model whose module is not imported now
        pass
    return NATIVE if side == _native(row.model, side) else str(side)


def _native(model: str, otherwise: int) -> int:
    try:
        return int(get(model).input_size[1])
    except ZooError:  # as above; whatever it was timed at has to do
        return otherwise
