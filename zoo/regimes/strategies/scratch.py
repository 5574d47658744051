"""The strategy that trains everything from random."""

from zoo.regimes.strategies.base import Strategy
from zoo.regimes.strategies.finetuning import FineTuning
from zoo.training.openings import all_alike

SCRATCH = Strategy(
    name="scratch",
    trained="backbone and head",
    start="random",
    batch_norm="train",
    run=FineTuning(all_alike),
    uses_recipe=True,
    order=90,
)
