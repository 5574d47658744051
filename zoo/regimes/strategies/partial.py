"""The strategy that trains the last stages and the head."""

from functools import partial as bound

from zoo.errors import ZooError
from zoo.regimes.strategies.base import Strategy
from zoo.regimes.strategies.finetuning import FineTuning
from zoo.training.openings import last_stages


def with_last_stages(count: float) -> Strategy:
    """The strategy that trains so many stages.

    Raises
    ------
    ZooError
        For no whole number of stages.
    """
    stages = int(count)
    if stages != count or stages < 1:
        raise ZooError(f"partial(k) trains a whole number of stages, 1 at least, not {count:g}")
    return Strategy(
        name=f"partial({stages})",
        trained=f"last {stages} stages and head" if stages > 1 else "last stage and head",
        start="weights",
        batch_norm="eval in frozen stages",
        run=FineTuning(bound(last_stages, count=stages)),
        uses_recipe=True,
        order=40,
        vary=with_last_stages,
    )


PARTIAL = with_last_stages(1)
