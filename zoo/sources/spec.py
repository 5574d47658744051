"""What is known of a model without measuring it."""

from __future__ import annotations

import html
import math
from dataclasses import dataclass, fields, replace
from typing import TYPE_CHECKING, Any

from zoo.canonical import whole
from zoo.sources.figure import Figure
from zoo.sources.forms import DEPLOYED

if TYPE_CHECKING:
    from zoo.canonical import JsonObject


INTERPOLATIONS = ("bilinear", "bicubic", "nearest")
CROP_MODES = ("center", "squash", "border")


@dataclass(frozen=True, slots=True)
class Preprocessing:
    """How an image becomes the tensor that weights expect at evaluation.

    Attributes
    ----------
    crop : int
        Side of the centre crop in pixels.
    resize : int
        Length of the shorter side before the crop, in pixels.
    interpolation : str
        ``"bilinear"``, ``"bicubic"`` or ``"nearest"``.
    mean, std : tuple of float
        Per channel, of values in 0..1.
    crop_mode : str
        ``"center"`` crops the middle; ``"squash"`` scales both sides to the crop, whatever their proportion;
        ``"border"`` scales the longer side to it and pads the shorter.
    width : int or None
        Of the crop, where it is no square; ``crop`` is then its height.
    crop_fraction : float
        Crop over resize, as the library states it.
    test_crop, test_fraction : int, float or None
        Size and crop fraction at which the weights are best tested, where they are others.
    """

    crop: int
    resize: int
    interpolation: str = "bilinear"
    mean: tuple[float, ...] = (0.485, 0.456, 0.406)
    std: tuple[float, ...] = (0.229, 0.224, 0.225)
    crop_mode: str = "center"
    width: int | None = None
    crop_fraction: float = 0.0
    test_crop: int | None = None
    test_fraction: float | None = None

    def __post_init__(self) -> None:
        if not self.crop_fraction:
            object.__setattr__(self, "crop_fraction", self.crop / self.resize)

    def at_test_size(self) -> Preprocessing:
        """The same at the size that the weights are best tested at."""
        if self.test_crop is None and self.test_fraction is None:
            return self
        crop, fraction = self.test_crop or self.crop, self.test_fraction or self.crop_fraction
        return replace(
            self,
            crop=crop,
            resize=math.floor(crop / fraction),
            crop_fraction=fraction,
            test_crop=None,
            test_fraction=None,
        )

    def to_list(self) -> list[Any]:
        """The fields in order, for the catalogue.

        Those at the end that have their default are left out.
        """
        fraction = 0.0 if math.isclose(self.crop_fraction, self.crop / self.resize) else self.crop_fraction
        values = [self.crop, self.resize, self.interpolation, list(self.mean), list(self.std)]
        rest = [self.crop_mode, self.width, fraction, self.test_crop, self.test_fraction]
        defaults = ["center", None, 0.0, None, None]
        while rest and rest[-1] == defaults[len(rest) - 1]:
            rest.pop()
        return values + rest

    @classmethod
    def from_list(cls, values: list[Any]) -> Preprocessing:
        """Undo :meth:`to_list`."""
        crop, resize, interpolation, mean, std, *rest = values
        return cls(crop, resize, interpolation, tuple(mean), tuple(std), *rest)


@dataclass(frozen=True, slots=True)
class ModelSpec:
    """One architecture with one choice of weights.

    Costs and accuracies are never part of it: they belong to records.

    Attributes
    ----------
    name : str
        ``source/architecture`` or ``source/architecture.tag``.
    source, architecture : str
        ``torchvision``, ``timm`` or the user's own; the source's name of the network.
    tag : str or None
        The weights tag this spec stands for (the source's default where the user named none);
        None where the source has no weights.
    family : str
        The kind of network, such as ``resnet``.
    tags : tuple of str
        Every weights tag of the architecture, the default first.
    params : int or None
        Parameters as used for inference, with a 1000-class head (or the source's own head), as the library builds it.
    macs, activations : float or None
        Multiply-accumulates and output elements of convolutions and linear layers for one image of
        ``input_size``, as the library builds it. None where they could not be counted.
    input_size : tuple of int
        Channels, height, width.
    preprocessing : Preprocessing or None
        Of the weights at evaluation.
    top1 : float or None
        ImageNet-1k top-1 in percent as it is published, never measured here; at ``input_size`` where that is stated.
    licence : str or None
        Of the weights, as the library states it.
    preprocessing_from : str or None
        Where ``preprocessing`` is stated: ``"tag"``, ``"architecture"`` or ``"checkpoint"``.
    not_counted : str or None
        What a user's model raised, where its counts are missing because of that.
    published : tuple of Figure
        Accuracies that others state of the weights, by the library first.
    deployed_params, deployed_macs : int, float or None
        As ``params`` and ``macs``, of the form that is deployed.
    """

    name: str
    source: str
    architecture: str
    tag: str | None
    family: str
    tags: tuple[str, ...]
    params: int | None
    macs: float | None
    activations: float | None
    input_size: tuple[int, int, int]
    preprocessing: Preprocessing | None
    top1: float | None
    licence: str | None
    preprocessing_from: str | None = None
    not_counted: str | None = None
    published: tuple[Figure, ...] = ()
    deployed_params: int | None = None
    deployed_macs: float | None = None

    def _repr_html_(self) -> str:
        """A table of the facts for a notebook."""
        counts = ((self.deployed_params, 1e6, "M"), (self.deployed_macs, 1e9, "G"))
        params, macs = ("n/a" if count is None else f"{count / unit:.3g} {name}" for count, unit, name in counts)
        facts = {
            "family": self.family,
            "weights": self.tag or "none",
            "licence": self.licence or "not stated",
            "input": " × ".join(map(str, self.input_size)),
            "params, deployed": params,
            "MACs, deployed": macs,
            "published top-1": "n/a" if self.top1 is None else f"{self.top1:.2f} %",
        }
        cells = ((html.escape(name), html.escape(fact)) for name, fact in facts.items())
        rows = "".join(f"<tr><th>{name}</th><td>{fact}</td></tr>" for name, fact in cells)
        return f"<table><caption>{html.escape(self.name)}</caption>{rows}</table>"

    def params_of(self, form: str) -> int | None:
        """Parameters of a form: ``"deployed"`` or ``"trained"``."""
        return self.deployed_params if form == DEPLOYED else self.params

    @property
    def model(self) -> str:
        """``source/architecture``."""
        return f"{self.source}/{self.architecture}"

    def estimated_macs(self, size: tuple[int, int, int]) -> float | None:
        """MACs of an image of ``size``, by its area.

        An estimate for times to come alone, never shown: :func:`zoo.models.macs.macs_at` counts.
        """
        native = self.input_size[1] * self.input_size[2]
        return None if self.macs is None else self.macs * size[1] * size[2] / native

    def to_dict(self) -> JsonObject:
        """Plain values for JSON, with the field names as keys."""
        # Not by dataclasses.asdict, which copies every value deeply: half the time of a listing.
        values = {field: getattr(self, field) for field in FIELDS}
        pre = self.preprocessing
        if pre is not None:
            values["preprocessing"] = {field: getattr(pre, field) for field in PREPROCESSING_FIELDS}
        for count in ("macs", "activations", "deployed_macs"):
            values[count] = whole(values[count])
        values["published"] = [figure._asdict() for figure in self.published]
        return values

    @classmethod
    def from_dict(cls, data: JsonObject) -> ModelSpec:
        """Undo :meth:`to_dict`."""
        values = dict(data)
        if values["preprocessing"] is not None:
            pre = dict(values["preprocessing"])
            pre |= {"mean": tuple(pre["mean"]), "std": tuple(pre["std"])}
            values["preprocessing"] = Preprocessing(**pre)
        published = tuple(Figure(**figure) for figure in values.get("published", ()))
        listed = {"tags": tuple(values["tags"]), "input_size": tuple(values["input_size"]), "published": published}
        return cls(**values | listed)


FIELDS = tuple(field.name for field in fields(ModelSpec))
PREPROCESSING_FIELDS = tuple(field.name for field in fields(Preprocessing))
