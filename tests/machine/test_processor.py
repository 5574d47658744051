"""Processors of one name are told apart, and their instruction sets are PyTorch's."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.machine.planted import (
    AVX2_FLAGS,
    GENOA,
    NEOVERSE_N1,
    NEOVERSE_V1,
    ROME,
    arm,
    caches,
    clock,
    epyc,
    write,
)
from zoo.machine import processor
from zoo.machine.processor import (
    Identity,
    cache_bytes,
    capability,
    cpu_name,
    frequency_mhz,
    governor,
    identity,
    instruction_sets,
    read_cpuinfo,
    sve_bits,
)

Blocks = list[dict[str, str]]


def blocks(tmp_path: Path, cpuinfo: str) -> Blocks:
    return read_cpuinfo(write(tmp_path, {"proc/cpuinfo": cpuinfo}))


@pytest.fixture(autouse=True)
def no_override(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("ATEN_CPU_CAPABILITY", raising=False)


@pytest.mark.parametrize(
    ("cpuinfo", "name", "who"),
    [
        (GENOA, "AMD EPYC", Identity("AuthenticAMD", "25", "17", "1")),
        (ROME, "AMD EPYC", Identity("AuthenticAMD", "23", "49", "0")),
        (arm(NEOVERSE_V1, ("0xd40", "0x1"), ("0xd40", "0x1")), None, Identity("0x41", "8", "0xd40", "r1p1")),
        # What has no "model name" either: POWER, RISC-V, LoongArch.
        (
            (
                "processor\t: 0\ncpu\t\t: POWER9 (raw), altivec supported\nrevision\t: 2.2 (pvr 004e 1202)\n\n"
                "timebase\t: 512000000\nmodel\t\t: 8335-GTH\n"
            ),
            "POWER9 (raw), altivec supported",
            Identity(stepping="2.2 (pvr 004e 1202)"),
        ),
        (
            "processor\t: 0\nisa\t\t: rv64imafdc\nuarch\t\t: sifive,u74-mc\nmvendorid\t: 0x489\nmarchid\t\t: 0x7\n",
            "sifive,u74-mc",
            Identity("0x489", "0x7", "rv64imafdc"),
        ),
        (
            "processor\t: 0\nCPU Family\t: Loongson-64bit\nModel Name\t: Loongson-3A5000\nCPU Revision\t: 0x11\n",
            "Loongson-3A5000",
            Identity(None, "Loongson-64bit", None, "0x11"),
        ),
        # Two kinds of cores.
        (
            arm(NEOVERSE_N1, ("0xd0b", "0x4"), ("0xd05", "0x2")),
            None,
            Identity("0x41", "8", "0xd05+0xd0b", "r2p1+r4p1"),
        ),
        ("processor\t: 0\nmodel name\t: Odd\n\n", "Odd", Identity()),
        ("", None, Identity()),
    ],
)
def test_processors_of_one_name_are_told_apart(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, cpuinfo: str, name: str | None, who: Identity
) -> None:
    monkeypatch.setattr(processor.platform, "machine", lambda: "aarch64")
    found = blocks(tmp_path, cpuinfo)
    assert cpu_name(found) == (name or "aarch64")
    assert identity(found) == who


def test_what_cannot_be_read_is_no_error(tmp_path: Path) -> None:
    found = read_cpuinfo(tmp_path)
    assert found == []
    assert instruction_sets(found) == ()
    assert cache_bytes(tmp_path) == {}
    assert frequency_mhz(tmp_path) is None
    assert governor(tmp_path) is None


@pytest.mark.parametrize(
    ("cpuinfo", "bits", "some", "kernels"),
    [
        (GENOA, 0, {"avx2", "avx512f", "avx512vl", "avx512_vnni", "avx512_bf16"}, "AVX512"),
        (ROME, 0, {"avx2", "fma"}, "AVX2"),
        # PyTorch asks for three parts of AVX-512, and takes AVX2 where one is missing.
        (epyc(25, 17, 1, AVX2_FLAGS + " avx512f avx512bw avx512vl"), 0, {"avx512f"}, "AVX2"),
        (epyc(25, 17, 1, "sse4_2 avx"), 0, {"avx"}, "DEFAULT"),
        (epyc(25, 17, 1, "sse4_2 avx2"), 0, {"avx2"}, "DEFAULT"),  # without fma
        (arm(NEOVERSE_N1, ("0xd0c", "0x3")), 0, {"asimd", "asimddp"}, "DEFAULT"),
        (arm(NEOVERSE_V1, ("0xd40", "0x1")), 256, {"asimd", "sve", "sve256", "bf16"}, "SVE256"),
        (arm(NEOVERSE_V1, ("0xd4f", "0x0")), 128, {"sve", "sve128"}, "DEFAULT"),
        ("", 0, set(), "DEFAULT"),
    ],
)
def test_instruction_sets_decide_the_kernels_as_in_pytorch(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, cpuinfo: str, bits: int, some: set[str], kernels: str
) -> None:
    monkeypatch.setattr(processor, "sve_bits", lambda: bits)
    sets = instruction_sets(blocks(tmp_path, cpuinfo))
    assert some <= set(sets)
    assert "sse2" not in sets
    assert capability(sets) == kernels


@pytest.mark.parametrize(("asked", "kernels"), [("avx2", "AVX2"), ("default", "DEFAULT"), ("nonsense", "AVX512")])
def test_lesser_kernels_that_a_user_asks_for_are_those_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, asked: str, kernels: str
) -> None:
    monkeypatch.setenv("ATEN_CPU_CAPABILITY", asked)
    assert capability(instruction_sets(blocks(tmp_path, GENOA))) == kernels


def test_here_pytorch_takes_the_kernels_that_are_told() -> None:
    import torch

    sets = instruction_sets(read_cpuinfo())
    assert capability(sets) == torch.backends.cpu.get_cpu_capability()
    cpu = torch.cpu
    told = {
        "avx2": getattr(cpu, "_is_avx2_supported", None),
        "avx512f": getattr(cpu, "_is_avx512_supported", None),
        "avx512_vnni": getattr(cpu, "_is_vnni_supported", None),
        "avx512_bf16": getattr(cpu, "_is_avx512_bf16_supported", None),
        "amx_tile": getattr(cpu, "_is_amx_tile_supported", None),
        "amx_fp16": getattr(cpu, "_is_amx_fp16_supported", None),
    }
    asked = {name: bool(ask()) for name, ask in told.items() if ask is not None}
    assert {name: name in sets for name in asked} == asked


def test_pytorch_takes_the_lesser_kernels_that_are_told(monkeypatch: pytest.MonkeyPatch) -> None:
    sets = instruction_sets(read_cpuinfo())
    if "avx2" not in sets:
        pytest.skip("no x86 processor with AVX2")
    question = "import torch; print(torch.backends.cpu.get_cpu_capability())"
    environment = os.environ | {"ATEN_CPU_CAPABILITY": "avx2"}
    there = subprocess.run([sys.executable, "-c", question], capture_output=True, text=True, env=environment)
    monkeypatch.setenv("ATEN_CPU_CAPABILITY", "avx2")
    assert capability(sets) == there.stdout.strip()


def test_sizes_of_the_caches_that_hold_data(tmp_path: Path) -> None:
    write(tmp_path, caches(L1d="32K", L1i="32K", L2="1024K", L3="32768K"))
    assert cache_bytes(tmp_path) == {"L1d": 32 * 2**10, "L2": 2**20, "L3": 32 * 2**20}


def test_the_c_library_is_asked_where_the_system_hides_its_caches(monkeypatch: pytest.MonkeyPatch) -> None:
    sizes = {188: 32768, 191: 1048576, 194: 0}

    def sysconf(number: int) -> int:
        if number == 191:
            raise OSError("not known here")
        return sizes[number]

    monkeypatch.setattr(processor.os, "sysconf", sysconf)
    assert processor._sysconf_sizes() == {"L1d": 32768}


@pytest.mark.parametrize(
    ("files", "mhz"),
    [
        (clock(scaling_max_freq="2400000", cpuinfo_max_freq="3500000", scaling_cur_freq="1200000"), 2400),
        (clock(cpuinfo_max_freq="3500000"), 3500),
        (clock(base_frequency="2100000"), 2100),
        (clock(scaling_max_freq="<unknown>"), None),
        (clock(scaling_cur_freq="1200000"), None),  # the clock now is no fact of the machine
    ],
)
def test_the_highest_clock_that_is_allowed(tmp_path: Path, files: dict[str, str], mhz: int | None) -> None:
    assert frequency_mhz(write(tmp_path, files)) == mhz


def test_a_kernel_without_sve_has_no_vectors_of_it() -> None:
    if "sve" not in instruction_sets(read_cpuinfo()):
        assert sve_bits() == 0
