"""``zoo doctor``: this machine, as far as it matters to a measurement."""

from __future__ import annotations

import time

import click

from zoo.api.measure import measure
from zoo.cli import options
from zoo.cli.command import Command
from zoo.cli.progress import ProgressReporter
from zoo.machine.contention import read_contention
from zoo.machine.description import UNREAD, cache_text, cores_text, frequency_text, processor_text, quota_text
from zoo.machine.differences import machine_key
from zoo.machine.fingerprint import fingerprint
from zoo.machine.yardstick import measure_yardstick
from zoo.paths import weights_dir
from zoo.registry.difference import difference
from zoo.report.sections.noise import noise_floors
from zoo.sources.naming import NO_WEIGHTS
from zoo.store.database import is_missing
from zoo.store.store import Store
from zoo.tasks.catalogue import task_names
from zoo.weights.caches import hugging_face_dir, torch_hub_dir

WATCH_S = 1.0


@click.command("doctor", cls=Command)
@click.option("--noise", is_flag=True, help="Also time the yardstick, and two identical models (half a minute).")
@options.store_option
def doctor(noise: bool, store: str | None) -> None:
    """Show what of this machine matters to a measurement.

    Processor, versions, devices, threads, contention, weights and data at hand, and whether the catalogue is current.

    Example:  zoo doctor --noise
    """
    lines = [
        *_machine(),
        ("contention", _contention()),
        ("store", _store(store)),
        *_weights(),
        ("tasks", ", ".join(task_names())),
        ("catalogue", _catalogue()),
    ]
    if noise:
        lines += [("yardstick", _yardstick()), *(("noise floor", line) for line in _noise(store))]
    print("\n".join(f"{label:<13}{text}" for label, text in lines))


def _machine() -> list[tuple[str, str]]:
    """What decides a number here, and what its records are told apart by."""
    machine = fingerprint()
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


def _yardstick() -> str:
    found, reason = measure_yardstick()
    return f"matrix product {found.matmul_ms:.2f} ms, convolution {found.convolution_ms:.2f} ms" if found else reason


def _contention() -> str:

    before = read_contention()
    time.sleep(WATCH_S)
    added = read_contention().since(before)
    parts = []
    if added.waiting_s is not None:
        parts.append(f"something waited for a core {added.waiting_s / WATCH_S:.0%} of a second")
    if added.stolen_ticks is not None and added.total_ticks:
        parts.append(f"{added.stolen_ticks / added.total_ticks:.1%} stolen by the hypervisor")
    return ", ".join(parts) or UNREAD


def _store(given: str | None) -> str:

    url = options.store_url(given)
    if is_missing(url):
        return f"{Store(url, read_only=True).name} (not made yet)"
    with Store(url, read_only=True) as opened:
        return f"{opened.name}, {opened.count()} records"


def _weights() -> list[tuple[str, str]]:

    places = (
        ("torch hub", torch_hub_dir(), "*.pth"),
        ("hub cache", hugging_face_dir(), "models--timm--*"),
        ("zoo's own", weights_dir(), "*/*.safetensors"),
    )
    return [
        (name, f"{len(list(folder.glob(pattern)))} at hand in {folder} (`zoo weights`)")
        for name, folder, pattern in places
    ]


def _catalogue() -> str:

    found = difference()
    versions = ", ".join(f"{name} {version}" for name, version in found.shipped_versions.items())
    if not found.new and not found.gone and not found.new_tags:
        return f"current (made from {versions})"
    return (
        f"made from {versions}; installed libraries have {len(found.new)} architectures and {len(found.new_tags)} "
        f"weights tags more (learned when they are named) and {len(found.gone)} architectures fewer; "
        "renew it with `python -m zoo.registry.build_catalogue`"
    )


def _noise(store: str | None) -> list[str]:

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
    return [floor.to_text().replace("**", "") for floor in noise_floors(results)]
