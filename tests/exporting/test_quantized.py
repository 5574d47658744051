"""Files in eight bits: what is in them, and how far their outputs may be."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import onnx
import pytest
import torch
from onnx import numpy_helper
from torch import nn

from zoo.exporting import onnx_file
from zoo.exporting.quantized import quantize, quantized_weights
from zoo.outcome import ReasonError


def scores(path: Path, images: torch.Tensor) -> torch.Tensor:
    import onnxruntime

    session = onnxruntime.InferenceSession(str(path), providers=["CPUExecutionProvider"])
    (found,) = session.run([onnx_file.SCORES], {onnx_file.IMAGES: images.numpy()})
    return torch.from_numpy(found)


def constants(path: Path) -> dict[str, Any]:
    return {one.name: numpy_helper.to_array(one) for one in onnx.load(path).graph.initializer}


def written(module: nn.Module, shape: tuple[int, ...], batches: list[torch.Tensor], folder: Path) -> Path:
    path = folder / "model.onnx"
    onnx_file.write(module.eval(), shape, path, one_file=True)
    assert [each.name for each in folder.iterdir()] == ["model.onnx"], "weights are in the file"
    return quantize(path, batches)


def test_a_linear_layer_has_integers_a_scale_a_channel_and_outputs_within_the_steps(tmp_path: Path) -> None:
    layer = nn.Linear(3, 2).requires_grad_(False)
    layer.weight.copy_(torch.tensor([[1.27, -0.3, 0.2], [0.05, 0.127, -0.02]]))
    layer.bias.copy_(torch.tensor([0.5, -1.0]))
    module = nn.Sequential(nn.Flatten(), layer)
    calibrating = torch.tensor([[-1.0, 0.0, 4.1], [2.0, 0.5, 1.0]]).reshape(2, 3, 1, 1)
    path = written(module, (2, 3, 1, 1), [calibrating], tmp_path)
    (name,) = quantized_weights(path)
    held = constants(path)
    # The largest of each output channel is 127 steps of its own.
    scale = held[name.replace("_quantized", "_scale")]
    assert scale.reshape(-1) == pytest.approx([0.01, 0.001], rel=1e-5)
    integers = held[name] if held[name].shape == (2, 3) else held[name].T
    assert integers.tolist() == [[127, -30, 20], [50, 127, -20]]
    # Inputs are in steps of a 255th of the range that was seen.
    step = 5.1 / 255
    assert any(value.size == 1 and abs(float(value.reshape(-1)[0]) - step) < 1e-6 for value in held.values())
    images = torch.tensor([[0.313, 3.337, 1.0], [-0.77, 2.2, 3.999]]).reshape(2, 3, 1, 1)
    gap = (scores(path, images) - module(images)).abs()
    # Half a step of each input, by its weight, and half a step of the output.
    most = layer.weight.abs().sum(1) * step / 2
    assert bool((gap <= most + 0.02).all())
    assert float(gap.max()) > 0


def test_values_beyond_those_seen_are_cut_off(tmp_path: Path) -> None:
    layer = nn.Linear(1, 1, bias=False).requires_grad_(False)
    layer.weight.fill_(1.0)
    path = written(nn.Sequential(nn.Flatten(), layer), (1, 1, 1, 1), [torch.full((1, 1, 1, 1), 2.0)], tmp_path)
    assert scores(path, torch.full((1, 1, 1, 1), 50.0)).item() == pytest.approx(2.0, rel=0.02)


def test_what_has_no_weights_to_put_into_eight_bits_is_told(tmp_path: Path) -> None:
    with pytest.raises(ReasonError, match="no weights of this model could be put into eight bits"):
        written(nn.Flatten(), (1, 1, 2, 2), [torch.ones(1, 1, 2, 2)], tmp_path)
