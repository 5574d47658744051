"""The table of the sources that models come from."""

from __future__ import annotations

from typing import TYPE_CHECKING

from zoo.plugins import Table

if TYPE_CHECKING:
    from zoo.sources.base import Source


SHIPPED = {"torchvision": "zoo.sources.torchvision:SOURCE", "timm": "zoo.sources.timm:SOURCE"}
"""Sources that the shipped catalogue covers, in the order in which they are asked for a bare name."""

SOURCES: Table[Source] = Table("source", SHIPPED, "zoo.sources")
"""Every source but the user's registered models."""
