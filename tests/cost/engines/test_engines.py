"""Engines are one table; what one cannot take is a row's reason."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
import torch
from torch import nn

from tests.cohorts.planted import SETTINGS
from zoo.cost.checks import check_settings
from zoo.cost.engines import ENGINES
from zoo.cost.engines.base import Engine
from zoo.cost.engines.module import few_images
from zoo.errors import UnknownNameError
from zoo.outcome import ReasonError
from zoo.sources.forms import relative_difference


def test_the_eager_one_takes_every_setting_and_gives_a_frozen_module_in_eval_mode() -> None:
    eager = ENGINES.get("eager")
    for device, precision in (("cpu", "bf16"), ("cuda:1", "tf32")):
        eager.check(replace(SETTINGS, device=device, precision=precision))
    module = eager.build("timm/test_resnet", None, replace(SETTINGS, precision="bf16"))
    assert not module.training  # type: ignore[attr-defined]
    parameters = list(module.parameters())  # type: ignore[attr-defined]
    assert not any(parameter.requires_grad for parameter in parameters)
    assert {str(parameter.dtype) for parameter in parameters} == {"torch.bfloat16"}


def norms(module: Any) -> int:
    return sum(isinstance(part, nn.BatchNorm2d) for part in module.modules())


def test_the_form_that_is_deployed_has_no_batch_norm_left_and_the_trained_one_all() -> None:
    eager = ENGINES.get("eager")
    settings = replace(SETTINGS, input_size=(3, 160, 160))
    built = {}
    for form in ("trained", "deployed"):
        torch.manual_seed(0)
        built[form] = eager.build("timm/test_resnet", None, replace(settings, form=form))
    assert norms(built["trained"]) > 0
    assert norms(built["deployed"]) == 0
    images = few_images(settings)
    assert images.shape == (2, 3, 160, 160)
    with torch.inference_mode():
        assert 0 < relative_difference(built["deployed"](images), built["trained"](images)) < 1e-5


def test_a_model_that_cannot_be_called_has_no_deployed_form(monkeypatch: pytest.MonkeyPatch) -> None:
    def fails(*_: Any) -> None:
        raise ValueError("planted: no such pass")

    monkeypatch.setattr("zoo.cost.engines.module.foldable", fails)
    with pytest.raises((ReasonError, ValueError), match="planted: no such pass"):
        ENGINES.get("eager").build("timm/test_resnet", None, replace(SETTINGS, form="deployed"))


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
