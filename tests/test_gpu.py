"""What only a GPU can show; skipped where there is none."""

from __future__ import annotations

import pytest

from zoo.cost.settings import gpu_count
from zoo.runs.adhoc import measure, transfer
from zoo.statistics.outcome import Status

pytestmark = [pytest.mark.gpu, pytest.mark.skipif(gpu_count() == 0, reason="no CUDA device")]


def test_latency_has_wall_and_device_time() -> None:
    results = measure(["resnet18", "squeezenet1_0"], device="cuda", budget_s=20)
    for row in results.cost_rows():
        assert row.status in (Status.OK, Status.UNCONVERGED), row.reason
        device = row.record.outcome.metrics["device_ms"]
        assert row.value is not None
        assert 0 < device.value <= row.value.value * 1.05


def test_half_precision_and_throughput() -> None:
    results = measure(
        ["resnet18"], device="cuda", metrics=("throughput",), batches=(32,), precisions=("fp16", "bf16"), budget_s=20
    )
    assert len(results.cost_rows()) == 2
    assert all(row.value is not None and row.value.value > 100 for row in results.cost_rows())


def test_memory_that_runs_out_is_said_so() -> None:
    row = measure(["vgg16"], device="cuda", metrics=("throughput",), batches=(2**17,)).cost_rows()[0]
    assert row.status == Status.OOM
    assert row.value is None


def test_regimes_run_there() -> None:
    results = transfer(["timm/test_resnet"], "digits", shots=(5,), seeds=1, device="cuda", recipe={"steps": 10})
    assert {row.status for row in results.transfer_rows()} == {Status.OK}
