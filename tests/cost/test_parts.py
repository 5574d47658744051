"""Metrics and engines from another module than the zoo's, in workers that are processes of their own."""

from __future__ import annotations

import sys
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from zoo.cohorts.measure import measure_cost
from zoo.cost.case import Case
from zoo.cost.engines import ENGINES
from zoo.cost.metrics import METRICS
from zoo.cost.protocol import Protocol
from zoo.cost.settings import CostSettings
from zoo.outcome import Outcome, Status
from zoo.plugins import registered_here
from zoo.sources import user

PARTS = """
import ctypes
import os
import resource

import torch

from zoo.cost.engines import ENGINES
from zoo.cost.engines.base import Engine
from zoo.cost.metrics import METRICS
from zoo.cost.metrics.base import Metric
from zoo.loading.create import create
from zoo.sources.user import add
from zoo.statistics.quantity import Quantity


def kilobytes(model, images, settings):
    assert torch.is_inference_mode_enabled() and images.shape[0] == settings.batch
    return sum(p.numel() * p.element_size() for p in model.parameters()) / 1000


def raises(model, images, settings):
    raise ValueError("planted: no such counter")


def build(model, weights, settings):
    module = create(model, weights=weights).requires_grad_(False)
    with open(os.environ["BUILDS"], "a") as stream:
        stream.write(f"{os.getpid()}\\n")
    return lambda images: module(images) * 0.5


class Wrong(torch.nn.Module):
    def __init__(self):
        super().__init__()
        self.conv = torch.nn.Conv2d(3, 8, 3)
        self.scale = torch.nn.Parameter(torch.ones(1))

    def forward(self, images):
        return self.conv(images).mean((2, 3)) * self.scale

    def reparameterize(self):
        self.scale.data *= 1.01


def faults(model, images, settings):
    library = ctypes.CDLL(None)
    library.malloc.restype, library.malloc.argtypes = ctypes.c_void_p, [ctypes.c_size_t]
    library.free.argtypes = [ctypes.c_void_p]
    for _ in range(2):
        block = library.malloc(64 << 20)
        before = resource.getrusage(resource.RUSAGE_SELF).ru_minflt
        ctypes.memset(block, 1, 64 << 20)
        found = resource.getrusage(resource.RUSAGE_SELF).ru_minflt - before
        library.free(block)
    return found


METRICS.register("faults", Metric("faults", Quantity("faults", "page faults", "count", "lower"), take=faults))
add("parts/wrong", lambda num_classes: torch.nn.Sequential(Wrong()))
METRICS.register("disk", Metric("disk", Quantity("disk_kb", "on disk", "kB", "lower"), take=kilobytes))
METRICS.register("nan", Metric("nan", Quantity("nan_kb", "nothing", "kB", "lower"), take=lambda *_: float("nan")))
METRICS.register("raises", Metric("raises", Quantity("raises_kb", "nothing", "kB", "lower"), take=raises))
ENGINES.register("halving", Engine("halving", build))
ENGINES.register("unforked", Engine("unforked", build, forks=False))
ENGINES.register("gpu", Engine("gpu", build, devices=("cuda",)))
"""

SETTINGS = CostSettings("latency", "cpu", 1, 1, "fp32", "contiguous", (3, 64, 64))
PROTOCOL = Protocol(min_round_s=0.0, min_iterations=3, warmup_iterations=3, target_half_width=10.0)
MODEL = "timm/test_resnet"


@pytest.fixture(autouse=True)
def parts(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Any:
    (tmp_path / "my_parts.py").write_text(PARTS)
    monkeypatch.syspath_prepend(str(tmp_path))
    monkeypatch.setenv("ZOO_IMPORT", "my_parts")
    monkeypatch.setenv("BUILDS", str(tmp_path / "builds"))
    monkeypatch.setattr("zoo.plugins._LOADED", set())
    monkeypatch.setattr(user, "_REGISTERED", {})
    monkeypatch.delitem(__import__("sys").modules, "my_parts", raising=False)
    yield
    for table, names in ((METRICS, ("disk", "nan", "raises", "faults")), (ENGINES, ("halving", "unforked", "gpu"))):
        for name in names:
            table.unregister(name)


def measured(*settings: CostSettings, model: str = MODEL) -> list[Outcome]:
    cases = [Case(str(number), model, None, each) for number, each in enumerate(settings)]
    found = {case.label: outcome for case, outcome in measure_cost(cases, PROTOCOL, anchor=None)}
    return [found[case.label] for case in cases]


def test_a_metric_in_kilobytes_is_measured_like_any_other() -> None:
    disk, nan, raises, latency = measured(
        *(replace(SETTINGS, metric=name) for name in ("disk", "nan", "raises", "latency"))
    )
    assert disk.status == Status.OK
    assert disk.metrics["disk_kb"].value > 100
    assert disk.metrics["disk_kb"].low == disk.metrics["disk_kb"].high
    assert disk.samples == {"rounds_kB": [disk.metrics["disk_kb"].value] * 8}
    assert (nan.status, nan.reason) == (Status.FAILED, "metric 'nan' gave nan")
    assert (raises.status, raises.reason) == (Status.FAILED, "ValueError: planted: no such counter")
    assert latency.status == Status.OK
    assert registered_here() == []


def test_an_engine_that_makes_no_module_runs_beside_the_eager_one(tmp_path: Path) -> None:
    asked = [replace(SETTINGS, engine=name) for name in ("eager", "halving", "unforked", "gpu")]
    eager, halving, unforked, gpu = measured(*asked, replace(asked[1], batch=2))[:4]
    for outcome in (eager, halving, unforked):
        assert (outcome.status, outcome.reason) == (Status.OK, "")
        assert outcome.metrics["latency_ms"].value > 0
    assert (gpu.status, gpu.reason) == (Status.FAILED, "engine 'gpu' runs on cuda, not on cpu")
    # Two settings of one engine share a process, and each engine has its own.
    assert len((tmp_path / "builds").read_text().splitlines()) == 2


def test_outputs_are_held_against_those_of_the_model_as_built_in_fp32() -> None:
    deployed = replace(SETTINGS, form="deployed")
    asked = [SETTINGS, deployed, replace(deployed, precision="bf16"), replace(SETTINGS, engine="halving", batch=3)]
    plain, fused, rounded, halved = measured(*asked)
    assert "output_difference" not in plain.metrics
    assert fused.metrics["output_difference"].value < 1e-5
    assert 1e-4 < rounded.metrics["output_difference"].value < 0.1
    assert halved.metrics["output_difference"].value == pytest.approx(0.5)
    assert [outcome.status for outcome in (plain, fused, rounded, halved)] == [Status.OK] * 4


def test_a_form_of_other_outputs_is_no_number() -> None:
    trained, deployed = measured(SETTINGS, replace(SETTINGS, form="deployed"), model="parts/wrong")
    assert trained.status == Status.OK
    assert (deployed.status, deployed.metrics) == (Status.FAILED, {})
    assert deployed.reason == (
        "the deployed form gives other outputs than the trained one (relative difference 0.01, at most 0.001)"
    )


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="glibc's allocator")
def test_a_worker_keeps_what_it_frees_unless_the_default_allocator_is_asked_for() -> None:
    """Of a block that was there before, pages are faulted in anew, at most two megabytes at once."""
    faults = replace(SETTINGS, metric="faults")
    kept, default = measured(faults, replace(faults, allocator="default"))
    assert kept.metrics["faults"].value < 100
    assert default.metrics["faults"].value >= (64 << 20) // (2 << 20)
