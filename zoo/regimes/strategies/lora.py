"""The strategy that trains low-rank adapters and the head."""

from __future__ import annotations

from functools import partial as bound
from typing import TYPE_CHECKING

from zoo.errors import ZooError
from zoo.models.heads import classifier_parameters
from zoo.regimes.strategies.base import Strategy
from zoo.regimes.strategies.finetuning import FineTuning
from zoo.training.opened import Opened

if TYPE_CHECKING:
    from torch import nn

    from zoo.training.recipe import Recipe


def adapted(model: nn.Module, recipe: Recipe, rank: int) -> Opened:
    """Adapters beside the layers of the backbone, and the head.

    Each linear layer and convolution has one. Convolutions in groups have none, since each of their filters reads a
    few channels only.

    Raises
    ------
    ZooError
        Where no layer can have one.
    """
    from peft import LoraConfig, inject_adapter_in_model
    from torch import nn

    head = {name for name, _ in classifier_parameters(model)}
    layers = [
        path
        for path, module in model.named_modules()
        if (type(module) is nn.Linear or (type(module) is nn.Conv2d and module.groups == 1))
        and f"{path}.weight" not in head
        # What multi-head attention computes with its own weights never calls this layer.
        and not _is_inside(model, path, nn.MultiheadAttention)
    ]
    if not layers:
        raise ZooError("no linear layer or convolution that adapters could stand beside")
    config = LoraConfig(r=rank, lora_alpha=2 * rank, lora_dropout=0.0, target_modules=layers)
    with_adapters = inject_adapter_in_model(config, model)
    names = [name for name, _ in with_adapters.named_parameters() if ".lora_" in name]
    factors = dict.fromkeys(names, 1.0) | dict.fromkeys(head, recipe.head_rate_factor)
    return Opened(with_adapters, factors, batch_norm="eval")


def _is_inside(model: nn.Module, path: str, kind: type) -> bool:
    parent = path.rpartition(".")[0]
    return bool(parent) and isinstance(model.get_submodule(parent), kind)


def with_rank(rank: float) -> Strategy:
    """The strategy with adapters of a rank.

    Raises
    ------
    ZooError
        For no whole number.
    """
    whole = int(rank)
    if whole != rank or whole < 1:
        raise ZooError(f"lora(r) takes a whole rank, 1 at least, not {rank:g}")
    return Strategy(
        name=f"lora({whole})",
        trained=f"adapters of rank {whole} and head",
        start="weights",
        batch_norm="eval",
        run=FineTuning(bound(adapted, rank=whole), rate_factor=3.0),
        uses_recipe=True,
        order=80,
        vary=with_rank,
    )


LORA = with_rank(8)
