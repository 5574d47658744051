"""The spec of a name, or of a checkpoint of the user's own."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from zoo.checks import path
from zoo.loading.statement import spec_of_checkpoint
from zoo.registry import catalogue
from zoo.sources.naming import DEFAULT

if TYPE_CHECKING:
    from zoo.sources.spec import ModelSpec


def get(name: str, weights: str | Path | None = None) -> ModelSpec:
    """What is known of a model, or of a checkpoint of your own.

    A bare name means torchvision where torchvision has it, else timm, else another source's or the user's.

    A user's model is built on the meta device to be counted; what it raises then is ``not_counted``.

    Parameters
    ----------
    name : str
    weights : str or Path, optional
        The path of a checkpoint of your own: the preprocessing is then what the file states (a JSON file of
        the same name beside it, or the metadata of safetensors), and where it states nothing the
        architecture's; ``preprocessing_from`` says which.

    Raises
    ------
    UnknownNameError
        With the nearest three names.
    AmbiguousNameError
        For a bare name that several of the others answer to.
    WeightsError
        For a checkpoint whose statement cannot be used.
    """
    spec = catalogue.get(name)
    return spec if weights is None else spec_of_checkpoint(spec, path(weights, "", "weights"))


def spec_of(model: str, weights: str | Path | None) -> ModelSpec:
    """The spec of ``source/architecture`` with a tag, or with a checkpoint.

    Of its default weights where there are none.
    """
    if isinstance(weights, Path):
        return spec_of_checkpoint(catalogue.get(model), weights)
    return catalogue.get(f"{model}.{weights}" if weights and weights != DEFAULT else model)
