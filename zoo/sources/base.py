"""A source of models: what it has to say, and what it may say besides."""

from __future__ import annotations

from abc import ABC, abstractmethod
from dataclasses import dataclass, field
from importlib import metadata
from typing import TYPE_CHECKING, ClassVar, Literal

if TYPE_CHECKING:
    from collections.abc import Mapping

    from torch import Tensor, nn

    from zoo.sources.spec import Preprocessing


Heads = Literal["built", "exchanged", "found"]
"""What a source does with a number of classes; see :class:`Source`."""


@dataclass(frozen=True, slots=True)
class TagFacts:
    """What a source states of one set of weights.

    Attributes
    ----------
    input_size : tuple of int
        Channels, height, width at evaluation.
    preprocessing : Preprocessing
    top1, top5 : float or None
        Percent on ImageNet-1k, as published by the source.
    licence : str or None
    file : str or None
        File name in torch hub's cache; it ends with the first digits of its SHA-256 (``net-0123abcd.pth``),
        without which nothing that is downloaded could be verified.
    url : str or None
        Address of ``file``, where it is not the source's usual one.
    hub_id : str or None
        Repository on the Hugging Face hub.
    path : str or None
        A file of the user's that a model was registered with.
    """

    input_size: tuple[int, int, int]
    preprocessing: Preprocessing
    top1: float | None = None
    licence: str | None = None
    file: str | None = None
    url: str | None = None
    hub_id: str | None = None
    path: str | None = None
    top5: float | None = None


@dataclass(frozen=True, slots=True)
class ArchitectureFacts:
    """What a source states of one architecture, before anything is counted.

    Attributes
    ----------
    source, architecture, family : str
    input_size : tuple of int
        Channels, height, width at evaluation.
    preprocessing : Preprocessing or None
        Where no weights state another.
    tags : dict of str to TagFacts
        All its weights, the default first.
    licence : str or None
        Of an architecture without weights.
    """

    source: str
    architecture: str
    family: str
    input_size: tuple[int, int, int]
    preprocessing: Preprocessing | None
    tags: dict[str, TagFacts] = field(default_factory=dict)
    licence: str | None = None

    @property
    def model(self) -> str:
        """``source/architecture``."""
        return f"{self.source}/{self.architecture}"


class Source(ABC):
    """A place that models come from by name.

    A source has to say its name, which architectures it has, what it states of each and how one is built. The
    rest has the defaults of plain PyTorch: weights are a state dict under the module's own names, and the zoo
    finds the head by itself.

    Attributes
    ----------
    name : str
        Before the slash in the names of its models, and in the table of sources.
    heads : str
        ``"built"``: :meth:`build` makes a head of any ``num_classes``, and none for 0; ``"exchanged"``: it never
        looks at ``num_classes``, and the zoo exchanges the head; ``"found"``: the zoo tries which of them it is.
    builds_on_meta : bool
        Whether its models can be built on the meta device, where counting them takes no memory.
    translates : bool
        Whether :meth:`load` fills modules, rather than the zoo by the names of tensors.
    auxiliary : tuple of str
        Names of heads that are for training from scratch alone; a checkpoint's are not loaded.
    input_switch : str or None
        The attribute by which some of its modules turn ImageNet's normalisation into values in -1..1; on for
        published weights.
    files, mirror : str or None
        Address under which its files lie, and the variable of the environment that names a mirror of it.
    """

    name: str
    heads: ClassVar[Heads] = "found"
    builds_on_meta: ClassVar[bool] = True
    translates: ClassVar[bool] = False
    auxiliary: ClassVar[tuple[str, ...]] = ()
    input_switch: ClassVar[str | None] = None
    files: ClassVar[str | None] = None
    mirror: ClassVar[str | None] = None

    @abstractmethod
    def architectures(self) -> list[str]:
        """Names of all architectures."""

    @abstractmethod
    def facts(self, architecture: str) -> ArchitectureFacts:
        """What the source states of one architecture."""

    @abstractmethod
    def build(
        self, architecture: str, input_size: tuple[int, int, int] | None = None, num_classes: int | None = None
    ) -> nn.Module:
        """The module with random weights.

        Parameters
        ----------
        architecture : str
        input_size : tuple of int, optional
            Channels, height, width, for an architecture that is built for one size.
        num_classes : int, optional
            Of the head; the source's own where None. See :attr:`heads`.
        """

    def old_names(self) -> Mapping[str, str]:
        """Architectures of other names once, with their names of today.

        Today's are with the tag of the weights that the old name meant, where it meant some.
        """
        return {}

    def version(self) -> str:
        """Version of what the models are made by, empty where there is none.

        Facts and counts are kept from one process to the next for this version, and computed anew in each
        process where there is none.
        """
        return ""

    def libraries(self) -> str:
        """Versions of what computes features, as part of the key of cached ones."""
        version = self.version()
        own = f", {self.name} {version}" if version else ""
        return f"torch {metadata.version('torch')}{own}"

    def code(self, architecture: str) -> str | None:
        """What tells the code of a model from other code under the same name.

        None for a library whose version every record's machine has already.
        """
        del architecture
        return f"{self.name} {self.version()}".rstrip()

    def renamed(self, architecture: str, key: str) -> str:
        """The name of a tensor as the module has it, from that in a file."""
        del architecture
        return key

    def resampled(
        self, architecture: str, state: dict[str, Tensor], input_size: tuple[int, int, int]
    ) -> dict[str, Tensor]:
        """Tensors of a file for a module that is built for another size of images.

        Those that have a place for each part of the image are resampled.
        """
        del architecture, input_size
        return state

    def load(
        self,
        architecture: str,
        tag: str | None,
        state: Mapping[str, Tensor],
        num_classes: int | None,
        input_size: tuple[int, int, int] | None = None,
    ) -> nn.Module:
        """The module, filled with tensors of a file.

        Called where :attr:`translates` is true, with an ``input_size`` where that is not the architecture's own.
        Whatever it raises is taken for tensors that are another architecture's.
        """
        raise NotImplementedError(f"{self.name} does not fill modules")

    def owns(self, model: nn.Module) -> bool:
        """Whether a module is of a class of the source's own."""
        return type(model).__module__.partition(".")[0] == self.name

    def head_paths(self, model: nn.Module) -> list[str] | None:
        """Dotted paths of the layers of the head, None for the zoo to find them."""
        del model
        return None

    def can_exchange_head(self, model: nn.Module) -> bool | None:
        """Whether the head of a module can be exchanged.

        None where it can be if it is found.
        """
        del model
        return None

    def exchange_head(self, model: nn.Module, num_classes: int) -> bool:
        """Exchange the head in the source's own way.

        Returns
        -------
        bool
            False where the zoo is to do it.

        Raises
        ------
        ZooError
            Where it cannot be done in any way.
        """
        del model, num_classes
        return False

    def classes(self, model: nn.Module) -> int | None:
        """Width of the head, None for the zoo to count its rows."""
        del model
        return None
