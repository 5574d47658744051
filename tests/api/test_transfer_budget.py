"""A call's budget: of a user's images ten minutes, of drawn ones none, and what was asked for is not touched."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from tests.plans.test_tasks import pets
from zoo.api import transfer as module
from zoo.api.transfer import transfer
from zoo.plans.fitting import Free

MODEL = "timm/test_resnet"


@pytest.fixture
def asked(monkeypatch: pytest.MonkeyPatch) -> dict[str, Any]:
    """What the fit and the run were asked for."""
    found: dict[str, Any] = {"fitted": []}

    def fitted(suite: Any, budget_s: float | None, free: Free, say: Any) -> Any:
        found["fitted"].append((budget_s, free))
        return suite

    def run_now(suite: Any, *_: Any, max_seconds: float | None = None) -> str:
        found.update(suite=suite, left=max_seconds)
        return "results"

    monkeypatch.setattr(module, "fitted", fitted)
    monkeypatch.setattr(module, "run_now", run_now)
    return found


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return pets(tmp_path / "pets", 8, 9)


def test_a_users_images_have_ten_minutes_in_all(folder: Path, asked: dict[str, Any]) -> None:
    transfer(MODEL, folder)
    every = Free(strategies=True, shots=True, seeds=True, steps=True, size=True, precision=True)
    assert asked["fitted"] == [(600.0, every)]
    assert 500.0 < asked["left"] < 600.0
    assert asked["suite"].transfer.seeds == 3
    assert asked["suite"].transfer.timeout_s == 1800.0


def test_what_is_asked_for_is_not_free(folder: Path, asked: dict[str, Any]) -> None:
    every = {
        "strategies": "full",
        "shots": 2,
        "seeds": 1,
        "recipe": {"steps": 9},
        "input_size": 64,
        "precision": "bf16",
    }
    transfer(MODEL, folder, budget_s=90, **every)
    none = Free(strategies=False, shots=False, seeds=False, steps=False, size=False, precision=False)
    assert asked["fitted"] == [(90.0, none)]
    assert asked["suite"].transfer.precision == "bf16"
    assert asked["left"] < 90.0


def test_drawn_images_have_a_budget_where_one_is_asked_for(asked: dict[str, Any]) -> None:
    transfer(MODEL)
    assert (asked["fitted"], asked["left"]) == ([], None)
    transfer(MODEL, budget_s=60)
    assert [(seconds, free.precision) for seconds, free in asked["fitted"]] == [(60.0, False)]
    assert asked["suite"].transfer.precision == "fp32"


def test_none_is_as_long_as_it_takes(folder: Path, asked: dict[str, Any], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "patience", lambda _suite: 9e9)
    transfer(MODEL, folder, budget_s=None)
    assert [(seconds, free.precision) for seconds, free in asked["fitted"]] == [(None, True)]
    assert asked["left"] is None
    assert asked["suite"].transfer.timeout_s == 9e9
