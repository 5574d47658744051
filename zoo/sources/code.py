"""Digests of the code that models are made by."""

from __future__ import annotations

import hashlib
import inspect
from functools import lru_cache
from pathlib import Path
from typing import Any


def digest_of_code(made_by: Any) -> str:
    """Digest of the code behind a function, a class or another callable.

    SHA-256 over the file that defines it, and over all Python files of the package that this file is part of. What
    it imports from elsewhere is not seen. ``"unknown"`` for what was never in a file.
    """
    file = _file_of(inspect.unwrap(made_by)) or _file_of(type(made_by))
    return _digest(Path(file)) if file and Path(file).is_file() else "unknown"


def _file_of(what: Any) -> str | None:
    """File that defines a function or class; None for any other object, and for what was never in a file."""
    try:
        return inspect.getsourcefile(what)
    except (TypeError, OSError):
        return None


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
