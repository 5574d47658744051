"""What images depend on beside files: libraries, and the zoo's code."""

from __future__ import annotations

import hashlib
from functools import cache
from importlib import metadata
from pathlib import Path


@cache
def code_signature(libraries: tuple[str, ...]) -> str:
    """Versions of some libraries, and a digest of the code that makes tasks.

    Parameters
    ----------
    libraries : tuple of str
        Distributions, such as ``"pillow"``.
    """
    versions = [f"{library} {metadata.version(library)}" for library in libraries]
    return ", ".join([*versions, f"code {_own_code()}"])


@cache
def _own_code() -> str:
    """SHA-256 over the Python files of this package."""
    root = Path(__file__).parent
    checksum = hashlib.sha256()
    for file in sorted(root.rglob("*.py")):
        checksum.update(f"{file.relative_to(root).as_posix()}\0".encode() + file.read_bytes() + b"\0")
    return checksum.hexdigest()
