"""What pixels depend on beside files: libraries, and the zoo's code."""

from __future__ import annotations

import hashlib
from functools import cache
from importlib import metadata
from pathlib import Path

PILLOW = ("numpy", "pillow")
"""Distributions that read images."""

HERE = Path(__file__).parent
"""The package that reads them."""


@cache
def code_signature(libraries: tuple[str, ...], *packages: Path) -> str:
    """Versions of some libraries, and a digest of the code that reads images.

    Parameters
    ----------
    libraries : tuple of str
        Distributions, such as ``"pillow"``.
    packages : Path
        Folders of further code.
    """
    versions = [f"{library} {metadata.version(library)}" for library in libraries]
    return ", ".join([*versions, f"code {_own_code(HERE, *packages)}"])


@cache
def _own_code(*packages: Path) -> str:
    """SHA-256 over the Python files of some packages."""
    checksum = hashlib.sha256()
    for root in packages:
        for file in sorted(root.rglob("*.py")):
            checksum.update(f"{file.relative_to(root).as_posix()}\0".encode() + file.read_bytes() + b"\0")
    return checksum.hexdigest()
