"""Square crops of two photographs, in two parts that share no pixel."""

from __future__ import annotations

from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Any

from zoo.errors import ZooError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from PIL import Image


PHOTOGRAPHS = ("china.jpg", "flower.jpg")
"""Those that scikit-learn ships, 640 by 427 pixels each."""

SMALLEST = 160
"""Least side of a crop in pixels; the most is the width of a half, 320."""

LIGHT = (0.7, 1.2)
"""By what a crop's values are multiplied at least and at most."""


def crops(part: int, count: int) -> Iterator[Image.Image]:
    """Draw crops of a part, the same ones each time.

    Part 0 is the left half of each photograph, part 1 the right one. Crops differ in place, side and light, and half
    of them are mirrored.

    Parameters
    ----------
    part : {0, 1}
    count : int

    Yields
    ------
    Image
        RGB, of the crop's own size.

    Raises
    ------
    ZooError
        Where the photographs are not there.
    """
    import numpy as np
    from PIL import Image

    rng = np.random.default_rng([60, part])
    pictures = [_pixels(name) for name in PHOTOGRAPHS]
    for place in range(count):
        picture = pictures[place % 2]
        height, width = picture.shape[0], picture.shape[1] // 2
        side = int(rng.integers(SMALLEST, min(height, width) + 1))
        top = int(rng.integers(0, height - side + 1))
        left = part * width + int(rng.integers(0, width - side + 1))
        crop = picture[top : top + side, left : left + side]
        crop = crop[:, ::-1] if rng.random() < 0.5 else crop
        yield Image.fromarray(np.clip(np.round(crop * rng.uniform(*LIGHT)), 0, 255).astype(np.uint8))


def _pixels(name: str) -> Any:
    """A photograph, without an import of the library, whose threads a process that measures can do without.

    Returns
    -------
    ndarray of uint8
        (height, width, 3).
    """
    import numpy as np
    from PIL import Image

    library = find_spec("sklearn")
    path = Path(library.origin or "").parent / "datasets" / "images" / name if library else Path(name)
    if not path.is_file():
        raise ZooError(f"{name}: the photograph of scikit-learn is not there; install scikit-learn anew")
    with Image.open(path) as opened:
        return np.asarray(opened.convert("RGB"))
