"""The strategy that trains deep stages faster than shallow ones."""

from functools import partial as bound

from zoo.errors import ZooError
from zoo.regimes.strategies.base import Strategy
from zoo.regimes.strategies.finetuning import FineTuning
from zoo.training.openings import decayed


def with_layer_decay(factor: float) -> Strategy:
    """The strategy whose stages learn at a fraction of the next one's rate.

    Raises
    ------
    ZooError
        For a factor that is no fraction.
    """
    if not 0 < factor < 1:
        raise ZooError(f"layer_decay(g) takes a fraction between 0 and 1, not {factor:g}")
    return Strategy(
        name=f"layer_decay({factor:g})",
        trained=f"all, each stage at {factor:g} of the next one's rate",
        start="weights",
        batch_norm="as the recipe says, eval under batch 16",
        run=FineTuning(bound(decayed, factor=factor)),
        uses_recipe=True,
        order=70,
        vary=with_layer_decay,
    )


LAYER_DECAY = with_layer_decay(0.7)
