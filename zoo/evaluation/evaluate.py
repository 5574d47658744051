"""Top-1 and top-5 of a pretrained model as it is, on labelled images."""

from __future__ import annotations

import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from zoo.images.pixels import rgb_as_published
from zoo.machine.cuda import on_device
from zoo.models.transform import build_transform
from zoo.outcome import Outcome, ReasonError, Status, outcome_of
from zoo.statistics.intervals import wilson_interval
from zoo.statistics.measurement import Measurement

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from pathlib import Path

    import torch
    from torch import Tensor, nn

    from zoo.canonical import JsonObject
    from zoo.sources.spec import Preprocessing
    from zoo.tasks.folders.imagenet import LabelledImages


TOP = 5


def evaluate(
    model: nn.Module,
    preprocessing: Preprocessing,
    images: LabelledImages,
    *,
    device: str = "cpu",
    batch: int = 32,
    threads: int = 1,
    on_progress: Callable[[int, int], None] | None = None,
) -> Outcome:
    """Classify every image once, in full float32 on a GPU too.

    Images are opened as the libraries open them for their published figures: converted to RGB, transparency
    dropped, not turned by what a camera noted. Only grey of 16 bits, which would come out white, is scaled to 8.

    Parameters
    ----------
    model : Module
        In eval mode; from images (N, 3, height, width) to logits (N, classes).
    threads : int
        Images read and scaled side by side.

    Returns
    -------
    Outcome
        Metrics ``top1`` and, where the head has more than five classes, ``top5``: fractions with Wilson
        intervals over images. Samples ``top1`` and ``top5``, 0 or 1 for each image in order.
    """
    started, clock = time.time(), time.perf_counter()
    try:
        with on_device(device):
            hits = _hits(model, preprocessing, images, device, batch, threads, on_progress)
    except (Exception, SystemExit) as error:  # noqa: BLE001 - the model is anybody's code; its error is its row
        outcome = outcome_of(error, started, time.perf_counter() - clock)
        if outcome.status != Status.OOM:
            return outcome
        return replace(outcome, reason=f"out of memory on {device} at batch {batch}; take a smaller batch")
    metrics = {}
    for name, found in hits.items():
        low, high = wilson_interval(sum(found), len(found))
        metrics[name] = Measurement(sum(found) / len(found), "fraction", low, high, len(found))
    notes: JsonObject = {"class_order": images.order} if images.order else {}
    return Outcome(
        Status.OK,
        metrics=metrics,
        samples={name: [float(hit) for hit in found] for name, found in hits.items()},
        started=started,
        duration_s=time.perf_counter() - clock,
        notes=notes
        | {
            "layout": images.layout,
            "classes": images.classes,
            "skipped": len(images.skipped),
            "skipped_files": list(images.skipped[:TOP]),
        },
    )


def _hits(
    model: nn.Module,
    preprocessing: Preprocessing,
    images: LabelledImages,
    device: str,
    batch: int,
    threads: int,
    on_progress: Callable[[int, int], None] | None,
) -> dict[str, list[bool]]:
    import torch

    transform = build_transform(preprocessing)
    model = model.to(device).eval()
    found: dict[str, list[bool]] = {"top1": [], "top5": []}
    starts = range(0, len(images.files), batch)
    with ThreadPoolExecutor(threads) as pool, torch.inference_mode():
        pending: Any = None
        for start in [*starts, None]:
            # The next batch is read while this one is classified.
            coming = None
            if start is not None:
                part = images.files[start : start + batch]
                coming = part, start, [pool.submit(_read, file, transform) for file in part]
            if pending is not None:
                _, begin, futures = pending
                pixels = torch.stack([future.result() for future in futures]).to(device)
                labels = torch.tensor(images.labels[begin : begin + len(pixels)], device=device)
                _count(model(pixels), labels, found)
                if on_progress is not None:
                    on_progress(begin + len(pixels), len(images.files))
            pending = coming
    return {name: hits for name, hits in found.items() if hits}


def _count(logits: Tensor, labels: Tensor, found: dict[str, list[bool]]) -> None:
    if not logits.isfinite().all():
        raise ReasonError("the model's output holds NaN or infinity")
    found["top1"] += _among(logits, labels, 1)
    if logits.shape[1] > TOP:
        found["top5"] += _among(logits, labels, TOP)


def _among(logits: Tensor, labels: Tensor, count: int) -> list[bool]:
    best: Sequence[bool] = (logits.topk(count, dim=1).indices == labels[:, None]).any(dim=1).tolist()
    return list(best)


def _read(file: Path, transform: Callable[[Any], torch.Tensor]) -> torch.Tensor:
    from PIL import Image

    with Image.open(file) as opened:
        return transform(rgb_as_published(opened))
