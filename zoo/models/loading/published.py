"""Published weights, verified as they are read, into modules."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING

from zoo.errors import WeightsError
from zoo.models.heads import classifier_parameters, library_of
from zoo.models.loading.fit import load_strictly, load_through_timm, may_transform, renamed
from zoo.models.loading.tensors import read_checkpoint
from zoo.registry.own_tags import card
from zoo.weights.digests import stated_kind
from zoo.weights.file import WeightsFile, check_digest, stated_digest, verify

if TYPE_CHECKING:
    from torch import Tensor, nn

    from zoo.registry.spec import ModelSpec


def load_into(spec: ModelSpec, file: WeightsFile) -> nn.Module:
    """Build the architecture of ``spec`` and fill it with a verified file, head included.

    The file's tensors become the parameters: nothing is initialised first, and nothing is copied that has
    the right type already.

    Raises
    ------
    WeightsError
        For a damaged file, and for one whose tensors do not fit.
    """
    state = _verified_state(file)
    if file.kind == "zoo":
        return load_strictly(spec, state, file.path, len((card(file.path) or {})["classes"]))
    if spec.source == "timm":
        return load_through_timm(f"{spec.architecture}.{file.tag}", state, file.path)
    model = load_strictly(spec, renamed(spec, state), file.path)
    if may_transform(spec, model):
        model.transform_input = True  # type: ignore[assignment]
    return model


def classes_of(model: nn.Module, file: WeightsFile) -> int | None:
    """Width of the head that a file's weights have, as :func:`load_into` made the model; 0 where they have none."""
    if file.kind == "zoo":
        return len((card(file.path) or {})["classes"])
    if library_of(model) == "timm":
        width = getattr(model, "num_classes", None)
        return width if isinstance(width, int) else None
    return next(len(parameter) for _, parameter in classifier_parameters(model))


def _verified_state(file: WeightsFile) -> dict[str, Tensor]:
    """Tensors of a file whose digest is the stated one; of safetensors the very bytes that were read have it."""
    stated = stated_digest(file)
    checksum = hashlib.sha256()
    together = file.path.suffix == ".safetensors" and stated != "" and stated_kind(stated) == "SHA-256"
    if not together:
        verify(file)
    try:
        state = read_checkpoint(file.path, checksum).state
    except WeightsError as error:
        if together:
            verify(file)  # damage explains more than what a reader stumbled over
        raise WeightsError(f"{error}; or {file.remedy}") from None
    if together:
        check_digest(file, stated, checksum.hexdigest())
    return state
