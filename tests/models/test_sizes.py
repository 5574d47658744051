"""Models at another size than their own: built for it where the library can, a plain line where it cannot."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
import torch

from tests.weights.planted import hub_id, plant_hub, safetensors
from zoo.errors import ZooError
from zoo.loading.create import create, create_to_train
from zoo.models.build import build_architecture
from zoo.models.input_size import check_input_size, default_input_size, is_size_known
from zoo.registry.catalogue import get

if TYPE_CHECKING:
    from pathlib import Path

VIT = "timm/test_vit"  # of 160 pixels, in patches of 16


@pytest.mark.parametrize("side", [96, 192])
def test_a_vision_transformer_is_built_for_the_size(side: int) -> None:
    assert create(VIT, weights=None, input_size=side)(torch.zeros(1, 3, side, side)).shape == (1, 1000)
    assert create_to_train(VIT, None, 7, side)(torch.zeros(1, 3, side, side)).shape == (1, 7)


@pytest.mark.parametrize(
    ("name", "side"),
    [
        ("torchvision/vit_b_16", 384), ("timm/vit_tiny_patch16_224", 384), ("timm/swin_tiny_patch4_window7_224", 384),
        ("timm/beit_base_patch16_224", 384), ("timm/mixer_b16_224", 112), ("torchvision/swin_t", 300),
    ],
)  # fmt: skip
def test_every_family_that_can_is_built_for_the_size(name: str, side: int) -> None:
    with torch.device("meta"):
        assert create(name, weights=None, input_size=side)(torch.zeros(1, 3, side, side)).shape == (1, 1000)
    check_input_size(name, side)
    assert is_size_known(name, side)


def test_weights_go_with_it_their_positions_resampled(monkeypatch: pytest.MonkeyPatch) -> None:
    import timm

    torch.manual_seed(2)
    state = timm.create_model("test_vit").state_dict()
    plant_hub(hub_id(VIT, "r160_in1k"), safetensors(state))
    model = create(VIT, weights="r160_in1k", input_size=192)
    assert torch.equal(model.get_parameter("blocks.0.attn.qkv.weight"), state["blocks.0.attn.qkv.weight"])
    positions = model.get_parameter("pos_embed")
    assert positions.shape[1] == state["pos_embed"].shape[1] - 100 + 144
    assert torch.isfinite(model(torch.zeros(1, 3, 192, 192))).all()


def test_a_checkpoint_goes_with_it_too(tmp_path: Path) -> None:
    torch.manual_seed(2)
    with torch.device("meta"):
        empty = build_architecture(get("torchvision/vit_b_32")).state_dict()
    state = {key: torch.zeros(value.shape) for key, value in empty.items()}
    state["encoder.pos_embedding"] = torch.randn(1, 50, 768)
    torch.save(state, tmp_path / "mine.pth")
    model = create("vit_b_32", weights=tmp_path / "mine.pth", input_size=320)
    assert model.get_parameter("encoder.pos_embedding").shape == (1, 101, 768)
    # The position of the class token is no patch's, and stays.
    assert torch.equal(model.get_parameter("encoder.pos_embedding")[:, 0], state["encoder.pos_embedding"][:, 0])


@pytest.mark.parametrize(("name", "side"), [(VIT, 200), ("torchvision/maxvit_t", 384), ("timm/mixer_b16_224", 8)])
def test_a_size_that_it_cannot_be_built_for_is_one_line(name: str, side: int) -> None:
    native = get(name).input_size[1]
    with pytest.raises(ZooError) as caught:
        check_input_size(name, side)
    line = str(caught.value)
    assert line == (
        f"{name} takes images of {native} × {native} pixels, and cannot be built for {side} × {side}; use native"
    )
    assert is_size_known(name, side)  # remembered: it is not tried again


@pytest.mark.parametrize(("name", "side"), [(VIT, 100), ("torchvision/vit_b_16", 230), ("torchvision/maxvit_t", 256)])
def test_a_model_is_not_built_for_a_size_that_it_cannot_take(name: str, side: int) -> None:
    with pytest.raises(ZooError, match=rf"cannot be built for {side} × {side}; use native"):
        create(name, weights=None, input_size=side)


def test_a_network_that_takes_every_size_says_which_is_too_small() -> None:
    check_input_size("torchvision/alexnet", 64)
    with pytest.raises(ZooError, match="needs images of at least 63 × 63 pixels; got 62 × 62"):
        check_input_size("torchvision/alexnet", 62)


@pytest.mark.parametrize(
    ("name", "side"),
    [
        (VIT, 48), ("torchvision/vit_b_16", 48), ("timm/deit_tiny_patch16_224", 48),  # three patches a side
        ("torchvision/vit_b_32", 96), ("timm/vit_small_patch32_224", 96),
        ("timm/swin_tiny_patch4_window7_224", 224), ("timm/mixer_b16_224", 224), ("timm/crossvit_15_dagger_408", 408),
        ("timm/vit_small_patch14_dinov2", 48), ("timm/vit_small_r26_s32_384", 368),
        ("torchvision/inception_v3", 80), ("timm/tf_efficientnet_lite0", 96), ("timm/mobilenetv2_050", 96),
    ],
)  # fmt: skip
def test_embedded_tasks_have_a_size_at_which_the_family_learns(name: str, side: int) -> None:
    assert default_input_size(name) == side
    check_input_size(name, side)
    assert is_size_known(name)  # a plan asks no library for it again
