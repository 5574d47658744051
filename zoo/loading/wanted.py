"""What an architecture wants of a checkpoint, and what of a file that is."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from zoo.errors import ZooError
from zoo.loading.tensors import versions_of, with_versions
from zoo.loading.unfilled import COUNTERS
from zoo.models.build import build_architecture, drop_auxiliary
from zoo.models.channels import RGB, channels_of, input_layers
from zoo.models.heads import classifier_parameters
from zoo.sources.weightless import on_meta

if TYPE_CHECKING:
    from collections.abc import Mapping

    from torch import Tensor, nn

    from zoo.sources.spec import ModelSpec


PROBE = 1009
"""A number of classes that no other part of any architecture has for its width (a prime)."""

HEADS = re.compile(r"(fc|heads?|classifier|(last_)?linear|cls(_head)?|logits|\d+)\.")
"""What the names of a classifier's tensors begin with, whatever network it is on; a number of a sequence's parts."""


@dataclass(frozen=True)
class Wanted:
    """Tensors of an architecture with a head of :data:`PROBE` classes.

    Attributes
    ----------
    shapes : mapping of str to Tensor
        On the meta device.
    head, counting : list of str
        Names of the head's, and of those that have a row for each class.
    layers : list of str
        Paths of the convolutions that read the image.
    """

    shapes: Mapping[str, Tensor]
    head: list[str]
    counting: list[str]
    layers: list[str]


@dataclass(frozen=True)
class Fitted:
    """Tensors of a file as an architecture takes them.

    Attributes
    ----------
    state : dict of str to Tensor
    channels : int
        Of the images that they were trained on.
    left_out : list of str
        Names of tensors that are not the network's.
    said : list of str
        What was done to them, to be told.
    """

    state: dict[str, Tensor]
    channels: int = RGB
    left_out: list[str] = field(default_factory=list)
    said: list[str] = field(default_factory=list)


def wanted_of(spec: ModelSpec) -> Wanted:
    """What an architecture wants of a file."""
    try:
        bare = drop_auxiliary(built_aside(spec, PROBE))
    except ZooError:  # an encoder that cannot have a head
        return Wanted(drop_auxiliary(built_aside(spec)).state_dict(), [], [], [])
    counting = [name for name, parameter in bare.named_parameters() if parameter.shape[:1] == (PROBE,)]
    try:
        head = [name for name, _ in classifier_parameters(bare)]
    except ZooError:  # of a user's model, at no usual place
        head = counting
    try:
        layers = input_layers(bare)
    except ZooError:
        layers = []
    return Wanted(bare.state_dict(), head, counting, layers)


def built_aside(spec: ModelSpec, classes: int | None = None) -> nn.Module:
    """A module to look at, on the meta device where it can be.

    No random numbers are drawn from who asks.
    """
    import torch

    with torch.random.fork_rng(devices=[]):
        try:
            with on_meta():
                return build_architecture(spec, classes)
        except ZooError:
            raise
        except Exception:  # noqa: BLE001 - whatever a model cannot do on meta, it may do for real
            return build_architecture(spec, classes)


def fitted(wanted: Wanted, state: dict[str, Tensor], beside: Mapping[str, Tensor]) -> Fitted:
    """Take the network's tensors out of a file's.

    A head of one layer is taken whatever it is called. Where every tensor of the body is there, what is not the
    network's is left out; else all is kept, for whoever says what does not fit.

    Parameters
    ----------
    wanted : Wanted
    state : dict of str to Tensor
        By the network's names, as far as they are.
    beside : mapping of str to Tensor
        What stood in the file beside them, and is the network's only if it is a head.
    """
    said: list[str] = []
    adopted, rest = _head(wanted, {**beside, **_strangers(wanted, state)})
    if adopted and not any(name in state for name in wanted.head):
        said += [f"its head is {', '.join(rest)}"] if rest != list(adopted) else []
        state = with_versions({**state, **adopted}, versions_of(state))
        used = set(rest)
    else:
        used = set()
    channels = channels_of(state, wanted.shapes, wanted.layers)
    if not _is_whole(wanted, state, channels):
        return Fitted(with_versions({**_without(state, used), **_without(beside, used)}, versions_of(state)), RGB)
    strangers = [name for name in (*_strangers(wanted, state), *beside) if name not in used]
    kept = {name: value for name, value in state.items() if name in wanted.shapes or name.endswith(COUNTERS)}
    return Fitted(with_versions(kept, versions_of(state)), channels, strangers, said)


def _without(state: Mapping[str, Tensor], names: set[str]) -> dict[str, Tensor]:
    return {name: value for name, value in state.items() if name not in names}


def _strangers(wanted: Wanted, state: Mapping[str, Tensor]) -> dict[str, Tensor]:
    return {name: value for name, value in state.items() if name not in wanted.shapes and not name.endswith(COUNTERS)}


def _head(wanted: Wanted, strangers: Mapping[str, Tensor]) -> tuple[dict[str, Tensor], list[str]]:
    """The tensors of a linear head under other names: by the network's names, and as they are called."""
    weights = [name for name in wanted.counting if wanted.shapes[name].ndim > 1]
    if len(weights) != 1:
        return {}, []
    (weight,) = weights
    own = weight.rpartition(".")[0].partition(".")[0] + "."
    there = {n: v for n, v in strangers.items() if n.startswith(own) or HEADS.match(n.rpartition("_orig_mod.")[2])}
    matrices = [name for name, value in there.items() if value.ndim > 1]
    if len(matrices) != 1 or there[matrices[0]].shape[1:] != wanted.shapes[weight].shape[1:]:
        return {}, []
    bias = weight.removesuffix("weight") + "bias"
    theirs = matrices[0].removesuffix("weight") + "bias"
    if (bias in wanted.shapes) != (theirs in there):
        return {}, []
    adopted = {weight: there[matrices[0]]} | ({bias: there[theirs]} if theirs in there else {})
    return adopted, [name for name in (matrices[0], theirs) if name in there]


def _is_whole(wanted: Wanted, state: Mapping[str, Tensor], channels: int) -> bool:
    """Whether every tensor of the body is there, in its shape."""
    reading = {f"{path}.weight" for path in wanted.layers} if channels != RGB else set()
    return all(
        name in state and (name in reading or state[name].shape == value.shape)
        for name, value in wanted.shapes.items()
        if name not in wanted.head and name not in wanted.counting and not name.endswith(COUNTERS)
    )
