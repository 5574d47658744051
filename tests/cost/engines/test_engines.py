"""Engines are one table; what one cannot take is a row's reason."""

from __future__ import annotations

from dataclasses import replace

import pytest

from tests.cost.planted import SETTINGS
from zoo.cost.checks import check_settings
from zoo.cost.engines import ENGINES
from zoo.cost.engines.base import Engine
from zoo.errors import UnknownNameError
from zoo.outcome import ReasonError


def test_the_eager_one_takes_every_setting_and_gives_a_frozen_module_in_eval_mode() -> None:
    eager = ENGINES.get("eager")
    for device, precision in (("cpu", "bf16"), ("cuda:1", "tf32")):
        eager.check(replace(SETTINGS, device=device, precision=precision))
    module = eager.build("timm/test_resnet", None, replace(SETTINGS, precision="bf16"))
    assert not module.training  # type: ignore[attr-defined]
    parameters = list(module.parameters())  # type: ignore[attr-defined]
    assert not any(parameter.requires_grad for parameter in parameters)
    assert {str(parameter.dtype) for parameter in parameters} == {"torch.bfloat16"}


@pytest.mark.parametrize(
    ("changed", "reason"),
    [
        ({"device": "cuda:1"}, "engine 'mine' runs on cpu, not on cuda:1"),
        ({"precision": "fp16"}, "engine 'mine' takes precision fp32, bf16, not fp16"),
    ],
)
def test_a_setting_that_an_engine_cannot_take_is_told(changed: dict[str, str], reason: str) -> None:
    engine = Engine("mine", lambda model, weights, settings: abs, devices=("cpu",), precisions=("fp32", "bf16"))
    engine.check(SETTINGS)
    with pytest.raises(ReasonError, match=reason):
        engine.check(replace(SETTINGS, **changed))


def test_settings_know_the_engines_that_there_are() -> None:
    check_settings(SETTINGS)
    with pytest.raises(UnknownNameError, match="unknown engine 'eagre': did you mean eager"):
        check_settings(replace(SETTINGS, engine="eagre"))
    with pytest.raises(UnknownNameError, match="unknown metric 'latencies': did you mean latency"):
        check_settings(replace(SETTINGS, metric="latencies"))
