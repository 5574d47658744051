"""Weights: found in the caches that the libraries use, verified at every load, never unpickled freely."""

from __future__ import annotations

import os
import re
import warnings
from dataclasses import dataclass
from pathlib import Path

from zoo.errors import WeightsError, ZooError, ZooWarning
from zoo.registry.catalogue import get, is_published, tag_entry
from zoo.registry.checkpoints import SUFFIXES, looks_like
from zoo.registry.digests import actual, digest, remember, stated_kind
from zoo.registry.naming import bare_and_tag
from zoo.registry.own_weights import card, own_path

HASH_IN_NAME = re.compile(r"-([0-9a-f]{8,64})\.")
BLOB = re.compile(r"[0-9a-f]{40}|[0-9a-f]{64}")
HUB_FILES = ("model.safetensors", "open_clip_model.safetensors", "pytorch_model.bin")


@dataclass(frozen=True, slots=True)
class WeightsFile:
    """Weights at hand.

    Attributes
    ----------
    path : Path
    tag : str
    kind : str
        ``"torch-hub"``, ``"hugging-face"`` or ``"zoo"``.
    name : str
        ``source/architecture``.
    """

    path: Path
    tag: str
    kind: str
    name: str

    @property
    def sha256(self) -> str:
        """Digest of the file's bytes, in hex; remembered while the file does not change."""
        return digest(self.path)

    @property
    def remedy(self) -> str:
        """The command that brings or makes the file again."""
        if self.kind == "zoo":
            return f"train it again: delete it and run `zoo pretrain {self.name} --task {self.tag}`"
        return f"bring it again: `zoo fetch --again {self.name}.{self.tag}`"


def torch_hub_dir() -> Path:
    """Folder where torch hub keeps checkpoints; ``~`` in its variables is a home, as torch has it."""
    return Path(os.path.expanduser(_home("TORCH_HOME", "torch"))) / "hub" / "checkpoints"  # noqa: PTH111 - as torch


def hugging_face_dir() -> Path:
    """Folder where the Hugging Face hub keeps repositories; ``~`` and ``$VARIABLES`` mean what they do to it."""
    named = os.environ.get("HF_HUB_CACHE") or os.environ.get("HUGGINGFACE_HUB_CACHE")
    folder = named or f"{_home('HF_HOME', 'huggingface')}/hub"
    return Path(os.path.expandvars(os.path.expanduser(folder)))  # noqa: PTH111 - as the hub's client


def _home(variable: str, folder: str) -> str:
    """What a variable names, or the folder of that name in the user's cache."""
    cache = os.environ.get("XDG_CACHE_HOME") or "~/.cache"
    return os.environ.get(variable) or f"{cache}/{folder}"


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


def hub_folder(hub_id: str) -> Path:
    """Folder of a repository in the hub's cache."""
    return hugging_face_dir() / ("models--" + hub_id.replace("/", "--"))


def obtain(name: str, weights: str) -> WeightsFile:
    """Weights at hand, or downloaded if there is a network.

    Raises
    ------
    WeightsError
        Names the file wanted, where it was looked for, and what to do.
    """
    tag = resolve_tag(name, weights)
    found = locate(name, tag)
    if found is not None:
        return found
    from zoo.registry.fetch import fetch_one

    try:
        return fetch_one(name, tag)
    except WeightsError as error:
        raise missing(name, tag, str(error)) from None


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


def stated_digest(file: WeightsFile) -> str:
    """The digest that a file's card, its name, or its place in the hub's cache states; empty where none does."""
    if file.kind == "zoo":
        return str((card(file.path) or {}).get("sha256", ""))
    if file.kind == "torch-hub":
        match = HASH_IN_NAME.search(file.path.name)
        return match.group(1) if match else ""
    blob = file.path.resolve()
    return blob.name if blob.parent.name == "blobs" and BLOB.fullmatch(blob.name) else ""


def verify(file: WeightsFile) -> None:
    """Compare a file's bytes, now, with the digest that is stated of it; warn where none is.

    Raises
    ------
    WeightsError
        Where they differ.
    """
    stated = stated_digest(file)
    if not stated:
        warnings.warn(
            f"{file.path}: nothing states its digest, so its bytes could not be checked; {file.remedy}",
            ZooWarning,
            stacklevel=2,
        )
        return
    check_digest(file, stated, actual(file.path, stated))


def check_digest(file: WeightsFile, stated: str, found: str) -> None:
    """Hold the digest that a file's bytes were found to have against the stated one.

    Raises
    ------
    WeightsError
        Where they differ.
    """
    if stated_kind(stated) == "SHA-256":
        remember(file.path, found)
    if not found.startswith(stated):
        raise WeightsError(
            f"{file.path}: damaged or not what its name says{looks_like(file.path)}: its {stated_kind(stated)} "
            f"begins {found[:8]}, expected {stated[:8]}; {file.remedy}"
        )
