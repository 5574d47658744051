"""Preprocessing of a checkpoint of the user's own: what it states of itself, else what its architecture has."""

from __future__ import annotations

import json
import math
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from zoo.errors import UnknownNameError, WeightsError
from zoo.registry.checkpoints import check_is_there
from zoo.registry.spec import Preprocessing

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from zoo.registry.spec import ModelSpec

INTERPOLATIONS = ("bilinear", "bicubic", "nearest")
CROP_MODES = ("center", "squash", "border")

KEYS = ("input_size", "resize", "crop_fraction", "crop_pct", "interpolation", "mean", "std", "crop_mode")
"""What a checkpoint may state; ``crop_pct`` is timm's word for the crop fraction."""

NESTED = ("preprocessing", "pretrained_cfg")
"""Where those keys may stand instead of at the top, as in timm's ``config.json``."""


def spec_of_checkpoint(spec: ModelSpec, path: Path) -> ModelSpec:
    """``spec`` with the preprocessing of a checkpoint: stated by the file, or inherited from the architecture.

    A file states it in ``NAME.json`` beside ``NAME.pth``, in timm's ``config.json`` in the same folder, or
    in the metadata of safetensors under ``preprocessing``. What is not stated is the architecture's.

    Raises
    ------
    WeightsError
        No such file, or a statement that cannot be used; names the file and the key.
    """
    path = path.expanduser()
    check_is_there(path)
    where, stated = _statement(path)
    own = {key: stated[key] for key in KEYS if stated.get(key) is not None}
    base = spec.preprocessing or Preprocessing(spec.input_size[1], spec.input_size[1])
    found = _combined(base, own, where) if own else base
    channels = spec.input_size[0]
    return replace(
        spec,
        name=f"{spec.source}/{spec.architecture}",
        tag=None,
        top1=None,
        licence=None,
        input_size=(channels, found.crop, found.width or found.crop),
        preprocessing=found,
        preprocessing_from="checkpoint" if own else "architecture",
    )


def _statement(path: Path) -> tuple[Path, Mapping[str, Any]]:
    """The file in which something is stated, and what; nothing where there is none."""
    for beside in (path.with_suffix(".json"), path.parent / "config.json"):
        if beside.is_file():
            try:
                return beside, _nested(json.loads(beside.read_text()))
            except (OSError, ValueError) as error:
                raise WeightsError(f"{beside}: cannot be read as JSON: {error}; mend it or take it away") from None
    if path.suffix == ".safetensors":
        from safetensors import SafetensorError, safe_open

        try:
            with safe_open(path, "np") as file:
                text = (file.metadata() or {}).get("preprocessing")
            return path, _nested(json.loads(text)) if text else {}
        except (SafetensorError, OSError, ValueError) as error:
            raise WeightsError(f"{path}: its metadata cannot be read: {error}") from None
    return path, {}


def _nested(content: Any) -> Mapping[str, Any]:
    if not isinstance(content, dict):
        raise ValueError("not an object")
    for key in NESTED:
        if isinstance(content.get(key), dict):
            return dict(content[key])
    return content


def _combined(base: Preprocessing, own: Mapping[str, Any], where: Path) -> Preprocessing:
    fraction = _number(own.get("crop_fraction", own.get("crop_pct", base.crop_fraction)), where, "crop_fraction")
    height, width = _sides(own["input_size"], where) if "input_size" in own else (base.crop, base.width or base.crop)
    resize = own.get("resize")
    if resize is not None:
        resize = int(_number(resize, where, "resize"))
        if resize < height:
            raise WeightsError(f"{where}: resize ({resize}) is under input_size ({height}); a crop needs the pixels")
        fraction = height / resize
    for key, known in (("interpolation", INTERPOLATIONS), ("crop_mode", CROP_MODES)):
        if key in own and own[key] not in known:
            hint = f"{where}; permitted: {', '.join(known)}"
            raise UnknownNameError(key.replace("_", " "), str(own[key]), known, hint)
    return Preprocessing(
        crop=height,
        resize=resize or math.floor(height / fraction),
        interpolation=own.get("interpolation", base.interpolation),
        mean=_channels(own["mean"], where, "mean") if "mean" in own else base.mean,
        std=_channels(own["std"], where, "std") if "std" in own else base.std,
        crop_mode=own.get("crop_mode", base.crop_mode),
        width=None if width == height else width,
        crop_fraction=fraction,
    )


def _number(value: Any, where: Path, key: str) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float) or not 0 < value < math.inf:
        raise WeightsError(f"{where}: {key} must be a number above 0, not {value!r}")
    return float(value)


def _sides(value: Any, where: Path) -> tuple[int, int]:
    """Height and width of a side, of a pair, or of channels, height and width."""
    sides = [value, value] if not isinstance(value, list | tuple) else list(value)[-2:]
    if len(sides) != 2 or any(isinstance(s, bool) or not isinstance(s, int) or s < 1 for s in sides):
        raise WeightsError(
            f"{where}: input_size must be a side in pixels or [channels, height, width], not {value!r}"
        )
    return sides[0], sides[1]


def _channels(value: Any, where: Path, key: str) -> tuple[float, ...]:
    good = isinstance(value, list | tuple) and len(value) in (1, 3)
    if not good or any(isinstance(v, bool) or not isinstance(v, int | float) for v in value):
        raise WeightsError(f"{where}: {key} must be three numbers, one a channel, not {value!r}")
    if key == "std" and any(v <= 0 for v in value):
        raise WeightsError(f"{where}: std must be above 0, not {value!r}")
    return tuple(float(v) for v in value) * (3 // len(value))
