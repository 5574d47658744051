"""Weights: found in the caches that the libraries use, verified at every load, never unpickled freely."""

from __future__ import annotations

import hashlib
import json
import os
import re
from dataclasses import dataclass
from pathlib import Path

from zoo.errors import WeightsError
from zoo.paths import cache_dir
from zoo.registry.catalogue import get, tag_entry
from zoo.registry.facts_cache import write_atomically
from zoo.registry.own_weights import card, own_path

OWN_TAG = "letters-am"
HASH_IN_NAME = re.compile(r"-([0-9a-f]{8,64})\.")
HUB_FILES = ("model.safetensors", "open_clip_model.safetensors", "pytorch_model.bin")


@dataclass(frozen=True, slots=True)
class WeightsFile:
    """Weights at hand.

    Attributes
    ----------
    path : Path
    sha256 : str
        Of the file's bytes.
    tag : str
    kind : str
        ``"torch-hub"``, ``"hugging-face"`` or ``"zoo"``.
    """

    path: Path
    sha256: str
    tag: str
    kind: str


def torch_hub_dir() -> Path:
    """Folder where torch hub keeps checkpoints."""
    home = os.environ.get("TORCH_HOME")
    base = Path(home) if home else Path(os.environ.get("XDG_CACHE_HOME", "~/.cache")).expanduser() / "torch"
    return base / "hub" / "checkpoints"


def hugging_face_dir() -> Path:
    """Folder where the Hugging Face hub keeps repositories."""
    named = os.environ.get("HF_HUB_CACHE") or os.environ.get("HUGGINGFACE_HUB_CACHE")
    if named:
        return Path(named)
    home = os.environ.get("HF_HOME")
    base = Path(home) if home else Path(os.environ.get("XDG_CACHE_HOME", "~/.cache")).expanduser() / "huggingface"
    return base / "hub"


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
            return WeightsFile(path, digest(path), tag, kind)
    return None


def _own_tags_possible() -> tuple[str, ...]:
    return ("letters-am", "letters-nz", "digits", "gratings", "photographs")


def places(name: str, tag: str) -> list[tuple[str, Path]]:
    """Where the weights of a tag may lie, by kind, the zoo's own folder first."""
    found = [("zoo", own_path(name, tag))]
    stated = tag_entry(name, tag)
    if stated.get("file"):
        found.append(("torch-hub", torch_hub_dir() / stated["file"]))
    if stated.get("hub_id"):
        folder = hugging_face_dir() / ("models--" + stated["hub_id"].replace("/", "--"))
        try:
            revision = (folder / "refs" / "main").read_text().strip()
        except OSError:
            revision = "main"
        found += [("hugging-face", folder / "snapshots" / revision / file) for file in HUB_FILES]
    return found


def choose_auto(name: str, own_tag: str = OWN_TAG) -> tuple[str, WeightsFile] | None:
    """Published weights if they are at hand, else the zoo's own, else None."""
    for tag in ("default", own_tag):
        found = locate(name, tag)
        if found is not None:
            return found.tag, found
    return None


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
    from zoo.registry.download import download

    reason = download(name, tag, tag_entry(name, tag))
    found = locate(name, tag)
    if found is None:
        looked = "; ".join(str(path) for _, path in places(name, tag)[1:3])
        raise WeightsError(
            f"weights {name}.{tag} are not at hand ({reason}); looked for {looked}; copy the file there, "
            f"train some with `zoo pretrain {name}`, or pass weights=None"
        )
    return found


def digest(path: Path) -> str:
    """SHA-256 of a file, in hex; remembered by path, size and time of change."""
    stat = path.stat()
    key = f"{path.resolve()}:{stat.st_size}:{stat.st_mtime_ns}"
    known = _known_digests()
    if key not in known:
        known[key] = sha256(path)
        cache_dir().mkdir(parents=True, exist_ok=True)
        write_atomically(_digests_path(), json.dumps(known).encode())
    return known[key]


def sha256(path: Path) -> str:
    """SHA-256 of a file's bytes now, in hex."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _digests_path() -> Path:
    return cache_dir() / "digests.json"


def _known_digests() -> dict[str, str]:
    try:
        data = json.loads(_digests_path().read_text())
    except (OSError, ValueError):
        return {}
    return data if isinstance(data, dict) else {}


def verify(file: WeightsFile) -> None:
    """Compare a file's bytes, now, with the digest that its name or its card states.

    Raises
    ------
    WeightsError
        Where they differ.
    """
    actual = sha256(file.path)
    stated = card(file.path) if file.kind == "zoo" else None
    match = HASH_IN_NAME.search(file.path.name)
    expected = str(stated["sha256"]) if stated else match.group(1) if match and file.kind == "torch-hub" else ""
    if not actual.startswith(expected):
        raise WeightsError(
            f"{file.path}: damaged or not what its name says (SHA-256 begins {actual[:8]}, expected "
            f"{expected[:8]}); delete the file and bring it again"
        )
