"""``zoo doctor``: this machine, as far as it matters to a measurement."""

from __future__ import annotations

import json
import time
from dataclasses import dataclass, fields
from typing import TYPE_CHECKING

import click

from zoo.api.measure import measure
from zoo.cli import options
from zoo.cli.command import Command
from zoo.cli.progress import ProgressReporter
from zoo.machine.contention import read_contention
from zoo.machine.description import UNREAD, cache_text, cores_text, frequency_text, processor_text, quota_text
from zoo.machine.differences import machine_key
from zoo.machine.fingerprint import Machine, fingerprint
from zoo.machine.yardstick import measure_yardstick
from zoo.paths import weights_dir
from zoo.registry.difference import difference
from zoo.registry.packaged import packaged
from zoo.report.sections.noise import noise_floors
from zoo.sources.naming import NO_WEIGHTS
from zoo.store.database import is_missing
from zoo.store.store import Store
from zoo.tasks.catalogue import task_names
from zoo.weights.caches import hugging_face_dir, torch_hub_dir

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    from zoo.canonical import JsonObject
    from zoo.machine.contention import Contention
    from zoo.machine.yardstick import Yardstick
    from zoo.registry.difference import CatalogueDifference
    from zoo.registry.packaged import Packaged
    from zoo.report.sections.noise import NoiseFloor

WATCH_S = 1.0


@dataclass(frozen=True)
class Found:
    """What was found of this machine.

    Attributes
    ----------
    contention : Contention
        What was added while it was watched.
    store : str
    records : int or None
        None where the store is not made yet.
    weights : sequence of (str, Path, int)
        Places, and how many files lie there.
    packaged : mapping of Packaged to bool
        Weights that packages carry, and whether they are at hand.
    yardstick : (Yardstick or None, str) or None
        With the reason why there is none; None where none was asked for.
    floors : sequence of NoiseFloor or None
        None where none was asked for.
    """

    machine: Machine
    contention: Contention
    store: str
    records: int | None
    weights: Sequence[tuple[str, Path, int]]
    packaged: Mapping[Packaged, bool]
    tasks: Sequence[str]
    catalogue: CatalogueDifference
    yardstick: tuple[Yardstick | None, str] | None = None
    floors: Sequence[NoiseFloor] | None = None


@click.command("doctor", cls=Command)
@click.option("--noise", is_flag=True, help="Also time the yardstick, and two identical models (half a minute).")
@options.store_option
@options.text_or_json_option("table (text) or json.")
def doctor(noise: bool, store: str | None, form: str) -> None:
    """Show what of this machine matters to a measurement.

    Processor, versions, devices, threads, contention, weights and data at hand, and whether the catalogue is current.

    Example:  zoo doctor --noise
    """
    options.check_format(form, options.TEXT_OR_JSON)
    name, records = _store(store)
    found = Found(
        machine=fingerprint(),
        contention=_contention(),
        store=name,
        records=records,
        weights=_weights(),
        packaged={one: one.path is not None for one in packaged().values()},
        tasks=task_names(),
        catalogue=difference(),
        yardstick=measure_yardstick() if noise else None,
        floors=_noise(store) if noise else None,
    )
    if form == "json":
        print(json.dumps(_values(found), indent=2, allow_nan=False))
    else:
        print("\n".join(f"{label:<13}{text}" for label, text in _lines(found)))


def _lines(found: Found) -> list[tuple[str, str]]:
    """What was found, in words."""
    lines = [
        *_machine(found.machine),
        ("contention", _contention_text(found.contention)),
        ("store", f"{found.store}{' (not made yet)' if found.records is None else f', {found.records} records'}"),
        *((name, f"{files} at hand in {folder} (`zoo weights`)") for name, folder, files in found.weights),
        ("in packages", packaged_text(found.packaged)),
        ("tasks", ", ".join(found.tasks)),
        ("catalogue", catalogue_text(found.catalogue)),
    ]
    if found.yardstick is not None:
        lines.append(("yardstick", _yardstick_text(*found.yardstick)))
    return [*lines, *(("noise floor", floor.to_text().replace("**", "")) for floor in found.floors or ())]


def _values(found: Found) -> JsonObject:
    """What was found, as plain values; null is what cannot be read, or was not asked for."""
    untold = {field.name: None for field in fields(Machine) if field.name not in ("yardstick", "other")}
    machine = {**untold, **found.machine.to_dict()}
    machine["cpu_quota_cores"] = machine.pop("cpu_quota")
    yardstick, reason = found.yardstick or (None, "")
    floors = None if found.floors is None else [floor.to_dict() for floor in found.floors]
    return {
        "machine": {"key": machine_key(found.machine), **machine},
        "contention": {
            "watched_s": WATCH_S,
            "waiting_s": None if found.contention.waiting_s is None else round(found.contention.waiting_s, 6),
            "stolen_fraction": _stolen(found.contention),
        },
        "store": {"name": found.store, "records": found.records},
        "weights": [{"place": name, "folder": str(folder), "files": files} for name, folder, files in found.weights],
        "packaged": [
            {"model": one.model, "distribution": one.distribution, "version": one.version, "at_hand": there}
            for one, there in found.packaged.items()
        ],
        "tasks": list(found.tasks),
        "catalogue": {
            "is_current": is_current(found.catalogue),
            "made_from": dict(found.catalogue.shipped_versions),
            "new_architectures": list(found.catalogue.new),
            "gone_architectures": list(found.catalogue.gone),
            "new_tags": list(found.catalogue.new_tags),
        },
        "yardstick": None
        if found.yardstick is None
        else {
            "matmul_ms": yardstick and yardstick.matmul_ms,
            "convolution_ms": yardstick and yardstick.convolution_ms,
            "reason": reason,
        },
        "noise_floors": floors,
    }


def _machine(machine: Machine) -> list[tuple[str, str]]:
    """What decides a number here, and what its records are told apart by."""
    gpus = [f"{gpu.name} (driver {gpu.driver})" for gpu in machine.gpus or ()]
    quota = "" if machine.cpu_quota is not None else f", CPU quota {quota_text(machine)}"
    return [
        ("machine", machine_key(machine)),
        ("cpu", f"{processor_text(machine)}, {cores_text(machine)}{quota}"),
        ("instructions", ", ".join(machine.instruction_sets or ()) or UNREAD),
        ("caches", cache_text(machine)),
        ("frequency", f"{frequency_text(machine)}, governor {machine.governor or UNREAD}"),
        ("memory", f"{(machine.memory_bytes or 0) / 2**30:.1f} GiB"),
        ("gpu", ", ".join(gpus) or "none that the driver shows"),
        ("system", f"{machine.system}, Python {machine.python}"),
        ("libraries", ", ".join(f"{name} {version}" for name, version in (machine.libraries or {}).items())),
    ]


def _yardstick_text(found: Yardstick | None, reason: str) -> str:
    return f"matrix product {found.matmul_ms:.2f} ms, convolution {found.convolution_ms:.2f} ms" if found else reason


def _contention() -> Contention:
    before = read_contention()
    time.sleep(WATCH_S)
    return read_contention().since(before)


def _stolen(added: Contention) -> float | None:
    """The share of all ticks that the hypervisor gave to others."""
    return None if added.stolen_ticks is None or not added.total_ticks else added.stolen_ticks / added.total_ticks


def _contention_text(added: Contention) -> str:
    parts = []
    if added.waiting_s is not None:
        parts.append(f"something waited for a core {added.waiting_s / WATCH_S:.0%} of a second")
    if (stolen := _stolen(added)) is not None:
        parts.append(f"{stolen:.1%} stolen by the hypervisor")
    return ", ".join(parts) or UNREAD


def _store(given: str | None) -> tuple[str, int | None]:
    """The store's name, and how many records it has where it is there."""
    url = options.store_url(given)
    if is_missing(url):
        return Store(url, read_only=True).name, None
    with Store(url, read_only=True) as opened:
        return opened.name, opened.count()


def _weights() -> list[tuple[str, Path, int]]:
    places = (
        ("torch hub", torch_hub_dir(), "*.pth"),
        ("hub cache", hugging_face_dir(), "models--timm--*"),
        ("zoo's own", weights_dir(), "*/*.safetensors"),
    )
    return [(name, folder, len(list(folder.glob(pattern)))) for name, folder, pattern in places]


def packaged_text(found: Mapping[Packaged, bool]) -> str:
    """Which packages with weights are installed, and what brings the rest."""
    there = [one.distribution for one, at_hand in found.items() if at_hand]
    gone = [one.requirement for one, at_hand in found.items() if not at_hand]
    count = f"{len(there) or 'none'} of {len(found)} at hand"
    named = f" ({', '.join(there)})" if there else ""
    return count + named + (f"; `pip install --no-deps {' '.join(gone)}` brings the rest" if gone else "")


def is_current(found: CatalogueDifference) -> bool:
    """Whether the catalogue and the installed libraries have the same."""
    return not (found.new or found.gone or found.new_tags)


def catalogue_text(found: CatalogueDifference) -> str:
    """What the catalogue was made from, and what the libraries have beside it."""
    versions = ", ".join(f"{name} {version}" for name, version in found.shipped_versions.items())
    if is_current(found):
        return f"current (made from {versions})"
    return (
        f"made from {versions}; installed libraries have {len(found.new)} architectures and {len(found.new_tags)} "
        f"weights tags more (learned when they are named) and {len(found.gone)} architectures fewer; "
        "renew it with `python -m zoo.registry.build_catalogue`"
    )


def _noise(store: str | None) -> list[NoiseFloor]:
    with ProgressReporter() as listen:
        results = measure(
            ["resnet18"],
            device="cpu",
            threads=(1, "all"),
            weights=NO_WEIGHTS,
            aa_pair=True,
            store_url=options.store_url(store),
            on_event=listen,
        )
    return noise_floors(results)
