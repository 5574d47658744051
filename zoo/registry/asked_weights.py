"""Weights as people ask for them: words, tags, and torchvision's enums."""

from __future__ import annotations

import enum
import os
from pathlib import Path
from typing import TYPE_CHECKING, Any

from zoo.errors import ZooError
from zoo.sources.naming import AUTO, DEFAULT, NO_WEIGHTS, RANDOM

if TYPE_CHECKING:
    from collections.abc import Iterable

SUFFIXES = (".safetensors", ".pth", ".pt", ".bin", ".ckpt")
"""What the names of files of tensors end with."""

ENUM = "_Weights"
"""What the names of torchvision's enums of weights end with."""

WORDS = (AUTO, DEFAULT, NO_WEIGHTS, RANDOM)


def asked_weights(weights: Any, models: Iterable[str] = ()) -> str | Path:
    """Weights as the zoo names them.

    Parameters
    ----------
    weights : object
        A tag, a word, or the path of a checkpoint; ``True`` and ``"DEFAULT"`` are the default weights, ``False`` and
        None a random start; one of torchvision's enums, or the text of one (``ResNet18_Weights.IMAGENET1K_V1``),
        is its tag.
    models : iterable of str
        Full names of those that the weights are for.

    Returns
    -------
    str or Path
        A Path for a file of the user's.

    Raises
    ------
    ZooError
        For an enum of another model, and for what names no weights.
    """
    if weights is None or weights is False:
        return RANDOM
    if weights is True:
        return DEFAULT
    if isinstance(weights, enum.Enum) and type(weights).__name__.endswith(ENUM):
        return _of_enum(type(weights).__name__, weights.name, models)
    if not isinstance(weights, str | Path) or not str(weights).strip():
        raise ZooError(f"weights are a tag, True, None or the path of a checkpoint, not {weights!r}")
    if is_path(weights):
        return Path(weights).expanduser()
    text = str(weights)
    kind, dot, tag = text.partition(".")
    if dot and kind.endswith(ENUM):
        return _of_enum(kind, tag, models)
    return DEFAULT if text == "DEFAULT" else text


def is_path(weights: str | Path) -> bool:
    """Whether weights are a file of the user's.

    Tags have no separators, and none ends as files of tensors do; another name is a file's where there is one.
    """
    if isinstance(weights, Path) or os.sep in weights or weights.endswith(SUFFIXES):
        return True
    return weights not in WORDS and Path(weights).is_file()


def _of_enum(kind: str, tag: str, models: Iterable[str]) -> str:
    """The tag of an enum's entry, whose class is called after its architecture."""
    for model in models:
        source, _, architecture = model.rpartition("/")
        theirs = kind.removesuffix(ENUM).replace("_", "").lower()
        if source not in ("", "torchvision") or architecture.partition(".")[0].replace("_", "").lower() != theirs:
            raise ZooError(f"{kind}.{tag} are weights of another model than {model}; see `zoo show {model}`")
    return DEFAULT if tag == "DEFAULT" else tag
