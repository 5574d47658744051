"""The size of the images that a model is measured on."""

from __future__ import annotations

from zoo.models.input_size import check_input_size, default_input_size
from zoo.registry.catalogue import get


def planned_size(model: str, asked: int | str) -> tuple[int, int, int]:
    """Channels, height and width for a model.

    Parameters
    ----------
    model : str
        ``source/architecture``.
    asked : "native", "smallest" or int
        A number is a side in pixels.

    Raises
    ------
    ZooError
        For a side that is too small for the model; names the smallest.
    """
    channels, height, width = get(model).input_size
    if asked == "native":
        return channels, height, width
    if asked == "smallest":
        side = default_input_size(model)
    else:
        side = int(asked)
        check_input_size(model, side)
    return channels, side, side
