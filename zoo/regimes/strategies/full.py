"""The strategy that trains backbone and head."""

from zoo.regimes.strategies.base import Strategy
from zoo.regimes.strategies.finetuning import FineTuning
from zoo.training.openings import everything

FULL = Strategy(
    name="full",
    trained="backbone and head, head rate × 10",
    start="weights",
    batch_norm="as the recipe says, eval under batch 16",
    run=FineTuning(everything),
    uses_recipe=True,
    order=50,
)
