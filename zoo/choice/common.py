"""The setting that numbers have in common, so that only what was taken alike is compared."""

from __future__ import annotations

from itertools import product
from typing import TYPE_CHECKING, Any, TypeVar

from zoo.errors import ZooError
from zoo.models.input_size import default_input_size
from zoo.registry.catalogue import get

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from zoo.results.rows import CostRow, TransferRow


T = TypeVar("T")

NATIVE = "native"

Setting = tuple[tuple[str, Any], ...]
"""Names and values; the size is ``native``, which is the model's own, or a side in pixels."""


def common_latencies(
    costs: Iterable[CostRow], device: str | None, threads: int | None, input_size: int | str | None
) -> tuple[Setting | None, dict[str, CostRow]]:
    """The newest latency of each model at one setting, of what is asked for.

    Native input sizes where any model was timed at its own; then what most models share, with the most threads.

    Raises
    ------
    ZooError
        Where nothing was timed on that device or at so many threads.
    """
    listed = list(costs)
    rows = [row for row in listed if row.metric == "latency" and _asked(row, device, threads, None)]
    if listed and (device is not None or threads is not None) and not rows:
        raise ZooError(f"no latency was measured at device {device or 'any'}, threads {threads or 'any'}")
    rows = [row for row in rows if _asked(row, None, None, input_size)]
    setting = _shared(rows, _cost_setting, lambda s: (s["device"], s["threads"]))
    return setting, {row.model: row for row in rows if _cost_setting(row) == setting}


def common_throughputs(
    costs: Iterable[CostRow],
    device: str | None,
    threads: int | None,
    input_size: int | str | None,
    batch: int | None,
    *,
    beside: Setting | None,
) -> tuple[Setting | None, dict[str, CostRow]]:
    """As :func:`common_latencies`, at one batch; among equals at the setting ``beside``, then of the largest batch.

    Raises
    ------
    ZooError
        Where no throughput was measured at that batch.
    """
    rows = [row for row in costs if row.metric == "throughput" and _asked(row, device, threads, input_size)]
    at_batch = [row for row in rows if batch in (None, row.settings.batch)]
    if batch is not None and not at_batch:
        batches = ", ".join(map(str, sorted({row.settings.batch for row in rows}))) or "none"
        raise ZooError(f"no throughput was measured at batch {batch}; measured are {batches}")
    at = dict(beside or ())
    setting = _shared(
        at_batch,
        _rate_setting,
        lambda s: (at == {key: s[key] for key in at}, s["batch"], s["device"], s["threads"]),
    )
    return setting, {row.model: row for row in at_batch if _rate_setting(row) == setting}


def _asked(row: CostRow, device: str | None, threads: int | None, size: int | str | None) -> bool:
    at_size = size is None or size in (cost_size(row), row.settings.input_size[1])
    return device in (None, row.settings.device) and threads in (None, row.settings.threads) and at_size


def _cost_setting(row: CostRow) -> Setting:
    """What must be alike for two costs of one batch to be compared."""
    alike = tuple((key, getattr(row.settings, key)) for key in ("device", "threads", "precision", "memory_format"))
    return (*alike, ("size", cost_size(row)))


def _rate_setting(row: CostRow) -> Setting:
    return (*_cost_setting(row), ("batch", row.settings.batch))


def common_accuracies(rows: Iterable[TransferRow]) -> list[TransferRow]:
    """Those of the one probe, recipe and kind of input size that most models share; among equals the newest."""
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
    """Distinct values, or None alone where there are none; a row without one goes with each."""
    return list(dict.fromkeys(way for way in found if way is not None)) or [None]


def cost_size(row: CostRow) -> int | str:
    """``native`` where the images timed are of the model's own size, else their side in pixels."""
    side = int(row.settings.input_size[1])
    return NATIVE if side == _native(row.model, side) else side


def is_of_size(row: TransferRow, size: int | str | None) -> bool:
    """Whether a model was trained on images of that side, or of its native one; True where none is asked for."""
    if size is None or row.input_size is None:
        return size is None
    side = row.input_size[1]
    return side == (_native(row.model, side) if size == NATIVE else size)


def _training_size(row: TransferRow) -> str:
    """``smallest`` or ``native`` where the model's own, else the side in pixels."""
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


def _shared(
    rows: Iterable[CostRow], setting: Callable[[CostRow], Setting], among_equals: Callable[[dict[str, Any]], Any]
) -> Setting | None:
    models: dict[Setting, set[str]] = {}
    for row in rows:
        models.setdefault(setting(row), set()).add(row.model)
    return max(
        models,
        key=lambda s: (dict(s)["size"] == NATIVE, len(models[s]), among_equals(dict(s))),
        default=None,
    )
