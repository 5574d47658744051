"""Tiny data sets, laid out as torchvision's are: six images a class or so, each another one."""

from __future__ import annotations

import csv
import hashlib
import json
import pickle
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

Found = tuple[dict[str, int], dict[str, int] | None]
"""Images of each class to train on, and to test on."""


def pixels(seed: int, side: int = 32) -> np.ndarray[Any, Any]:
    return np.random.default_rng(seed).integers(0, 256, (side, side, 3), dtype=np.uint8)


def image(path: Path, seed: int) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    Image.fromarray(pixels(seed)).save(path, format="PPM" if path.suffix == ".ppm" else None)


def md5(path: Path) -> str:
    return hashlib.md5(path.read_bytes(), usedforsecurity=False).hexdigest()


def cifar(root: Path, patch: pytest.MonkeyPatch) -> Found:
    from torchvision.datasets import CIFAR10

    folder = root / CIFAR10.base_folder
    folder.mkdir(parents=True)

    def batch(name: str, first: int, count: int) -> list[str]:
        data = np.stack([pixels(first + i).transpose(2, 0, 1).reshape(-1) for i in range(count)])
        content = {"data": data, "labels": [i % 10 for i in range(count)]}
        (folder / name).write_bytes(pickle.dumps(content))
        return [name, md5(folder / name)]

    trained = [batch(f"data_batch_{n}", 100 * n, 10) for n in range(1, 6)]
    tested = [batch("test_batch", 900, 20)]
    names = ["airplane", "automobile", "bird", "cat", "deer", "dog", "frog", "horse", "ship", "truck"]
    (folder / "batches.meta").write_bytes(pickle.dumps({"label_names": names}))
    patch.setattr(CIFAR10, "train_list", trained)
    patch.setattr(CIFAR10, "test_list", tested)
    meta = {"filename": "batches.meta", "key": "label_names", "md5": md5(folder / "batches.meta")}
    patch.setattr(CIFAR10, "meta", meta)
    return dict.fromkeys(names, 5), dict.fromkeys(names, 2)


def cifar_100(root: Path, patch: pytest.MonkeyPatch) -> Found:
    from torchvision.datasets import CIFAR100

    folder = root / CIFAR100.base_folder
    folder.mkdir(parents=True)
    names = [f"class {n:02d}" for n in range(100)]

    def part(name: str, first: int, count: int) -> list[list[str]]:
        data = np.stack([pixels(first + i).transpose(2, 0, 1).reshape(-1) for i in range(count)])
        content = {"data": data, "fine_labels": [i % 100 for i in range(count)]}
        (folder / name).write_bytes(pickle.dumps(content))
        return [[name, md5(folder / name)]]

    patch.setattr(CIFAR100, "train_list", part("train", 1000, 200))
    patch.setattr(CIFAR100, "test_list", part("test", 5000, 100))
    (folder / "meta").write_bytes(pickle.dumps({"fine_label_names": names}))
    patch.setattr(CIFAR100, "meta", {"filename": "meta", "key": "fine_label_names", "md5": md5(folder / "meta")})
    return dict.fromkeys(names, 2), dict.fromkeys(names, 1)


def stl(root: Path, patch: pytest.MonkeyPatch) -> Found:
    from torchvision.datasets import STL10

    folder = root / STL10.base_folder
    folder.mkdir(parents=True)
    names = ["airplane", "bird", "car", "cat", "deer", "dog", "horse", "monkey", "ship", "truck"]
    (folder / STL10.class_names_file).write_text("\n".join(names))

    def part(name: str, first: int, count: int) -> list[list[str]]:
        images = np.stack([pixels(first + i, 96).transpose(2, 1, 0) for i in range(count)])  # columns first
        images.tofile(folder / f"{name}_X.bin")
        np.asarray([i % 10 + 1 for i in range(count)], dtype=np.uint8).tofile(folder / f"{name}_y.bin")
        return [[file, md5(folder / file)] for file in (f"{name}_X.bin", f"{name}_y.bin")]

    (folder / "unlabeled_X.bin").write_bytes(b"")
    unlabelled = [["unlabeled_X.bin", md5(folder / "unlabeled_X.bin")]]
    patch.setattr(STL10, "train_list", part("train", 0, 20) + unlabelled)
    patch.setattr(STL10, "test_list", part("test", 500, 10))
    return dict.fromkeys(names, 2), dict.fromkeys(names, 1)


def pcam(root: Path, patch: pytest.MonkeyPatch) -> Found:
    del patch
    import h5py
    from torchvision.datasets import PCAM

    folder = root / "pcam"
    folder.mkdir(parents=True)
    for split, first, count in (("train", 0, 6), ("test", 500, 4)):
        listed = PCAM._FILES[split]
        with h5py.File(folder / listed["images"][0], "w") as file:
            file["x"] = np.stack([pixels(first + i, 96) for i in range(count)])
        with h5py.File(folder / listed["targets"][0], "w") as file:
            file["y"] = np.asarray([i % 2 for i in range(count)], dtype=np.uint8).reshape(-1, 1, 1, 1)
    return {"000": 3, "001": 3}, {"000": 2, "001": 2}


def cars(root: Path, patch: pytest.MonkeyPatch) -> Found:
    del patch
    from scipy.io import savemat

    base = root / "stanford_cars"
    (base / "devkit").mkdir(parents=True)
    names = ["AM General Hummer SUV 2000", "Acura RL Sedan 2012"]
    savemat(base / "devkit" / "cars_meta.mat", {"class_names": np.asarray(names, dtype=object)})
    parts = (
        ("train", base / "devkit" / "cars_train_annos.mat", 0, 6),
        ("test", base / "cars_test_annos_withlabels.mat", 500, 4),
    )
    for split, stated, first, count in parts:
        rows = np.zeros(count, dtype=[("class", np.uint8), ("fname", object)])
        for i in range(count):
            rows[i] = (i % 2 + 1, f"{i + 1:05d}.jpg")
            image(base / f"cars_{split}" / f"{i + 1:05d}.jpg", first + i)
        savemat(stated, {"annotations": rows})
    return dict.fromkeys(names, 3), dict.fromkeys(names, 2)


def svhn(root: Path, patch: pytest.MonkeyPatch) -> Found:
    from scipy.io import savemat
    from torchvision.datasets import SVHN

    root.mkdir(parents=True, exist_ok=True)
    listed = dict(SVHN.split_list)
    for split, first, count in (("train", 0, 30), ("test", 500, 10)):
        file = root / f"{split}_32x32.mat"
        data = np.stack([pixels(first + i) for i in range(count)], axis=3)
        savemat(file, {"X": data, "y": np.asarray([[i % 10 + 1] for i in range(count)])})
        listed[split] = ["", file.name, md5(file)]
    patch.setattr(SVHN, "split_list", listed)
    digits = [f"{digit:03d}" for digit in range(10)]
    return dict.fromkeys(digits, 3), dict.fromkeys(digits, 1)


def gtsrb(root: Path, patch: pytest.MonkeyPatch) -> Found:
    del patch
    base = root / "gtsrb"
    for label in range(3):
        for i in range(4):
            image(base / "GTSRB" / "Training" / f"{label:05d}" / f"0000{i}.ppm", 10 * label + i)
    rows = [(f"0000{i}.ppm", i % 3) for i in range(6)]
    for place, (name, _) in enumerate(rows):
        image(base / "GTSRB" / "Final_Test" / "Images" / name, 100 + place)
    with (base / "GT-final_test.csv").open("w", newline="") as file:
        writer = csv.writer(file, delimiter=";")
        writer.writerows([("Filename", "ClassId"), *rows])
    labels = [f"{label:03d}" for label in range(3)]
    return dict.fromkeys(labels, 4), dict.fromkeys(labels, 2)


def dtd(root: Path, patch: pytest.MonkeyPatch) -> Found:
    del patch
    base = root / "dtd" / "dtd"
    (base / "labels").mkdir(parents=True)
    seed = 0
    for split, count in (("train", 3), ("val", 2), ("test", 4)):
        lines = []
        for name in ("banded", "dotted"):
            for i in range(count):
                seed += 1
                image(base / "images" / name / f"{name}_{split}{i}.jpg", seed)
                lines.append(f"{name}/{name}_{split}{i}.jpg")
        (base / "labels" / f"{split}1.txt").write_text("\n".join(lines) + "\n")
    return {"banded": 5, "dotted": 5}, {"banded": 4, "dotted": 4}


def flowers(root: Path, patch: pytest.MonkeyPatch) -> Found:
    from scipy.io import savemat
    from torchvision.datasets import Flowers102

    base = root / "flowers-102"
    for number in range(1, 25):
        image(base / "jpg" / f"image_{number:05d}.jpg", number)
    # Two flowers in turn; the first eight images are to train on, then eight to choose and eight to test on.
    savemat(base / "imagelabels.mat", {"labels": [1 + number % 2 for number in range(24)]})
    savemat(base / "setid.mat", {"trnid": range(1, 9), "valid": range(9, 17), "tstid": range(17, 25)})
    known = dict(Flowers102._file_dict)
    known |= {key: (name, md5(base / name)) for key, name in (("label", "imagelabels.mat"), ("setid", "setid.mat"))}
    patch.setattr(Flowers102, "_file_dict", known)
    names = ("pink primrose", "hard-leaved pocket orchid")
    return dict.fromkeys(names, 8), dict.fromkeys(names, 4)


def eurosat(root: Path, patch: pytest.MonkeyPatch) -> Found:
    del patch
    for place, name in enumerate(("Forest", "River")):
        for i in range(8):
            image(root / "eurosat" / "2750" / name / f"{name}_{i}.jpg", 10 * place + i)
    return {"Forest": 8, "River": 8}, None


def food(root: Path, patch: pytest.MonkeyPatch) -> Found:
    del patch
    base = root / "food-101"
    (base / "meta").mkdir(parents=True)
    seed = 0
    for split, count in (("train", 3), ("test", 1)):
        known: dict[str, list[str]] = {}
        for name in ("apple_pie", "waffles"):
            for i in range(count):
                seed += 1
                image(base / "images" / name / f"{split}{i}.jpg", seed)
                known.setdefault(name, []).append(f"{name}/{split}{i}")
        (base / "meta" / f"{split}.json").write_text(json.dumps(known))
    return {"apple_pie": 3, "waffles": 3}, {"apple_pie": 1, "waffles": 1}


def caltech(root: Path, patch: pytest.MonkeyPatch) -> Found:
    del patch
    base = root / "caltech101" / "101_ObjectCategories"
    for place, name in enumerate(("BACKGROUND_Google", "ant", "yin_yang")):
        for i in range(1, 9):
            image(base / name / f"image_{i:04d}.jpg", 10 * place + i)
    return {"ant": 8, "yin_yang": 8}, None


def pets(root: Path, patch: pytest.MonkeyPatch) -> Found:
    del patch
    base = root / "oxford-iiit-pet"
    (base / "annotations").mkdir(parents=True)
    for split, count in (("trainval", 3), ("test", 2)):
        lines = []
        for label, name in enumerate(("Abyssinian", "american_bulldog"), 1):
            for i in range(count):
                named = f"{name}_{len(split)}{i}"
                image(base / "images" / f"{named}.jpg", 100 * len(split) + 10 * label + i)
                lines.append(f"{named} {label} {label} 1")
        (base / "annotations" / f"{split}.txt").write_text("\n".join(lines) + "\n")
    return {"Abyssinian": 3, "American Bulldog": 3}, {"Abyssinian": 2, "American Bulldog": 2}


def aircraft(root: Path, patch: pytest.MonkeyPatch) -> Found:
    del patch
    base = root / "fgvc-aircraft-2013b" / "data"
    base.mkdir(parents=True)
    (base / "variants.txt").write_text("707-320\nA300B4\n")
    for split, first, count in (("trainval", 0, 3), ("test", 50, 2)):
        lines = []
        for label, name in enumerate(("707-320", "A300B4")):
            for i in range(count):
                number = f"{first + 10 * label + i:07d}"
                image(base / "images" / f"{number}.jpg", first + 10 * label + i)
                lines.append(f"{number} {name}")
        (base / f"images_variant_{split}.txt").write_text("\n".join(lines) + "\n")
    return {"707-320": 3, "A300B4": 3}, {"707-320": 2, "A300B4": 2}


def sun(root: Path, patch: pytest.MonkeyPatch) -> Found:
    del patch
    base = root / "SUN397"
    base.mkdir(parents=True)
    (base / "ClassName.txt").write_text("/a/abbey\n/b/bakery/shop\n")
    for place, name in enumerate(("a/abbey", "b/bakery/shop")):
        for i in range(8):
            image(base / name / f"sun_{place}{i}.jpg", 10 * place + i)
    return {"abbey": 8, "bakery/shop": 8}, None


SETS: dict[str, Callable[[Path, pytest.MonkeyPatch], Found]] = {
    "CIFAR10": cifar, "SVHN": svhn, "GTSRB": gtsrb, "DTD": dtd, "Flowers102": flowers, "EuroSAT": eurosat,
    "Food101": food, "Caltech101": caltech, "OxfordIIITPet": pets, "FGVCAircraft": aircraft, "SUN397": sun,
    "CIFAR100": cifar_100, "STL10": stl, "PCAM": pcam, "StanfordCars": cars,
}  # fmt: skip
"""What lays each out, and says how many images of each class are in each part."""
