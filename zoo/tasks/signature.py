"""What a task depends on beside files: libraries, and the zoo's code."""

from __future__ import annotations

from pathlib import Path

from zoo.images.signature import code_signature


def task_signature(libraries: tuple[str, ...], *packages: Path) -> str:
    """Versions of some libraries, and a digest of the code that makes tasks.

    Parameters
    ----------
    libraries : tuple of str
        Distributions, such as ``"pillow"``.
    packages : Path
        Folders of further code.
    """
    return code_signature(libraries, Path(__file__).parent, *packages)
