"""Checkpoints of the user's, kept under tags of their own."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from zoo.errors import WeightsError, ZooError, option
from zoo.loading.checkpoint import fit_of, load_checkpoint
from zoo.loading.fit import has_input_switch
from zoo.loading.stated_classes import classes_of_checkpoint
from zoo.loading.statement import spec_of_checkpoint
from zoo.models.build import drop_auxiliary
from zoo.models.channels import RGB
from zoo.models.heads import head_width
from zoo.registry.asked_weights import WORDS
from zoo.registry.catalogue import get, is_published
from zoo.registry.own_tags import own_path
from zoo.registry.packaged import TAG
from zoo.sources.lookup import source_of
from zoo.sources.naming import parse_name
from zoo.sources.user import REGISTERED
from zoo.tasks.catalogue import task_names
from zoo.weights.digests import sha256
from zoo.weights.save import save_zoo_weights

if TYPE_CHECKING:
    from pathlib import Path

    from torch import Tensor, nn

    from zoo.canonical import JsonObject
    from zoo.sources.spec import ModelSpec
    from zoo.weights.file import WeightsFile


TAG_OF = re.compile(r"[A-Za-z0-9_-]{1,100}")
"""What a tag is made of: it is part of a file's name."""


def add_checkpoint(path: Path, name: str, *, again: bool = False) -> WeightsFile:
    """Copy a checkpoint into the zoo's own weights, as a tag.

    It is tried first, and nothing is written where it does not fit. Names of classes and preprocessing are kept
    where they are stated beside it; see :mod:`zoo.loading.statement`.

    Parameters
    ----------
    path : Path
    name : str
        Of the model with the new tag, such as ``timm/resnet50.mine``.
    again : bool
        Write over weights that were added under that tag before.

    Raises
    ------
    ZooError
        For a name without a tag, one that cannot be one, and one that is taken.
    WeightsError
        For a checkpoint that is not there, damaged, or another architecture's.
    """
    path = path.expanduser()
    model, tag = _checked(name, again=again)
    spec = spec_of_checkpoint(get(model), path)
    network, width = _filled(spec, path)
    names = classes_of_checkpoint(path)
    if names is not None and len(names.names) != width:
        raise WeightsError(f"{names.where}: names {len(names.names)} classes, and the head in {path} has {width}")
    pre = spec.preprocessing
    assert pre is not None
    switch = source_of(spec.source).input_switch or ""
    info: JsonObject = {
        "added": path.name,
        "added_sha256": sha256(path),
        "classes": list(names.names) if names else [],
        "head": width,
        "input_size": spec.input_size[1],
        "mean": list(pre.mean),
        "std": list(pre.std),
        "preprocessing": pre.to_list(),
        "input_switch": has_input_switch(spec, network) and bool(getattr(network, switch)),
        "licence": None,
    }
    return save_zoo_weights(model, tag, _apart(network), info)


def _checked(name: str, *, again: bool) -> tuple[str, str]:
    """``source/architecture`` and the new tag, if it may be one."""
    wanted = parse_name(name)
    if wanted.tag is None:
        raise ZooError(f"{name!r} names no tag; write one of your own behind the model, as in {wanted}.mine")
    model, tag = get(wanted.model).model, wanted.tag
    if not TAG_OF.fullmatch(tag):
        raise ZooError(f"{tag!r} cannot be a tag: it is made of letters, digits, - and _, at most a hundred")
    if is_published(model, tag):
        raise ZooError(f"{model}.{tag}: that tag is of published weights; keep yours under another")
    if tag in (*WORDS, TAG, REGISTERED, *task_names()):
        raise ZooError(f"{tag!r} cannot be a tag of yours: the zoo has it for weights of its own; take another")
    if own_path(model, tag).exists() and not again:
        raise ZooError(
            f"{model}.{tag}: weights have that tag already; take another, or write over them with "
            f"{option('again', 'True')}"
        )
    return model, tag


def _filled(spec: ModelSpec, path: Path) -> tuple[nn.Module, int]:
    """The network with the tensors of a file, and the width of its head, 0 where the file has none."""
    wanted, _, fit = fit_of(spec, path)
    if fit.channels != RGB:
        raise WeightsError(f"{path}: reads images of {fit.channels} channels, and a tag is of weights for three")
    headless = bool(wanted.head) and not any(name in fit.state for name in wanted.head)
    network = drop_auxiliary(load_checkpoint(spec, path, 0 if headless else None))
    widths = (len(fit.state[name]) for name in wanted.counting if name in fit.state and fit.state[name].ndim)
    width = 0 if headless else next(widths, None)
    return network, head_width(network) if width is None else width


def _apart(network: nn.Module) -> dict[str, Tensor]:
    """The tensors of a network; of those that are one under two names, each its own."""
    seen: set[int] = set()
    found: dict[str, Tensor] = {}
    for name, value in network.state_dict().items():
        found[name] = value.clone() if value.data_ptr() in seen else value
        seen.add(value.data_ptr())
    return found
