"""Other spellings of names: the hub's, and those of older versions."""

from __future__ import annotations

import re
import warnings
from typing import TYPE_CHECKING

from zoo.errors import ZooError, ZooWarning
from zoo.sources.naming import ModelName, parse_name

if TYPE_CHECKING:
    from collections.abc import Mapping

    from zoo.registry.entry import Entry


HUB = ("hf-hub:", "hf_hub:")
"""How timm marks the name of a repository on the hub."""

PAGE = re.compile(r"https?://[^/]+/(?P<repository>[^/?#]+/[^/?#]+)(/(tree|blob|resolve)/main.*)?/?")
"""The address of a repository's page, as copied from there."""


def read_name(text: str, everything: Mapping[str, Entry]) -> ModelName:
    """Take a name apart, the hub's and the address of its page too.

    Such as ``hf-hub:timm/resnet50.a1_in1k``.

    Raises
    ------
    ZooError
        For what is no name, and for a repository with none of the weights of ``everything``.
    """
    written = text.strip() if isinstance(text, str) else text
    if isinstance(text, str) and (page := PAGE.fullmatch(written)):
        return _of_repository(written, page["repository"], everything)
    mark = next((mark for mark in HUB if isinstance(text, str) and written.startswith(mark)), None)
    return parse_name(written) if mark is None else _of_repository(written, written.removeprefix(mark), everything)


def _of_repository(text: str, repository: str, everything: Mapping[str, Entry]) -> ModelName:
    if "@" in repository:
        raise ZooError(f"{text!r}: a revision cannot be chosen; leave {repository[repository.index('@') :]!r} out")
    found = [
        ModelName(entry.facts.source, entry.facts.architecture, tag)
        for entry in everything.values()
        for tag, stated in entry.tags.items()
        if stated.hub_id == repository
    ]
    if not found:
        raise ZooError(
            f"{text!r}: no weights of this registry lie there; load them with timm and register the model "
            "by @zoo.register, or see `zoo list --pretrained`"
        )
    # Weights of one repository may serve two architectures; it is called after the one that its configuration names.
    return next((name for name in found if str(name) == repository), found[0])


def current_name(name: ModelName, old_names: Mapping[str, str]) -> ModelName | None:
    """Today's name of a model under an older one, None where it is none.

    Parameters
    ----------
    name : ModelName
        Bare or full.
    old_names : mapping of str to str
        Full names of old to those of today, most with the weights that the old name meant.
    """
    places = {full.partition("/")[0] for full in old_names} if name.source is None else {name.source}
    found = (old_names.get(f"{place}/{name.architecture}") for place in sorted(places))
    today = next((full for full in found if full is not None), None)
    if today is None:
        return None
    current = parse_name(today)
    return current if name.tag is None else ModelName(current.source, current.architecture, name.tag)


def warn_of(name: ModelName, current: ModelName) -> None:
    """Say that a name is an older one, and which is today's."""
    warnings.warn(f"{name} is an older name; it is {current} today", ZooWarning, stacklevel=2)
