"""Freed memory stays with a process that asked for that, and with no other; a moved model is the same model."""

from __future__ import annotations

import os
import subprocess
import sys

import pytest
import torch
from torch import nn

from zoo.cost.worker.relocation import Relocator
from zoo.machine.allocator import ENVIRONMENT

SCRIPT = """
import ctypes, resource, sys
from zoo.machine.allocator import keep_freed_memory

if sys.argv[1] == "keep":
    assert keep_freed_memory()
library = ctypes.CDLL(None)
library.malloc.restype, library.malloc.argtypes = ctypes.c_void_p, [ctypes.c_size_t]
library.free.argtypes = [ctypes.c_void_p]
size = 64 << 20


def faults():
    block = library.malloc(size)
    before = resource.getrusage(resource.RUSAGE_SELF).ru_minflt
    ctypes.memset(block, 1, size)
    after = resource.getrusage(resource.RUSAGE_SELF).ru_minflt
    library.free(block)
    return after - before


faults()
print(faults())
"""


def faults_on_second_use(word: str, environment: dict[str, str] | None = None) -> int:
    answer = subprocess.run(
        [sys.executable, "-c", SCRIPT, word], capture_output=True, check=True, env=os.environ | (environment or {})
    )
    return int(answer.stdout)


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="glibc's allocator")
def test_a_block_that_was_freed_comes_back_without_page_faults() -> None:
    pages = (64 << 20) // 4096
    assert faults_on_second_use("keep") < pages // 100
    # Whole blocks of 2 MiB may be faulted in at once, so the default is held to that.
    assert faults_on_second_use("default") >= (64 << 20) // (2 << 20)


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="glibc's allocator")
def test_the_variables_that_users_are_told_do_the_same() -> None:
    variables = dict(pair.split("=") for pair in ENVIRONMENT.split())
    assert faults_on_second_use("default", variables) < (64 << 20) // 4096 // 100


class Tied(nn.Module):
    """A tied weight, a buffer, and a weight in channels-last order."""

    def __init__(self) -> None:
        super().__init__()
        self.convolution = nn.Conv2d(3, 8, 3).to(memory_format=torch.channels_last)  # type: ignore[call-overload]
        self.norm = nn.BatchNorm2d(8)
        self.first = nn.Linear(8, 8)
        self.second = nn.Linear(8, 8)
        self.second.weight = self.first.weight

    def forward(self, images: torch.Tensor) -> torch.Tensor:
        features = self.norm(self.convolution(images)).mean((2, 3))
        return self.second(self.first(features))


def test_a_moved_model_lies_elsewhere_and_computes_the_same() -> None:
    torch.manual_seed(0)
    model, images = Tied().eval(), torch.randn(2, 3, 16, 16)
    before = {name: (tensor.data_ptr(), tensor.stride()) for name, tensor in model.state_dict().items()}
    kept = list(model.parameters())
    relocator = Relocator(seed=1)
    with torch.inference_mode():
        answer = model(images)
        for _ in range(10):
            relocator.move(model)
            assert torch.equal(model(images), answer)
    after = {name: (tensor.data_ptr(), tensor.stride()) for name, tensor in model.state_dict().items()}
    assert {name: stride for name, (_, stride) in after.items()} == {n: stride for n, (_, stride) in before.items()}
    moved = sum(after[name][0] != before[name][0] for name in before)
    assert moved > len(before) / 2
    assert model.second.weight is model.first.weight
    assert all(old is new for old, new in zip(kept, model.parameters(), strict=True))
    model(images).sum().backward()  # no tensor of inference mode is left in it
