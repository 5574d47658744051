"""Entries of the catalogue, and their form as JSON."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from zoo.registry.figures import sides_of
from zoo.sources.base import ArchitectureFacts, TagFacts
from zoo.sources.counting import StaticFacts
from zoo.sources.spec import Preprocessing

if TYPE_CHECKING:
    from collections.abc import Mapping

    from zoo.canonical import JsonObject


@dataclass(frozen=True, slots=True)
class Entry:
    """What is known of one architecture.

    Attributes
    ----------
    facts : ArchitectureFacts
        As its source states them.
    counts : StaticFacts or None
        None where they were never needed.
    version : str
        Of the library that stated it, where it was learned here; empty of what ships with the package.
    sized : mapping of tuple to StaticFacts
        Counts at the sizes of those weights that are made for another than the architecture's.
    """

    facts: ArchitectureFacts
    counts: StaticFacts | None
    version: str = ""
    sized: Mapping[tuple[int, int, int], StaticFacts] = field(default_factory=dict)

    @property
    def tags(self) -> dict[str, TagFacts]:
        """The source's own weights, the default first."""
        return self.facts.tags

    def counts_at(self, size: tuple[int, int, int]) -> StaticFacts | None:
        """Counts for one image of a size, None where they were never made."""
        return self.counts if size == self.facts.input_size else self.sized.get(size)

    @property
    def other_sizes(self) -> list[tuple[int, int, int]]:
        """Sizes of weights and of their published figures, but the usual."""
        sizes = {stated.input_size for stated in self.tags.values()}
        sizes |= {(self.facts.input_size[0], side, side) for side in sides_of(self.facts.model)}
        return sorted(sizes - {self.facts.input_size})

    def to_dict(self) -> JsonObject:
        """JSON values."""
        facts, counts = self.facts, self.counts or UNCOUNTED
        data: JsonObject = {
            "source": facts.source,
            "architecture": facts.architecture,
            "family": facts.family,
            "params": counts.params,
            "macs": counts.macs,
            "activations": counts.activations,
            "input_size": list(facts.input_size),
            "preprocessing": None if facts.preprocessing is None else facts.preprocessing.to_list(),
            "tags": {tag: _tag_to_dict(stated) for tag, stated in facts.tags.items()},
        }
        rest = {
            "licence": facts.licence,
            "version": self.version,
            "not_counted": counts.reason,
            "uncounted": self.counts is None,
            "sized": [
                [list(size), found.macs, found.activations, found.deployed_macs] for size, found in self.sized.items()
            ],
            "deployed": [counts.deployed_params, counts.deployed_macs],
        }
        return data | {key: value for key, value in rest.items() if value}

    @classmethod
    def from_dict(cls, data: JsonObject) -> Entry:
        """Undo :meth:`to_dict`.

        Raises
        ------
        KeyError, TypeError, ValueError, ArithmeticError
            For what is no entry.
        """
        facts = ArchitectureFacts(
            source=data["source"],
            architecture=data["architecture"],
            family=data["family"],
            input_size=tuple(data["input_size"]),
            preprocessing=_preprocessing(data["preprocessing"]),
            tags={tag: _tag_from_dict(stated) for tag, stated in data["tags"].items()},
            licence=data.get("licence"),
        )
        deployed = data.get("deployed")
        if deployed is None or data.get("uncounted"):  # the counts of a zoo that had the trained form alone are none
            return cls(facts, None, data.get("version", ""))
        counts = StaticFacts(
            data["params"], data["macs"], data["activations"], data.get("not_counted", ""), *deployed
        )
        sized = {
            tuple(size): StaticFacts(counts.params, macs, activations, "", counts.deployed_params, deployed_macs)
            for size, macs, activations, deployed_macs in data.get("sized", ())
        }
        return cls(facts, counts, data.get("version", ""), sized)


UNCOUNTED = StaticFacts(None, None, None)


def _preprocessing(values: list[Any] | None) -> Preprocessing | None:
    return None if values is None else Preprocessing.from_list(values)


def _tag_to_dict(stated: TagFacts) -> JsonObject:
    entry = {
        "input_size": list(stated.input_size),
        "preprocessing": stated.preprocessing.to_list(),
        "top1": stated.top1,
        "licence": stated.licence,
        "file": stated.file,
        "url": stated.url,
        "hub_id": stated.hub_id,
        "top5": stated.top5,
    }
    return {key: value for key, value in entry.items() if value is not None}


def _tag_from_dict(data: JsonObject) -> TagFacts:
    get = data.get
    return TagFacts(
        tuple(data["input_size"]),
        Preprocessing.from_list(data["preprocessing"]),
        get("top1"),
        get("licence"),
        get("file"),
        get("url"),
        get("hub_id"),
        top5=get("top5"),
    )
