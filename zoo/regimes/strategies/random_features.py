"""The control that fits a head on an untrained backbone."""

from zoo.regimes.strategies.base import Strategy
from zoo.regimes.strategies.probing import probe_features

RANDOM_FEATURES = Strategy(
    name="random_features",
    trained="head on an untrained backbone",
    start="random",
    batch_norm="eval",
    run=probe_features,
    uses_probe=True,
    control=True,
    order=4,
)
