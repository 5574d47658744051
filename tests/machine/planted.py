"""Machines that are not here, as ``/proc`` and ``/sys`` would tell of them."""

from __future__ import annotations

from pathlib import Path

AVX2_FLAGS = "fpu sse sse2 ssse3 fma cx16 sse4_1 sse4_2 avx f16c avx2 bmi2"
AVX512_FLAGS = f"{AVX2_FLAGS} avx512f avx512dq avx512bw avx512vl avx512_bf16 avx512_vnni"

X86 = """processor\t: {number}
vendor_id\t: AuthenticAMD
cpu family\t: {family}
model\t\t: {model}
model name\t: AMD EPYC
stepping\t: {stepping}
cpu MHz\t\t: 2596.150
flags\t\t: {flags}
power management:

"""

ARM = """processor\t: {number}
BogoMIPS\t: 2100.00
Features\t: {features}
CPU implementer\t: 0x41
CPU architecture: 8
CPU variant\t: {variant}
CPU part\t: {part}
CPU revision\t: 1

"""

NEOVERSE_N1 = "fp asimd evtstrm aes crc32 atomics fphp asimdhp cpuid asimdrdm lrcpc dcpop asimddp ssbs"
NEOVERSE_V1 = f"{NEOVERSE_N1} sve svei8mm svebf16 i8mm bf16"


def write(root: Path, files: dict[str, str]) -> Path:
    """Files of a machine under ``root``, by path."""
    for path, text in files.items():
        (root / path).parent.mkdir(parents=True, exist_ok=True)
        (root / path).write_text(text)
    return root


def epyc(family: int, model: int, stepping: int, flags: str, cores: int = 2) -> str:
    """``/proc/cpuinfo`` of a processor that calls itself AMD EPYC."""
    return "".join(
        X86.format(number=n, family=family, model=model, stepping=stepping, flags=flags) for n in range(cores)
    )


GENOA = epyc(25, 17, 1, AVX512_FLAGS)
ROME = epyc(23, 49, 0, AVX2_FLAGS)


def arm(features: str, *kinds: tuple[str, str]) -> str:
    """``/proc/cpuinfo`` of an ARM machine; of each core its part and variant."""
    cores = [ARM.format(number=n, features=features, part=p, variant=v) for n, (p, v) in enumerate(kinds)]
    return "".join(cores) + "Hardware\t: a board\nRevision\t: 0000\n"


def caches(**sizes: str) -> dict[str, str]:
    """Files of the first core's caches, by level (``L1d``, ``L1i``, ``L2``)."""
    files = {}
    kinds = {"d": "Data", "i": "Instruction"}
    for index, (name, size) in enumerate(sizes.items()):
        folder = f"sys/devices/system/cpu/cpu0/cache/index{index}"
        files |= {
            f"{folder}/level": name[1] + "\n",
            f"{folder}/type": kinds.get(name[2:], "Unified") + "\n",
            f"{folder}/size": size + "\n",
        }
    return files


def clock(**files: str) -> dict[str, str]:
    """Files of the first core's clock."""
    return {f"sys/devices/system/cpu/cpu0/cpufreq/{name}": text + "\n" for name, text in files.items()}


def groups(own: str, *mounts: str, **files: str) -> dict[str, str]:
    """``/proc/self`` of a process in the control groups ``own``, and their files under ``/sys/fs/cgroup``."""
    return {
        "proc/self/cgroup": own,
        "proc/self/mountinfo": "\n".join(("23 1 0:20 / /proc rw - proc proc rw", *mounts)) + "\n",
    } | {f"sys/fs/cgroup/{path}": text + "\n" for path, text in files.items()}


V2 = "29 23 0:26 / /sys/fs/cgroup rw,nosuid shared:4 - cgroup2 cgroup2 rw,nsdelegate"


def v1(controllers: str, mounted: str = "/") -> str:
    """A line of ``mountinfo`` for controllers of version 1."""
    return f"33 31 0:30 {mounted} /sys/fs/cgroup/{controllers} rw,relatime - cgroup cgroup rw,{controllers}"
