"""Which code a user's model is made by: the same name with other code is another model."""

from __future__ import annotations

import hashlib
import inspect
from functools import lru_cache
from pathlib import Path
from typing import Any

from zoo.registry.sources import user


def code_digest(name: str) -> str | None:
    """Digest of the code behind ``source/architecture``; None for a library's, which its version tells.

    SHA-256 over the file that defines the constructor, and over all Python files of the package that this file is
    part of. What it imports from elsewhere is not seen.
    """
    model = user.registered().get(name)
    if model is None:
        return None
    file = _source(inspect.unwrap(model.constructor)) or _source(type(model.constructor))
    return _digest(Path(file)) if file and Path(file).is_file() else "unknown"


def _source(what: Any) -> str | None:
    """File that defines a function or class; None for any other object, and for what was never in a file."""
    try:
        return inspect.getsourcefile(what)
    except (TypeError, OSError):
        return None


def code_setting(name: str) -> dict[str, str]:
    """What a trial's settings say of the code of a user's model; nothing of a library's."""
    code = code_digest(name)
    return {} if code is None else {"code": code}


@lru_cache(maxsize=32)
def _digest(file: Path) -> str:
    root = file
    while (root.parent / "__init__.py").is_file():
        root = root.parent
    files = sorted(root.rglob("*.py")) if root.is_dir() else [file]
    checksum = hashlib.sha256()
    for one in files:
        checksum.update(f"{one.relative_to(root.parent).as_posix()}\0".encode() + one.read_bytes() + b"\0")
    return checksum.hexdigest()
