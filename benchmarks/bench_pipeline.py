"""Images a second with the zoo's pipeline over those of plain loops on random tensors, in one run.

``python benchmarks/bench_pipeline.py`` times feature extraction and training steps on photographs, of each of
``--models``, in processes of their own, in turn. It prints a line of JSON for each model.
"""

from __future__ import annotations

import argparse
import copy
import json
import multiprocessing
import random
import statistics
import time
from dataclasses import replace
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable


MODELS = ("timm/tf_efficientnet_lite0", "torchvision/resnet18", "torchvision/squeezenet1_0")

TIMED_STEPS, FEATURE_BATCH, PHOTOGRAPHS, CLASSES = 2, 64, 400, 4


def compare(models: list[str]) -> None:
    """Images a second with the real pipeline over those of plain loops, in turn.

    On JPEGs at the weights' own size: once with the settings alike, and once as the zoo picks them against a plain
    loop as timm's script has it by default, in fp32, with channels first, and with the C library as it is.
    """
    from zoo.plans.fitting import gain_of_bf16, step_times
    from zoo.registry.catalogue import get
    from zoo.sources.naming import parse_name
    from zoo.training.precision import PRECISIONS
    from zoo.training.recipe import TUNED

    with TemporaryDirectory() as place:
        folder = _photographs(Path(place))
        for name in models:
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
            print(json.dumps({"model": spec.model, "side": side, "picked": picked} | found), flush=True)


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


def main() -> None:
    """Compare them for some models."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--models", type=lambda text: text.split(","), default=list(MODELS))
    compare(parser.parse_args().models)


if __name__ == "__main__":
    main()
