"""Engines of other runtimes: ONNX Runtime and OpenVINO, on the CPU."""

from __future__ import annotations

import importlib
import sys
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Any

from zoo.cost.engines.base import Engine
from zoo.cost.engines.module import few_images, module_in_form
from zoo.cost.engines.quiet import quietly
from zoo.outcome import ReasonError

if TYPE_CHECKING:
    from collections.abc import Callable

    from zoo.cost.settings import CostSettings


NAMES = ("images", "scores")


def onnxruntime(model: str, weights: str | Path | None, settings: CostSettings) -> Callable[[Any], Any]:
    """The module in its form as ONNX Runtime runs it, fully optimised."""
    import torch

    runtime = _library("onnxruntime", "onnxruntime")
    module = module_in_form(model, weights, settings)
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "model.onnx"
        _export(module, settings, path)
        options = runtime.SessionOptions()
        options.intra_op_num_threads, options.inter_op_num_threads = settings.threads, 1
        # Threads that wait for work by spinning would do so on the next model's cores.
        options.add_session_config_entry("session.intra_op.allow_spinning", "0")
        options.log_severity_level = 3
        session = runtime.InferenceSession(str(path), options, providers=["CPUExecutionProvider"])

    def call(images: Any) -> Any:
        (scores,) = session.run(NAMES[1:], {NAMES[0]: images.numpy()})
        return torch.from_numpy(scores)

    return call


def openvino(model: str, weights: str | Path | None, settings: CostSettings) -> Callable[[Any], Any]:
    """The module in its form as OpenVINO runs it, a request at a time."""
    import torch

    # It would tell its maker of each conversion, in a process of its own, and goes without where it cannot.
    sys.modules.setdefault("openvino_telemetry", None)  # type: ignore[arg-type]
    library = _library("openvino", "openvino")
    module = module_in_form(model, weights, settings)
    example = few_images(settings)
    with quietly(), torch.no_grad():
        converted = library.convert_model(module, example_input=example, input=[(settings.batch, *example.shape[1:])])
    precision = {"fp32": "f32", "bf16": "bf16"}[settings.precision]
    compiled = library.Core().compile_model(
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


def _export(module: Any, settings: CostSettings, path: Path) -> None:
    """Write a module as ONNX, for the batch of the setting."""
    import torch

    _library("onnx", "onnxruntime")
    _library("onnxscript", "onnxruntime")
    shape = (settings.batch, *settings.input_size)
    with quietly(), torch.no_grad():
        torch.onnx.export(
            module, (torch.zeros(shape),), path, input_names=NAMES[:1], output_names=NAMES[1:], dynamo=True,
            verbose=False,
        )  # fmt: skip


def _library(name: str, extra: str) -> Any:
    """A package that comes with an extra of the zoo's."""
    try:
        return importlib.import_module(name)
    except ImportError:
        raise ReasonError(f"{name} is not installed: pip install 'backbone-zoo[{extra}]'") from None


ONNXRUNTIME = Engine(
    "onnxruntime", onnxruntime, devices=("cpu",), precisions=("fp32",), layouts=("contiguous",), forks=False,
    binds=("threads", "batch"), compiles=True,
    packages=("onnxruntime", "onnx", "onnxscript"),
)  # fmt: skip
OPENVINO = Engine(
    "openvino", openvino, devices=("cpu",), precisions=("fp32", "bf16"), layouts=("contiguous",), forks=False,
    binds=("threads", "batch"), compiles=True,
    packages=("openvino",),
)  # fmt: skip
