"""Fixtures every test gets: caches and stores of its own, no network, no leftovers of the user's settings."""

from __future__ import annotations

import os
import shutil
import sys
from collections.abc import Iterator

import pytest
from hypothesis import settings

# Before PyTorch is imported: threads that spin while they wait hold up the test in the process beside this one.
os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")

CACHES = {"ZOO_CACHE": "zoo-cache", "TORCH_HOME": "torch-home", "HF_HOME": "hf-home"}

# The default gives an example 200 ms, which is a machine's speed and no property of the code.
settings.register_profile("zoo", deadline=None)
settings.load_profile("zoo")


def pytest_xdist_auto_num_workers() -> int:
    """A process of tests for each of two cores."""
    return min(2, os.cpu_count() or 1)


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--overwrite", action="store_true", help="write the golden files of the reports anew")
    parser.addoption("--screenshots", metavar="FOLDER", help="keep pictures of the page to explore in this folder")


@pytest.fixture
def overwrite(request: pytest.FixtureRequest) -> bool:
    return bool(request.config.getoption("--overwrite"))


@pytest.fixture(autouse=True)
def own_caches(tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Point every cache at an empty folder, gone after the test (weights fill a disk), and the hub at nothing."""
    for name in [name for name in os.environ if name.startswith("ZOO_")]:
        monkeypatch.delenv(name)
    base = tmp_path_factory.mktemp("caches")
    for variable, folder in CACHES.items():
        monkeypatch.setenv(variable, str(base / folder))
    monkeypatch.setenv("ZOO_STORE", str(base / "records.sqlite"))
    monkeypatch.setenv("HF_HUB_OFFLINE", "1")
    monkeypatch.delenv("COLUMNS", raising=False)
    # Both hub clients read their variables once, at import; where they are already in, these win.
    for variable in ("HF_HUB_CACHE", "HUGGINGFACE_HUB_CACHE"):
        monkeypatch.delenv(variable, raising=False)
    yield
    shutil.rmtree(base, ignore_errors=True)


@pytest.fixture
def without_packages(monkeypatch: pytest.MonkeyPatch) -> None:
    """Weights that installed packages carry are not at hand."""
    from zoo.registry.packaged import Packaged

    monkeypatch.setattr(Packaged, "path", property(lambda _self: None))


@pytest.fixture(autouse=True)
def untimed_machine(monkeypatch: pytest.MonkeyPatch) -> None:
    """Runs do without the machine's yardstick, which takes two seconds; tests that are about it plant one."""
    monkeypatch.setattr("zoo.runs.session.measure_yardstick", lambda: (None, ""))


@pytest.fixture(autouse=True)
def own_models() -> Iterator[None]:
    """What a test registers is gone after it, and so is a module that it wrote and that registers when imported."""
    from zoo import plugins
    from zoo.sources import user

    before = dict(user._REGISTERED)
    yield
    for name in user._REGISTERED.keys() - before.keys():
        module = user._REGISTERED.pop(name).constructor.__module__
        if module.partition(".")[0] not in ("tests", "__main__"):
            sys.modules.pop(module, None)
            plugins._LOADED.discard(module)
