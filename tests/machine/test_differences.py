"""Two machines have one key only where nothing that decides speed differs, and an unknown one shares none."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from tests.machine.planted import GENOA, NEOVERSE_N1, ROME, V2, arm, caches, clock, groups, write
from tests.machine.test_fingerprint import OLD
from zoo.machine.differences import (
    KEYED,
    PROCESSOR,
    UNKNOWN,
    hardware_differences,
    is_known,
    machine_key,
    software_differences,
)
from zoo.machine.fingerprint import Gpu, Machine, fingerprint
from zoo.machine.yardstick import Yardstick

KNOWN = Machine(
    cpu="AMD EPYC", vendor="AuthenticAMD", family="25", model="17", stepping="1",
    instruction_sets=("avx2", "avx512f", "avx512vl"), capability="AVX512",
    cache_bytes={"L1d": 32768, "L2": 1048576, "L3": 33554432}, frequency_mhz=3400, cores=4, usable_cores=2,
    cpu_quota=1.5, memory_bytes=8 * 2**30, gpus=(Gpu("A GPU", "550"),), python="3.11",
    libraries={"torch": "2.15.0"}, zoo="0.1.0", system="Linux 6.1", governor="performance",
)  # fmt: skip

WRITTEN = Path(__file__).parents[1] / "results" / "written_by_1" / "records.jsonl"


def test_two_arm_processors_which_have_no_name_have_two_keys(tmp_path: Path) -> None:
    """Of one instruction set and one size: their makers' numbers alone tell them apart."""
    first, second = (
        fingerprint(write(tmp_path / part, {"proc/cpuinfo": arm(NEOVERSE_N1, (part, "0x1"))}))
        for part in ("0xd0c", "0xd40")
    )
    assert first.cpu == second.cpu
    assert machine_key(first) != machine_key(second)
    assert "model: 0xd0c and 0xd40" in hardware_differences(first, second)


def test_two_processors_of_one_name_have_two_keys(tmp_path: Path) -> None:
    """The fault: AVX-512 and AVX2 alone, 3.5 times slower, both "AMD EPYC" with two cores."""
    fast, slow = (
        fingerprint(write(tmp_path / name, {"proc/cpuinfo": cpuinfo} | caches(L1d="32K", L2="1024K")))
        for name, cpuinfo in (("fast", GENOA), ("slow", ROME))
    )
    assert fast.cpu == slow.cpu
    assert machine_key(fast) != machine_key(slow)
    said = hardware_differences(fast, slow)
    assert "PyTorch's kernels: AVX512 and AVX2" in said
    assert "family: 25 and 23" in said
    assert any(line.startswith("instruction sets of one alone: avx512f, ") for line in said)
    assert software_differences(fast, slow) == []


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"cpu": "Another"}, "cpu: AMD EPYC and Another"),
        ({"cores": 8}, "cores: 4 and 8"),
        ({"usable_cores": 1}, "usable_cores: 2 and 1"),
        ({"vendor": "HygonGenuine"}, "vendor: AuthenticAMD and HygonGenuine"),
        ({"family": "26"}, "family: 25 and 26"),
        ({"model": "1"}, "model: 17 and 1"),
        ({"stepping": None}, "stepping: 1 and None"),
        ({"capability": "AVX2"}, "PyTorch's kernels: AVX512 and AVX2"),
        ({"instruction_sets": ("avx2", "amx_tile")}, "instruction sets of one alone: avx512f, avx512vl and amx_tile"),
        ({"cache_bytes": {"L1d": 49152}}, "caches: L1d 32 KiB, L2 1 MiB, L3 32 MiB and L1d 48 KiB"),
        ({"cache_bytes": {}}, "caches: L1d 32 KiB, L2 1 MiB, L3 32 MiB and not readable"),
        ({"frequency_mhz": 2000}, "frequency: 3400 MHz and 2000 MHz"),
        ({"frequency_mhz": None}, "frequency: 3400 MHz and not readable"),
        ({"cpu_quota": None}, "CPU quota: 1.5 cores and none"),
        ({"cpu_quota": 0.5}, "CPU quota: 1.5 cores and 0.5 cores"),
        ({"gpus": ()}, "gpus: A GPU and none"),
    ],
)
def test_what_decides_speed_is_of_the_key_and_said(change: dict[str, Any], said: str) -> None:
    other = replace(KNOWN, **change)
    assert machine_key(other) != machine_key(KNOWN)
    assert hardware_differences(KNOWN, other) == [said]


@pytest.mark.parametrize(
    "change",
    [
        {"memory_bytes": 1}, {"zoo": "9"}, {"system": "Linux 7"}, {"governor": None},
        {"yardstick": Yardstick(1.0, 1.0)}, {"other": {"load": 3}},
    ],
)  # fmt: skip
def test_what_decides_no_speed_is_not_of_the_key(change: dict[str, Any]) -> None:
    other = replace(KNOWN, **change)
    assert machine_key(other) == machine_key(KNOWN)
    assert hardware_differences(KNOWN, other) == software_differences(KNOWN, other) == []


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"python": "3.12"}, "python 3.11 → 3.12"),
        ({"libraries": {"torch": "2.16.0"}}, "torch 2.15.0 → 2.16.0"),
        ({"gpus": (Gpu("A GPU", "560"),)}, "driver 550 → 560"),
    ],
)
def test_what_was_installed_anew_makes_no_other_machine(change: dict[str, Any], said: str) -> None:
    other = replace(KNOWN, **change)
    assert machine_key(other) != machine_key(KNOWN)
    assert hardware_differences(KNOWN, other) == []
    assert software_differences(KNOWN, other) == [said]


def test_half_a_core_s_quota_is_another_machine(tmp_path: Path) -> None:
    keys = {
        quota: machine_key(
            fingerprint(
                write(tmp_path / str(n), {"proc/cpuinfo": GENOA} | groups("0::/\n", V2, **{"cpu.max": quota}))
            )
        )
        for n, quota in enumerate(("max 100000", "50000 100000", "100000 100000"))
    }
    assert len(set(keys.values())) == 3


def test_a_key_is_the_same_each_time(tmp_path: Path) -> None:
    files = {"proc/cpuinfo": GENOA} | clock(scaling_max_freq="3400000")
    first = fingerprint(write(tmp_path, files))
    moved = GENOA.replace("2596.150", "1200.000")  # the clock of this moment
    again = fingerprint(write(tmp_path, files | {"proc/cpuinfo": moved} | clock(scaling_cur_freq="1200000")))
    assert machine_key(first) == machine_key(again)
    assert machine_key(fingerprint()) == machine_key(fingerprint())


def test_old_records_keep_the_key_that_they_were_stored_with() -> None:
    records = [json.loads(line) for line in WRITTEN.read_text().splitlines()]
    measured = [record for record in records if record["trial"]["kind"] != "published"]
    assert measured
    for record in measured:
        machine = Machine.from_dict(record["environment"])
        assert machine_key(machine) == record["machine"]
        assert not is_known(machine)


def test_an_unknown_machine_is_never_a_known_one() -> None:
    old = Machine.from_dict({name: value for name, value in KNOWN.to_dict().items() if name not in PROCESSOR})
    assert not is_known(old)
    assert is_known(KNOWN)
    assert is_known(replace(KNOWN, instruction_sets=()))  # could not be read, and was looked for
    assert machine_key(old) != machine_key(KNOWN)
    assert {getattr(old, name) == getattr(KNOWN, name) for name in KEYED} == {True}
    assert hardware_differences(old, KNOWN) == hardware_differences(KNOWN, old) == [UNKNOWN]


def test_what_both_tell_is_said_beside() -> None:
    old = Machine.from_dict(OLD)
    assert hardware_differences(old, KNOWN) == [UNKNOWN, "cores: 2 and 4"]
    imported = Machine(cpu="A CPU", python="3.11", other={"imported_from": "pytest-benchmark"})
    first, *others = hardware_differences(KNOWN, imported)
    assert first == "unknown machine: imported from pytest-benchmark, which tells only its name"
    assert others == ["cpu: AMD EPYC and A CPU", "gpus: A GPU and none"]


def test_two_unknown_machines_are_held_together_as_they_always_were() -> None:
    old = Machine.from_dict(OLD)
    assert hardware_differences(old, old) == []
    assert hardware_differences(old, Machine.from_dict(OLD | {"cpu": "B", "cores": None})) == [
        "cpu: AMD EPYC and B",
        "cores: 2 and None",
    ]
