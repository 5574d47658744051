"""What a run says of the weights that it makes itself."""

from __future__ import annotations

import shlex
from typing import TYPE_CHECKING

from zoo.plans.estimate import rounded, work_units

if TYPE_CHECKING:
    from zoo.plans.plan import Plan


def substitutes(plan: Plan) -> str:
    """One line on backbones that are trained because no weights are at hand.

    Empty where none is. It says what is trained, how long that is expected to take, and what brings the published
    weights instead.
    """
    made = plan.to_make
    if not made or plan.suite.transfer is None:
        return ""
    count = len(made)
    task = plan.suite.transfer.pretrain_task
    seconds = sum(work_units(item.trial) for item in made.values())
    line = (
        f"no weights of {_listed(list(made))} are at hand: {'it is' if count == 1 else 'they are'} trained on "
        f"{task} first ({rounded(seconds)}), which every table says"
    )
    published = [plan.missing[model] for model in made if model in plan.missing]
    if not published:
        return line
    return f"{line}; `{shlex.join(['zoo', 'fetch', *published])}` brings the published ones instead"


def _listed(names: list[str]) -> str:
    return names[0] if len(names) == 1 else f"{', '.join(names[:-1])} and {names[-1]}"
