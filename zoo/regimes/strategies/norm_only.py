"""The strategy that trains normalisation layers and the head."""

from zoo.regimes.strategies.base import Strategy
from zoo.regimes.strategies.finetuning import FineTuning
from zoo.training.openings import norms

NORM_ONLY = Strategy(
    name="norm_only",
    trained="norm scales and shifts, and head",
    start="weights",
    batch_norm="as the recipe says, eval under batch 16",
    run=FineTuning(norms, rate_factor=3.0),
    uses_recipe=True,
    order=20,
)
