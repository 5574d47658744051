"""``zoo doctor`` shows what decides a number here, and says where it cannot be read."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.machine.planted import GENOA, V2, caches, clock, groups, write
from tests.results.planted import cost
from zoo.cli.main import main
from zoo.commands import doctor as module
from zoo.machine.contention import Contention
from zoo.machine.differences import machine_key
from zoo.machine.fingerprint import Machine, fingerprint
from zoo.machine.yardstick import Yardstick
from zoo.report.sections.noise import NoiseFloor
from zoo.statistics.comparison import RatioInterval
from zoo.store.store import Store

FLOOR = NoiseFloor("resnet18", "latency", RatioInterval(1.005, 0.999, 1.011, 9, 0.2), paired=True)


@pytest.fixture(autouse=True)
def quick(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(module, "WATCH_S", 0.01)
    monkeypatch.delenv("ATEN_CPU_CAPABILITY", raising=False)
    monkeypatch.setenv("ZOO_STORE", str(tmp_path / "records.sqlite"))


def shown(machine: Machine, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], *words: str) -> str:
    monkeypatch.setattr(module, "fingerprint", lambda: machine)
    with pytest.raises(SystemExit) as left:
        main(["doctor", *words])
    assert left.value.code in (0, None)
    return capsys.readouterr().out


def test_the_processor_and_half_a_core_of_quota_are_shown(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    files = {
        "proc/cpuinfo": GENOA,
        **caches(L1d="32K", L1i="32K", L2="1024K", L3="32768K"),
        **clock(scaling_max_freq="3400000", scaling_governor="performance"),
        **groups("0::/\n", V2, **{"cpu.max": "50000 100000", "memory.max": str(2**30)}),
    }
    machine = fingerprint(write(tmp_path, files))
    lines = shown(machine, monkeypatch, capsys).splitlines()
    cores = f"{machine.usable_cores} of {machine.cores} cores usable"
    assert f"machine      {machine_key(machine)}" in lines
    assert f"cpu          AMD EPYC (family 25, model 17, stepping 1, AVX512), {cores}, CPU quota 0.5 cores" in lines
    [sets] = [line for line in lines if line.startswith("instructions ")]
    assert "avx512vl, avx512_vnni" in sets
    assert "caches       L1d 32 KiB, L2 1 MiB, L3 32 MiB" in lines
    assert "frequency    3400 MHz, governor performance" in lines
    assert "memory       1.0 GiB" in lines


def test_what_cannot_be_read_is_said(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    lines = shown(fingerprint(tmp_path), monkeypatch, capsys).splitlines()
    for line in (
        "instructions not readable",
        "caches       not readable",
        "frequency    not readable, governor not readable",
    ):
        assert line in lines
    [cpu] = [line for line in lines if line.startswith("cpu ")]
    assert cpu.endswith("cores usable, CPU quota none")
    assert not any(line.startswith("yardstick") for line in lines)


@pytest.mark.parametrize(
    ("found", "said"),
    [
        ((Yardstick(2.7345, 2.1), ""), "yardstick    matrix product 2.73 ms, convolution 2.10 ms"),
        ((None, "no answer within 120 s"), "yardstick    no answer within 120 s"),
    ],
)
def test_the_yardstick_is_shown_with_the_noise(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    found: tuple[Yardstick | None, str],
    said: str,
) -> None:
    monkeypatch.setattr(module, "measure_yardstick", lambda: found)
    monkeypatch.setattr(module, "_noise", lambda store: [FLOOR])
    lines = shown(fingerprint(tmp_path), monkeypatch, capsys, "--noise").splitlines()
    assert said in lines
    assert "noise floor  resnet18, latency: +0.50% [-0.10, +1.10] (9 rounds in common; the interval holds 1)" in lines


def test_programs_get_numbers_with_units_in_their_names(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    files = {
        "proc/cpuinfo": GENOA,
        **caches(L1d="32K", L1i="32K", L2="1024K", L3="32768K"),
        **clock(scaling_max_freq="3400000", scaling_governor="performance"),
        **groups("0::/\n", V2, **{"cpu.max": "50000 100000", "memory.max": str(2**30)}),
    }
    machine = fingerprint(write(tmp_path, files))
    monkeypatch.setattr(module, "measure_yardstick", lambda: (Yardstick(2.7345, 2.1), ""))
    monkeypatch.setattr(module, "_noise", lambda store: [FLOOR])
    seen = iter([Contention(1.0, 5, 1000), Contention(1.0025, 7, 1200)])
    monkeypatch.setattr(module, "read_contention", lambda: next(seen))
    with Store(f"sqlite:///{tmp_path / 'records.sqlite'}") as store:
        store.add_all([cost("resnet18", 20.0)])
    found = json.loads(shown(machine, monkeypatch, capsys, "--noise", "--format", "json"))
    known = found["machine"]
    assert known["key"] == machine_key(machine)
    assert (known["cpu_quota_cores"], known["memory_bytes"], known["frequency_mhz"]) == (0.5, 2**30, 3400)
    assert known["cache_bytes"] == {"L1d": 32 * 1024, "L2": 2**20, "L3": 32 * 2**20}
    assert "avx512_vnni" in known["instruction_sets"]
    assert found["contention"] == {"watched_s": 0.01, "waiting_s": 0.0025, "stolen_fraction": 0.01}
    assert (found["store"]["records"], isinstance(found["store"]["records"], int)) == (1, True)
    assert [(place["place"], place["files"]) for place in found["weights"]] == [
        ("torch hub", 0), ("hub cache", 0), ("zoo's own", 0),
    ]  # fmt: skip
    assert "digits" in found["tasks"]
    assert found["catalogue"]["is_current"] == (not found["catalogue"]["new_tags"])
    assert found["yardstick"] == {"matmul_ms": 2.7345, "convolution_ms": 2.1, "reason": ""}
    assert found["noise_floors"] == [
        {
            "model": "resnet18", "setting": "latency", "ratio": 1.005, "low": 0.999, "high": 1.011, "rounds": 9,
            "paired": True,
        }
    ]  # fmt: skip


def test_programs_get_null_for_what_cannot_be_read_or_was_not_asked_for(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(module, "read_contention", lambda: Contention(None, None, None))
    found = json.loads(shown(fingerprint(tmp_path), monkeypatch, capsys, "--format", "json"))
    assert {found["machine"][name] for name in ("frequency_mhz", "governor", "cpu_quota_cores")} == {None}
    assert (found["contention"]["waiting_s"], found["contention"]["stolen_fraction"]) == (None, None)
    assert (found["store"]["records"], found["yardstick"], found["noise_floors"]) == (None, None, None)
