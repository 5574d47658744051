"""The strategy that starts from the classifier and trains everything."""

from zoo.regimes.strategies.base import Strategy
from zoo.regimes.strategies.finetuning import FineTuning
from zoo.training.openings import after_head

LP_FT = Strategy(
    name="lp_ft",
    trained="the classifier as head, then backbone and head at a third of the rate",
    start="weights",
    batch_norm="eval",
    run=FineTuning(after_head, rate_factor=1 / 3, head="trained"),
    uses_probe=True,
    uses_recipe=True,
    order=60,
)
"""Linear probing, then fine-tuning (arXiv 2202.10054)."""
