"""Files of safetensors: read whole to be verified, or mapped."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, Protocol

from zoo.errors import WeightsError
from zoo.loading.pickles import MEND, first_line
from zoo.weights.file import looks_like

if TYPE_CHECKING:
    from pathlib import Path

    from torch import Tensor


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


def read_safetensors(path: Path, checksum: Checksum | None) -> tuple[dict[str, Tensor], dict[str, str]]:
    """Tensors of a file by name, and its metadata.

    Parameters
    ----------
    path : Path
    checksum : Checksum, optional
        Updated with every byte, in order, as it is read; without one the file is mapped, and takes no memory until
        a tensor is used.

    Raises
    ------
    WeightsError
        For a damaged file.
    """
    from safetensors import SafetensorError, safe_open

    try:
        with safe_open(path, "pt") as file:  # refuses a header that lies about types, shapes or places
            metadata = dict(file.metadata() or {})
        return _mapped(path) if checksum is None else _read(path, checksum), metadata
    except (SafetensorError, OSError, ValueError, KeyError) as error:
        raise WeightsError(
            f"{path}: cannot be read as safetensors: {first_line(error)}{looks_like(path)}; {MEND}"
        ) from None


def _mapped(path: Path) -> dict[str, Tensor]:
    """Every tensor where it lies in the file, a copy where it does not lie on a multiple of its type."""
    import torch

    with path.open("rb") as file:
        begin = 8 + int.from_bytes(file.read(8), "little")
        stated = json.loads(file.read(begin - 8))
    whole = torch.from_file(str(path), shared=False, size=path.stat().st_size, dtype=torch.uint8)
    found = {}
    for name, info in stated.items():
        if name == "__metadata__":
            continue
        low, high = (begin + place for place in info["data_offsets"])
        dtype = getattr(torch, DTYPES[info["dtype"]])
        raw = whole[low:high]
        raw = raw.clone() if low % dtype.itemsize else raw
        found[name] = raw.view(dtype).reshape(info["shape"])
    return found


def _read(path: Path, checksum: Checksum) -> dict[str, Tensor]:
    """Every tensor in memory of its own. The library's reader holds the mapped file and a copy of it at once."""
    import torch

    found = {}
    with path.open("rb") as file:
        length = file.read(8)
        header = file.read(int.from_bytes(length, "little"))
        checksum.update(length)
        checksum.update(header)
        stated = {name: info for name, info in json.loads(header).items() if name != "__metadata__"}
        for name, info in sorted(stated.items(), key=lambda item: item[1]["data_offsets"]):
            tensor = torch.empty(info["shape"], dtype=getattr(torch, DTYPES[info["dtype"]]))
            if tensor.numel():
                view = memoryview(tensor.reshape(-1).view(torch.uint8).numpy())  # type: ignore[arg-type]
                if file.readinto(view) != len(view):
                    raise ValueError("the file ends within a tensor")
                checksum.update(view)
            found[name] = tensor
        if file.read(1):
            raise ValueError("bytes follow the last tensor")
    return {name: found[name] for name in stated}
