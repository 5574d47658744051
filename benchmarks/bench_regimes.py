"""The zoo's regimes against a plain script of scikit-learn and PyTorch, on the same splits, in one run.

``python benchmarks/bench_regimes.py accuracy`` trains both sides on every cell of three models, three image tasks, 10
and 50 images a class and three seeds: `classifier` against scikit-learn's logistic regression with a cross-validated
penalty on features of the same network; `full` against AdamW over four rates chosen on held-out images, with flips,
three times the steps. ``sensitivity`` moves the rates that the zoo tries by three up and down. ``scratch`` trains the
eight classics from random. Each prints JSON lines as it goes, and a summary at the end; ``--models``, ``--tasks``,
``--strategies``, ``--shots`` and ``--seeds`` choose less.

These trainings take hours. ``--processes 2`` trains two at a time, each on one thread.
With ``--keep FILE`` what was trained is kept as it comes, each side by itself, and the same command goes on where it
was cut. A line of the zoo's holds for the recipe, the size and the protocol that it was trained with, and for no
other; one of the script's for any recipe of the zoo's.
``benchmarks/kept/regimes.jsonl`` is what was trained so far.
"""

from __future__ import annotations

import argparse
import copy
import json
import statistics
import sys
import time
from collections import defaultdict
from concurrent.futures import ProcessPoolExecutor
from dataclasses import asdict, replace
from multiprocessing import get_context
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from torch import Tensor, nn

    from zoo.regimes.strategies.base import TransferJob
    from zoo.tasks.task import Task

MODELS = (
    "timm/tf_efficientnet_lite0.packaged",
    "torchvision/resnet18.letters-am",
    "torchvision/squeezenet1_0.letters-am",
)
TASKS = ("photographs", "digits", "letters-nz")
SHOTS, SEEDS = (10, 50), 3
SIDES = {"timm/tf_efficientnet_lite0": 64}
"""Of models that take more than the tasks' own 32 pixels to use what they know."""

RATES = (1e-4, 3e-4, 1e-3, 3e-3)
STEPS, STEPS_FACTOR = 120, 3
"""The script takes three times as many steps as the zoo did for 100 images when the two were first compared."""

FLIPPED = ("photographs",)
"""Tasks whose classes survive a flip."""

CLASSICS = (
    "alexnet", "vgg16", "resnet18", "densenet161", "squeezenet1_0", "googlenet", "mobilenet_v2", "inception_v3",
)  # fmt: skip


def jobs(models: list[str], tasks: list[str], shots: list[int], seeds: int, strategy: str) -> Iterator[TransferJob]:
    """Jobs of every cell; weights that the zoo makes are made first."""
    from zoo.models.input_size import default_input_size
    from zoo.regimes.pretrain import pretrain
    from zoo.regimes.strategies.base import TransferJob
    from zoo.sources.naming import parse_name
    from zoo.training.recipe import TUNED
    from zoo.weights.locate import locate

    for name in models:
        parsed = parse_name(name)
        tag = parsed.tag or "letters-am"
        if locate(parsed.model, tag) is None:
            pretrain(parsed.model, tag)
        side = SIDES.get(parsed.model) or default_input_size(parsed.model)
        for task in tasks:
            recipe = replace(TUNED, augment="standard" if task in FLIPPED else "shift")
            for count in shots:
                for seed in range(seeds):
                    yield TransferJob(parsed.model, tag, strategy, task, count, seed, side, recipe=recipe)


def by_zoo(job: TransferJob) -> list[int]:
    """What the zoo gets right of the test images, in order."""
    from zoo.regimes.cell import run_job

    outcome = run_job(job)
    if "correct" not in outcome.samples:
        raise SystemExit(f"{job}: {outcome.reason}")
    return [int(value) for value in outcome.samples["correct"]]


def script_classifier(job: TransferJob, task: Task) -> list[int]:
    """Logistic regression on standardised features, C by five-fold cross-validation."""
    import torch
    from sklearn.linear_model import LogisticRegressionCV
    from sklearn.pipeline import make_pipeline
    from sklearn.preprocessing import StandardScaler

    from zoo.loading.create import create
    from zoo.regimes.strategies.inputs import transform_for
    from zoo.tasks.splits import few_shot

    transform = transform_for(job, task)
    chosen = few_shot(task.train_labels, job.shots, job.seed)
    network = create(job.model, weights=job.weights, num_classes=0)

    def features(images: Any) -> Any:
        batches = transform.resize(images).split(64)
        with torch.inference_mode():
            return torch.cat([network(transform.normalise(batch)) for batch in batches]).numpy()

    regression = LogisticRegressionCV(Cs=10, cv=min(5, int(job.shots)), max_iter=2000)
    fitted = make_pipeline(StandardScaler(), regression).fit(
        features(task.train_images[chosen]), task.train_labels[chosen]
    )
    return (fitted.predict(features(task.test_images)) == task.test_labels).astype(int).tolist()


def script_full(job: TransferJob, task: Task) -> list[int]:
    """AdamW on everything: four rates chosen on a fifth of each class, then all images at the best."""
    import numpy as np
    import torch

    from zoo.loading.create import create_to_train
    from zoo.regimes.strategies.inputs import transform_for
    from zoo.tasks.splits import few_shot
    from zoo.training.recipe import TUNED
    from zoo.training.trainer import seeded

    transform = transform_for(job, task)
    chosen = few_shot(task.train_labels, job.shots, job.seed)
    images = transform.resize(task.train_images[chosen])
    labels = torch.from_numpy(task.train_labels[chosen])
    with seeded(job.seed):
        start = create_to_train(job.model, job.weights, len(task.classes), transform.size)
    held = np.concatenate(
        [np.flatnonzero(labels.numpy() == c)[: max(1, int(job.shots) // 5)] for c in range(len(task.classes))]
    )
    kept = np.setdiff1d(np.arange(len(labels)), held)
    steps = STEPS_FACTOR * replace(TUNED, steps=STEPS).steps_for(len(chosen), from_random=False)
    flips = job.task in FLIPPED

    def trained(rows: Any, rate: float) -> nn.Module:
        network = copy.deepcopy(start)
        _train_plainly(network, images[rows], labels[rows], transform.normalise, rate, steps, flips, job.seed)
        return network

    def right(network: nn.Module, images: Tensor, labels: Tensor) -> Tensor:
        network.eval()
        with torch.inference_mode():
            found = torch.cat([network(transform.normalise(batch)).argmax(1) for batch in images.split(64)])
        return (found == labels).int()

    best = max(RATES, key=lambda rate: float(right(trained(kept, rate), images[held], labels[held]).float().mean()))
    tested = transform.resize(task.test_images)
    return right(trained(np.arange(len(labels)), best), tested, torch.from_numpy(task.test_labels)).tolist()


def _train_plainly(
    network: nn.Module, images: Tensor, labels: Tensor, normalise: Callable[[Tensor], Tensor], rate: float,
    steps: int, flips: bool, seed: int,
) -> None:  # fmt: skip
    import torch
    from torch.nn import functional

    network.train()
    optimiser = torch.optim.AdamW(network.parameters(), lr=rate, weight_decay=0.02, fused=True)
    schedule = torch.optim.lr_scheduler.OneCycleLR(optimiser, rate, total_steps=steps, pct_start=0.1)
    generator = torch.Generator().manual_seed(seed)
    batch = min(32, len(images))
    for _ in range(steps):
        rows = torch.randperm(len(images), generator=generator)[:batch]
        x = images[rows]
        if flips:
            turned = torch.rand(batch, generator=generator) < 0.5
            x = torch.where(turned[:, None, None, None], x.flip(3), x)
        x = normalise(x).contiguous(memory_format=torch.channels_last)
        loss = functional.cross_entropy(network(x), labels[rows])
        optimiser.zero_grad(set_to_none=True)
        loss.backward()
        optimiser.step()
        schedule.step()


def zoo_side(job: TransferJob) -> dict[str, Any]:
    """What the zoo gets right of a job's test images."""
    return _side(lambda: by_zoo(job))


def script_side(job: TransferJob) -> dict[str, Any]:
    """What the script gets right of them."""
    from zoo.tasks.catalogue import get_task

    script = script_classifier if job.strategy == "classifier" else script_full
    return _side(lambda: script(job, get_task(job.task)))


def _side(work: Callable[[], list[int]]) -> dict[str, Any]:
    start = time.perf_counter()
    right = work()
    return {
        "accuracy": statistics.fmean(right), "seconds": round(time.perf_counter() - start, 1),
        "right": "".join(map(str, right)),
    }  # fmt: skip


def accuracy(args: argparse.Namespace) -> None:
    """Both sides on every cell, and their paired differences."""
    from zoo.statistics.comparison import paired_difference

    for strategy in args.strategies:
        cells: dict[tuple[str, str, int], list[tuple[list[int], list[int]]]] = defaultdict(list)
        asked = list(jobs(args.models, args.tasks, args.shots, args.seeds, strategy))
        ours, theirs = (
            [[int(digit) for digit in found["right"]] for _, found in worked(side, asked, args)]
            for side in (zoo_side, script_side)
        )
        for job, script, zoo in zip(asked, theirs, ours, strict=True):
            cells[job.model, job.task, int(job.shots)].append((script, zoo))
        differences = []
        for (model, task, shots), pairs in cells.items():
            found = paired_difference([a for a, _ in pairs], [b for _, b in pairs])
            differences.append(found.value)
            say(
                strategy=strategy, model=model, task=task, shots=shots, seeds=len(pairs),
                points=round(100 * found.value, 1), low=round(100 * found.low, 1), high=round(100 * found.high, 1),
                lower=found.high < 0,
            )  # fmt: skip
        say(strategy=strategy, cells=len(differences), mean_points=round(100 * statistics.fmean(differences), 2))


def sensitivity(args: argparse.Namespace) -> None:
    """How far accuracies move where all rates that are tried are three times higher or lower."""
    from zoo.training.recipe import Recipe

    factors, asked, names = (1 / 3, 1, 3), [], []
    for job in jobs(args.models, args.tasks, args.shots, args.seeds, "full"):
        for name, recipe in (("tuned", job.recipe), ("as_it_is", replace(Recipe(), augment=job.recipe.augment))):
            names.append(name)
            rates = (recipe.full_rate * factor for factor in factors)
            asked += [replace(job, recipe=replace(recipe, full_rate=rate)) for rate in rates]
    reached = [found["accuracy"] for _, found in worked(zoo_side, asked, args)]
    moved: dict[str, list[float]] = defaultdict(list)
    for place, name in enumerate(names):
        low, middle, high = reached[len(factors) * place :][: len(factors)]
        moved[f"{name} down"].append(100 * (low - middle))
        moved[f"{name} up"].append(100 * (high - middle))
    for name, points in moved.items():
        say(
            recipe=name, trainings=len(points), mean_points=round(statistics.fmean(points), 2),
            mean_distance=round(statistics.fmean(map(abs, points)), 2), furthest=round(max(points, key=abs), 2),
        )  # fmt: skip


def from_random(job: TransferJob) -> dict[str, Any]:
    """A training from random, with what more steps gave where it was cut short."""
    from zoo.regimes.cell import run_job

    outcome = run_job(job)
    return {
        "accuracy": outcome.metrics["accuracy"].value if outcome.metrics else None,
        "reason": outcome.reason,
        "flags": list(outcome.flags),
        "steps": outcome.notes.get("steps"),
        "last_loss": outcome.notes.get("last_loss"),
        "extended_from": outcome.notes.get("extended_from"),
        "chosen_rate": outcome.notes.get("chosen_rate"),
        "seconds": round(outcome.duration_s),
    }


def scratch(args: argparse.Namespace) -> None:
    """The eight classics from random, and how many of them learnt."""
    from zoo.models.input_size import default_input_size
    from zoo.regimes.strategies.base import TransferJob
    from zoo.training.recipe import TUNED

    models = args.models if args.models != list(MODELS) else [f"torchvision/{name}" for name in CLASSICS]
    asked = [
        TransferJob(model, None, "scratch", "digits", args.shots[-1], seed, default_input_size(model), recipe=TUNED)
        for seed in range(args.seeds)
        for model in models
    ]
    found = [found for _, found in worked(from_random, asked, args)]
    reached = [one["accuracy"] for one in found if one["accuracy"] is not None]
    say(trainings=len(found), lowest=min(reached, default=None), cut_short=sum(bool(one["flags"]) for one in found))


def worked(
    do: Callable[[TransferJob], dict[str, Any]], asked: list[TransferJob], args: argparse.Namespace
) -> Iterator[tuple[TransferJob, dict[str, Any]]]:
    """Jobs and what they came to, in order, each said as it is there; what is kept is not done again."""
    kept, keys = _kept(args.keep), [_key(do, job) for job in asked]
    todo = [job for job, key in zip(asked, keys, strict=True) if key not in kept]
    with ProcessPoolExecutor(args.processes, get_context("spawn"), _use_threads, (args.processes,)) as pool:
        coming = iter(pool.map(do, todo))
        for job, key in zip(asked, keys, strict=True):
            found = kept[key] if key in kept else next(coming)
            line = {
                "part": do.__name__, "strategy": job.strategy, "model": job.model, "task": job.task,
                "shots": job.shots, "seed": job.seed, "input_size": job.input_size, "rate": job.recipe.full_rate,
                "tuning": job.recipe.tuning,
            } | found  # fmt: skip
            if args.keep and key not in kept:
                with args.keep.open("a", encoding="utf-8") as file:
                    file.write(json.dumps({"key": key} | line) + "\n")
            say(**{name: value for name, value in line.items() if name not in ("right", "key")})
            yield job, found


def _use_threads(processes: int) -> None:
    """One thread to each of several processes: NumPy's, which would else get in each other's way, too."""
    import torch
    from threadpoolctl import threadpool_limits

    from zoo.machine.allocator import keep_freed_memory

    keep_freed_memory()
    if processes > 1:
        torch.set_num_threads(1)
        threadpool_limits(1)


def _key(do: Callable[[TransferJob], dict[str, Any]], job: TransferJob) -> str:
    from zoo.canonical import canonical_digest
    from zoo.regimes.settings import TransferSettings
    from zoo.training.recipe import NO_TUNING

    given = asdict(job)
    if job.strategy == "classifier" or do is script_side:  # whatever the zoo's recipe of steps
        del given["recipe"]
    elif job.recipe.tuning == NO_TUNING or int(job.shots) < job.recipe.least_to_choose:
        del given["recipe"]["last_steps_factor"]  # no rate is chosen, so that there is no last training
    return canonical_digest({"part": do.__name__, "protocol": TransferSettings.PROTOCOL} | given)


def _kept(path: Path | None) -> dict[str, dict[str, Any]]:
    """What an earlier run came to, by key."""
    lines = path.read_text(encoding="utf-8").splitlines() if path and path.exists() else []
    return {one["key"]: one for one in map(json.loads, lines)}


def say(**values: Any) -> None:
    """Print a line of JSON."""
    print(json.dumps(values), flush=True)


def main() -> None:
    """Run one of the parts."""
    parts = {"accuracy": accuracy, "sensitivity": sensitivity, "scratch": scratch}
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("part", choices=parts)
    parser.add_argument("--models", type=lambda text: text.split(","), default=list(MODELS))
    parser.add_argument("--tasks", type=lambda text: text.split(","), default=list(TASKS))
    parser.add_argument("--strategies", type=lambda text: text.split(","), default=["classifier", "full"])
    parser.add_argument("--shots", type=lambda text: [int(one) for one in text.split(",")], default=list(SHOTS))
    parser.add_argument("--seeds", type=int, default=SEEDS)
    parser.add_argument("--processes", type=int, default=1, help="trainings at a time, on one thread each from 2 on")
    parser.add_argument("--keep", type=Path, help="file of what was trained")
    args = parser.parse_args()
    parts[args.part](args)


if __name__ == "__main__":
    sys.exit(main())
