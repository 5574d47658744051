"""A new head, and none, on every torchvision model and every family of timm; the rest is untouched."""

from __future__ import annotations

import warnings
from collections import defaultdict
from collections.abc import Iterator

import pytest
import torch

from zoo.machine.allocator import keep_freed_memory
from zoo.models.build import build_architecture, drop_auxiliary, with_head
from zoo.models.heads import classifier_parameters
from zoo.registry.search import list_specs
from zoo.sources.spec import ModelSpec

EXCEPTIONS = {
    "timm/gemma4_vit_167m_enc": "is an encoder that returns tokens",
    "timm/qwen3_vit_88m_enc": "is an encoder that returns tokens",
}
"""Models on which it cannot work, with the reason that :func:`zoo.create` gives."""

A_FAMILY = 2
"""Architectures of each timm family, the smallest; families have one or up to dozens."""

LARGE = 100e6
"""Parameters from which one of a family is enough."""

CHUNKS = 6


def torchvision_models() -> list[ModelSpec]:
    return list_specs(source="torchvision", sort="params")


def timm_models() -> list[ModelSpec]:
    """The smallest two of every family: timm's families are its model files."""
    families: dict[str, list[ModelSpec]] = defaultdict(list)
    for spec in list_specs(source="timm", sort="params"):
        families[spec.family].append(spec)
    return [
        spec
        for members in families.values()
        for place, spec in enumerate(members[:A_FAMILY])
        if place == 0 or (spec.params or 0) < LARGE
    ]


def test_the_choice_covers_every_family() -> None:
    chosen = timm_models()
    assert len(chosen) >= 150
    assert {spec.family for spec in chosen} == {spec.family for spec in list_specs(source="timm")}
    assert len(torchvision_models()) == 80


@pytest.fixture(scope="module", autouse=True)
def _memory_is_used_again() -> Iterator[None]:
    """Gigabytes of parameters come and go here; without this most of the time would go to page faults."""
    keep_freed_memory()
    before = torch.get_num_threads()
    torch.set_num_threads(1)  # nothing here computes enough to be worth waking a second one
    yield
    torch.set_num_threads(before)


def planted(spec: ModelSpec) -> torch.nn.Module:
    """The architecture with values that tell each tensor from the others, without the cost of drawing them."""
    with torch.device("meta"):
        model = drop_auxiliary(build_architecture(spec)).eval()
    model = model.to_empty(device="cpu").requires_grad_(False)
    for index, tensor in enumerate(model.state_dict().values()):
        tensor.fill_(index % 127)
    return model


def check_shapes(spec: ModelSpec, name: str) -> None:
    """Logits of seven classes, then features, on the meta device; features are wider than the logits."""
    with torch.device("meta"):
        model = drop_auxiliary(build_architecture(spec))
        for num_classes in (7, 0):
            model = with_head(model, spec, num_classes).eval().requires_grad_(False)
            with torch.no_grad():
                output = model(torch.zeros(2, *spec.input_size, device="meta"))
            assert output.shape[0] == 2, name
            assert output.ndim == 2, name
            assert (output.shape[1] == 7) if num_classes else (output.shape[1] > 7), name


def check(spec: ModelSpec, *, bits: bool) -> None:
    name = f"{spec.source}/{spec.architecture}"
    check_shapes(spec, name)
    if not bits:
        return
    model = planted(spec)
    head = {key for key, _ in classifier_parameters(model)}
    assert head or model.num_classes == 0, name  # some of timm's come without a head, and get one
    before = {key: value for key, value in model.state_dict().items() if not belongs(key, head)}
    changed = with_head(model, spec, 7)
    new = classifier_parameters(changed)
    assert any(p.shape[0] == 7 for _, p in new), name
    after = changed.state_dict()
    assert set(before) <= set(after), name
    for key, value in before.items():
        assert value is after[key] or torch.equal(value, after[key]), f"{name}: {key}"


def belongs(key: str, head: set[str]) -> bool:
    """Whether a tensor is of the head: a parameter, or a statistic of a batch norm that goes with it."""
    return any(key.rpartition(".")[0] == parameter.rpartition(".")[0] for parameter in head)


@pytest.mark.exhaustive
@pytest.mark.parametrize("chunk", range(CHUNKS))
@pytest.mark.parametrize("source", ["torchvision", "timm"])
def test_heads_are_replaced_and_the_rest_is_bit_equal(source: str, chunk: int) -> None:
    models = torchvision_models() if source == "torchvision" else timm_models()
    firsts = {spec.family: spec for spec in reversed(models)}.values()
    wrong = {}
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # the libraries' own deprecations, while they build
        for spec in models[chunk::CHUNKS]:
            name = f"{spec.source}/{spec.architecture}"
            try:
                # The second of a family is held to the shapes: what keeps its bits is the code of the first.
                check(spec, bits=source == "torchvision" or spec in firsts)
            except Exception as error:
                wrong[name] = f"{type(error).__name__}: {str(error).splitlines()[0]}"
    assert {name: why for name, why in wrong.items() if EXCEPTIONS.get(name, "no such reason") not in why} == {}
    unneeded = [
        f"{s.source}/{s.architecture}" for s in models[chunk::CHUNKS] if f"{s.source}/{s.architecture}" in EXCEPTIONS
    ]
    assert set(unneeded) <= set(wrong), "these work now and need no exception"
