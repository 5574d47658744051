"""Training steps, memory, load time, first calls and size on disk, measured of small models by real workers."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import torch
from torch import nn

from zoo.cohorts.measure import measure_cost
from zoo.cost.case import Case
from zoo.cost.checks import check_settings
from zoo.cost.engines import ENGINES
from zoo.cost.engines.base import Engine
from zoo.cost.engines.builder import Builder
from zoo.cost.metrics import METRICS, energy
from zoo.cost.metrics.disk_size import size
from zoo.cost.metrics.training import Step
from zoo.cost.protocol import Protocol
from zoo.cost.settings import CostSettings
from zoo.errors import ZooError
from zoo.machine.energy import Counter, counter_for
from zoo.outcome import Outcome, ReasonError, Status

PROTOCOL = Protocol(min_round_s=0.0, min_iterations=3, warmup_iterations=3, target_half_width=10.0)
MODEL = "timm/test_resnet"


def settings_of(metric: str, batch: int = 1, **changed: Any) -> CostSettings:
    form = "trained" if METRICS.get(metric).trains else "deployed"
    stated = {"precision": "fp32", "form": form} | changed
    return CostSettings(
        metric, "cpu", batch, 1, stated["precision"], "contiguous", (3, 64, 64), "eager", stated["form"]
    )


def measured(
    *settings: CostSettings,
    model: str = MODEL,
    weights: str | Path | None = None,
    protocol: Protocol = PROTOCOL,
) -> list[Outcome]:
    cases = [Case(str(number), model, weights, each) for number, each in enumerate(settings)]
    found = {case.label: outcome for case, outcome in measure_cost(cases, protocol, anchor=None)}
    return [found[case.label] for case in cases]


def values(outcome: Outcome) -> dict[str, float]:
    assert (outcome.status, outcome.reason) == (Status.OK, "")
    return {key: found.value for key, found in outcome.metrics.items()}


def test_a_step_has_its_parts_and_is_longer_than_a_call() -> None:
    step, call = (values(one) for one in measured(settings_of("training", 8), settings_of("throughput", 8)))
    parts = [step[key] for key in ("forward_ms", "backward_ms", "optimiser_ms")]
    assert all(part > 0 for part in parts)
    assert sum(parts) == pytest.approx(step["training_ms"], rel=0.5)
    assert step["training_ms"] > 8000 / call["throughput"]
    assert "output_difference" not in step


class Counting(nn.Module):
    """A model of one weight, which knows in what mode it was called."""

    def __init__(self) -> None:
        super().__init__()
        self.weight = nn.Parameter(torch.ones(3, 4))
        self.modes: list[bool] = []

    def forward(self, images: torch.Tensor) -> torch.Tensor:
        self.modes.append(self.training)
        return images.mean((2, 3)) @ self.weight


def test_a_step_trains_every_parameter_in_train_mode_and_hardly_moves_it() -> None:
    model = Counting().eval().requires_grad_(False)
    with torch.inference_mode():  # as a worker measures
        step = Step(model, torch.ones(2, 3, 4, 4))
        scores = step()
        step()
    assert scores.shape == (2, 4)
    assert model.modes == [True, True]
    assert 0 < (model.weight.detach() - 1).abs().max() < 1e-4
    assert set(step.parts) == {"forward_ms", "backward_ms", "optimiser_ms"}


def test_training_is_of_the_trained_form_and_of_engines_that_train() -> None:
    with pytest.raises(ZooError, match="metric 'training' takes gradients, which the deployed form has not"):
        check_settings(settings_of("training", form="deployed"))
    engine = Engine("mine", lambda *_: abs)
    with pytest.raises(ReasonError, match="engine 'mine' computes no gradients"):
        engine.check(settings_of("training"), trains=True)
    engine.check(settings_of("latency"))


def test_memory_is_that_of_the_model_and_what_its_calls_take() -> None:
    """Of AlexNet, most of whose memory is its weights: 244 MB in fp32, four times that with AdamW."""
    once = replace(PROTOCOL, cohort_budget_s=1.0)  # one round, which begins a Python and takes longer than that
    asked = settings_of("memory"), settings_of("training_memory")
    small, steps = measured(*asked, model="torchvision/alexnet", protocol=once)
    weights = 4 * 61_100_840
    assert small.metrics["memory_held_bytes"].value == pytest.approx(weights, rel=0.05)
    assert weights < small.metrics["memory_bytes"].value < 1.3 * weights
    assert steps.metrics["training_memory_bytes"].value == pytest.approx(4 * weights, rel=0.1)
    assert (small.notes["rounds"], METRICS.get("memory").rounds) == (1, 3)
    assert small.metrics["memory_bytes"].unit == "bytes"
    assert small.flags == ()


def test_a_size_on_disk_is_that_of_form_and_precision() -> None:
    fp32, bf16 = measured(
        settings_of("disk_size"), settings_of("disk_size", precision="bf16"), model="torchvision/resnet18"
    )
    assert values(fp32)["disk_bytes"] == 4 * 11_684_712
    assert values(bf16)["disk_bytes"] == 2 * 11_684_712
    assert fp32.notes["rounds"] == 1


def test_what_is_shared_lies_on_a_disk_once() -> None:
    shared = nn.Linear(4, 4, bias=False)
    assert size(nn.Sequential(shared, shared), None, settings_of("disk_size")) == 64
    with pytest.raises(ReasonError, match="engine 'eager' makes no module"):
        size(abs, None, settings_of("disk_size"))


def test_a_model_is_loaded_from_its_file_and_a_random_one_from_none(tmp_path: Path) -> None:
    file = tmp_path / "mine.pth"
    torch.save(torch.nn.Module.state_dict(_built()), file)
    (of_file,) = measured(settings_of("load"), weights=file)
    assert {"load_ms", "load_cold_ms"} <= set(values(of_file))
    (of_none,) = measured(settings_of("load"))
    assert of_none.status == Status.FAILED
    assert of_none.reason == "random weights are loaded from no file; measure weights that are at hand"


def _built() -> nn.Module:
    import zoo

    return zoo.create(MODEL, weights=None)


def test_a_builder_knows_its_file_and_gives_the_same_random_weights_each_time(tmp_path: Path) -> None:
    builder = Builder(MODEL, None, settings_of("latency", form="trained"), ENGINES.get("eager"))
    assert builder.file is None
    one, other = (next(iter(builder().parameters())) for _ in range(2))
    assert torch.equal(one, other)
    assert Builder(MODEL, tmp_path / "a.pth", builder.settings, builder.engine).file == tmp_path / "a.pth"


def test_a_first_call_is_taken_afresh_in_every_round() -> None:
    first, latency = measured(settings_of("first_call"), settings_of("latency"))
    assert values(first)["first_call_ms"] > values(latency)["latency_ms"]
    assert len(first.samples["rounds_ms"]) == first.notes["rounds"] == 8


def rapl(root: Path, joules: dict[str, float], largest: float = 100.0) -> Path:
    for name, value in joules.items():
        folder = root / name
        folder.mkdir(parents=True, exist_ok=True)
        (folder / "energy_uj").write_text(f"{round(value * 1e6)}\n")
        (folder / "max_energy_range_uj").write_text(f"{round(largest * 1e6)}\n")
    return root


def test_packages_are_added_and_what_is_part_of_one_is_not(tmp_path: Path) -> None:
    root = rapl(tmp_path, {"intel-rapl:0": 10.0, "intel-rapl:0:0": 5.0, "intel-rapl:1": 99.0})
    counter = counter_for("cpu", root)
    assert counter is not None
    before = counter.read()
    rapl(tmp_path, {"intel-rapl:0": 12.0, "intel-rapl:0:0": 6.0, "intel-rapl:1": 2.0})
    assert counter.since(before) == pytest.approx(2.0 + 3.0), "the second went round at 100 J"


def test_where_nothing_counts_there_is_no_counter_and_a_reason(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert counter_for("cpu", tmp_path) is None
    (tmp_path / "intel-rapl:0").mkdir()
    assert counter_for("cpu", tmp_path) is None
    monkeypatch.setattr(energy, "counter_for", lambda _device: None)
    with pytest.raises(ReasonError, match="no counter of energy can be read here"):
        energy.energy(abs, None, settings_of("energy"))


def test_energy_is_what_the_model_takes_beyond_an_idle_machine(monkeypatch: pytest.MonkeyPatch) -> None:
    """On a planted machine of 10 W, and 30 W while a call of a tenth of a second runs."""
    now = {"s": 0.0, "j": 0.0}

    def pass_(seconds: float, watts: float) -> None:
        now["s"] += seconds
        now["j"] += seconds * watts

    clock = type("Clock", (), {})()
    clock.perf_counter = lambda: now["s"]
    clock.sleep = lambda seconds: pass_(seconds, 10.0)
    monkeypatch.setattr(energy, "time", clock)
    monkeypatch.setattr(energy, "counter_for", lambda _device: Counter(lambda: {"all": now["j"]}, {}))
    found = energy.energy(lambda _images: pass_(0.1, 30.0), None, settings_of("energy", 4))
    assert found["idle_w"] == pytest.approx(10.0)
    assert found["power_w"] == pytest.approx(20.0)
    assert found["energy_j"] == pytest.approx(20.0 * 0.1 / 4)
