"""Names of models: ``source/architecture.tag``, each part but the architecture optional."""

from __future__ import annotations

from dataclasses import dataclass

from zoo.errors import ZooError


@dataclass(frozen=True, slots=True)
class Name:
    """A name taken apart.

    Attributes
    ----------
    source : str or None
        ``torchvision``, ``timm`` or a user's own; None where the name was bare.
    architecture : str
    tag : str or None
        The weights tag; None means the source's default weights.
    """

    source: str | None
    architecture: str
    tag: str | None

    def __str__(self) -> str:
        source = f"{self.source}/" if self.source else ""
        return source + self.architecture + (f".{self.tag}" if self.tag else "")


def parse_name(text: str) -> Name:
    """Take a name apart.

    Raises
    ------
    ZooError
        Where a part is empty, or there is more than one slash.
    """
    source, slash, rest = text.strip().rpartition("/")
    architecture, dot, tag = rest.partition(".")
    if not architecture or (slash and not source) or (dot and not tag) or "/" in source:
        raise ZooError(
            f"{text!r} is no model name; write source/architecture or source/architecture.tag (see `zoo list`)"
        )
    return Name(source or None, architecture, tag or None)


def bare_and_tag(text: str) -> tuple[str, str | None]:
    """A full name without its tag (``source/architecture``), and the tag where there is one."""
    name = parse_name(text)
    return f"{name.source}/{name.architecture}", name.tag
