"""What a number is of: label, unit, better direction, how it is shown."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from zoo.statistics.measurement import Measurement

Better = Literal["lower", "higher"]

ARROWS = {"lower": "↓", "higher": "↑"}

TIME_UNITS = ("s", "ms", "µs", "ns")


@dataclass(frozen=True, slots=True)
class Quantity:
    """One kind of number that the zoo measures or knows.

    Headers, arrows, sort order, objectives, limits, progress lines and the words of a verdict all come from here.

    Attributes
    ----------
    key : str
        Under which a record or a candidate holds it: ``"latency_ms"``.
    label : str
        In words: ``"latency"``.
    unit : str
        Of the values as they are kept: ``"ms"``, ``"images/s"``, ``"fraction"``.
    better : {"lower", "higher"}
    shown_unit : str
        Of the values as they are shown; ``unit`` where empty.
    factor : float
        From a kept value to a shown one: 100 from a fraction to percent.
    decimals : int or None
        Of a shown value; as many as its interval deserves where None.
    words : (str, str)
        What a change to the better and one to the worse are called.
    most : float or None
        The largest value there can be: 1 of a fraction.
    brief : int
        Decimals of the kept value in a sentence.
    hint, example : str
        Of a limit on it: what the help says, and a value as people write it.
    """

    key: str
    label: str
    unit: str
    better: Better
    shown_unit: str = ""
    factor: float = 1.0
    decimals: int | None = None
    words: tuple[str, str] = ("BETTER", "WORSE")
    most: float | None = None
    brief: int = 1
    hint: str = ""
    example: str = "20"

    @property
    def arrow(self) -> str:
        """Points to where better is."""
        return ARROWS[self.better]

    @property
    def is_time(self) -> bool:
        """Whether it is a duration, which moves with the machine from run to run."""
        return self.unit in TIME_UNITS

    @property
    def shown_as(self) -> str:
        """The unit that tables print."""
        return self.shown_unit or self.unit

    @property
    def header(self) -> str:
        """Unit and arrow, as the end of a column's header: ``ms ↓``."""
        return f"{self.shown_as} {self.arrow}"

    @property
    def limit(self) -> str:
        """Name of the limit that can be set on it, such as ``max_latency_ms``."""
        return f"{'max' if self.better == 'lower' else 'min'}_{self.key}"

    @property
    def limit_shown(self) -> str:
        """The limit as it is read: ``max-latency-ms``."""
        return self.limit.replace("_", "-").lower()

    def rank(self, value: float) -> float:
        """A number that sorts values, the best first."""
        return value if self.better == "lower" else -value

    def beyond(self, value: float, bound: float) -> bool:
        """Whether a value is worse than a bound."""
        return self.rank(value) > self.rank(bound)

    def shown(self, measurement: Measurement) -> Measurement:
        """A measurement in the unit that tables print."""
        low, high = (None if end is None else end * self.factor for end in (measurement.low, measurement.high))
        return replace(measurement, value=measurement.value * self.factor, unit=self.shown_as, low=low, high=high)


ACCURACY = Quantity(
    "accuracy",
    "accuracy",
    "fraction",
    "higher",
    "%",
    100.0,
    decimals=1,
    most=1.0,
    brief=3,
    hint="A fraction, such as 0.8.",
    example="0.8",
)
BALANCED = replace(ACCURACY, key="balanced_accuracy", label="balanced accuracy", hint="Mean recall over classes.")
"""Mean recall over classes."""

ROBUSTNESS = replace(
    ACCURACY, key="robustness", label="robustness", hint="Mean top-1 on ImageNet-V2, R, A and Sketch, as published."
)
"""Mean top-1 on other images of ImageNet's classes, as others publish it of the weights."""

MEASURES = {one.key: one for one in (ACCURACY, BALANCED)}
"""What classifications are judged by."""

PARAMS = Quantity("params", "params", "count", "lower", "M", 1e-6, hint="30e6 or 30M.", example="30e6 or 30M")
MACS = Quantity("macs", "MACs", "count", "lower", "G", 1e-9, hint="4e9 or 4G.", example="30e6 or 30M")
