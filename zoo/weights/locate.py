"""Weights: found in the caches that the libraries use, verified at every load, never unpickled freely."""

from __future__ import annotations

from typing import TYPE_CHECKING

from zoo.errors import WeightsError, ZooError
from zoo.registry.catalogue import get, is_published, tag_entry
from zoo.registry.naming import bare_and_tag
from zoo.registry.own_tags import card, own_path
from zoo.weights.caches import HUB_FILES, SUFFIXES, hub_folder, torch_hub_dir
from zoo.weights.file import WeightsFile

if TYPE_CHECKING:
    from pathlib import Path


def resolve_tag(name: str, weights: str) -> str:
    """The tag that ``weights`` means for ``source/architecture``.

    Raises
    ------
    UnknownNameError
        No such tag.
    WeightsError
        ``"default"`` of an architecture without weights.
    """
    if weights != "default":
        return str(get(f"{name}.{weights}").tag)
    tag = get(name).tag
    if tag is None:
        raise WeightsError(
            f"{name} has no weights; create it with weights=None, or train some: `zoo pretrain {name}`"
        )
    return tag


def locate(name: str, weights: str = "default") -> WeightsFile | None:
    """Weights of ``source/architecture`` if they are at hand; no network, no heavy import.

    Raises
    ------
    UnknownNameError
        No such model, or no such tag (a tag that ``zoo pretrain`` could make is merely not at hand).
    """
    if weights == "default" and get(name).tag is None:
        return None
    if card(own_path(name, weights)) is None and weights in _own_tags_possible():
        return None
    tag = resolve_tag(name, weights)
    for kind, path in places(name, tag):
        if path.is_file():
            return WeightsFile(path, tag, kind, name)
    return None


def _own_tags_possible() -> tuple[str, ...]:
    return ("letters-am", "letters-nz", "digits", "gratings", "photographs")


def places(name: str, tag: str) -> list[tuple[str, Path]]:
    """Where the weights of a tag may lie, by kind: where the source's library looks, or the zoo's own folder.

    What lies in the zoo's own folder is never a published tag, whatever its name. A hub's safetensors come before
    its pickles, and the hub, where a tag is on it, before torch hub's folder.
    """
    if not is_published(name, tag):
        return [("zoo", own_path(name, tag))]
    found = []
    stated = tag_entry(name, tag)
    if stated.get("hub_id"):
        folder = hub_folder(stated["hub_id"])
        try:
            revision = (folder / "refs" / "main").read_text().strip()
        except OSError:
            revision = "main"
        found += [("hugging-face", folder / "snapshots" / revision / file) for file in HUB_FILES]
    if str(stated.get("file", "")).endswith(SUFFIXES):
        found.append(("torch-hub", torch_hub_dir() / stated["file"]))
    return found


def weights_file(full_name: str) -> str:
    """Name of the file that holds the weights of ``source/architecture.tag``, or its repository on the hub."""
    name, tag = bare_and_tag(full_name)
    try:
        stated = tag_entry(name, tag or "")
    except (ZooError, KeyError):
        return "unknown here"
    return str(stated.get("hub_id") or stated.get("file") or own_path(name, tag or "").name)


def missing(name: str, tag: str, reason: str) -> WeightsError:
    """The error for weights that are not at hand and cannot be brought, for ``reason``."""
    looked = [path for kind, path in places(name, tag) if kind != "zoo"]
    if not looked:
        return WeightsError(f"weights {name}.{tag} are not at hand ({reason}); train some: `zoo pretrain {name}`")
    wanted = looked[0]
    folders = "; ".join(dict.fromkeys(str(path.parent) for path in looked))
    return WeightsError(
        f"weights {name}.{tag} are not at hand ({reason}); wanted {wanted.name}, looked in {folders}; with a network "
        f"`zoo fetch {name}.{tag}` brings them, `zoo fetch --import` takes them from a bundle, and "
        f"`zoo pretrain {name}` trains others here"
    )
