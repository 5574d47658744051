"""Published weights, verified as they are read, into modules."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING

from zoo.errors import WeightsError
from zoo.loading.checkpoint import load_checkpoint
from zoo.loading.fit import load_strictly, load_translated, renamed, set_input_switch
from zoo.loading.tensors import read_checkpoint
from zoo.models.heads import head_width
from zoo.registry.own_tags import card
from zoo.registry.own_tags import width_of as width_of_card
from zoo.sources.lookup import source_of
from zoo.weights.digests import stated_kind
from zoo.weights.file import FILE, PACKAGE, WeightsFile, check_digest, stated_digest, verify

if TYPE_CHECKING:
    from torch import Tensor, nn

    from zoo.sources.spec import ModelSpec


def load_into(spec: ModelSpec, file: WeightsFile) -> nn.Module:
    """Build an architecture and fill it, head included, with a file.

    The file is verified. Its tensors become the parameters: nothing is initialised first, and nothing is copied
    that has the right type already.

    Raises
    ------
    WeightsError
        For a damaged file, and for one whose tensors do not fit.
    """
    if file.kind == FILE:
        return load_checkpoint(spec, file.path)
    state = _verified_state(file)
    if file.kind == "zoo":
        model = load_strictly(spec, state, file.path, _classes_made(file))
        set_input_switch(spec, model, on=bool((card(file.path) or {}).get("input_switch")))
        return model
    state = renamed(spec, state)
    if source_of(spec.source).translates:
        # A tag that the source does not know has the names that the source's own files have.
        return load_translated(spec, None if file.kind == PACKAGE else file.tag, state, file.path)
    model = load_strictly(spec, state, file.path)
    set_input_switch(spec, model, on=True)
    return model


def width_of(model: nn.Module, file: WeightsFile) -> int:
    """Width of the head that a file's weights have, 0 where they have none.

    Of the module that :func:`load_into` made of it.
    """
    return _classes_made(file) if file.kind == "zoo" else head_width(model)


def _classes_made(file: WeightsFile) -> int:
    """Number of classes of weights that the zoo made, or took in."""
    return width_of_card(card(file.path) or {"classes": []})


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
