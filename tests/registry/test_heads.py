"""A new head, and none, on every torchvision model and every family of timm; the rest is untouched."""

from __future__ import annotations

import warnings
from collections import defaultdict

import pytest
import torch

from zoo.registry.catalogue import list_specs
from zoo.registry.create import build_architecture, drop_auxiliary, with_head
from zoo.registry.heads import classifier_parameters
from zoo.registry.spec import ModelSpec

EXCEPTIONS: dict[str, str] = {}
"""Models on which it does not work, with the reason."""

A_FAMILY = 2
"""Architectures of each timm family, the smallest; families have one or up to dozens."""

CHUNKS = 6


def torchvision_models() -> list[ModelSpec]:
    return list_specs(source="torchvision", sort="params")


def timm_models() -> list[ModelSpec]:
    """The smallest two of every family: timm's families are its model files."""
    families: dict[str, list[ModelSpec]] = defaultdict(list)
    for spec in list_specs(source="timm", sort="params"):
        families[spec.family].append(spec)
    return [spec for members in families.values() for spec in members[:A_FAMILY]]


def test_the_choice_covers_every_family() -> None:
    chosen = timm_models()
    assert len(chosen) >= 150
    assert {spec.family for spec in chosen} == {spec.family for spec in list_specs(source="timm")}
    assert len(torchvision_models()) == 80


def planted(spec: ModelSpec) -> torch.nn.Module:
    """The architecture with values that tell each tensor from the others, without the cost of drawing them."""
    with torch.device("meta"):
        model = drop_auxiliary(build_architecture(spec)).eval()
    model = model.to_empty(device="cpu").requires_grad_(False)
    for index, tensor in enumerate(model.state_dict().values()):
        tensor.fill_(index % 127)
    return model


def shapes(spec: ModelSpec, num_classes: int) -> tuple[int, ...]:
    """Output shape for two images, on the meta device."""
    with torch.device("meta"):
        model = with_head(drop_auxiliary(build_architecture(spec)), spec, num_classes)
    with torch.no_grad():
        return tuple(model.eval().requires_grad_(False)(torch.zeros(2, *spec.input_size, device="meta")).shape)


def check(spec: ModelSpec) -> None:
    name = f"{spec.source}/{spec.architecture}"
    assert shapes(spec, 7) == (2, 7), name
    features = shapes(spec, 0)
    assert len(features) == 2, name
    assert features[1] > 7, name
    model = planted(spec)
    head = {key for key, _ in classifier_parameters(model)}
    assert head, name
    before = {key: value for key, value in model.state_dict().items() if key not in head}
    changed = with_head(model, spec, 7)
    assert {key for key, _ in classifier_parameters(changed)}, name
    after = changed.state_dict()
    assert set(before) <= set(after), name
    for key, value in before.items():
        assert torch.equal(value, after[key]), f"{name}: {key}"
    assert all(p.shape[0] == 7 for key, p in classifier_parameters(changed) if p.ndim), name


@pytest.mark.slow
@pytest.mark.parametrize("chunk", range(CHUNKS))
@pytest.mark.parametrize("source", ["torchvision", "timm"])
def test_heads_are_replaced_and_the_rest_is_bit_equal(source: str, chunk: int) -> None:
    models = torchvision_models() if source == "torchvision" else timm_models()
    wrong = {}
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # the libraries' own deprecations, while they build
        for spec in models[chunk::CHUNKS]:
            name = f"{spec.source}/{spec.architecture}"
            try:
                check(spec)
            except Exception as error:
                wrong[name] = f"{type(error).__name__}: {str(error).splitlines()[0]}"
    assert {name: why for name, why in wrong.items() if name not in EXCEPTIONS} == {}
    unneeded = [
        f"{s.source}/{s.architecture}" for s in models[chunk::CHUNKS] if f"{s.source}/{s.architecture}" in EXCEPTIONS
    ]
    assert set(unneeded) <= set(wrong), "these work now and need no exception"
