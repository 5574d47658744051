"""MACs of one image of a size, counted at that size and never scaled."""

from __future__ import annotations

import json
import sys
import time
from contextlib import closing, suppress
from typing import TYPE_CHECKING, Any

from zoo.errors import ZooError
from zoo.paths import macs_path, write_atomically
from zoo.processes.answer import answer_requests
from zoo.processes.child import Child
from zoo.processes.guard import Failure
from zoo.registry.catalogue import entries
from zoo.sources import SHIPPED
from zoo.sources.counting import count
from zoo.sources.forms import DEPLOYED, TRAINED
from zoo.sources.lookup import source_of
from zoo.sources.naming import parse_name
from zoo.sources.user import load_in_worker, registered_here

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from multiprocessing.connection import Connection

Size = tuple[int, int, int]
"""Channels, height, width."""

Sized = tuple[str, Size, str]
"""``source/architecture``, the size of its images, and the form of the model."""

PATIENCE_S, MODEL_S = 120.0, 60.0
"""How long a child may count, and how long at one model."""

COUNTING = 2
"""Moves whenever the zoo builds a model for a size otherwise, so that what could not be counted is tried again."""

_COUNTED: dict[tuple[Sized, str], float | None] = {}
"""Counted in this process, by what is counted and the version of its code; of both forms at once."""


def counted_as(sized: Sized) -> Sized:
    """What a count is kept as: of the trained form where both count alike."""
    model, size, _ = sized
    entry = entries().get(model)
    counts = None if entry is None else entry.counts
    alike = counts is not None and counts.macs is not None and counts.macs == counts.deployed_macs
    return (model, size, TRAINED) if alike else sized


def macs_at(wanted: Iterable[Sized]) -> dict[Sized, float | None]:
    """MACs of each model for one image of a size.

    The catalogue's, or what was counted before. The rest is counted in a child, which imports torch in place of this
    process, and kept.

    Parameters
    ----------
    wanted : iterable of (str, tuple of int, str)

    Returns
    -------
    dict
        None where a model is not known here, cannot be built at that size or brought into that form, or was not
        counted in two minutes.
    """
    asked = list(dict.fromkeys(wanted))
    found = known_macs(asked)
    missing = [sized for sized in asked if sized not in found]
    mine = [sized for sized in missing if "torch" in sys.modules and _is_librarys(sized[0])]
    found |= {sized: counted_macs(*sized) for sized in mine}
    found |= _counted_in_child([sized for sized in missing if sized not in found])
    return {sized: found.get(sized) for sized in asked}


def known_macs(wanted: Iterable[Sized]) -> dict[Sized, float | None]:
    """Those of :func:`macs_at` for which nothing has to be counted."""
    asked = list(wanted)
    kept = _kept() if asked else {}
    return {sized: known for sized in asked if (known := _known(sized, kept)) is not UNKNOWN}


def counted_macs(model: str, size: Size, form: str = TRAINED) -> float | None:
    """MACs for one image of ``size`` in a form, counted here where need be.

    A process whose job it is to run models asks so: it has torch, and a model that ends it ends nothing else.

    Returns
    -------
    float or None
        None where the model cannot be built at that size, or its pass cannot be traced.
    """
    sized = model, size, form
    known: float | None = _known(sized, _kept())
    if known is not UNKNOWN:
        return known
    entry = entries().get(model)
    if entry is None:
        return None
    source, architecture = source_of(entry.facts.source), entry.facts.architecture
    counts = count(lambda: source.build(architecture, size), size, on_meta=source.builds_on_meta)
    _keep({(model, size, TRAINED): counts.macs, (model, size, DEPLOYED): counts.deployed_macs})
    return _COUNTED[sized, _code(model)]


UNKNOWN: Any = object()
"""What stands for a count that nobody made."""


def _known(sized: Sized, kept: dict[str, Any]) -> Any:
    sized = model, size, form = counted_as(sized)
    entry = entries().get(model)
    if entry is None:
        return None
    stated = entry.counts_at(size)
    if stated is not None:
        return stated.deployed_macs if form == DEPLOYED else stated.macs
    code = _code(model)
    if (sized, code) in _COUNTED:
        return _COUNTED[sized, code]
    found = kept.get(_key(sized))
    return found["macs"] if code and found is not None and found["code"] == code else UNKNOWN


def _is_librarys(model: str) -> bool:
    """Whether nothing of the user's runs where a model is built."""
    return parse_name(model).source in SHIPPED


def _code(model: str) -> str:
    """What tells the code that a count is of; empty where nothing does."""
    name = parse_name(model)
    source = source_of(name.source or "")
    code = " ".join(filter(None, [source.version(), source.code(name.architecture)]))
    return f"zoo {COUNTING}, {code}" if code else ""


def _key(sized: Sized) -> str:
    model, size, form = sized
    return f"{model} {'x'.join(map(str, size))} {form}"


def _kept() -> dict[str, Any]:
    """What was counted here before; a damaged file, or entry of one, is none."""
    try:
        data = json.loads(macs_path().read_text())
    except (OSError, ValueError):
        return {}
    every = data.items() if isinstance(data, dict) else ()
    return {key: found for key, found in every if _is_sound(found)}


def _is_sound(found: Any) -> bool:
    if not isinstance(found, dict) or not isinstance(found.get("code"), str) or "macs" not in found:
        return False
    macs = found["macs"]
    return macs is None or (type(macs) in (int, float) and 0 <= macs < float("inf"))


def _keep(counts: Mapping[Sized, float | None]) -> None:
    """Keep the counts of a model in both forms."""
    code = next(_code(model) for model, _, _ in counts)
    _COUNTED.update({(sized, code): macs for sized, macs in counts.items()})
    if code:
        with suppress(OSError):  # counted again by the next process
            macs_path().parent.mkdir(parents=True, exist_ok=True)
            kept = _kept() | {_key(sized): {"macs": macs, "code": code} for sized, macs in counts.items()}
            write_atomically(macs_path(), json.dumps(kept, sort_keys=True).encode())


def _counted_in_child(missing: list[Sized]) -> dict[Sized, float | None]:
    """Counts by a child, which is started anew where a model ended it."""
    found: dict[Sized, float | None] = {}
    deadline = time.monotonic() + PATIENCE_S
    left = list(missing)
    while left and time.monotonic() < deadline:
        script_needed = bool(registered_here())
        with closing(Child(_serve, name="zoo-macs", script_needed=script_needed)) as child:
            while left and child.alive and (seconds := deadline - time.monotonic()) > 0:
                sized = left.pop(0)
                try:
                    answer = child.ask(sized, min(MODEL_S, seconds))
                except ZooError:  # a model that this process alone knows
                    continue
                if not isinstance(answer, Failure):
                    found[sized] = answer
                    _COUNTED[sized, _code(sized[0])] = answer
    return found


def _serve(pipe: Connection) -> None:
    def counted(sized: Sized) -> float | None:
        load_in_worker(sized[0])
        return counted_macs(*sized)

    answer_requests(pipe, lambda sized, _step: counted(sized))
