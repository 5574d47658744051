"""The way from a name to a module with weights and a head."""

from __future__ import annotations

import warnings
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from zoo.checks import integer
from zoo.errors import ZooError, ZooWarning
from zoo.loading.checkpoint import load_checkpoint
from zoo.loading.published import load_into, width_of
from zoo.models.build import build_architecture, drop_auxiliary, with_head
from zoo.models.channels import image_channels, with_channels
from zoo.models.input_size import check_input_size
from zoo.models.random_start import fixed_line, fresh
from zoo.registry.asked_weights import asked_weights
from zoo.registry.catalogue import get, resolve
from zoo.sources import SHIPPED
from zoo.sources.forms import TRAINED, check_form, deploy
from zoo.sources.naming import DEFAULT, is_random
from zoo.weights.obtain import obtain

if TYPE_CHECKING:
    from torch import nn

    from zoo.sources.spec import ModelSpec
    from zoo.weights.file import WeightsFile


def create(
    name: str,
    weights: Any = DEFAULT,
    num_classes: int | None = None,
    *,
    in_chans: int | None = None,
    input_size: int | None = None,
    form: str = TRAINED,
) -> nn.Module:
    """Build a model, in eval mode, on the CPU.

    Parameters
    ----------
    name : str
        As :func:`zoo.get` takes it; a tag in the name names the weights.
    weights : str, Path, bool or None
        ``"default"`` or True (the tag in the name, else the source's default), a tag, one of torchvision's enums,
        None or False for random initialisation, or the path of a checkpoint of your own: a state dict, or one that a
        training script wrapped. What of it is taken, and what is left out, is said by a
        :class:`zoo.errors.ZooWarning`.
    num_classes : int, optional
        None keeps the head of the weights (or the source's); 0 takes it off, so that ``forward`` gives
        features (N, D). n gives a head of n classes: the trained one where the weights have one of that
        width, otherwise a new, untrained one, and a :class:`zoo.errors.ZooWarning` says so.
    in_chans : int, optional
        Channels of the images; three, or those that a checkpoint was trained on, otherwise. The weights of the first
        layer are summed to one channel, or repeated and scaled to several, as timm does.
    input_size : int, optional
        Side of the images in pixels, for what is built for one size; positions of patches are resampled.
    form : str
        ``"trained"``, as the library builds it, or ``"deployed"``, for inference alone: branches that a library puts
        into one layer for use are one, and batch norms are in the convolutions before them. The outputs are the same
        to a thousandth of the largest.

    Returns
    -------
    Module
        From images (N, channels, height, width) to logits (N, classes) or features (N, D), one tensor in
        train mode too: auxiliary heads are dropped after loading.

    Raises
    ------
    UnknownNameError
        No such model or tag.
    WeightsError
        Weights that are missing, damaged or do not fit.
    ZooError
        Where the head cannot be replaced, the model not be built for such images, or the deployed form gives other
        outputs.
    """
    _check_counts(num_classes, in_chans, input_size)
    check_form(form)
    wanted = resolve(name)
    if input_size is not None:
        check_input_size(wanted.model, input_size)
    asked = asked_weights(weights, [wanted.model])
    if isinstance(asked, Path):
        spec = _sized(get(name), input_size)
        model = drop_auxiliary(load_checkpoint(spec, asked, num_classes, in_chans)).eval()
    else:
        model = _with_classes(name, asked, num_classes, input_size)
        model = (model if in_chans is None else with_channels(model, in_chans)).eval()
    return model if form == TRAINED else _deployed(name, model, input_size)


def _deployed(name: str, model: nn.Module, side: int | None) -> nn.Module:
    """The form of a model that is deployed, compared with the trained one on an image of noise."""
    import torch

    _, *sides = _sized(get(name), side).input_size
    images = torch.randn((1, image_channels(model), *sides), generator=torch.Generator().manual_seed(0))
    try:
        return deploy(model, images).model
    except ZooError as error:
        raise ZooError(f"{name}: {error}") from None


def _with_classes(name: str, weights: str, num_classes: int | None, input_size: int | None) -> nn.Module:
    """A model with a tag's weights, or random ones, and the head that is asked for."""
    if is_random(weights):
        return _untrained(name, num_classes, input_size)
    model, spec, file = _loaded(name, weights, input_size)
    width = None if num_classes is None else width_of(model, file)
    if num_classes is None or (num_classes and width == num_classes):
        return model
    if num_classes:
        has = f"has {width} classes" if width else "is missing"
        warnings.warn(
            f"{spec.name}: the head of these weights {has} and {num_classes} were asked for; it is new and untrained",
            ZooWarning,
            stacklevel=3,
        )
    return with_head(model, spec, num_classes)


def create_random(name: str, num_classes: int, input_size: int | None = None) -> tuple[nn.Module, str]:
    """A random start, and what is to be said where it is none.

    What a library builds without weights is random. What a user's constructor builds may hold weights that it
    loaded, and is drawn anew.
    """

    def build() -> nn.Module:
        return create(name, weights=None, num_classes=num_classes, input_size=input_size)

    if get(name).source in SHIPPED:
        return build(), ""
    model, fixed = fresh(build)
    return model, fixed_line(fixed)


def create_to_train(
    name: str, weights: str | Path | None, num_classes: int, input_size: int | None = None
) -> nn.Module:
    """Build a model for a task of its own, as :func:`create` does.

    The head is new whatever the weights have, and no warning says so.
    """
    _check_counts(num_classes, None, input_size)
    if is_random(weights):
        return _untrained(name, num_classes, input_size)
    if isinstance(weights, Path):
        spec = _sized(get(name), input_size)
        model = drop_auxiliary(load_checkpoint(spec, weights))
    else:
        model, spec, _ = _loaded(name, str(weights), input_size)
    return with_head(model, spec, num_classes).eval()


def _check_counts(num_classes: int | None, in_chans: int | None, input_size: int | None) -> None:
    if num_classes is not None and (not is_count(num_classes) or num_classes < 0):
        raise ZooError(f"num_classes must be 0 (features) or more, not {num_classes!r}")
    for key, value in (("in_chans", in_chans), ("input_size", input_size)):
        if value is not None:
            integer(value, "", key)


def is_count(value: object) -> bool:
    """Whether a value is a whole number and no truth value."""
    return isinstance(value, int) and not isinstance(value, bool)


def _sized(spec: ModelSpec, side: int | None) -> ModelSpec:
    return spec if side is None else replace(spec, input_size=(spec.input_size[0], side, side))


def _untrained(name: str, num_classes: int | None, side: int | None) -> nn.Module:
    return drop_auxiliary(build_architecture(_sized(get(name), side), num_classes)).eval()


def _loaded(name: str, weights: str, side: int | None) -> tuple[nn.Module, ModelSpec, WeightsFile]:
    """The model with the head of its weights, what is known of it, and the file."""
    wanted = resolve(name)
    file = obtain(wanted.model, wanted.tag if weights == DEFAULT and wanted.tag else weights)
    spec = _sized(get(f"{wanted.model}.{file.tag}" if file.tag else name), side)
    return drop_auxiliary(load_into(spec, file)), spec, file
