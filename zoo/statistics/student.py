"""Student's t distribution, without the second and 60 MB of scipy.stats."""

from __future__ import annotations


def quantile(probability: float, freedom: float) -> float:
    """The value that a t of so many degrees of freedom stays under so often."""
    from scipy.special import stdtrit

    return float(stdtrit(freedom, probability))


def two_sided(value: float, freedom: float) -> float:
    """Probability of a t further from zero than a value."""
    from scipy.special import stdtr

    return float(2 * stdtr(freedom, -abs(value)))
