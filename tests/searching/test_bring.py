"""Weights that a search brings, from a server of the test's own."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.weights.mirror import mirror
from tests.weights.planted import hashed, pickled, state_dict, state_of
from zoo.choice.limits import Limits
from zoo.searching import candidates
from zoo.searching.candidates import bring, models_at_hand

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.weights.mirror import Mirror


@pytest.fixture
def server(monkeypatch: pytest.MonkeyPatch) -> Iterator[Mirror]:
    """Serves the published weights of the two SqueezeNets, and nothing of others."""
    monkeypatch.delenv("HF_HUB_OFFLINE")
    monkeypatch.setattr("zoo.weights.download.file.time.sleep", lambda _s: None)
    files = {}
    for version in ("1_0", "1_1"):
        content = pickled(state_dict(f"torchvision/squeezenet{version}"))
        file = hashed(f"squeezenet{version}", content)
        state_of(monkeypatch, f"torchvision/squeezenet{version}", "IMAGENET1K_V1", file=file)
        files[f"/{file}"] = content
    with mirror(files=files) as found:
        monkeypatch.setenv("ZOO_TORCHVISION_MIRROR", found.url)
        yield found


@pytest.mark.usefixtures("without_packages")
def test_the_weights_of_named_models_come_and_those_that_cannot_are_said(server: Mirror) -> None:
    said: list[str] = []
    bring(["squeezenet1_0", "torchvision/alexnet"], Limits(), said.append)
    assert models_at_hand("letters-am") == ["torchvision/squeezenet1_0"]
    assert said[0].startswith("torchvision/alexnet.IMAGENET1K_V1 cannot come: ")
    assert "404" in said[0]
    assert said[1:] == ["torchvision/squeezenet1_0.IMAGENET1K_V1 came"]
    asked = len(server.asked)
    bring(["squeezenet1_0"], Limits(), said.append)
    assert len(server.asked) == asked, "what is at hand is left alone"


@pytest.mark.usefixtures("without_packages", "server")
def test_without_names_the_most_accurate_within_the_limits_come(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(candidates, "BROUGHT", 1)
    said: list[str] = []
    bring([], Limits(max_params=1.25e6, max_macs=0.5e9), said.append)
    assert said == ["torchvision/squeezenet1_1.IMAGENET1K_V1 came"]
    assert models_at_hand("letters-am") == ["torchvision/squeezenet1_1"]
