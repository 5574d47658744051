"""The models of a suite under pytest-benchmark, for whoever keeps its history and its comparisons.

The zoo's own tables come from ``zoo run``, which interleaves models and states intervals; here each model
is timed alone. ``pytest benchmarks/bench_models.py --suite quick --benchmark-json out.json`` writes a file
that ``zoo results import out.json`` reads.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from pytest_benchmark.fixture import BenchmarkFixture

    from zoo.plans.cost import PlannedCost


@pytest.mark.timeout(600)
def test_inference(benchmark: BenchmarkFixture, planned_cost: PlannedCost) -> None:
    """One forward pass at the suite's setting, after a warm-up that is not counted."""
    import torch

    from zoo.cost.engines import ENGINES
    from zoo.cost.inputs import make_input
    from zoo.machine.cuda import set_float32, use

    case, settings = planned_cost.case, planned_cost.case.settings
    before = torch.get_num_threads()
    torch.set_num_threads(settings.threads)
    try:
        on_gpu = settings.device.startswith("cuda")
        if on_gpu:
            use(settings.device)
        model = ENGINES.get(settings.engine).build(case.model, case.weights, settings)
        images = make_input(settings)
        if on_gpu:
            set_float32(settings.precision)

        def forward() -> Any:
            with torch.inference_mode():
                output = model(images)
            if on_gpu:
                torch.cuda.synchronize()
            return output

        benchmark.group = f"{settings.metric}, batch {settings.batch}, {settings.threads} threads"
        benchmark.extra_info.update(
            model=planned_cost.trial.model,
            weights=planned_cost.trial.weights,
            settings=planned_cost.trial.settings.to_dict(),
        )
        output = benchmark.pedantic(forward, rounds=10, warmup_rounds=3)
    finally:
        torch.set_num_threads(before)
    assert output.shape[0] == settings.batch
    assert torch.isfinite(output).all()
