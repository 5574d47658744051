"""A benchmark of pytest-benchmark is times: it becomes a latency or a throughput, and no other metric."""

from __future__ import annotations

from typing import Any

import pytest

from tests.results.planted import cost
from zoo.cli.measured import measured_lines
from zoo.errors import InputFileError
from zoo.results.importers.pytest_benchmark import from_pytest_benchmark
from zoo.results.view import Results


def benchmark(metric: str) -> dict[str, Any]:
    settings = cost("resnet18", 1.0, metric=metric, batch=4).trial.settings.to_dict()
    info = {"model": "torchvision/resnet18", "weights": "random", "settings": settings}
    return {"benchmarks": [{"name": "b", "extra_info": info, "stats": {"data": [0.02, 0.02, 0.02, 0.02]}}]}


@pytest.mark.parametrize(("metric", "value"), [("latency", "20.0 ms"), ("throughput", "200 images/s")])
def test_times_are_a_latency_or_a_rate(metric: str, value: str) -> None:
    [record] = from_pytest_benchmark(benchmark(metric), "b.json")
    assert record.outcome.samples["round_medians_ms"] == [20.0] * 4
    [line] = measured_lines(Results([record]))
    marks = "no interval, flagged: timed alone, not interleaved"
    assert line == f"{metric}, cpu, batch 4, 1 thread: {value} ({marks})"


def test_another_metric_is_refused_in_one_line() -> None:
    with pytest.raises(InputFileError, match=r"b\.json, benchmark 'b': not whole: .* not 'disk'"):
        from_pytest_benchmark(benchmark("disk"), "b.json")
