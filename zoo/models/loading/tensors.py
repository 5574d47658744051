"""Files of tensors, read without running anything."""

from __future__ import annotations

import json
import pickle
import re
import zipfile
from collections import OrderedDict
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Protocol

from zoo.errors import WeightsError
from zoo.weights.file import looks_like

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from torch import Tensor

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
    if not path.is_file():
        raise WeightsError(f"{path}: there is no such file; weights are a tag, None, or the path of a checkpoint")


def read_checkpoint(path: Path, checksum: Checksum | None = None) -> Checkpoint:
    """Tensors of a file, freed of what training wrapped around them.

    Of a safetensors file, or of a pickle that may hold nothing but tensors and plain values.

    Parameters
    ----------
    path : Path
        A pickle in zip format is mapped into memory, so that it takes no memory until a tensor is used. A
        safetensors file is read once, each tensor into memory of its own: these very bytes can be verified.
    checksum : Checksum, optional
        Updated with every byte of a safetensors file, in order, as it is read; not used for other formats.

    Raises
    ------
    WeightsError
        For a damaged file, for a pickle that holds objects of other kinds, and where no tensors are found.
    """
    if path.suffix == ".safetensors":
        return _unwrapped(path, *_read_safetensors(path, checksum))
    return _unwrapped(path, _read_pickle(path), None)


class Checksum(Protocol):
    """What :mod:`hashlib` makes."""

    def update(self, data: Any, /) -> None:
        """Take more bytes."""

    def hexdigest(self) -> str:
        """Digest of the bytes so far."""


DTYPES = {
    "BOOL": "bool", "U8": "uint8", "I8": "int8", "I16": "int16", "I32": "int32", "I64": "int64", "F16": "float16",
    "BF16": "bfloat16", "F32": "float32", "F64": "float64", "F8_E4M3": "float8_e4m3fn", "F8_E5M2": "float8_e5m2",
}  # fmt: skip
"""Types of a safetensors file by torch's names."""


def _read_safetensors(path: Path, checksum: Checksum | None) -> tuple[dict[str, Tensor], dict[str, str]]:
    from safetensors import SafetensorError, safe_open

    try:
        with safe_open(path, "pt") as file:  # refuses a header that lies about types, shapes or places
            metadata = dict(file.metadata() or {})
        return _read_tensors(path, checksum), metadata
    except (SafetensorError, OSError, ValueError, KeyError) as error:
        raise WeightsError(f"{path}: cannot be read as safetensors: {_first_line(error)}{looks_like(path)}") from None


def _read_tensors(path: Path, checksum: Checksum | None) -> dict[str, Tensor]:
    """Every tensor in memory of its own. The library's reader holds the mapped file and a copy of it at once."""
    import torch

    found = {}
    with path.open("rb") as file:
        length = file.read(8)
        header = file.read(int.from_bytes(length, "little"))
        if checksum is not None:
            checksum.update(length)
            checksum.update(header)
        stated = {name: info for name, info in json.loads(header).items() if name != "__metadata__"}
        for name, info in sorted(stated.items(), key=lambda item: item[1]["data_offsets"]):
            tensor = torch.empty(info["shape"], dtype=getattr(torch, DTYPES[info["dtype"]]))
            if tensor.numel():
                view = memoryview(tensor.reshape(-1).view(torch.uint8).numpy())  # type: ignore[arg-type]
                if file.readinto(view) != len(view):
                    raise ValueError("the file ends within a tensor")
                if checksum is not None:
                    checksum.update(view)
            found[name] = tensor
        if file.read(1):
            raise ValueError("bytes follow the last tensor")
    return {name: found[name] for name in stated}


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


def _first_line(error: BaseException) -> str:
    lines = [line for line in str(error).splitlines() if line.strip()]
    return lines[0] if lines else type(error).__name__
