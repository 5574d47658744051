"""What only a GPU can show; skipped where there is none, or none that torch can use."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from typing import Any

import pytest
import torch

from zoo.api.measure import measure
from zoo.api.transfer import transfer
from zoo.cost.clock import CudaClock
from zoo.cost.protocol import Protocol
from zoo.cost.settings import CostSettings
from zoo.cost.worker.process import WorkerProcess
from zoo.cost.worker.requests import FirstCall, Prepare, ReadState, Round
from zoo.machine.cuda import on_device, set_float32
from zoo.machine.devices import gpu_count, obstacle, resolve_devices
from zoo.machine.gpu_state import GpuState, driver_handle, processes
from zoo.outcome import Status

pytestmark = [pytest.mark.gpu, pytest.mark.skipif(bool(obstacle("cuda")), reason="no CUDA device that torch can use")]

LAST = f"cuda:{gpu_count() - 1}"
two_gpus = pytest.mark.skipif(gpu_count() < 2, reason="one CUDA device")

PLACE = """
import json
import pynvml
from zoo.machine.gpu_state import driver_handle

with driver_handle("cuda") as handle:
    print(json.dumps(str(pynvml.nvmlDeviceGetUUID(handle))))
"""


@pytest.fixture
def worker() -> Iterator[WorkerProcess]:
    started = WorkerProcess("torchvision/resnet18", None, Protocol(), LAST)
    yield started
    started.close()


def settings(batch: int = 1, precision: str = "fp32") -> CostSettings:
    return CostSettings("latency", LAST, batch, 1, precision, "contiguous", (3, 224, 224))


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


def test_a_graph_is_replayed_with_the_outputs_of_the_model_as_built_and_launches_less() -> None:
    results = measure(["resnet18"], device="cuda", engines=("eager", "cuda_graph"), budget_s=20)
    rows = {row.settings.engine: row for row in results.cost_rows()}
    for row in rows.values():
        assert row.value is not None, row.reason
        assert row.record.outcome.metrics["output_difference"].value < 1e-3
    eager, graph = (rows[name].record.outcome.metrics for name in ("eager", "cuda_graph"))
    assert graph["latency_ms"].value < eager["latency_ms"].value


def test_memory_of_training_is_more_than_that_of_inference() -> None:
    metrics = ("memory", "training_memory")
    results = measure(["resnet18"], device="cuda", metrics=metrics, batches=(8,), budget_s=20)
    found = {row.metric: row for row in results.cost_rows()}
    inference, training = (found[name].value for name in metrics)
    assert inference is not None, found["memory"].reason
    assert training is not None, found["training_memory"].reason
    weights = 4 * 11_689_512
    assert weights < inference.value < 1e9
    assert training.value > 3 * weights  # gradients and AdamW's two moments beside them


def test_a_training_step_has_its_parts() -> None:
    (row,) = measure(["resnet18"], device="cuda", metrics=("training",), batches=(8,), budget_s=20).cost_rows()
    assert row.value is not None, row.reason
    assert {"forward_ms", "backward_ms", "optimiser_ms"} <= set(row.record.outcome.metrics)


def test_energy_is_counted_where_the_driver_counts_it() -> None:
    (row,) = measure(["resnet18"], device="cuda", metrics=("energy",), batches=(32,), budget_s=30).cost_rows()
    assert row.value is not None or "no counter of energy" in row.reason
    if row.value is not None:
        assert 0 < row.value.value < 10


def test_memory_that_runs_out_is_said_so() -> None:
    row = measure(["vgg16"], device="cuda", metrics=("throughput",), batches=(2**17,)).cost_rows()[0]
    assert row.status == Status.OOM
    assert row.value is None


def test_regimes_run_there() -> None:
    results = transfer(["timm/test_resnet"], "digits", shots=(5,), seeds=1, device="cuda", recipe={"steps": 10})
    assert {row.status for row in results.transfer_rows()} == {Status.OK}


def test_auto_takes_it() -> None:
    assert resolve_devices(["auto"]) == ["cpu", "cuda"]


@pytest.mark.parametrize("device", ["cuda", pytest.param(LAST, marks=two_gpus)])
def test_device_time_is_that_of_the_device_whichever_is_the_current_one(device: str) -> None:
    matrix = torch.randn(4096, 4096, device=device)
    clock = CudaClock(device)
    clock.time_call(lambda: matrix @ matrix)
    assert torch.cuda.current_device() == 0
    wall, on_it = clock.time_call(lambda: [matrix @ matrix for _ in range(20)])
    # Work enough that launching is nothing: an event on another device would have waited for none of it.
    assert wall * 0.5 < on_it <= wall * 1.05


@two_gpus
def test_a_worker_computes_on_its_own_device_alone(worker: WorkerProcess) -> None:
    free = [torch.cuda.mem_get_info(index)[0] for index in range(gpu_count())]
    worker.ask(Prepare(settings()), 120, "in a test")
    worker.ask(FirstCall(), 120, "in a test")
    taken = [before - torch.cuda.mem_get_info(index)[0] for index, before in enumerate(free)]
    assert taken[-1] > 100 << 20
    assert max(taken[:-1]) < 50 << 20  # not even a context


def test_the_first_call_is_the_slow_one_and_is_stated_once(worker: WorkerProcess) -> None:
    worker.ask(Prepare(settings()), 120, "in a test")
    first = worker.ask(FirstCall(), 120, "in a test")
    times = worker.ask(Round(), 120, "in a test")
    # It loads the libraries and their kernels.
    assert first > 5 * max(wall for wall, _ in times)
    worker.ask(Prepare(settings(batch=8)), 120, "in a test")
    assert worker.ask(FirstCall(), 120, "in a test") is None


def errors(device: str = "cuda") -> dict[str, float]:
    """Largest error of a matrix product and of a convolution in float32, relative to the largest value."""
    generator = torch.Generator().manual_seed(0)
    a, b = (torch.randn(512, 512, generator=generator) for _ in range(2))
    x, w = torch.randn(8, 64, 32, 32, generator=generator), torch.randn(64, 64, 3, 3, generator=generator)
    convolve = torch.nn.functional.conv2d
    found = {}
    for name, exact, there in (
        ("matmul", a.double() @ b.double(), a.to(device) @ b.to(device)),
        ("convolution", convolve(x.double(), w.double()), convolve(x.to(device), w.to(device))),
    ):
        found[name] = float((there.cpu().double() - exact).abs().max() / exact.abs().max())
    return found


def test_fp32_is_in_full_and_tf32_is_not() -> None:
    with on_device("cuda"):  # which also brings the settings back
        full = errors()
        assert max(full.values()) < 1e-5
        if torch.cuda.get_device_capability() >= (8, 0):
            set_float32("tf32")
            short = errors()
            assert all(short[name] > 10 * full[name] for name in full), (full, short)


def test_tf32_is_a_row_of_its_own_and_is_not_slower() -> None:
    if torch.cuda.get_device_capability() < (8, 0):
        pytest.skip("no TF32 there")
    results = measure(
        ["resnet18"], device="cuda", metrics=("throughput",), batches=(64,), precisions=("fp32", "tf32"), budget_s=30
    )
    rates = {row.settings.precision: row.value.value for row in results.cost_rows() if row.value is not None}
    assert rates["tf32"] > rates["fp32"] * 0.98


def test_the_state_is_that_of_a_gpu_at_work(worker: WorkerProcess) -> None:
    worker.ask(Prepare(settings(batch=32)), 120, "in a test")
    worker.ask(FirstCall(), 120, "in a test")
    worker.ask(Round(), 120, "in a test")
    state = worker.ask(ReadState(), 120, "in a test")
    assert isinstance(state, GpuState)
    # Numbered as outside of a container, or not told at all: then the worker is not among them by its number.
    assert state.pids == () or worker.pid in state.pids or len(state.pids) >= 1


def test_nobody_is_a_stranger_where_nobody_else_is() -> None:
    torch.cuda.mem_get_info(0)  # this process is there too, as a notebook would be
    with driver_handle("cuda") as handle:
        if len(processes(handle)) > 1:
            pytest.skip("somebody else is there")
    results = measure(["resnet18", "squeezenet1_0"], device="cuda", budget_s=20)
    flags: list[Any] = [flag for row in results.cost_rows() for flag in row.record.outcome.flags]
    assert not [flag for flag in flags if "other process" in flag]


def test_the_driver_is_asked_of_the_gpu_that_torch_means() -> None:
    import pynvml

    pynvml.nvmlInit()
    uuids = [str(pynvml.nvmlDeviceGetUUID(pynvml.nvmlDeviceGetHandleByIndex(i))) for i in range(gpu_count())]
    for visible in (str(len(uuids) - 1), uuids[-1]):
        environment = os.environ | {"CUDA_VISIBLE_DEVICES": visible, "CUDA_DEVICE_ORDER": "PCI_BUS_ID"}
        answer = subprocess.run([sys.executable, "-c", PLACE], capture_output=True, check=True, env=environment)
        assert json.loads(answer.stdout) == uuids[-1]


def test_memory_goes_back_between_rounds(worker: WorkerProcess) -> None:
    index = gpu_count() - 1
    torch.cuda.mem_get_info(index)  # this process's own context, once and for all
    worker.ask(Prepare(settings(batch=256)), 120, "in a test")
    worker.ask(FirstCall(), 120, "in a test")
    before = torch.cuda.mem_get_info(index)[0]
    for _ in range(3):
        worker.ask(Round(), 120, "in a test")
        # Activations of 256 images are gigabytes.
        assert abs(torch.cuda.mem_get_info(index)[0] - before) < 200 << 20
