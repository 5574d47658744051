"""The strategy that fits a new head on frozen features."""

from zoo.regimes.strategies.base import Strategy
from zoo.regimes.strategies.probing import probe_features

CLASSIFIER = Strategy(
    name="classifier",
    trained="new head on cached features",
    start="weights",
    batch_norm="eval",
    run=probe_features,
    uses_probe=True,
    same_for_all=True,
    order=1,
)
