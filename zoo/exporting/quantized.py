"""Eight bits: an ONNX file with ranges that images give it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from zoo.exporting.extra import library
from zoo.exporting.onnx_file import EXTRA, IMAGES
from zoo.exporting.quiet import quietly
from zoo.outcome import ReasonError

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from pathlib import Path

    from torch import Tensor


def quantize(exported: Path, batches: Iterable[Tensor]) -> Path:
    """Write a model in eight bits beside one in fp32.

    Weights get a scale for each output channel, activations one by their smallest and largest value on the images;
    see docs/measuring.md#eight-bits.

    Parameters
    ----------
    exported : Path
        In one file.
    batches : iterable of Tensor
        Images, float32, in the shape that the file is for.

    Returns
    -------
    Path

    Raises
    ------
    ReasonError
        Where no weights of the model could be put into eight bits, or a package is missing.
    """
    library("onnxruntime", EXTRA)
    quantization = library("onnxruntime.quantization", EXTRA)
    prepared, written = exported.with_name("prepared.onnx"), exported.with_name("int8.onnx")
    with quietly():
        # Shapes are all known. Its optimiser joins layers that would get a range each otherwise.
        quantization.quant_pre_process(str(exported), str(prepared), skip_symbolic_shape=True)
        quantization.quantize_static(
            str(prepared),
            str(written),
            _Reader(batches),
            quant_format=quantization.QuantFormat.QDQ,
            per_channel=True,
            activation_type=quantization.QuantType.QUInt8,
            weight_type=quantization.QuantType.QInt8,
            calibrate_method=quantization.CalibrationMethod.MinMax,
        )
    if not quantized_weights(written):
        raise ReasonError("no weights of this model could be put into eight bits")
    return written


def quantized_weights(path: Path) -> list[str]:
    """Names of the weights of a file that are integers of eight bits."""
    onnx = library("onnx", EXTRA)
    stored = onnx.load(path, load_external_data=False).graph.initializer
    return [one.name for one in stored if one.data_type == onnx.TensorProto.INT8 and len(one.dims) > 1]


class _Reader:
    """Batches as the quantizer asks for them."""

    def __init__(self, batches: Iterable[Tensor]) -> None:
        self.rest: Iterator[Tensor] = iter(batches)

    def get_next(self) -> dict[str, Any] | None:
        """The next batch under the input's name, None at the end."""
        batch = next(self.rest, None)
        return None if batch is None else {IMAGES: batch.numpy()}
