"""What a container may use is the least of what its groups allow, in both versions of them."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from tests.machine.planted import V2, groups, v1, write
from zoo.machine.cgroup import cpu_quota, memory_limit
from zoo.machine.memory import memory_total

GIB = 2**30


@pytest.mark.parametrize(
    ("files", "quota"),
    [
        # Version 2: a container that sees its own group as the root.
        (groups("0::/\n", V2, **{"cpu.max": "50000 100000"}), 0.5),
        (groups("0::/\n", V2, **{"cpu.max": "max 100000"}), None),
        (groups("0::/\n", V2), None),  # the root of a host has no such file
        # Nested: the least wins, wherever it stands.
        (
            groups("0::/a/b\n", V2, **{"cpu.max": "max 100000", "a/cpu.max": "150000 100000", "a/b/cpu.max": "max"}),
            1.5,
        ),
        (groups("0::/a/b\n", V2, **{"a/cpu.max": "400000 100000", "a/b/cpu.max": "250000 100000"}), 2.5),
        (groups("0::/a/b\n", V2, **{"a/other/cpu.max": "100000 100000"}), None),
        # Version 1.
        (
            groups(
                "4:memory:/\n2:cpu,cpuacct:/\n",
                v1("cpu,cpuacct"),
                **{"cpu,cpuacct/cpu.cfs_quota_us": "75000", "cpu,cpuacct/cpu.cfs_period_us": "100000"},
            ),
            0.75,
        ),
        (groups("1:cpu:/\n", v1("cpu"), **{"cpu/cpu.cfs_quota_us": "-1", "cpu/cpu.cfs_period_us": "100000"}), None),
        (
            groups(
                "1:cpu:/pod/c\n",
                v1("cpu"),
                **{
                    "cpu/cpu.cfs_quota_us": "-1", "cpu/cpu.cfs_period_us": "100000",
                    "cpu/pod/cpu.cfs_quota_us": "300000", "cpu/pod/cpu.cfs_period_us": "100000",
                    "cpu/pod/c/cpu.cfs_quota_us": "-1", "cpu/pod/c/cpu.cfs_period_us": "100000",
                },
            ),
            3.0,
        ),
        # A container without a namespace of its own: its path is the host's, and only its group is mounted.
        (
            groups(
                "1:cpu:/docker/abc\n",
                v1("cpu", "/docker/abc"),
                **{"cpu/cpu.cfs_quota_us": "200000", "cpu/cpu.cfs_period_us": "100000"},
            ),
            2.0,
        ),
        # A process that was put elsewhere than what is mounted.
        (groups("0::/../other\n", V2, **{"cpu.max": "50000 100000"}), 0.5),
        # Both at once: the processor by version 1, version 2 for nothing.
        (
            groups(
                "1:cpu:/\n0::/\n",
                V2.replace("/sys/fs/cgroup ", "/sys/fs/cgroup/unified "),
                v1("cpu"),
                **{"cpu/cpu.cfs_quota_us": "50000", "cpu/cpu.cfs_period_us": "100000"},
            ),
            0.5,
        ),
        # A quarter of a core in a period of its own, in a group whose name has a space and a colon.
        (groups("0::/my group:1\n", V2, **{"my group:1/cpu.max": "6250 25000"}), 0.25),
        # What makes no sense is no limit.
        (groups("0::/\n", V2, **{"cpu.max": "much"}), None),
        (groups("0::/\n", V2, **{"cpu.max": "50000 0"}), None),
        (groups("1:cpu:/\n", v1("cpu"), **{"cpu/cpu.cfs_quota_us": "50000"}), None),
        ({}, None),
    ],
)  # fmt: skip
def test_the_quota_is_the_least_of_the_groups_up_to_the_root(
    tmp_path: Path, files: dict[str, str], quota: float | None
) -> None:
    assert cpu_quota(write(tmp_path, files)) == quota


@pytest.mark.parametrize(
    ("files", "limit"),
    [
        (groups("0::/\n", V2, **{"memory.max": str(2 * GIB)}), 2 * GIB),
        (groups("0::/\n", V2, **{"memory.max": "max"}), None),
        # systemd's MemoryHigh, beyond which all is slowed down.
        (groups("0::/\n", V2, **{"memory.max": "max", "memory.high": str(GIB)}), GIB),
        (groups("0::/\n", V2, **{"memory.max": str(GIB), "memory.high": "max"}), GIB),
        (groups("4:memory:/docker/abc\n", v1("memory", "/docker/abc"), **{"memory/memory.limit_in_bytes": "5"}), 5),
        (groups("0::/a/b\n", V2, **{"a/memory.max": str(GIB), "a/b/memory.max": str(3 * GIB)}), GIB),
        (groups("4:memory:/x\n", v1("memory"), **{"memory/x/memory.limit_in_bytes": str(GIB)}), GIB),
        ({}, None),
    ],
)
def test_memory_is_that_of_the_group_where_it_is_less(
    tmp_path: Path, files: dict[str, str], limit: int | None
) -> None:
    root = write(tmp_path, files)
    physical = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    assert memory_limit(root) == limit
    assert memory_total(root) == min(physical, limit or physical)


def test_no_limit_in_version_1_is_a_large_number_and_the_machine_s_memory_is_less(tmp_path: Path) -> None:
    files = groups("4:memory:/\n", v1("memory"), **{"memory/memory.limit_in_bytes": "9223372036854771712"})
    assert memory_total(write(tmp_path, files)) == os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")


def test_this_process_s_own_groups_are_read_without_an_error() -> None:
    quota = cpu_quota()
    assert quota is None or quota > 0
    assert memory_total() > 0
