"""What a folder holds beside the images that are read of it, in a line."""

from __future__ import annotations

from typing import TYPE_CHECKING

from zoo.errors import InputFileError

if TYPE_CHECKING:
    from collections import Counter
    from pathlib import Path


UNNAMED, LOOSE, NOWHERE = "without an ending", "beside the class folders", "to nothing"
"""Of files that are left out: those without an ending, images in no class folder, and links."""

LISTED = 5
"""Endings named in one line; the rest are counted."""


def left_out_line(left_out: Counter[str]) -> str:
    """What was left out of a folder and why, empty where nothing was."""
    endings = [(kind, number) for kind, number in left_out.most_common() if kind not in (LOOSE, NOWHERE) and number]
    lines = []
    if count := sum(number for _, number in endings):
        kinds = ", ".join(f"{kind} {number}" for kind, number in endings[:LISTED])
        more = "" if len(endings) <= LISTED else ", …"
        lines.append(
            f"{count} file{'s' * (count != 1)} left out, which Pillow reads no image from here ({kinds}{more})"
        )
    if loose := left_out[LOOSE]:
        lines.append(f"{loose} image{'s' * (loose != 1)} left out {LOOSE}")
    if nowhere := left_out[NOWHERE]:
        lines.append(f"{nowhere} link{'s' * (nowhere != 1)} {NOWHERE} left out")
    return "; ".join(lines)


def no_images(path: Path, left_out: Counter[str]) -> InputFileError:
    """The line for a folder without images."""
    instead = left_out_line(left_out)
    return InputFileError(f"{path}: no images" + (f"; {instead}" if instead else ""))
