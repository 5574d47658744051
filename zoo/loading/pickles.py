"""Pickles of tensors and plain values, read without running anything."""

from __future__ import annotations

import pickle
import re
import threading
import zipfile
from collections import OrderedDict
from typing import TYPE_CHECKING, Any

from zoo.errors import WeightsError
from zoo.weights.file import looks_like

if TYPE_CHECKING:
    from pathlib import Path


class _Plain:
    """Stands for an object of which nothing is needed, whatever it is made with."""

    def __init__(self, *_: Any, **__: Any) -> None:
        pass

    def __setstate__(self, state: Any) -> None:
        pass


class _PlainDict:
    """Stands for a kind of dictionary, and makes an ordinary one."""

    def __new__(cls, *_: Any) -> Any:
        return OrderedDict()


class _PlainList(list[Any]):
    """Stands for a kind of list."""

    def __init__(self, *_: Any) -> None:
        super().__init__()

    def __setstate__(self, state: Any) -> None:
        pass


OBJECTS = (
    "argparse.Namespace",
    "builtins.bool", "builtins.bytearray", "builtins.bytes", "builtins.complex", "builtins.dict", "builtins.float",
    "builtins.frozenset", "builtins.int", "builtins.list", "builtins.object",
    "builtins.range", "builtins.slice", "builtins.str", "builtins.tuple",
    "datetime.date", "datetime.datetime", "datetime.time", "datetime.timedelta", "datetime.timezone",
    "decimal.Decimal", "fractions.Fraction",
    "numpy.core.multiarray._reconstruct", "numpy._core.multiarray._reconstruct",
    "numpy.core.multiarray.scalar", "numpy._core.multiarray.scalar",
    "numpy.dtype", "numpy.ndarray",
    *(f"numpy.{kind}" for kind in ("bool_", "float16", "float32", "float64", "int32", "int64", "uint8", "str_")),
    *(
        f"numpy.dtypes.{kind}DType"
        for kind in (
            "Bool", "Float16", "Float32", "Float64", "Int8", "Int16", "Int32", "Int64", "LongDouble", "Object",
            "Str", "UInt8", "UInt16", "UInt32", "UInt64",
        )
    ),
    "numpy.random._pickle.__bit_generator_ctor", "numpy.random._pickle.__generator_ctor",
    "numpy.random._pickle.__randomstate_ctor",
    "omegaconf.base.ContainerMetadata", "omegaconf.base.Metadata", "omegaconf.dictconfig.DictConfig",
    "omegaconf.listconfig.ListConfig", "omegaconf.nodes.AnyNode", "omegaconf.nodes.BooleanNode",
    "omegaconf.nodes.FloatNode", "omegaconf.nodes.IntegerNode", "omegaconf.nodes.StringNode",
    "pathlib.Path", "pathlib.PosixPath", "pathlib.PurePath", "pathlib.PurePosixPath", "pathlib.PureWindowsPath",
    "pathlib.WindowsPath", "pathlib._local.PosixPath", "pathlib._local.WindowsPath",
    "torch.torch_version.TorchVersion",
    "types.SimpleNamespace", "typing.Any",
    "uuid.UUID",
)  # fmt: skip
"""What training scripts keep beside tensors. None is imported or called: a stand-in takes the place of each."""

DICTIONARIES = (
    "addict.addict.Dict", "collections.defaultdict", "easydict.EasyDict",
    "lightning.fabric.utilities.data.AttributeDict", "lightning_fabric.utilities.data.AttributeDict",
    "lightning.pytorch.utilities.parsing.AttributeDict", "pytorch_lightning.utilities.parsing.AttributeDict",
    "mmcv.utils.config.ConfigDict", "mmengine.config.config.ConfigDict", "ml_collections.config_dict.ConfigDict",
    "yacs.config.CfgNode", "fvcore.common.config.CfgNode",
)  # fmt: skip
"""Dictionaries of other packages, read as ordinary ones."""

LISTS = ("collections.deque", "fastcore.foundation.L")

STAND_INS: list[Any] = [
    *((_Plain, name) for name in OBJECTS),
    *((_PlainDict, name) for name in DICTIONARIES),
    *((_PlainList, name) for name in LISTS),
]

MEND = "copy it again, or have whoever made it save its state_dict again"

INFLATED = 10
LEAST_BYTES = 64 * 2**20
"""A compressed file may hold so many times its own size, or so many bytes: more is no file of weights."""

_ONE_AT_A_TIME = threading.Lock()
"""The stand-ins are known to the whole process while a file is read."""


def read_pickle(path: Path) -> Any:
    """What a pickle holds: tensors, plain values, and stand-ins.

    Those are for a fixed list of harmless objects, :data:`OBJECTS` and its like. A zip file is mapped into memory, so
    that it takes none until a tensor is used.

    Raises
    ------
    WeightsError
        For a damaged file, one that holds objects of other kinds, and one that would inflate beyond reason.
    """
    import torch

    mapped = _check_sizes(path)
    try:
        try:
            return torch.load(path, map_location="cpu", weights_only=True, mmap=mapped)
        except pickle.UnpicklingError:
            with _ONE_AT_A_TIME, torch.serialization.safe_globals(STAND_INS):
                return torch.load(path, map_location="cpu", weights_only=True, mmap=mapped)
    except pickle.UnpicklingError as error:
        found = re.search(r"GLOBAL `?([\w.]+)", str(error))
        what = f" ({found.group(1)})" if found else ""
        raise WeightsError(
            f"{path}: holds more than tensors{what}, or is damaged{looks_like(path)}; it was not loaded: "
            "have whoever made it save its state_dict alone"
        ) from None
    except Exception as error:
        raise WeightsError(
            f"{path}: cannot be read as weights: {_trouble(error)}{looks_like(path)}; {MEND}"
        ) from error


def _check_sizes(path: Path) -> bool:
    """Refuse a file of code, and one that is small and holds much; whether tensors can be mapped where they lie."""
    if not zipfile.is_zipfile(path):
        return False
    try:
        with zipfile.ZipFile(path) as archive:
            entries = archive.infolist()
    except (zipfile.BadZipFile, OSError, ValueError) as error:
        raise WeightsError(
            f"{path}: cannot be read as weights: {_trouble(error)}{looks_like(path)}; {MEND}"
        ) from None
    if any(entry.filename.partition("/")[2] == "constants.pkl" for entry in entries):
        raise WeightsError(
            f"{path}: a TorchScript archive, which holds code and was not loaded: "
            "have whoever made it save its state_dict alone"
        )
    packed = [entry for entry in entries if entry.compress_type != zipfile.ZIP_STORED]
    held = sum(entry.file_size for entry in packed)
    if held > max(LEAST_BYTES, INFLATED * path.stat().st_size):
        sizes = f"{path.stat().st_size / 2**20:.3g} to {held / 2**20:.3g} MB"
        raise WeightsError(
            f"{path}: would inflate from {sizes}, which no weights do; save it without compression, if it is one"
        )
    return not packed


def _trouble(error: BaseException) -> str:
    """What ails a file that cannot be unpickled, without the reader's own advice."""
    if isinstance(error, EOFError):
        return "it ends too early"
    if isinstance(error, LookupError):  # an instruction that there is not, or one with nothing to work on
        return "its bytes are not those of tensors"
    line, _, _ = first_line(error).partition(". ")
    return f"it is cut off or damaged ({line})" if "zip archive" in line else line


def first_line(error: BaseException) -> str:
    """The first line of what an error says, or its kind."""
    lines = [line for line in str(error).splitlines() if line.strip()]
    if lines and isinstance(error, KeyError):  # which says nothing but the key
        return f"{type(error).__name__}: {lines[0]}"
    return lines[0] if lines else type(error).__name__
