"""The strategy that trains biases and the head."""

from zoo.regimes.strategies.base import Strategy
from zoo.regimes.strategies.finetuning import FineTuning
from zoo.training.openings import biases

BIAS_ONLY = Strategy(
    name="bias_only",
    trained="biases and head",
    start="weights",
    batch_norm="as the recipe says, eval under batch 16",
    run=FineTuning(biases, rate_factor=3.0),
    uses_recipe=True,
    order=30,
)
