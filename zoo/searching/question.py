"""What a search is asked: images, limits, a budget."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from zoo.candidates.quantities import further_quantities
from zoo.canonical import canonical_digest
from zoo.choice.limits import Limits
from zoo.choice.margins import Margins
from zoo.cost.metrics import METRICS
from zoo.errors import ZooError, option
from zoo.regimes.strategies import STRATEGIES
from zoo.regimes.strategies.finetuning import FineTuning
from zoo.sources.naming import AUTO
from zoo.statistics.quantity import ACCURACY
from zoo.suites.suite import TransferPlan
from zoo.training.recipe import TUNED

if TYPE_CHECKING:
    from zoo.regimes.strategies.base import Strategy
    from zoo.training.recipe import Recipe


SEARCHED = ("classifier", "lp_ft", "full")
"""Strategies where none are named: the cheapest, the dearest, and the one that starts from the first."""

USUAL_BUDGET_S = 1200.0


@dataclass(frozen=True)
class Question:
    """What a search is asked.

    Attributes
    ----------
    data : str
        A folder, a list, a data set, or an embedded task.
    models : tuple of str
        Full names; empty for all whose weights are at hand.
    strategies : tuple of str
    shots : int or "all" or None
        Training images a class; None leaves it to the data.
    seeds : int
        Of the last round, at most.
    budget_s : float
    limits : Limits
    margins : Margins
    measure : str
    device, input_size, fit, augment, corrupt : optional
        As of a transfer.
    fetch : bool
        Whether published weights may be brought.
    recipe : Recipe
    """

    data: str
    models: tuple[str, ...] = ()
    strategies: tuple[str, ...] = SEARCHED
    shots: int | str | None = None
    seeds: int = 3
    budget_s: float = USUAL_BUDGET_S
    limits: Limits = field(default_factory=Limits)
    margins: Margins = field(default_factory=Margins)
    measure: str = ACCURACY.key
    device: str = "auto"
    input_size: int | str = AUTO
    fit: str = AUTO
    augment: str = AUTO
    corrupt: str = "refuse"
    fetch: bool = False
    recipe: Recipe = TUNED

    def check(self) -> None:
        """Refuse strategies that a search cannot try.

        Raises
        ------
        ZooError
        """
        for name in self.strategies:
            if not is_searched(STRATEGIES.get(name)):
                raise ZooError(
                    f"{option('strategies')}: a search takes what trains from weights or fits a head on their "
                    f"features, and {name} does neither; such are {', '.join(SEARCHED)}"
                )

    @property
    def timed(self) -> Limits:
        """The limits on what is timed."""
        return self.limits.only([*METRICS, *further_quantities()])

    @property
    def metrics(self) -> tuple[str, ...]:
        """What has to be timed for the limits."""
        told_by = {name: metric for name, (metric, _) in further_quantities().items()}
        asked = {told_by.get(name, name) for name in self.timed.bounds}
        return tuple(name for name in METRICS if name in asked)

    def plan(self) -> TransferPlan:
        """The trainings of the last round, at tuned rates."""
        return TransferPlan(
            tasks=(self.data,),
            strategies=self.strategies,
            shots=() if self.shots is None else (self.shots,),
            seeds=self.seeds,
            input_size=self.input_size,
            fit=self.fit,
            augment=self.augment,
            recipe=self.recipe,
            device=self.device,
            corrupt=self.corrupt,
        )

    def digest(self, task: str) -> str:
        """What two calls share that ask the same of a task of a digest."""
        asked: list[object] = [
            task,
            self.models,
            self.strategies,
            self.shots,
            self.seeds,
            self.budget_s,
            self.device,
            self.fetch,
        ]
        asked += [self.input_size, self.fit, self.augment, self.recipe.to_dict()]
        asked += [sorted(self.limits.bounds.items()), sorted(self.limits.licence)]
        return canonical_digest(asked)[:32]


def is_searched(strategy: Strategy) -> bool:
    """Whether a search can try a strategy."""
    if strategy.start != "weights" or strategy.control:
        return False
    return isinstance(strategy.run, FineTuning) or (strategy.uses_probe and strategy.same_for_all)
