"""How long twenty names take to say that their weights cannot be had, on a machine without a network.

``python benchmarks/no_network.py`` asks for each in a process of its own, caches empty, through ``zoo.create``, and
prints the seconds from the start of the process to its end. ``--dead-host`` points both mirrors at a port that never
answers, as behind a firewall that drops packets; without it the names of the hosts are looked up as they are.
"""

from __future__ import annotations

import argparse
import os
import socket
import subprocess
import sys
import tempfile
import time
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

ROOT = Path(__file__).resolve().parent.parent
NAMES = (
    "alexnet", "vgg16", "resnet18", "densenet161", "squeezenet1_0", "googlenet", "mobilenet_v2", "inception_v3",
    "resnet50.IMAGENET1K_V2", "vit_h_14", "timm/resnet50", "timm/vit_base_patch16_224", "timm/convnext_large",
    "timm/efficientnet_b0", "timm/mobilenetv3_large_100", "timm/swin_tiny_patch4_window7_224", "timm/regnety_032",
    "timm/resnet18.a1_in1k", "timm/densenet121", "timm/eva02_large_patch14_448",
)  # fmt: skip

CREATE = "import sys, zoo\ntry:\n    zoo.create(sys.argv[1])\nexcept zoo.ZooError as error:\n    print(error)"


@contextmanager
def dead_port() -> Iterator[str]:
    """The address of a port on which connections hang: its queue is full, and nobody accepts."""
    with ExitStack() as stack:
        server = stack.enter_context(socket.socket())
        server.bind(("127.0.0.1", 0))
        server.listen(0)
        for _ in range(4):
            waiting = stack.enter_context(socket.socket())
            waiting.setblocking(False)
            waiting.connect_ex(server.getsockname())
        yield "http://{}:{}".format(*server.getsockname())


def main() -> None:
    """Ask for each name, print its seconds and what it said."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--dead-host", action="store_true")
    arguments = parser.parse_args()
    slowest = 0.0
    with tempfile.TemporaryDirectory() as home, dead_port() as dead:
        environment = {key: value for key, value in os.environ.items() if not key.startswith(("HF_", "ZOO_"))}
        environment |= {"HF_HOME": f"{home}/hf", "TORCH_HOME": f"{home}/torch", "ZOO_CACHE": f"{home}/zoo"}
        environment |= {"PYTHONPATH": str(ROOT)}
        if arguments.dead_host:
            environment |= {"HF_ENDPOINT": dead, "ZOO_TORCHVISION_MIRROR": dead, "no_proxy": "127.0.0.1"}
        for name in NAMES:
            start = time.perf_counter()
            command = [sys.executable, "-c", CREATE, name]
            done = subprocess.run(command, capture_output=True, text=True, env=environment, cwd=ROOT, check=True)
            taken = time.perf_counter() - start
            line = done.stdout.strip()
            whole = all(part in line for part in ("are not at hand", "wanted", "looked in", "zoo fetch"))
            if not whole or "\n" in line:
                raise AssertionError(f"{name} said: {line!r}")
            slowest = max(slowest, taken)
            print(f"{taken:.2f} s  {name}: {line[:100]}…")
    print(f"slowest of {len(NAMES)}: {slowest:.2f} s")


if __name__ == "__main__":
    main()
