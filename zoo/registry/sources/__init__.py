"""The libraries that models come from, each read through one module with the same three functions."""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any, Protocol

if TYPE_CHECKING:
    from zoo.registry.sources.base import ArchitectureFacts


SOURCE_MODULES = {"torchvision": "zoo.registry.sources.torchvision", "timm": "zoo.registry.sources.timm"}


class Source(Protocol):
    """What a module of this package offers."""

    def architectures(self) -> list[str]:
        """Names of all architectures."""

    def facts(self, architecture: str) -> ArchitectureFacts:
        """What the library states of one."""

    def build(self, architecture: str, input_size: tuple[int, int, int] | None = None) -> Any:
        """The module, randomly initialised."""


def load_source(source: str) -> Source:
    """Import the module that reads a library, and with it the library."""
    module: Any = importlib.import_module(SOURCE_MODULES[source])
    return module  # type: ignore[no-any-return]
