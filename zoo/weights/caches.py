"""The libraries' caches: folders, names of files, locks."""

from __future__ import annotations

import os
import re
import threading
from pathlib import Path

from zoo.paths import write_atomically

HASH_IN_NAME = re.compile(r"-([0-9a-f]{8,64})\.")
"""The first digits of its SHA-256 in the name of a file of torch hub's."""

BLOB = re.compile(r"[0-9a-f]{40}|[0-9a-f]{64}")
"""The name of a blob in the hub's cache, which is its digest."""

HUB_FILES = ("model.safetensors", "open_clip_model.safetensors", "pytorch_model.bin")
"""Files of weights in a repository of the hub, the best first."""

PART, LOCK = ".part", ".lock"
"""What the names end with of a file that has not come whole, and of the one held meanwhile."""


def name_in_snapshot(blob: Path, revision: str, file: str) -> Path:
    """Name a blob of the hub's cache in the snapshot of a revision.

    The revision becomes the current one.
    """
    repository = blob.parent.parent
    path = repository / "snapshots" / revision / file
    path.parent.mkdir(parents=True, exist_ok=True)
    _link(path, os.path.relpath(blob, path.parent))
    (repository / "refs").mkdir(exist_ok=True)
    write_atomically(repository / "refs" / "main", revision.encode())
    return path


def _link(path: Path, target: str) -> None:
    """A link that is there whole or not at all, whoever else makes it."""
    temporary = path.with_name(f".{path.name}.{os.getpid()}.{threading.get_ident()}")
    temporary.unlink(missing_ok=True)
    temporary.symlink_to(target)
    temporary.replace(path)


def blob_lock(blob: Path) -> Path:
    """The file that the hub's own client locks while it downloads a blob."""
    repository = blob.parent.parent
    return repository.parent / ".locks" / repository.name / f"{blob.name}{LOCK}"


def torch_hub_dir() -> Path:
    """Folder where torch hub keeps checkpoints.

    ``~`` in its variables is a home, as torch has it.
    """
    return Path(os.path.expanduser(_home("TORCH_HOME", "torch"))) / "hub" / "checkpoints"  # noqa: PTH111 - as torch


def hugging_face_dir() -> Path:
    """Folder where the Hugging Face hub keeps repositories.

    ``~`` and ``$VARIABLES`` mean what they do to it.
    """
    named = os.environ.get("HF_HUB_CACHE") or os.environ.get("HUGGINGFACE_HUB_CACHE")
    folder = named or f"{_home('HF_HOME', 'huggingface')}/hub"
    return Path(os.path.expandvars(os.path.expanduser(folder)))  # noqa: PTH111 - as the hub's client


def _home(variable: str, folder: str) -> str:
    """What a variable names, or the folder of that name in the user's cache."""
    cache = os.environ.get("XDG_CACHE_HOME") or "~/.cache"
    return os.environ.get(variable) or f"{cache}/{folder}"


def hub_folder(hub_id: str) -> Path:
    """Folder of a repository in the hub's cache."""
    return hugging_face_dir() / hub_folder_name(hub_id)


def hub_folder_name(hub_id: str) -> str:
    """Name of a repository's folder in the hub's cache."""
    return "models--" + hub_id.replace("/", "--")
