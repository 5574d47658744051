"""Modules built on the meta device, where they take no memory."""

from __future__ import annotations

import warnings
from contextlib import contextmanager
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator


@contextmanager
def on_meta() -> Iterator[None]:
    """What is built in the block is on the meta device.

    A constructor that loads weights there has torch warn of every tensor: that is no news of a module that is only
    looked at.
    """
    import torch

    with torch.device("meta"), warnings.catch_warnings():
        warnings.simplefilter("ignore")
        yield
