"""Settings of an evaluation."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, ClassVar

from zoo.canonical import JsonObject, from_json, later, to_json
from zoo.machine.prior import EFFECTIVE_MACS_PER_S
from zoo.sources.spec import Preprocessing


@dataclass(frozen=True, slots=True)
class EvaluateSettings:
    """Pretrained weights as they are, on labelled images.

    Attributes
    ----------
    data, data_digest : str
        Name of the folder, which is shown, and SHA-256 over names, from which labels follow, and bytes.
    images : int
    input_size : tuple of int
        Channels, height, width.
    preprocessing : Preprocessing or None
    preprocessing_from : str
        Where it is stated: ``"tag"``, ``"architecture"`` or ``"checkpoint"``.
    device : str
    classes : str
        What tells the order of the classes from others; see
        :meth:`zoo.tasks.folders.imagenet.ClassFolders.order_digest`.
    """

    KIND: ClassVar[str] = "evaluate"
    PROTOCOL: ClassVar[int] = 1

    data: str
    images: int
    input_size: tuple[int, int, int]
    preprocessing_from: str
    data_digest: str = later("")
    preprocessing: Preprocessing | None = later(None)
    device: str = later("")
    code: str = later("")
    classes: str = later("")
    other: str = ""

    @property
    def side(self) -> int:
        """Height of the images in pixels."""
        return self.input_size[1]

    def describe(self) -> str:
        """The settings in a few words, without the model."""
        return f"evaluation on {self.images} images of {self.data}"

    def expected_seconds(self, macs: float) -> float:
        """Seconds that a model of so many MACs takes, before any was seen."""
        return 2.0 + self.images * macs / EFFECTIVE_MACS_PER_S

    def to_dict(self) -> JsonObject:
        """JSON values, which are part of a trial's key."""
        return to_json(self)

    @classmethod
    def from_dict(cls, data: JsonObject) -> EvaluateSettings:
        """Undo :meth:`to_dict`."""
        return from_json(cls, data, preprocessing=_preprocessing)


def _preprocessing(stated: Any) -> Preprocessing:
    values: Any = {key: tuple(one) if isinstance(one, list) else one for key, one in stated.items()}
    return Preprocessing(**values)
