"""``zoo doctor`` shows what decides a number here, and says where it cannot be read."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.machine.planted import GENOA, V2, caches, clock, groups, write
from zoo.cli.main import main
from zoo.commands import doctor as module
from zoo.machine.differences import machine_key
from zoo.machine.fingerprint import Machine, fingerprint
from zoo.machine.yardstick import Yardstick


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
    monkeypatch.setattr(module, "_noise", lambda store: ["planted"])
    lines = shown(fingerprint(tmp_path), monkeypatch, capsys, "--noise").splitlines()
    assert said in lines
    assert "noise floor  planted" in lines
