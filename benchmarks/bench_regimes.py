"""The zoo's regimes against a plain script of scikit-learn and PyTorch, on the same splits, in one run.

``python benchmarks/bench_regimes.py accuracy`` trains both sides on every cell of three models, three image tasks, 10
and 50 images a class and three seeds: `classifier` against scikit-learn's logistic regression with a cross-validated
penalty on features of the same network; `full` against AdamW over four rates chosen on held-out images, with flips,
three times the steps. ``sensitivity`` moves the rates that the zoo tries by three up and down. ``speed`` times
feature extraction and training steps on photographs against plain loops on random tensors. ``scratch`` trains the
eight classics from random. Each prints JSON lines as it goes, and a summary at the end; ``--models``, ``--tasks``,
``--shots`` and ``--seeds`` choose less. The trainings of ``accuracy`` take hours: with ``--keep FILE`` each pair is
kept as it comes, and the same command goes on where it was cut.
"""

from __future__ import annotations

import argparse
import copy
import json
import multiprocessing
import random
import statistics
import sys
import time
from collections import defaultdict
from dataclasses import replace
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory
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
SIDES = {"timm/tf_efficientnet_lite0": 96}
"""Of models that take more than the tasks' own 32 pixels to use what they know."""

RATES = (1e-4, 3e-4, 1e-3, 3e-3)
STEPS_FACTOR = 3
FLIPPED = ("photographs",)
"""Tasks whose classes survive a flip."""

TIMED_STEPS, FEATURE_BATCH, PHOTOGRAPHS, CLASSES = 2, 64, 400, 4

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
    steps = STEPS_FACTOR * job.recipe.steps_for(len(chosen), from_random=False)
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
    optimiser = torch.optim.AdamW(network.parameters(), lr=rate, weight_decay=0.02)
    schedule = torch.optim.lr_scheduler.OneCycleLR(optimiser, rate, total_steps=steps, pct_start=0.1)
    generator = torch.Generator().manual_seed(seed)
    batch = min(32, len(images))
    for _ in range(steps):
        rows = torch.randperm(len(images), generator=generator)[:batch]
        x = images[rows]
        if flips:
            turned = torch.rand(batch, generator=generator) < 0.5
            x = torch.where(turned[:, None, None, None], x.flip(3), x)
        loss = functional.cross_entropy(network(normalise(x)), labels[rows])
        optimiser.zero_grad(set_to_none=True)
        loss.backward()
        optimiser.step()
        schedule.step()


def accuracy(args: argparse.Namespace) -> None:
    """Both sides on every cell, and their paired differences."""
    from zoo.statistics.comparison import paired_difference
    from zoo.tasks.catalogue import get_task

    for strategy, script in (("classifier", script_classifier), ("full", script_full)):
        if strategy not in args.strategies:
            continue
        cells: dict[tuple[str, str, int], list[tuple[list[int], list[int]]]] = defaultdict(list)
        kept = _kept(args.keep)
        for job in jobs(args.models, args.tasks, args.shots, args.seeds, strategy):
            cell = (job.model, job.task, int(job.shots))
            if (found := kept.get((strategy, *cell, job.seed))) is None:
                start = time.perf_counter()
                ours = by_zoo(job)
                middle = time.perf_counter()
                theirs = script(job, get_task(job.task))
                found = {
                    "strategy": strategy, "model": job.model, "task": job.task, "shots": job.shots, "seed": job.seed,
                    "zoo": statistics.fmean(ours), "script": statistics.fmean(theirs),
                    "zoo_s": round(middle - start, 1), "script_s": round(time.perf_counter() - middle, 1),
                    "right": ["".join(map(str, side)) for side in (theirs, ours)],
                }  # fmt: skip
                if args.keep:
                    with args.keep.open("a", encoding="utf-8") as file:
                        file.write(json.dumps(found) + "\n")
            theirs, ours = ([int(digit) for digit in side] for side in found["right"])
            cells[cell].append((theirs, ours))
            say(**{name: value for name, value in found.items() if name != "right"})
        differences = []
        for (model, task, shots), pairs in cells.items():
            found = paired_difference([a for a, _ in pairs], [b for _, b in pairs])
            differences.append(found.value)
            say(
                strategy=strategy, model=model, task=task, shots=shots, points=round(100 * found.value, 1),
                low=round(100 * found.low, 1), high=round(100 * found.high, 1), lower=found.high < 0,
            )  # fmt: skip
        say(strategy=strategy, cells=len(differences), mean_points=round(100 * statistics.fmean(differences), 2))


def _kept(path: Path | None) -> dict[tuple[Any, ...], dict[str, Any]]:
    """Pairs of an earlier run, by strategy, cell and seed."""
    lines = path.read_text(encoding="utf-8").splitlines() if path and path.exists() else []
    found = map(json.loads, lines)
    return {tuple(one[name] for name in ("strategy", "model", "task", "shots", "seed")): one for one in found}


def sensitivity(args: argparse.Namespace) -> None:
    """How far accuracies move where all rates that are tried are three times higher or lower."""
    from zoo.training.recipe import Recipe

    moved: dict[str, list[float]] = defaultdict(list)
    for job in jobs(args.models, args.tasks, args.shots, args.seeds, "full"):
        for name, recipe in (("tuned", job.recipe), ("as_it_is", replace(Recipe(), augment=job.recipe.augment))):
            rates = [recipe.full_rate * factor for factor in (1 / 3, 1, 3)]
            low, middle, high = (
                statistics.fmean(by_zoo(replace(job, recipe=replace(recipe, full_rate=rate)))) for rate in rates
            )
            moved[f"{name} down"].append(100 * (low - middle))
            moved[f"{name} up"].append(100 * (high - middle))
            say(
                model=job.model, task=job.task, shots=job.shots, seed=job.seed, recipe=name,
                low=low, middle=middle, high=high,
            )  # fmt: skip
    for name, points in moved.items():
        say(
            recipe=name, mean_points=round(statistics.fmean(points), 2),
            mean_distance=round(statistics.fmean(map(abs, points)), 2), furthest=round(max(points, key=abs), 2),
        )  # fmt: skip


def scratch(args: argparse.Namespace) -> None:
    """The eight classics from random, with what more steps gave those that were cut short."""
    from zoo.models.input_size import default_input_size
    from zoo.regimes.cell import run_job
    from zoo.regimes.strategies.base import TransferJob
    from zoo.training.recipe import TUNED

    for model in args.models if args.models != list(MODELS) else [f"torchvision/{name}" for name in CLASSICS]:
        for seed in range(args.seeds):
            side = default_input_size(model)
            job = TransferJob(model, None, "scratch", "digits", args.shots[-1], seed, side, recipe=TUNED)
            outcome = run_job(job)
            notes = outcome.notes
            say(
                model=model, seed=seed, accuracy=outcome.metrics["accuracy"].value if outcome.metrics else None,
                reason=outcome.reason, flags=outcome.flags, steps=notes.get("steps"),
                last_loss=notes.get("last_loss"), extended_from=notes.get("extended_from"),
                rate=notes.get("chosen_rate"),
                seconds=round(outcome.duration_s),
            )  # fmt: skip


def speed(args: argparse.Namespace) -> None:
    """Images a second with the real pipeline over those of plain loops on random tensors, in turn.

    On JPEGs at the weights' own size: once with the settings alike, and once as the zoo picks them against a plain
    loop as timm's script has it by default, in fp32, with channels first, and with the C library as it is.
    """
    from zoo.registry.catalogue import get
    from zoo.runs.plan.fitting import gain_of_bf16, step_times
    from zoo.sources.naming import parse_name
    from zoo.training.precision import PRECISIONS
    from zoo.training.recipe import TUNED

    with TemporaryDirectory() as place:
        folder = _photographs(Path(place))
        for name in args.models:
            spec = get(parse_name(name).model)
            side = spec.input_size[1]
            gain = gain_of_bf16(step_times(spec.model, side, TUNED.batch, "cpu", PRECISIONS))
            picked = "fp32" if gain is None else "bf16"
            found: dict[str, float] = {}
            for against, settings, precision in (
                ("alike", {"last": True, "kept": True}, "fp32"), ("picked", {"last": False, "kept": False}, picked),
            ):  # fmt: skip
                with (
                    Side(PlainLoops, model=spec.model, side=side, **settings) as plain,
                    Side(
                        ZooLoops, model=spec.model, side=side, folder=folder, precision=precision, kept=True
                    ) as ours,
                ):
                    for what in ("features", "steps"):
                        found[f"{what}, {against}"] = _ratio(partial(plain.do, what), partial(ours.do, what))
            say(model=spec.model, side=side, picked=picked, **found)


class Side:
    """Loops in a process of their own, which computes when it is told to and waits otherwise."""

    def __init__(self, kind: type[PlainLoops | ZooLoops], *, kept: bool, **settings: Any) -> None:
        context = multiprocessing.get_context("spawn")
        self._pipe, theirs = context.Pipe()
        self._process = context.Process(target=_serve, args=(theirs, kind, kept, settings), daemon=True)

    def __enter__(self) -> Side:
        self._process.start()
        self._pipe.recv()
        return self

    def __exit__(self, *_: object) -> None:
        self._pipe.send("")
        self._process.join()

    def do(self, what: str) -> None:
        """Compute, and come back when it is done."""
        self._pipe.send(what)
        self._pipe.recv()


def _serve(pipe: Any, kind: type[PlainLoops | ZooLoops], kept: bool, settings: dict[str, Any]) -> None:
    import torch

    from zoo.machine.allocator import keep_freed_memory

    if kept:
        keep_freed_memory()
    torch.set_num_threads(2)
    loops = kind(**settings)
    pipe.send(None)
    while what := pipe.recv():
        getattr(loops, what)()
        pipe.send(None)


class PlainLoops:
    """Features and training steps as a plain script has them, on random tensors in fp32."""

    def __init__(self, *, model: str, side: int, last: bool) -> None:
        import torch

        from zoo.loading.create import create_random

        # Images alone, as the zoo has it: with weights in channels last too the optimiser copies their gradients.
        layout = torch.channels_last if last else torch.contiguous_format
        self.network, _ = create_random(model, CLASSES, side)
        self.optimiser = torch.optim.AdamW(self.network.parameters(), lr=1e-4, fused=True)
        self.images = torch.randn(FEATURE_BATCH, 3, side, side).contiguous(memory_format=layout)
        self.batch = torch.randn(32, 3, side, side).contiguous(memory_format=layout)
        self.labels = torch.arange(32) % CLASSES

    def features(self) -> None:
        """One pass over a batch, without gradients."""
        import torch

        self.network.eval()
        with torch.inference_mode():
            self.network(self.images)

    def steps(self) -> None:
        """Some optimiser steps on all parameters."""
        import torch

        self.network.train()
        for _ in range(TIMED_STEPS):
            loss = torch.nn.functional.cross_entropy(self.network(self.batch), self.labels)
            self.optimiser.zero_grad(set_to_none=True)
            loss.backward()
            self.optimiser.step()


class ZooLoops:
    """The same as the zoo does it, on photographs."""

    def __init__(self, *, model: str, side: int, folder: str, precision: str) -> None:
        import torch

        from zoo.loading.create import create_random
        from zoo.regimes.strategies.base import TransferJob
        from zoo.regimes.strategies.inputs import transform_for
        from zoo.tasks.catalogue import get_task
        from zoo.training.openings import everything
        from zoo.training.recipe import TUNED
        from zoo.training.trainer import Trainer

        recipe, task = replace(TUNED, augment="standard"), get_task(folder)
        self.precision = precision
        self.transform = transform_for(TransferJob(model, None, "full", folder, "all", 0, side, fit="crop"), task)
        self.network, _ = create_random(model, CLASSES, side)
        self.images = self.transform.prepare(task.test_images)[:FEATURE_BATCH]
        self.trainer = Trainer(
            everything(copy.deepcopy(self.network), recipe), self.transform.prepare(task.train_images),
            torch.from_numpy(task.train_labels), transform=self.transform, recipe=recipe, steps=10_000, rate=1e-4,
            seed=0, precision=precision,
        )  # fmt: skip

    def features(self) -> None:
        """One pass over a batch, without gradients."""
        from zoo.regimes.features import compute

        compute(self.network, self.images, self.transform, "cpu", self.precision)

    def steps(self) -> None:
        """Some optimiser steps on all parameters."""
        self.trainer.go(len(self.trainer.losses) + TIMED_STEPS)


def _photographs(root: Path) -> str:
    """A folder of JPEGs: pieces of scikit-learn's two photographs, in four classes."""
    from PIL import Image
    from sklearn.datasets import load_sample_images

    generator = random.Random(0)
    pictures = [Image.fromarray(image) for image in load_sample_images().images]
    for number in range(PHOTOGRAPHS):
        picture, half = pictures[number % 2], number // 2 % 2
        left, top = generator.randrange(0, 60) + half * (picture.width // 2 - 60), generator.randrange(0, 100)
        folder = root / f"class {2 * (number % 2) + half}"
        folder.mkdir(exist_ok=True)
        picture.crop((left, top, left + 320, top + 300)).save(folder / f"{number}.jpg", quality=90)
    return str(root)


def _ratio(plain: Callable[[], None], real: Callable[[], None], rounds: int = 5) -> float:
    """Median over rounds of the time of one over that of the other, in turn."""
    plain(), real()
    found = []
    for _ in range(rounds):
        start = time.perf_counter()
        plain()
        middle = time.perf_counter()
        real()
        found.append((middle - start) / (time.perf_counter() - middle))
    return round(statistics.median(found), 3)


def say(**values: Any) -> None:
    """Print a line of JSON."""
    print(json.dumps(values), flush=True)


def main() -> None:
    """Run one of the parts."""
    parts = {"accuracy": accuracy, "sensitivity": sensitivity, "scratch": scratch, "speed": speed}
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("part", choices=parts)
    parser.add_argument("--models", type=lambda text: text.split(","), default=list(MODELS))
    parser.add_argument("--tasks", type=lambda text: text.split(","), default=list(TASKS))
    parser.add_argument("--strategies", type=lambda text: text.split(","), default=["classifier", "full"])
    parser.add_argument("--shots", type=lambda text: [int(one) for one in text.split(",")], default=list(SHOTS))
    parser.add_argument("--seeds", type=int, default=SEEDS)
    parser.add_argument("--keep", type=Path, help="file of the pairs that accuracy trains")
    args = parser.parse_args()
    parts[args.part](args)


if __name__ == "__main__":
    sys.exit(main())
