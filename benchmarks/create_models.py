"""Creating models whose weights are on the disk: the zoo, which checks their digest, against timm, which does not.

``python benchmarks/create_models.py --turns 5`` plants weights of the right shapes in a hub cache of its own, and
has fresh processes create each model, by turns through ``zoo.create`` and through ``timm.create_model``. Imports are
outside the times. Memory is the peak of the process's resident set over what it was before, as a multiple of the
weights' size; a mapped file counts once its pages are touched, so each process also reads every parameter once
afterwards, and that time is given too.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import os
import statistics
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
MODELS = ("resnet50", "vit_base_patch16_224", "convnext_large")
SIDES = ("zoo", "timm")

CHILD = """
import json, sys, time
import timm, torch
import safetensors.torch, huggingface_hub
import zoo.loading.create, zoo.loading.checkpoint, zoo.weights.locate
side, name = sys.argv[1:]
zoo.weights.locate.locate("timm/resnet18")

def kib(key):
    return next(int(line.split()[1]) for line in open("/proc/self/status") if line.startswith(key))

torch.set_num_threads(1)
open("/proc/self/clear_refs", "w").write("5")
before = kib("VmRSS")
start = time.perf_counter()
if side == "zoo":
    model = zoo.loading.create.create("timm/" + name)
else:
    model = timm.create_model(name, pretrained=True).eval()
created = time.perf_counter() - start
peak = kib("VmHWM") - before
total = sum(float(p.detach().sum()) for p in model.parameters())
print(json.dumps({"created_s": created, "read_s": time.perf_counter() - start, "peak_bytes": peak * 1024,
                  "peak_read_bytes": (kib("VmHWM") - before) * 1024, "sum": total}))
"""


def plant(home: Path, name: str) -> int:
    """Weights of the right names and shapes under a model's repository in a hub cache; their size in bytes."""
    import timm
    from safetensors.torch import save_file

    from zoo.registry.catalogue import get, tag_facts

    tag = str(get(f"timm/{name}").tag)
    folder = home / "hub" / ("models--" + str(tag_facts(f"timm/{name}", tag).hub_id).replace("/", "--"))
    revision = "0" * 40
    for part in ("refs", "blobs", f"snapshots/{revision}"):
        (folder / part).mkdir(parents=True)
    (folder / "refs" / "main").write_text(revision)
    save_file(timm.create_model(f"{name}.{tag}").state_dict(), folder / "new")
    digest = hashlib.sha256((folder / "new").read_bytes()).hexdigest()
    size = (folder / "new").rename(folder / "blobs" / digest).stat().st_size
    (folder / "snapshots" / revision / "model.safetensors").symlink_to(f"../../blobs/{digest}")
    return size


def _one(home: Path, side: str, name: str) -> dict[str, float]:
    environment = os.environ | {
        "HF_HOME": str(home), "HF_HUB_OFFLINE": "1", "ZOO_CACHE": str(home / "zoo"), "PYTHONPATH": str(ROOT),
        "OMP_NUM_THREADS": "1",
    }  # fmt: skip
    for variable in ("HF_HUB_CACHE", "HUGGINGFACE_HUB_CACHE"):
        environment.pop(variable, None)
    command = [sys.executable, "-W", "error::UserWarning:zoo", "-c", CHILD, side, name]
    done = subprocess.run(command, check=True, capture_output=True, text=True, env=environment, cwd=ROOT)
    found: dict[str, float] = json.loads(done.stdout)
    return found


def measure(turns: int, say: Any = print) -> dict[str, dict[str, Any]]:
    """Medians over ``turns`` by model: seconds, ratios to timm's, and peaks over the weights' size."""
    results: dict[str, dict[str, Any]] = {}
    with tempfile.TemporaryDirectory() as folder:
        home = Path(folder)
        for name in MODELS:
            size = plant(home, name)
            found: dict[str, list[dict[str, float]]] = {side: [] for side in SIDES}
            for side in SIDES:
                _one(home, side, name)  # byte code and disk cache
            for turn in range(turns):
                for side in SIDES if turn % 2 else SIDES[::-1]:
                    found[side].append(_one(home, side, name))
            sums = {round(one["sum"], 3) for side in SIDES for one in found[side]}
            if len(sums) != 1:
                raise AssertionError(f"{name}: the two made different models: {sums}")
            medians = {
                side: {key: statistics.median(one[key] for one in found[side]) for key in found[side][0]}
                for side in SIDES
            }
            ours, theirs = medians["zoo"], medians["timm"]
            results[name] = {
                "bytes": size,
                "zoo_s": ours["created_s"],
                "timm_s": theirs["created_s"],
                "time_ratio": ours["created_s"] / theirs["created_s"],
                "time_ratio_read": ours["read_s"] / theirs["read_s"],
                "zoo_peak": ours["peak_bytes"] / size,
                "zoo_peak_read": ours["peak_read_bytes"] / size,
                "timm_peak": theirs["peak_bytes"] / size,
            }
            say(_line(name, results[name]))
    return results


def _line(name: str, found: dict[str, Any]) -> str:
    return (
        f"{name}: {found['bytes'] / 1e6:.0f} MB; zoo {found['zoo_s']:.3f} s, timm {found['timm_s']:.3f} s, ratio "
        f"{found['time_ratio']:.2f} ({found['time_ratio_read']:.2f} with every parameter read); peak over the "
        f"weights' size: zoo {found['zoo_peak']:.2f} ({found['zoo_peak_read']:.2f} read), "
        f"timm {found['timm_peak']:.2f}"
    )


def main() -> None:
    """Read the command line, measure, print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--turns", type=int, default=5)
    parser.add_argument("--json", type=Path, help="file for the figures")
    arguments = parser.parse_args()
    results = measure(arguments.turns)
    if arguments.json:
        arguments.json.write_text(json.dumps(results, indent=2))


if __name__ == "__main__":
    main()
