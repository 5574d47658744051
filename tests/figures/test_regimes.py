"""The figure of the regimes: one legend tells every strategy by its colour and its shape."""

from __future__ import annotations

import warnings

from tests.results.planted import transfer
from zoo.figures.regimes import regime_points, regimes_figure
from zoo.results.view import Results

STRATEGIES = (
    "classifier", "classifier_mid", "norm_only", "bias_only", "partial", "full", "lp_ft", "layer_decay", "lora",
    "scratch", "random_features", "knn",
)  # fmt: skip


def test_strategies_that_share_a_colour_are_told_apart_in_the_legend() -> None:
    records = [transfer("resnet18", name, 0.5, seed=seed) for name in STRATEGIES for seed in range(2)]
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        drawn = regimes_figure(regime_points(Results(records))).to_dict()
    (dots,) = [layer for layer in drawn["spec"]["layer"] if layer["mark"]["type"] == "point"]
    colour, shape = dots["encoding"]["color"], dots["encoding"]["shape"]
    assert colour["field"] == shape["field"] == "strategy"
    assert colour["scale"]["domain"] == shape["scale"]["domain"] == list(STRATEGIES)
    # Vega draws one legend of two channels where the two ask for the same one.
    assert colour["legend"] == shape["legend"]
    assert shape["legend"] is not None
    assert colour["legend"]["columns"] < len(STRATEGIES)
