"""A higher percentile is never less than a lower one."""

from __future__ import annotations

from zoo.statistics.percentiles import disordered


def test_percentiles_of_one_unit_rise() -> None:
    assert disordered({"p90_ms": 2.0, "p99_ms": 3.0, "latency_ms": 9.0, "p5_ms": 1.0}) is None
    assert disordered({"p90_ms": 4.0, "p99_ms": 3.0}) == ("p90_ms", "p99_ms")
    assert disordered({"p100_ms": 1.0, "p99_ms": 3.0}) == ("p99_ms", "p100_ms")  # by number, not as text
    assert disordered({"p90_ms": 4.0, "p99_s": 3.0}) is None
    assert disordered({}) is None
