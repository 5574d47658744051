"""A module as an ONNX file, for images of one shape."""

from __future__ import annotations

from typing import TYPE_CHECKING

from zoo.exporting.extra import library
from zoo.exporting.quiet import quietly

if TYPE_CHECKING:
    from pathlib import Path

    from torch import nn


IMAGES, SCORES = "images", "scores"
"""Names of the input and the output."""

EXTRA = "onnxruntime"
"""Of the zoo's package, that brings what writes such files."""


def write(module: nn.Module, shape: tuple[int, ...], path: Path, *, one_file: bool = False) -> None:
    """Export a module.

    Parameters
    ----------
    module : Module
        In eval mode, on the CPU.
    shape : tuple of int
        Batch, channels, height, width.
    path : Path
    one_file : bool
        Whether weights are in the file itself, which then holds two gigabytes at most, or beside it.

    Raises
    ------
    ReasonError
        Where a package is missing.
    """
    import torch

    for name in ("onnx", "onnxscript"):
        library(name, EXTRA)
    with quietly(), torch.no_grad():
        torch.onnx.export(
            module, (torch.zeros(shape),), path, input_names=[IMAGES], output_names=[SCORES], dynamo=True,
            verbose=False, external_data=not one_file,
        )  # fmt: skip
