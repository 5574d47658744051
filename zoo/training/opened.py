"""What of a network is trained: parameters, their rates, batch norm."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from zoo.training.recipe import KEPT

if TYPE_CHECKING:
    from collections.abc import Mapping

    from torch import nn

    from zoo.training.recipe import Recipe


@dataclass(frozen=True)
class Opened:
    """A network, and what of it learns.

    Attributes
    ----------
    model : Module
        Returns logits (N, C), in train mode too.
    factors : mapping of str to float
        By the name of each parameter that is trained, its rate over the peak rate. All others are frozen.
    batch_norm : str
        ``"train"``; ``"eval"``, which keeps the running statistics; or ``"open"``, which is as the recipe says, and
        keeps them where the batch is under its ``frozen_norm_batch``.
    still : tuple of str
        Names of modules that stay in eval mode with all that they hold.
    """

    model: nn.Module
    factors: Mapping[str, float]
    batch_norm: Literal["train", "eval", "open"] = "open"
    still: tuple[str, ...] = ()

    @property
    def trained_params(self) -> int:
        """How many parameters learn."""
        return sum(p.numel() for name, p in self.model.named_parameters() if name in self.factors)

    def freeze(self) -> None:
        """Let no gradient reach what is not trained."""
        for name, parameter in self.model.named_parameters():
            parameter.requires_grad_(name in self.factors)

    def set_mode(self, batch: int, recipe: Recipe) -> str:
        """Put the network into train mode, less what stays as it is.

        Returns
        -------
        str
            What batch norm does: ``"train"``, ``"eval"``, ``"train, eval in frozen stages"``, or ``"none"`` where
            the network has none.
        """
        self.model.train()
        for name in self.still:
            self.model.get_submodule(name).eval()
        norms = self._norms()
        if self.batch_norm == "eval" or (self.batch_norm == "open" and _keeps(recipe, batch)):
            for norm in norms:
                norm.eval()
        learning = [norm.training for norm in norms]
        if not norms:
            return "none"
        return "train" if all(learning) else "eval" if not any(learning) else "train, eval in frozen stages"

    def may_keep(self, batch: int, recipe: Recipe) -> bool:
        """Whether batch norm learns its statistics and might keep them."""
        still = {module for name in self.still for module in self.model.get_submodule(name).modules()}
        return self.batch_norm == "open" and not _keeps(recipe, batch) and bool(set(self._norms()) - still)

    def _norms(self) -> list[nn.Module]:
        from torch.nn.modules.batchnorm import _BatchNorm

        return [module for module in self.model.modules() if isinstance(module, _BatchNorm)]


def _keeps(recipe: Recipe, batch: int) -> bool:
    return batch < recipe.frozen_norm_batch or recipe.batch_norm == KEPT


Opening = Callable[["nn.Module", "Recipe"], Opened]
"""From a network with a new head, and the recipe, to what of it is trained."""
