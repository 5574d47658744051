"""Engines of other runtimes: ONNX Runtime and OpenVINO, on the CPU."""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Any

from zoo.cost.engines.base import Engine
from zoo.cost.engines.module import few_images, module_in_form
from zoo.cost.settings import INT8
from zoo.exporting import onnx_file
from zoo.exporting.extra import library
from zoo.exporting.quantized import quantize
from zoo.exporting.quiet import quietly
from zoo.loading.specs import spec_of
from zoo.models.pictures import CALIBRATION, batches, images_text, pictures

if TYPE_CHECKING:
    from collections.abc import Callable

    from zoo.cost.settings import CostSettings


CALIBRATED_ON = 64
"""Images; see docs/measuring.md#eight-bits."""


def onnxruntime(model: str, weights: str | Path | None, settings: CostSettings) -> Callable[[Any], Any]:
    """The module in its form as ONNX Runtime runs it, fully optimised.

    In eight bits by its own quantizer.
    """
    import torch

    runtime = library("onnxruntime", "onnxruntime")
    with tempfile.TemporaryDirectory() as folder:
        path = _exported(model, weights, settings, Path(folder))
        options = runtime.SessionOptions()
        options.intra_op_num_threads, options.inter_op_num_threads = settings.threads, 1
        # Threads that wait for work by spinning would do so on the next model's cores.
        options.add_session_config_entry("session.intra_op.allow_spinning", "0")
        options.log_severity_level = 3
        session = runtime.InferenceSession(str(path), options, providers=["CPUExecutionProvider"])

    def call(images: Any) -> Any:
        (scores,) = session.run([onnx_file.SCORES], {onnx_file.IMAGES: images.numpy()})
        return torch.from_numpy(scores)

    return call


def openvino(model: str, weights: str | Path | None, settings: CostSettings) -> Callable[[Any], Any]:
    """The module in its form as OpenVINO runs it, a request at a time.

    In eight bits what ONNX Runtime's quantizer wrote, which OpenVINO's own optimiser (NNCF) is not needed for.
    """
    import torch

    # It would tell its maker of each conversion, in a process of its own, and goes without where it cannot.
    sys.modules.setdefault("openvino_telemetry", None)  # type: ignore[arg-type]
    runtime = library("openvino", "openvino")
    core = runtime.Core()
    with tempfile.TemporaryDirectory() as folder:
        if settings.precision == INT8:
            converted = core.read_model(_exported(model, weights, settings, Path(folder)))
        else:
            converted = _converted(runtime, module_in_form(model, weights, settings), settings)
    # What eight bits leave, as softmax, is computed in float32.
    precision = "bf16" if settings.precision == "bf16" else "f32"
    compiled = core.compile_model(
        converted,
        "CPU",
        {
            "INFERENCE_NUM_THREADS": settings.threads,
            "NUM_STREAMS": 1,
            "PERFORMANCE_HINT": "LATENCY",
            "INFERENCE_PRECISION_HINT": precision,
        },
    )
    request = compiled.create_infer_request()

    def call(images: Any) -> Any:
        return torch.from_numpy(request.infer([images.float().numpy()], share_inputs=True)[0])

    return call


def calibration_text(weights: str | Path | None) -> str:
    """What ranges are found on, for a note of the record."""
    return f"{CALIBRATED_ON} {images_text(weights)}"


def _exported(model: str, weights: str | Path | None, settings: CostSettings, folder: Path) -> Path:
    """Write a model in its form as ONNX, for the batch and in the precision of the setting."""
    module, path, eight = module_in_form(model, weights, settings), folder / "model.onnx", settings.precision == INT8
    onnx_file.write(module, (settings.batch, *settings.input_size), path, one_file=eight)
    if not eight:
        return path
    stated = spec_of(model, weights).preprocessing
    images = pictures(stated, weights, settings.input_size, CALIBRATION, CALIBRATED_ON)
    return quantize(path, (batch for batch, _ in batches(images, settings.batch)))


def _converted(runtime: Any, module: Any, settings: CostSettings) -> Any:
    """A module as OpenVINO's own representation, for the batch of the setting."""
    import torch

    example = few_images(settings)
    with quietly(), torch.no_grad():
        return runtime.convert_model(module, example_input=example, input=[(settings.batch, *example.shape[1:])])


ONNXRUNTIME = Engine(
    "onnxruntime", onnxruntime, devices=("cpu",), precisions=("fp32", INT8), layouts=("contiguous",), forks=False,
    binds=("threads", "batch"), compiles=True,
    packages=("onnxruntime", "onnx", "onnxscript"),
)  # fmt: skip
OPENVINO = Engine(
    "openvino", openvino, devices=("cpu",), precisions=("fp32", "bf16", INT8), layouts=("contiguous",), forks=False,
    binds=("threads", "batch"), compiles=True,
    packages=("openvino",),
)  # fmt: skip
