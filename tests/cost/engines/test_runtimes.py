"""Engines that compile or export: their outputs are those of the model as built, and compiling is a cost."""

from __future__ import annotations

import sys
from dataclasses import replace
from typing import Any

import pytest
import torch

from zoo.cohorts.measure import measure_cost
from zoo.cost.case import Case
from zoo.cost.engines import ENGINES
from zoo.cost.engines.module import few_images
from zoo.cost.metrics.compiling import compiling
from zoo.cost.protocol import Protocol
from zoo.cost.settings import CostSettings
from zoo.outcome import Outcome, ReasonError, Status

PROTOCOL = Protocol(min_round_s=0.0, min_iterations=3, warmup_iterations=3, target_half_width=10.0)
SETTINGS = CostSettings("latency", "cpu", 1, 1, "fp32", "contiguous", (3, 64, 64), "eager", "deployed")
MODELS = ("timm/test_resnet", "timm/mobilenetv3_small_050")


def measured(cases: list[Case], protocol: Protocol = PROTOCOL) -> dict[str, Outcome]:
    return {case.label: outcome for case, outcome in measure_cost(cases, protocol, anchor=None)}


@pytest.mark.parametrize("engine", ["onnxruntime", "openvino"])
def test_a_runtime_gives_the_outputs_of_the_model_as_built_at_each_batch_and_thread_count(engine: str) -> None:
    settings = replace(SETTINGS, engine=engine)
    ways = {"one": settings, "two threads": replace(settings, threads=2), "batch": replace(settings, batch=4)}
    cases = [Case(f"{MODELS[0]} {way}", MODELS[0], None, each) for way, each in ways.items()]
    found = measured([*cases, Case(MODELS[1], MODELS[1], None, settings)])
    assert len(found) == 4
    for label, outcome in found.items():
        assert (outcome.status, outcome.reason) == (Status.OK, ""), label
        assert outcome.metrics["latency_ms"].value > 0
        assert 0 < outcome.metrics["output_difference"].value < 1e-4, label


@pytest.mark.slow
def test_a_compiled_model_is_compiled_before_it_is_timed_and_that_is_a_cost() -> None:
    settings = replace(SETTINGS, engine="compiled")
    cases = {"latency": settings, "compile": replace(settings, metric="compile")}
    once = replace(PROTOCOL, cohort_budget_s=1.0)  # one round, which takes longer than that
    found = measured([Case(name, MODELS[0], None, each) for name, each in cases.items()], once)
    latency, compiling = found["latency"].metrics, found["compile"].metrics["compile_ms"]
    assert latency["output_difference"].value < 1e-4
    assert compiling.value > 10 * latency["first_call_ms"].value > 0
    assert found["compile"].notes["rounds"] == 1


def test_what_an_engine_cannot_take_is_the_reason_of_its_row() -> None:
    refused = {
        "onnxruntime": [({"precision": "bf16"}, "precision fp32, not bf16"), ({"device": "cuda"}, "runs on cpu")],
        "openvino": [({"precision": "fp16"}, "precision fp32, bf16, not fp16")],
        "cuda_graph": [({}, "runs on cuda, not on cpu")],
    }
    for name, changes in refused.items():
        for changed, reason in changes:
            with pytest.raises(ReasonError, match=reason):
                ENGINES.get(name).check(replace(SETTINGS, engine=name, **changed))
    with pytest.raises(ReasonError, match="takes memory format contiguous, not channels_last"):
        ENGINES.get("openvino").check(replace(SETTINGS, memory_format="channels_last"))
    with pytest.raises(ReasonError, match="engine 'onnxruntime' computes no gradients"):
        ENGINES.get("onnxruntime").check(SETTINGS, trains=True)


def test_a_package_that_is_missing_is_named_with_the_extra_that_brings_it(monkeypatch: pytest.MonkeyPatch) -> None:
    for engine in ("onnxruntime", "openvino"):
        monkeypatch.setitem(sys.modules, engine, None)
        with pytest.raises(ReasonError, match=rf"{engine} is not installed: pip install 'backbone-zoo\[{engine}\]'"):
            ENGINES.get(engine).build(MODELS[0], None, replace(SETTINGS, engine=engine))


def test_openvino_computes_in_bfloat16_where_it_is_asked_to() -> None:
    call = ENGINES.get("openvino").build(
        MODELS[0], None, replace(SETTINGS, engine="openvino", precision="bf16", batch=2)
    )
    images = few_images(SETTINGS)
    found = call(images.bfloat16())
    assert isinstance(found, torch.Tensor)
    assert found.shape == (2, 1000)
    assert found.dtype == torch.float32
    assert sys.modules["openvino_telemetry"] is None, "nobody is told of what is measured"


def test_eager_compiles_nothing() -> None:
    builder: Any = type("Builder", (), {"engine": ENGINES.get("eager")})()
    with pytest.raises(ReasonError, match="engine 'eager' compiles nothing"):
        compiling(builder, SETTINGS)
