"""What a checkpoint of the user's own states of its preprocessing."""

from __future__ import annotations

import json
import math
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from zoo.classes.names import ClassNames, names_of
from zoo.errors import UnknownNameError, WeightsError
from zoo.loading.tensors import check_is_there
from zoo.sources.spec import Preprocessing

if TYPE_CHECKING:
    from pathlib import Path

    from zoo.canonical import JsonObject
    from zoo.sources.spec import ModelSpec


INTERPOLATIONS = ("bilinear", "bicubic", "nearest")
CROP_MODES = ("center", "squash", "border")

SIZES = ("input_size", "resize", "crop_fraction", "crop_pct")
"""``crop_pct`` is timm's word for the crop fraction, the crop's side over that of the resized image."""

KEYS = (*SIZES, "interpolation", "mean", "std", "crop_mode", "test_input_size", "test_crop_pct")
"""What a checkpoint may state; the two of the test are timm's too."""

NESTED = ("preprocessing", "pretrained_cfg")
"""Where those keys may stand instead of at the top, as in timm's ``config.json``."""

LARGEST = 2.0
"""No mean and no deviation of values in 0..1 comes near it."""


def spec_of_checkpoint(spec: ModelSpec, path: Path) -> ModelSpec:
    """A spec with the preprocessing of a checkpoint.

    Stated by the file, or inherited from the architecture.

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
    base = spec.preprocessing or Preprocessing(spec.input_size[1], spec.input_size[1])
    found = _combined(base, stated, where) if stated else base
    channels = spec.input_size[0]
    return replace(
        spec,
        name=spec.model,
        tag=None,
        top1=None,
        licence=None,
        input_size=(channels, found.crop, found.width or found.crop),
        preprocessing=found,
        preprocessing_from="checkpoint" if stated else "architecture",
    )


def classes_of_checkpoint(path: Path) -> ClassNames | None:
    """The names of a checkpoint's classes, where a file beside it states them.

    That file is the one that states the preprocessing, by the keys of timm: ``label_names`` (``labels`` in older
    files), and ``label_descriptions`` by name.

    Raises
    ------
    WeightsError, InputFileError
        For a statement that cannot be used.
    """
    where, content = _content(path.expanduser())
    for part in (content, *(content[key] for key in NESTED if isinstance(content.get(key), dict))):
        described = part.get("label_descriptions")
        described = described if isinstance(described, dict) else {}
        stated = part.get("label_names") or part.get("labels") or list(described)
        if isinstance(stated, list | dict) and stated:
            names = names_of(stated, str(where))
            others = [described.get(name) for name in names]
            whole = all(isinstance(text, str) for text in others) and len(set(others)) == len(names)
            return ClassNames(names, str(where), others=tuple(map(str, others)) if whole else ())
    return None


def states_normalisation(path: Path) -> bool:
    """Whether a checkpoint states a mean or a deviation of its own.

    Raises
    ------
    WeightsError
        For a statement that cannot be read.
    """
    _, stated = _statement(path)
    return "mean" in stated or "std" in stated


def _statement(path: Path) -> tuple[Path, JsonObject]:
    """The file in which something is stated, and what, by :data:`KEYS`; nothing where there is none."""
    where, stated = _stated(path)
    return where, {key: stated[key] for key in KEYS if stated.get(key) is not None}


def _stated(path: Path) -> tuple[Path, JsonObject]:
    where, content = _content(path)
    return where, next((content[key] for key in NESTED if isinstance(content.get(key), dict)), content)


def _content(path: Path) -> tuple[Path, JsonObject]:
    """The file that states something of a checkpoint, and all that it states."""
    beside, config = path.with_suffix(".json"), path.parent / "config.json"
    if beside.is_file():
        return beside, _object(_read(beside), beside)
    if config.is_file():
        content = _read(config)
        if _is_timms(content):
            return config, _object(content, config)
    if path.suffix == ".safetensors":
        from safetensors import SafetensorError, safe_open

        try:
            with safe_open(path, "np") as file:
                text = (file.metadata() or {}).get("preprocessing")
            return path, _object(json.loads(text), path) if text else {}
        except (SafetensorError, OSError, ValueError, RecursionError) as error:
            raise WeightsError(f"{path}: its metadata cannot be read: {error}") from None
    return path, {}


def _read(file: Path) -> Any:
    try:
        return json.loads(file.read_text())
    except (OSError, ValueError, RecursionError) as error:
        raise WeightsError(f"{file}: cannot be read as JSON: {error}; mend it or take it away") from None


def _is_timms(content: Any) -> bool:
    """Whether a ``config.json`` is timm's: other programs keep files of that name too."""
    if not isinstance(content, dict):
        return False
    return isinstance(content.get("pretrained_cfg"), dict) or isinstance(content.get("architecture"), str)


def _object(content: Any, where: Path) -> JsonObject:
    if not isinstance(content, dict):
        raise WeightsError(f"{where}: cannot be read as JSON: not an object; mend it or take it away")
    return content


def _combined(base: Preprocessing, stated: JsonObject, where: Path) -> Preprocessing:
    fraction = _fraction(stated, ("crop_fraction", "crop_pct"), where) or base.crop_fraction
    height, width = _sides(stated, "input_size", where) or (base.crop, base.width or base.crop)
    resize = stated.get("resize")
    if resize is not None:
        resize = int(_number(resize, where, "resize"))
        if resize < height:
            raise WeightsError(f"{where}: resize ({resize}) is under input_size ({height}); a crop needs the pixels")
        fraction = height / resize
    for key, known in (("interpolation", INTERPOLATIONS), ("crop_mode", CROP_MODES)):
        if key in stated and stated[key] not in known:
            hint = f"{where}; permitted: {', '.join(known)}"
            raise UnknownNameError(key.replace("_", " "), str(stated[key]), known, hint)
    test_crop, test_fraction = _of_test(base, stated, where)
    return Preprocessing(
        crop=height,
        resize=resize or math.floor(height / fraction),
        interpolation=stated.get("interpolation", base.interpolation),
        mean=_channels(stated["mean"], where, "mean") if "mean" in stated else base.mean,
        std=_channels(stated["std"], where, "std") if "std" in stated else base.std,
        crop_mode=stated.get("crop_mode", base.crop_mode),
        width=None if width == height else width,
        crop_fraction=fraction,
        test_crop=test_crop,
        test_fraction=test_fraction,
    )


def _of_test(base: Preprocessing, stated: JsonObject, where: Path) -> tuple[int | None, float | None]:
    """Size and crop fraction for testing; the architecture's belong to its own size, not to one stated here."""
    inherited = (None, None) if any(key in stated for key in SIZES) else (base.test_crop, base.test_fraction)
    sides = _sides(stated, "test_input_size", where)
    fraction = _fraction(stated, ("test_crop_pct",), where)
    return (inherited[0] if sides is None else sides[0]), (inherited[1] if fraction is None else fraction)


def _number(value: Any, where: Path, key: str) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float) or not 0 < value < math.inf:
        raise WeightsError(f"{where}: {key} must be a number above 0, not {value!r}")
    return float(value)


def _fraction(stated: JsonObject, keys: tuple[str, ...], where: Path) -> float | None:
    key = next((key for key in keys if key in stated), None)
    if key is None:
        return None
    value = _number(stated[key], where, key)
    if value > 1:
        raise WeightsError(f"{where}: {key} is a part of the resized image, at most 1, not {stated[key]!r}")
    return value


def _sides(stated: JsonObject, key: str, where: Path) -> tuple[int, int] | None:
    """Height and width of a side, of a pair, or of channels, height and width; None where it is not stated."""
    value = stated.get(key)
    if value is None:
        return None
    sides = [value, value] if not isinstance(value, list | tuple) else list(value)[-2:]
    if len(sides) != 2 or any(isinstance(s, bool) or not isinstance(s, int) or s < 1 for s in sides):
        raise WeightsError(f"{where}: {key} must be a side in pixels or [channels, height, width], not {value!r}")
    return sides[0], sides[1]


def _channels(value: Any, where: Path, key: str) -> tuple[float, ...]:
    good = isinstance(value, list | tuple) and len(value) in (1, 3)
    if not good or any(isinstance(v, bool) or not isinstance(v, int | float) for v in value):
        raise WeightsError(f"{where}: {key} must be three numbers, one a channel, not {value!r}")
    if not all(math.isfinite(v) for v in value):
        raise WeightsError(f"{where}: {key} must be finite, not {value!r}")
    if key == "std" and any(v <= 0 for v in value):
        raise WeightsError(f"{where}: std must be above 0, not {value!r}")
    if any(abs(v) > LARGEST for v in value):
        raise WeightsError(f"{where}: {key} is of pixels in 0..1, not 0..255: divide {value!r} by 255")
    return tuple(float(v) for v in value) * (3 // len(value))
