"""Files of tensors: read without running anything, and freed of what training wrapped around them."""

from __future__ import annotations

import pickle
import re
import zipfile
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from zoo.errors import WeightsError

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from torch import Tensor

SUFFIXES = (".safetensors", ".pth", ".pt", ".bin", ".ckpt")

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


def read_checkpoint(path: Path) -> Checkpoint:
    """Tensors of a safetensors file, or of a pickle that may hold nothing but tensors and plain values.

    A file is mapped into memory where its format permits, so that reading takes neither time nor memory
    until a tensor is used.

    Raises
    ------
    WeightsError
        For a damaged file, for a pickle that holds objects of other kinds, and where no tensors are found.
    """
    content, metadata = _read_safetensors(path) if path.suffix == ".safetensors" else (_read_pickle(path), None)
    return _unwrapped(path, content, metadata)


def _read_safetensors(path: Path) -> tuple[dict[str, Tensor], dict[str, str]]:
    from safetensors import SafetensorError, safe_open
    from safetensors.torch import load_file

    try:
        with safe_open(path, "pt") as file:
            metadata = dict(file.metadata() or {})
        return load_file(path), metadata
    except (SafetensorError, OSError, ValueError) as error:
        raise WeightsError(f"{path}: cannot be read as safetensors: {_first_line(error)}{looks_like(path)}") from None


def _read_pickle(path: Path) -> Any:
    import torch

    try:
        return torch.load(path, map_location="cpu", weights_only=True, mmap=zipfile.is_zipfile(path))
    except pickle.UnpicklingError as error:
        found = re.search(r"GLOBAL `?([\w.]+)", str(error))
        what = f" ({found.group(1)})" if found else ""
        raise WeightsError(
            f"{path}: holds more than tensors{what}, or is damaged{looks_like(path)}; it was not loaded: "
            "have whoever made it save its state_dict alone"
        ) from None
    except Exception as error:
        raise WeightsError(f"{path}: cannot be read as weights: {_first_line(error)}{looks_like(path)}") from error


def looks_like(path: Path) -> str:
    """What the first bytes say, where that explains more than an error of the format's reader."""
    try:
        with path.open("rb") as file:
            start = file.read(512)
    except OSError:
        return ""
    if not start:
        return " (the file is empty)"
    if start.lstrip()[:5].lower() in (b"<!doc", b"<html", b"<?xml"):
        return " (it is a web page, not weights)"
    if start.startswith(b"version https://git-lfs"):
        return " (it is a pointer of git-lfs, not the file)"
    return ""


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
    strangers = [key for key, value in content.items() if not isinstance(value, torch.Tensor)]
    if strangers:
        raise WeightsError(
            f"{path}: is no state dict of tensors by name: {_some(strangers)}; tensors are looked for under "
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


def with_versions(state: Mapping[str, Tensor], versions: Mapping[str, Any] | None) -> dict[str, Tensor]:
    """A state dict that carries the versions of its modules, by which they know how to read older files."""
    from collections import OrderedDict

    ordered = OrderedDict(state)
    if versions:
        ordered._metadata = versions  # type: ignore[attr-defined]
    return ordered


def versions_of(state: Mapping[str, Tensor]) -> Mapping[str, Any] | None:
    """What :func:`with_versions` put there."""
    return getattr(state, "_metadata", None)


def _prefixes(state: Mapping[str, Any]) -> list[str]:
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
    """How a state dict differs from the one wanted: which keys, how many; empty where it does not."""
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
        f"{len(found)} {what} ({_some(found)})"
        for found, what in ((missing, "missing"), (surplus, "unknown"), (shapes, "of another shape"))
        if found
    ]
    return ", ".join(parts)


def _some(names: list[str]) -> str:
    return ", ".join(map(str, names[:3])) + (f" and {len(names) - 3} more" if len(names) > 3 else "")


def _first_line(error: BaseException) -> str:
    lines = [line for line in str(error).splitlines() if line.strip()]
    return lines[0] if lines else type(error).__name__
