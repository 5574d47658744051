"""The processor: which one it is, and what decides how fast it is."""

from __future__ import annotations

import ctypes
import os
import platform
from typing import TYPE_CHECKING, NamedTuple

from zoo.machine.cgroup import ROOT

if TYPE_CHECKING:
    from pathlib import Path

X86_SETS = (
    "sse4_2", "avx", "f16c", "fma", "avx2", "avx_vnni",
    "avx512f", "avx512dq", "avx512bw", "avx512vl", "avx512_vnni", "avx512_bf16", "avx512_fp16",
    "amx_tile", "amx_int8", "amx_bf16", "amx_fp16",
)  # fmt: skip
ARM_SETS = ("asimd", "asimdhp", "asimddp", "bf16", "i8mm", "sve", "sve2", "svebf16", "svei8mm", "sme", "sme2")
"""Instruction sets by which PyTorch, oneDNN and MKL choose their kernels, as the kernel of Linux names them."""

AVX512 = {"avx512vl", "avx512bw", "avx512dq", "fma"}
AVX2 = {"avx2", "fma"}
SVE256 = {"sve", "sve256", "bf16"}
"""What PyTorch asks for before it takes the kernels of that name (``DispatchStub.cpp``)."""

OVERRIDE = "ATEN_CPU_CAPABILITY"
"""The environment variable by which a user has PyTorch take lesser kernels."""

SVE_VECTOR_LENGTH = 51  # PR_SVE_GET_VL
LENGTH_MASK = 0xFFFF

SYSCONF_SIZES = {"L1d": 188, "L2": 191, "L3": 194}
"""Numbers of glibc's ``_SC_LEVEL1_DCACHE_SIZE`` and its like, which Python does not name."""

Block = dict[str, str]
"""One processor's lines of ``/proc/cpuinfo``."""


class Identity(NamedTuple):
    """What tells processors of one name apart.

    None is what cannot be read. On ARM these are the implementer, the architecture, the part, and variant and
    revision as ``r1p2``. Where a machine has processors of several kinds, each is named: ``0xd05+0xd0b``.
    """

    vendor: str | None = None
    family: str | None = None
    model: str | None = None
    stepping: str | None = None


def read_cpuinfo(root: Path = ROOT) -> list[Block]:
    """What ``/proc/cpuinfo`` tells of each processor, if it can be read."""
    text = _read(root / "proc/cpuinfo") or ""
    blocks = [_block(part) for part in text.split("\n\n")]
    return [block for block in blocks if "processor" in block]  # some boards end with a block of their own


NAMES = ("model name", "Model Name", "cpu", "uarch")
"""Keys of a processor's name: of x86, LoongArch, POWER and RISC-V."""

IDENTITIES = (
    ("vendor_id", "mvendorid"),
    ("cpu family", "CPU Family", "marchid"),
    ("model", "mimpid", "isa"),
    ("stepping", "revision", "CPU Revision"),
)
"""Keys of vendor, family, model and stepping, the first that there is."""


def cpu_name(blocks: list[Block]) -> str:
    """The processor's name, or where it has none its architecture's."""
    named = next((block[key] for block in blocks for key in NAMES if block.get(key)), "")
    return named or platform.machine()


def identity(blocks: list[Block]) -> Identity:
    """Vendor, family, model and stepping, of each kind of processor."""
    kinds = sorted({_identity(block) for block in blocks}, key=str)
    fields = [list(dict.fromkeys(part for part in parts if part is not None)) for parts in zip(*kinds, strict=True)]
    return Identity(*("+".join(parts) or None for parts in fields))


def instruction_sets(blocks: list[Block]) -> tuple[str, ...]:
    """Those that decide PyTorch's kernels, with the width of ARM's SVE."""
    block = blocks[0] if blocks else {}
    flags = set((block.get("flags") or block.get("Features") or "").split())
    found = tuple(name for name in (*X86_SETS, *ARM_SETS) if name in flags)
    return (*found, f"sve{sve_bits()}") if "sve" in found else found


def capability(sets: tuple[str, ...]) -> str:
    """The kernels that PyTorch takes, by its own name for them.

    That of ``torch.backends.cpu.get_cpu_capability()``.
    """
    there = set(sets)
    asked = os.environ.get(OVERRIDE, "")
    if asked == "default":
        return "DEFAULT"
    if "asimd" in there:
        return "SVE256" if there >= SVE256 else "DEFAULT"
    if asked in ("avx2", "avx512"):
        return asked.upper()
    return "AVX512" if there >= AVX512 else "AVX2" if there >= AVX2 else "DEFAULT"


def sve_bits() -> int:
    """Bits of a vector of ARM's SVE in this process."""
    told = int(ctypes.CDLL(None).prctl(SVE_VECTOR_LENGTH, 0, 0, 0, 0))
    return 8 * (max(told, 0) & LENGTH_MASK)


def cache_bytes(root: Path = ROOT) -> dict[str, int]:
    """Sizes of the caches that hold data, by level (``L1d``, ``L2``)."""
    found: dict[str, int] = {}
    for index in sorted((root / "sys/devices/system/cpu/cpu0/cache").glob("index*")):
        level, kind, size = (_read(index / name) or "" for name in ("level", "type", "size"))
        if kind in ("Data", "Unified") and size.endswith("K") and size[:-1].isdigit():
            found["L1d" if level == "1" else f"L{level}"] = int(size[:-1]) * 1024
    return found or (_sysconf_sizes() if root == ROOT else {})


def frequency_mhz(root: Path = ROOT) -> int | None:
    """The highest clock that the system allows, None if it is not told."""
    folder = root / "sys/devices/system/cpu/cpu0/cpufreq"
    for name in ("scaling_max_freq", "cpuinfo_max_freq", "base_frequency"):
        text = _read(folder / name) or ""
        if text.isdigit() and int(text) > 0:
            return int(text) // 1000
    return None


def governor(root: Path = ROOT) -> str | None:
    """How the system chooses its clock, None where it cannot be read."""
    return _read(root / "sys/devices/system/cpu/cpu0/cpufreq/scaling_governor")


def _block(text: str) -> Block:
    pairs = (line.partition(":") for line in text.splitlines())
    return {name.strip(): value.strip() for name, _, value in pairs}


def _identity(block: Block) -> Identity:
    if "CPU implementer" in block:
        return Identity(
            vendor=block["CPU implementer"],
            family=block.get("CPU architecture"),
            model=block.get("CPU part"),
            stepping=f"r{int(block.get('CPU variant', '0'), 0)}p{block.get('CPU revision', '0')}",
        )
    return Identity(*(next((block[key] for key in keys if key in block), None) for keys in IDENTITIES))


def _sysconf_sizes() -> dict[str, int]:
    """What the C library tells, where a container hides ``/sys``."""
    found = {}
    for level, number in SYSCONF_SIZES.items():
        try:
            size = os.sysconf(number)
        except (OSError, ValueError):
            continue
        if size > 0:
            found[level] = size
    return found


def _read(path: Path) -> str | None:
    try:
        return path.read_text().strip()
    except OSError:
        return None
