"""What a folder holds beside the images that are read of it, in a line."""

from __future__ import annotations

from typing import TYPE_CHECKING

from zoo.errors import InputFileError

if TYPE_CHECKING:
    from collections import Counter
    from pathlib import Path


UNNAMED, LOOSE, NOWHERE = "without an ending", "beside the class folders", "to nothing"
"""Of files that are left out: those without an ending, images in no class folder, and links."""

OTHER_PARTS, REPEATED = "of parts beside the two", "as repeated"
"""Of lines of a list that are left out."""

LISTED = 5
"""Endings named in one line; the rest are counted."""


SAID = {
    LOOSE: "{} image{} left out " + LOOSE,
    NOWHERE: "{} link{} " + NOWHERE + " left out",
    OTHER_PARTS: "{} image{} left out " + OTHER_PARTS,
    REPEATED: "{} line{} left out " + REPEATED,
}
"""What is said of a number of what is no file of another kind."""


def left_out_line(left_out: Counter[str]) -> str:
    """What was left out of a folder and why, empty where nothing was."""
    endings = [(kind, number) for kind, number in left_out.most_common() if kind not in SAID and number]
    lines = []
    if count := sum(number for _, number in endings):
        kinds = ", ".join(f"{kind} {number}" for kind, number in endings[:LISTED])
        more = "" if len(endings) <= LISTED else ", …"
        lines.append(
            f"{count} file{'s' * (count != 1)} left out, which Pillow reads no image from here ({kinds}{more})"
        )
    lines += [
        said.format(left_out[kind], "s" * (left_out[kind] != 1)) for kind, said in SAID.items() if left_out[kind]
    ]
    return "; ".join(lines)


def no_images(path: Path, left_out: Counter[str]) -> InputFileError:
    """The line for a folder without images."""
    instead = left_out_line(left_out)
    return InputFileError(f"{path}: no images" + (f"; {instead}" if instead else ""))
