"""Features of a frozen backbone, computed once and kept in a cache."""

from __future__ import annotations

import hashlib
import json
from dataclasses import asdict, dataclass, replace
from typing import TYPE_CHECKING

from zoo.images.kept import kept_array
from zoo.paths import features_dir
from zoo.training.precision import FP32, computing_in
from zoo.training.trainer import TrainingDivergedError

if TYPE_CHECKING:
    from collections.abc import Callable

    from torch import Tensor, nn

    from zoo.regimes.strategies.base import OnProgress
    from zoo.training.images import Prepared, Transform


BATCH = 64
CACHE_VERSION = 2
HEAD_INPUT, KIND = "head input", "features"


@dataclass(frozen=True, slots=True)
class FeatureKey:
    """Everything that features depend on.

    Attributes
    ----------
    backbone : str
        Model, its code where it is the user's, and the digest of its weights or the seed of its initialisation.
    transform : str
        The transform as JSON.
    data : str
        The task's digest.
    split : str
        ``"train"`` or ``"test"``.
    libraries : str
        Versions of the libraries that make and initialise the backbone.
    layer, precision : str
    """

    backbone: str
    transform: str
    data: str
    split: str
    libraries: str = ""
    layer: str = HEAD_INPUT
    precision: str = FP32

    @property
    def digest(self) -> str:
        """Name of its file in the cache."""
        text = json.dumps(asdict(self) | {"version": CACHE_VERSION}, sort_keys=True)
        return hashlib.sha256(text.encode()).hexdigest()[:40]


def features(
    key: FeatureKey,
    images: Prepared,
    transform: Transform,
    backbone: Callable[[], nn.Module],
    device: str = "cpu",
    on_progress: OnProgress | None = None,
) -> tuple[Tensor, bool]:
    """Features (N, D), float32 on the CPU, and whether the cache had them.

    Each image's are computed once, whatever training sets it is of.

    Parameters
    ----------
    key : FeatureKey
    images : Prepared
        Some of a part, or all.
    backbone : callable
        Makes the module without head; called only where the cache lacks some.

    Raises
    ------
    TrainingDivergedError
        Where a feature is not finite.
    """
    import numpy as np
    import torch

    rows, every = images.chosen, len(images.pixels)
    width = _width(key, every)
    missing = rows
    if width is not None:
        kept, done = kept_array(KIND, key.digest, (every, width), np.float32)
        missing = np.unique(rows[done[rows] == 0])
    if len(missing):
        lacking = replace(images, chosen=np.unique(missing))
        computed = compute(backbone(), lacking, transform, device, key.precision, on_progress).numpy()
        kept, done = kept_array(KIND, key.digest, (every, computed.shape[1]), np.float32)
        kept[lacking.chosen] = computed
        if isinstance(kept, np.memmap):
            kept.flush()
        done[lacking.chosen] = 1
    return torch.from_numpy(np.array(kept[rows])), not len(missing)


def _width(key: FeatureKey, rows: int) -> int | None:
    """Features of an image, as the size of the file tells, None where there is none."""
    try:
        size = (features_dir() / f"{key.digest}.{KIND}").stat().st_size
    except OSError:
        return None
    width, rest = divmod(size, 4 * rows)
    return width if width and not rest else None


def compute(
    backbone: nn.Module,
    images: Prepared,
    transform: Transform,
    device: str = "cpu",
    precision: str = FP32,
    on_progress: OnProgress | None = None,
) -> Tensor:
    """One pass of a frozen backbone over images, (N, D)."""
    import torch

    backbone = backbone.to(device).to(memory_format=torch.channels_last).eval()
    parts: list[Tensor] = []
    with torch.inference_mode(), computing_in(precision, device):
        for batch in images.batches(BATCH):
            parts.append(backbone(transform.network_input(batch.to(device))).float().cpu())
            if on_progress is not None:
                on_progress(len(parts), -(-len(images) // BATCH))
    whole = torch.cat(parts)
    if not bool(torch.isfinite(whole).all()):
        raise TrainingDivergedError("the backbone returns features that are not finite")
    return whole
