"""Features of a frozen backbone, computed once and kept in a cache."""

from __future__ import annotations

import hashlib
import json
import os
import tempfile
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from zoo.paths import features_dir
from zoo.regimes.training import TrainingDivergedError

if TYPE_CHECKING:
    from collections.abc import Callable

    import numpy as np
    from numpy.typing import NDArray
    from torch import Tensor, nn

    from zoo.regimes.images import Transform
    from zoo.tasks.folders.images import FileImages


BATCH = 64
CACHE_VERSION = 1


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
    layer, dtype : str
    """

    backbone: str
    transform: str
    data: str
    split: str
    libraries: str = ""
    layer: str = "head input"
    dtype: str = "float32"

    @property
    def path(self) -> Path:
        """File in the cache."""
        text = json.dumps(asdict(self) | {"version": CACHE_VERSION}, sort_keys=True)
        return features_dir() / f"{hashlib.sha256(text.encode()).hexdigest()}.safetensors"


def features(
    key: FeatureKey,
    images: NDArray[np.uint8] | FileImages,
    transform: Transform,
    backbone: Callable[[], nn.Module],
    device: str = "cpu",
) -> tuple[Tensor, bool]:
    """Features (N, D), float32 on the CPU, and whether the cache had them.

    Parameters
    ----------
    key : FeatureKey
    images : ndarray of uint8 or FileImages
        (N, H, W, 3).
    backbone : callable
        Makes the module without head; called only where the cache has nothing.

    Raises
    ------
    TrainingDivergedError
        Where a feature is not finite.
    """
    from safetensors import SafetensorError
    from safetensors.torch import load_file

    try:
        cached = load_file(key.path)["features"]
        if len(cached) == len(images):
            return cached, True
    except (OSError, KeyError, SafetensorError):
        pass  # nothing there, or damaged: it is made again
    computed = compute(backbone(), images, transform, device)
    _write(key.path, computed)
    return computed, False


def compute(
    backbone: nn.Module, images: NDArray[np.uint8] | FileImages, transform: Transform, device: str = "cpu"
) -> Tensor:
    """One pass of a frozen backbone over images (N, H, W, 3)."""
    import torch

    backbone = backbone.to(device).to(memory_format=torch.channels_last).eval()
    resized = transform.resize(images)
    batches = resized.split(BATCH)  # type: ignore[no-untyped-call]
    with torch.inference_mode():
        parts = [backbone(transform.normalise(batch.to(device))).float().cpu() for batch in batches]
    whole = torch.cat(parts)
    if not bool(torch.isfinite(whole).all()):
        raise TrainingDivergedError("the backbone returns features that are not finite")
    return whole


def _write(path: Path, computed: Tensor) -> None:
    from safetensors.torch import save_file

    path.parent.mkdir(parents=True, exist_ok=True)
    handle, temporary = tempfile.mkstemp(dir=path.parent, suffix=".part")
    os.close(handle)
    try:
        save_file({"features": computed.contiguous()}, temporary)
        Path(temporary).replace(path)
    except BaseException:
        Path(temporary).unlink(missing_ok=True)
        raise
