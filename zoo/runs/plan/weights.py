"""The weights that a plan means by a tag, by ``default`` or by ``auto``."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from zoo.errors import ZooError
from zoo.registry.catalogue import get, is_published
from zoo.sources.naming import AUTO, DEFAULT, parse_name
from zoo.weights.locate import locate

if TYPE_CHECKING:
    from zoo.weights.file import WeightsFile


@dataclass(frozen=True, slots=True)
class PlannedWeights:
    """What a model's trials start from.

    Attributes
    ----------
    model : str
        ``source/architecture``.
    asked : str
        ``"auto"``, ``"default"`` or a tag.
    tag : str
        Of the weights that are meant, at hand or not.
    file : WeightsFile or None
        None where they are not at hand.
    stand_in : bool
        Whether they are the ones that the zoo makes itself.
    missed : str
        Full name of the published weights that ``auto`` would have taken; empty where it took them.
    error : ZooError or None
        Why there is no file, where that is more than that it is not there.
    """

    model: str
    asked: str
    tag: str
    file: WeightsFile | None
    stand_in: bool = False
    missed: str = ""
    error: ZooError | None = None

    @property
    def sha256(self) -> str | None:
        """Digest of the file."""
        return self.file.sha256 if self.file else None


def find_weights(model: str, asked: str, stand_in: str = "") -> PlannedWeights:
    """Look for the weights of a model on this machine.

    Parameters
    ----------
    model : str
        A full name; a tag in it goes before what is asked.
    asked : str
        ``"auto"``, ``"default"`` or a tag.
    stand_in : str
        Tag of the weights that the zoo makes itself: ``"auto"`` takes it where there are no default ones.
    """
    name = parse_name(model).model
    asked = wanted = parse_name(model).tag or asked
    missed = ""
    if wanted == AUTO:
        found = locate(name)
        if found is not None:
            return PlannedWeights(name, asked, found.tag, found)
        missed = _default_of(name)
        wanted = stand_in or DEFAULT
    mine = wanted == stand_in
    try:
        found = locate(name, wanted)
    except ZooError as error:
        return PlannedWeights(name, asked, wanted, None, mine, missed, error)
    return PlannedWeights(name, asked, found.tag if found else wanted, found, mine, missed)


def _default_of(name: str) -> str:
    """Full name of a model's default weights, where they are published ones."""
    default = get(name).tag
    return f"{name}.{default}" if default is not None and is_published(name, default) else ""
