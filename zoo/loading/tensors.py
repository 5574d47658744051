"""Files of tensors, read without running anything."""

from __future__ import annotations

import re
from collections import OrderedDict
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from zoo.errors import WeightsError
from zoo.loading.pickles import read_pickle
from zoo.loading.safetensors_file import read_safetensors

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from torch import Tensor

    from zoo.loading.safetensors_file import Checksum

    Versions = Mapping[str, Any]  # as torch keeps them in a state dict


WRAPPERS = ("state_dict_ema", "model_ema", "state_dict", "model")
"""Keys under which training scripts keep the tensors; averaged ones first, as timm prefers them."""

PREFIXES = ("module.", "_orig_mod.")
"""What ``DataParallel`` and ``torch.compile`` put before every name."""


@dataclass(frozen=True)
class Checkpoint:
    """Tensors of a file.

    Attributes
    ----------
    state : dict of str to Tensor
        By the module's own names.
    taken_from : str
        What was unwrapped, such as ``model_ema``; empty for a raw state dict.
    metadata : dict of str to str
        That of a safetensors file.
    """

    state: dict[str, Tensor]
    taken_from: str = ""
    metadata: dict[str, str] | None = None


def check_is_there(path: Path) -> None:
    """Refuse the path of a checkpoint where there is none.

    Raises
    ------
    WeightsError
    """
    if path.is_dir():
        raise WeightsError(f"{path}: is a folder; weights are a tag, None, or the path of a checkpoint")
    if not path.is_file():
        raise WeightsError(f"{path}: there is no such file; weights are a tag, None, or the path of a checkpoint")


def read_checkpoint(path: Path, checksum: Checksum | None = None) -> Checkpoint:
    """Tensors of a file, freed of what training wrapped around them.

    Of a safetensors file, or of a pickle that may hold nothing but tensors and plain values.

    Parameters
    ----------
    path : Path
        What can be mapped is, so that it takes no memory until a tensor is used. With a checksum a safetensors file
        is read once, each tensor into memory of its own: these very bytes can be verified.
    checksum : Checksum, optional
        Updated with every byte of a safetensors file, in order, as it is read; not used for other formats.

    Raises
    ------
    WeightsError
        For a damaged file, for a pickle that holds objects of other kinds, and where no tensors are found.
    """
    if path.suffix == ".safetensors":
        return _unwrapped(path, *read_safetensors(path, checksum))
    return _unwrapped(path, read_pickle(path), None)


def _unwrapped(path: Path, content: Any, metadata: dict[str, str] | None) -> Checkpoint:
    import torch

    taken = []
    while isinstance(content, dict):
        wrapper = next((key for key in WRAPPERS if isinstance(content.get(key), dict)), None)
        if wrapper is None:
            break
        content = content[wrapper]
        taken.append(wrapper)
    if not isinstance(content, dict) or not content:
        kind = type(content).__name__
        raise WeightsError(f"{path}: holds {'nothing' if isinstance(content, dict) else f'a {kind}'}, no state dict")
    strangers = [k for k, value in content.items() if not (isinstance(k, str) and isinstance(value, torch.Tensor))]
    if strangers:
        raise WeightsError(
            f"{path}: is no state dict of tensors by name: {some(strangers)}; tensors are looked for under "
            f"{', '.join(WRAPPERS)} and at the top"
        )
    state = dict(content)
    versions = dict(getattr(content, "_metadata", None) or {})
    for prefix in _prefixes(state):
        state = {key.removeprefix(prefix): value for key, value in state.items()}
        versions = {key.removeprefix(prefix): value for key, value in versions.items()}
        taken.append(prefix.rstrip("."))
    state = with_versions(state, versions)
    return Checkpoint(state, ".".join(taken), metadata)


def with_versions(state: Mapping[str, Tensor], versions: Versions | None) -> dict[str, Tensor]:
    """A state dict that carries the versions of its modules.

    By them the modules know how to read older files.
    """
    ordered = OrderedDict(state)
    if versions:
        ordered._metadata = versions  # type: ignore[attr-defined]
    return ordered


def versions_of(state: Mapping[str, Tensor]) -> Versions | None:
    """What :func:`with_versions` put there."""
    return getattr(state, "_metadata", None)


def _prefixes(state: Mapping[str, Tensor]) -> list[str]:
    """Known prefixes that every name has, outermost first."""
    found: list[str] = []
    names = list(state)
    while True:
        prefix = next((p for p in PREFIXES if all(name.startswith(p) for name in names)), None)
        if prefix is None:
            return found
        found.append(prefix)
        names = [name.removeprefix(prefix) for name in names]


def mismatch(state: Mapping[str, Tensor], wanted: Mapping[str, Tensor], ignore: tuple[str, ...] = ()) -> str:
    """How a state dict differs from the one wanted, empty if it does not.

    Which keys, and how many.
    """
    missing = [key for key in wanted if key not in state and not key.startswith(ignore) and not key.endswith(ignore)]
    surplus = [key for key in state if key not in wanted and not key.startswith(ignore) and not key.endswith(ignore)]
    shapes = [
        f"{key} {tuple(state[key].shape)} instead of {tuple(wanted[key].shape)}"
        for key in wanted
        if key in state
        and state[key].shape != wanted[key].shape
        and not key.startswith(ignore)
        and not key.endswith(ignore)
    ]
    parts = [
        f"{len(found)} {what} ({some(found)})"
        for found, what in ((missing, "missing"), (surplus, "unknown"), (shapes, "of another shape"))
        if found
    ]
    return ", ".join(parts)


def some(names: list[Any]) -> str:
    """The first three of some names, and how many more there are.

    Fit for a terminal.
    """
    return ", ".join(re.sub(r"[^ -~]", "?", str(name)) for name in names[:3]) + (
        f" and {len(names) - 3} more" if len(names) > 3 else ""
    )
