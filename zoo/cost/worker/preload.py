"""What the process that worker processes are forked from imports, and nothing else: the slow libraries."""

from __future__ import annotations

import timm  # noqa: F401
import torch  # noqa: F401
import torchvision  # noqa: F401

import zoo.cost.worker.serve  # noqa: F401
