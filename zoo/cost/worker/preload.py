"""The slow libraries, imported by the process that workers are forks of."""

from __future__ import annotations

import timm  # noqa: F401
import torch  # noqa: F401
import torchvision  # noqa: F401

import zoo.cost.worker.serve  # noqa: F401
