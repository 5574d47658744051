"""What a record tells of its machine, from before the zoo told processors apart and since."""

from __future__ import annotations

import json
import subprocess
import sys
import time
from dataclasses import fields
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.machine.planted import GENOA, V2, caches, clock, groups, write
from zoo.machine.fingerprint import READERS, WRITERS, Gpu, Machine, fingerprint
from zoo.machine.yardstick import Yardstick

OLD: dict[str, Any] = {
    "cpu": "AMD EPYC", "cores": 2, "usable_cores": 2, "memory_bytes": 8 * 2**30,
    "gpus": [{"name": "A GPU", "driver": "550.54"}], "python": "3.11",
    "libraries": {"torch": "2.15.0", "torchvision": "0.29.2", "timm": "1.0.31"}, "zoo": "0.1.0",
    "system": "Linux 6.1", "governor": None,
}  # fmt: skip

PLANTED = {
    "proc/cpuinfo": GENOA,
    **caches(L1d="32K", L1i="32K", L2="1024K", L3="32768K"),
    **clock(scaling_max_freq="3400000", scaling_governor="performance"),
    **groups("0::/\n", V2, **{"cpu.max": "50000 100000", "memory.max": "1000000"}),
}


def test_a_machine_is_told_whole(tmp_path: Path) -> None:
    found = fingerprint(write(tmp_path, PLANTED))
    assert (found.cpu, found.vendor, found.family, found.model, found.stepping) == (
        "AMD EPYC", "AuthenticAMD", "25", "17", "1",
    )  # fmt: skip
    assert "avx512vl" in (found.instruction_sets or ())
    assert found.cache_bytes == {"L1d": 32768, "L2": 1048576, "L3": 33554432}
    assert (found.cpu_quota, found.memory_bytes, found.frequency_mhz) == (0.5, 1000000, 3400)
    assert found.governor == "performance"
    assert set(found.libraries or {}) == {"torch", "torchvision", "timm"}
    assert found.cores
    assert found.usable_cores
    assert found.other == {}
    assert found.yardstick is None  # that is measured, not read


def test_this_machine_survives_json(tmp_path: Path) -> None:
    for found in (fingerprint(), fingerprint(write(tmp_path, PLANTED)), fingerprint(tmp_path / "nothing")):
        assert Machine.from_dict(json.loads(json.dumps(found.to_dict()))) == found


def test_every_field_is_read_and_written() -> None:
    assert set(READERS) == {field.name for field in fields(Machine)} - {"other"}
    assert set(WRITERS) < set(READERS)
    whole = Machine(
        **dict.fromkeys(("cpu", "vendor", "family", "model", "stepping", "capability", "python"), "text"),
        instruction_sets=("avx2",), cache_bytes={"L2": 1}, frequency_mhz=1, cores=1, usable_cores=1, cpu_quota=0.5,
        memory_bytes=1, gpus=(Gpu("A GPU", "550"),), libraries={"torch": "2"}, zoo="0", system="s", governor="g",
        yardstick=Yardstick(1.0, 2.0), other={"more": [1]},
    )  # fmt: skip
    assert None not in (getattr(whole, field.name) for field in fields(Machine))
    assert Machine.from_dict(json.loads(json.dumps(whole.to_dict()))) == whole


@pytest.mark.parametrize(
    "data",
    [
        OLD,
        {"source": "results-imagenet.csv", "sha256": "0" * 64},
        {"cpu": None, "python": "3.11", "system": "Linux 6.1", "imported_from": "pytest-benchmark"},
        OLD | {"of_a_later_zoo": {"a": [1, None]}, "load": 0.5},
        # No values of their kind: nothing falls over, and nothing is lost.
        {
            "cpu": 3, "cores": True, "usable_cores": "2", "memory_bytes": 1.5, "gpus": [{"name": "x"}],
            "libraries": {"torch": 2}, "instruction_sets": "avx2", "cache_bytes": [1], "cpu_quota": "half",
            "frequency_mhz": float("inf"), "yardstick": {"matmul_ms": 1.0}, "zoo": ["0"],
        },
        {"gpus": [{"name": "x", "driver": "1", "memory": 3}], "yardstick": 3, "cores": 10**400},
        {"yardstick": {"matmul_ms": 0, "convolution_ms": 1}},
    ],
)  # fmt: skip
def test_nothing_that_a_record_tells_is_lost(data: dict[str, Any]) -> None:
    assert Machine.from_dict(data).to_dict() == data


values = st.none() | st.floats(allow_nan=False) | st.text() | st.lists(st.text())


@settings(suppress_health_check=[HealthCheck.too_slow], deadline=None)
@given(st.dictionaries(st.sampled_from([*READERS, "else"]), values))
def test_whatever_stands_in_a_record_is_kept(data: dict[str, Any]) -> None:
    assert Machine.from_dict(data).to_dict() == data


def test_old_records_are_read() -> None:
    found = Machine.from_dict(OLD)
    assert (found.cpu, found.cores, found.gpus) == ("AMD EPYC", 2, (Gpu("A GPU", "550.54"),))
    assert found.instruction_sets is None


def test_each_command_can_afford_to_tell_its_machine() -> None:
    """Neither torch nor a process of its own: on an idle machine it takes 4 ms."""
    script = (
        "import sys, subprocess\n"
        "subprocess.Popen = None\n"
        "from zoo.machine.fingerprint import fingerprint\n"
        "fingerprint()\n"
        "assert not {'torch', 'numpy', 'pandas'} & set(sys.modules)\n"
    )
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    fingerprint()
    started = time.process_time()
    for _ in range(5):
        fingerprint()
    assert time.process_time() - started < 5 * 0.1
