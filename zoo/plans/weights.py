"""The weights that a plan means by a tag, by ``default`` or by ``auto``."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from zoo.canonical import canonical_digest
from zoo.errors import WeightsError, ZooError
from zoo.loading.specs import spec_of
from zoo.loading.statement import CHECKPOINT
from zoo.registry.catalogue import get, is_published
from zoo.sources import SHIPPED
from zoo.sources.naming import AUTO, DEFAULT, parse_name
from zoo.weights.file import FILE, WeightsFile
from zoo.weights.locate import locate, locate_published, missing


@dataclass(frozen=True, slots=True)
class PlannedWeights:
    """What a model's trials start from.

    Attributes
    ----------
    model : str
        ``source/architecture``.
    asked : str
        ``"auto"``, ``"default"``, a tag, or the name of a checkpoint's file.
    tag : str
        Of the weights that are meant, at hand or not; the file's name of a checkpoint.
    file : WeightsFile or None
        None where they are not at hand.
    stand_in : bool
        Whether they are the ones that the zoo makes itself.
    missed : str
        Full name of the published weights that ``auto`` would have taken; empty where it took them.
    error : ZooError or None
        Why there is no file, where that is more than that it is not there.
    stated : str
        Digest of the preprocessing that stands beside a checkpoint of the user's, empty where none does.
    """

    model: str
    asked: str
    tag: str
    file: WeightsFile | None
    stand_in: bool = False
    missed: str = ""
    error: ZooError | None = None
    stated: str = ""

    @property
    def sha256(self) -> str | None:
        """Digest of the file."""
        return self.file.sha256 if self.file else None

    @property
    def reference(self) -> str | Path:
        """The tag, or the path of a checkpoint.

        As :func:`zoo.loading.create.create` takes it.
        """
        return self.tag if self.file is None else self.file.reference


def find_weights(model: str, asked: str | Path, stand_in: str = "") -> PlannedWeights:
    """Look for the weights of a model on this machine.

    Parameters
    ----------
    model : str
        A full name; a tag in it goes before what is asked.
    asked : str or Path
        ``"auto"``, ``"default"``, a tag, or a checkpoint of the user's.
    stand_in : str
        Tag of the weights that the zoo makes itself: ``"auto"`` takes it where there are no others, but for models
        of the user's, whose constructors may hold weights already.

    Raises
    ------
    WeightsError
        For a checkpoint that is not there, or whose statement beside it cannot be used.
    """
    name = parse_name(model).model
    if isinstance(asked, Path):
        stated = spec_of(name, asked)
        return PlannedWeights(
            name,
            asked.name,
            asked.name,
            WeightsFile(asked, asked.name, FILE, name),
            stated=canonical_digest(stated.preprocessing.to_list())
            if stated.preprocessing is not None and stated.preprocessing_from == CHECKPOINT
            else "",
        )
    asked = wanted = parse_name(model).tag or asked
    missed = ""
    if wanted == AUTO:
        found = locate_published(name)
        if found is not None:
            return PlannedWeights(name, asked, found.tag, found)
        if parse_name(name).source not in SHIPPED:
            return PlannedWeights(name, asked, get(name).tag or DEFAULT, None, error=_nobodys(name))
        missed = _default_of(name)
        wanted = stand_in or DEFAULT
    mine = wanted == stand_in
    try:
        found = locate(name, wanted)
    except ZooError as error:
        return PlannedWeights(name, asked, wanted, None, mine, missed, error)
    return PlannedWeights(name, asked, found.tag if found else wanted, found, mine, missed)


def _nobodys(name: str) -> WeightsError:
    """The error for a model of the user's of which no weights are known."""
    stated = get(name).tag
    if stated is not None:
        return missing(name, stated, "the file is gone")
    return WeightsError(
        f"{name} has no weights that the zoo knows of, and it trains none over a model of yours unasked: register it "
        f"with weights=PATH, name a checkpoint as its weights, or train some with `zoo pretrain {name}`"
    )


def _default_of(name: str) -> str:
    """Full name of a model's default weights, where they are published ones."""
    default = get(name).tag
    return f"{name}.{default}" if default is not None and is_published(name, default) else ""
