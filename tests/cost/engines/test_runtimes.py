"""Engines that compile or export: their outputs are those of the model as built, and compiling is a cost."""

from __future__ import annotations

import sys
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
import torch

from zoo.cohorts.measure import measure_cost
from zoo.cost.case import Case
from zoo.cost.engines import ENGINES, exported
from zoo.cost.engines.builder import Builder
from zoo.cost.engines.module import few_images
from zoo.cost.metrics import compiling as compiling_module
from zoo.cost.metrics.compiling import compiling
from zoo.cost.protocol import Protocol
from zoo.cost.settings import CostSettings
from zoo.loading.create import create
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


@pytest.fixture(scope="module")
def checkpoint(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Weights that tell classes, of a network whose outputs differ from image to image."""
    torch.manual_seed(0)
    module = create(MODELS[0], weights=None)
    for part in module.modules():
        if isinstance(part, torch.nn.Linear):
            part.weight.data.mul_(20)
    path = tmp_path_factory.mktemp("weights") / "trained.pth"
    torch.save(module.state_dict(), path)
    return path


def test_eight_bits_are_calibrated_and_held_against_fp32_on_real_images(checkpoint: Path) -> None:
    eight = replace(SETTINGS, precision="int8")
    asked = {
        "onnxruntime": Case("onnxruntime", MODELS[0], checkpoint, replace(eight, engine="onnxruntime")),
        "openvino": Case("openvino", MODELS[0], checkpoint, replace(eight, engine="openvino", batch=4)),
        "random": Case("random", MODELS[1], None, replace(eight, engine="openvino")),
        "bf16": Case("bf16", MODELS[0], checkpoint, replace(SETTINGS, precision="bf16")),
    }
    found = measured(list(asked.values()), replace(PROTOCOL, compared_images=30))
    reasons = {label: (outcome.status, outcome.reason) for label, outcome in found.items()}
    assert reasons == dict.fromkeys(asked, (Status.OK, ""))
    for label in ("onnxruntime", "openvino"):
        metrics, notes = found[label].metrics, found[label].notes
        assert 1e-4 < metrics["output_difference"].value < 0.3, label
        assert metrics["agreement"].n == 30
        assert 0.5 < metrics["agreement"].value <= 1
        assert notes["calibrated_on"] == "64 crops of scikit-learn's two photographs"
        assert notes["compared_on"] == "crops of scikit-learn's two photographs"
    assert "agreement" not in found["random"].metrics, "random weights tell no classes"
    assert 1e-4 < found["random"].metrics["output_difference"].value < 0.5
    assert "compared_on" not in found["random"].notes
    assert found["bf16"].metrics["agreement"].n == 30
    assert "calibrated_on" not in found["bf16"].notes


def test_openvino_computes_in_eight_bits_what_the_quantizer_wrote(monkeypatch: pytest.MonkeyPatch) -> None:
    sys.modules.setdefault("openvino_telemetry", None)  # type: ignore[arg-type]
    import openvino

    compiled: list[Any] = []
    compile_model = openvino.Core.compile_model

    def compile_and_keep(*given: Any) -> Any:
        compiled.append(compile_model(*given))
        return compiled[0]

    monkeypatch.setattr(openvino.Core, "compile_model", compile_and_keep)
    torch.manual_seed(0)
    ENGINES.get("openvino").build(MODELS[0], None, replace(SETTINGS, engine="openvino", precision="int8"))
    ran = [operation.get_rt_info() for operation in compiled[0].get_runtime_model().get_ops()]
    types = [info["runtimePrecision"].astype(str) for info in ran if info["layerType"].astype(str) == "Convolution"]
    assert len(types) > 5
    assert set(types) <= {"u8", "i8"}


def test_time_to_compile_holds_the_quantizer_s(monkeypatch: pytest.MonkeyPatch) -> None:
    settings = replace(SETTINGS, engine="onnxruntime", precision="int8")
    begun: list[str] = []
    clock = iter([0.0, 1.0, 11.5])

    def quantize(path: Path, batches: Any) -> Path:
        begun.append(f"quantize by {sum(len(batch) for batch in batches)} images")
        return path

    def perf_counter() -> float:
        begun.append("clock")
        return next(clock)

    monkeypatch.setattr(exported, "quantize", quantize)
    monkeypatch.setattr(compiling_module, "time", SimpleNamespace(perf_counter=perf_counter))
    assert compiling(Builder(MODELS[0], None, settings, ENGINES.get("onnxruntime")), settings) == 9500.0
    assert begun == ["clock", "clock", "quantize by 64 images", "clock"]


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
        "onnxruntime": [
            ({"precision": "bf16"}, "precision fp32, int8, not bf16"),
            ({"device": "cuda"}, "runs on cpu"),
        ],
        "openvino": [({"precision": "fp16"}, "precision fp32, bf16, int8, not fp16")],
        "eager": [({"precision": "int8"}, "precision fp32, tf32, bf16, fp16, not int8")],
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
