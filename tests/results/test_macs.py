"""MACs are those that a record notes; the others are counted together, when the first of them is asked for."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from tests.results.planted import cost, transfer
from zoo.results import macs as module
from zoo.results.macs import Macs
from zoo.results.record import Record

SMALL = (3, 64, 64)


def noting(record: Record, macs: Any) -> Record:
    return replace(record, outcome=replace(record.outcome, notes={"macs": macs}))


@pytest.fixture
def counted(monkeypatch: pytest.MonkeyPatch) -> list[list[Any]]:
    """What was counted anew, batch by batch."""
    batches: list[list[Any]] = []

    def macs_at(wanted: Any) -> dict[Any, float]:
        batches.append(list(wanted))
        return dict.fromkeys(batches[-1], 7.0)

    monkeypatch.setattr(module, "macs_at", macs_at)
    return batches


def test_a_note_comes_first_and_what_the_catalogue_knows_is_not_counted(counted: list[list[Any]]) -> None:
    records = [noting(cost("alexnet", 1.0, input_size=[3, 64, 64]), 5.0), cost("alexnet", 9.0)]
    found = Macs([*records, transfer("", "pixels", 0.5)])
    assert found.at("torchvision/alexnet", SMALL, "trained") == 5.0
    assert found.at("torchvision/alexnet", (3, 224, 224), "trained") == pytest.approx(0.7142e9, rel=1e-3)
    assert found.at("torchvision/vgg16", SMALL, "trained") is None
    assert counted == []


def test_a_note_is_of_the_form_that_was_measured(counted: list[list[Any]]) -> None:
    records = [
        noting(cost("timm/mobileone_s0", 1.0, input_size=[3, 64, 64], form=form), macs)
        for form, macs in (("trained", 5.0), ("deployed", 3.0))
    ]
    found = Macs(records)
    assert [found.at("timm/mobileone_s0", SMALL, form) for form in ("trained", "deployed")] == [5.0, 3.0]
    assert counted == []


def test_what_was_trained_alone_can_be_asked_for_as_deployed(counted: list[list[Any]]) -> None:
    trained = noting(transfer("timm/mobileone_s0", "full", 0.5, input_size=[3, 64, 64]), 5.0)
    assert Macs([trained]).at("timm/mobileone_s0", SMALL, "deployed") is None
    assert counted == []
    assert Macs([trained], "deployed").at("timm/mobileone_s0", SMALL, "deployed") == 7.0
    assert counted == [[("timm/mobileone_s0", SMALL, "deployed")]]


def test_the_rest_is_counted_once_and_together(counted: list[list[Any]], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "known_macs", lambda _wanted: {})
    small = [cost(model, 1.0, input_size=[3, 64, 64]) for model in ("alexnet", "vgg16")]
    found = Macs([*small, noting(small[0], None), noting(cost("resnet18", 1.0, input_size=[3, 64, 64]), "many")])
    assert counted == []
    assert [found.at(f"torchvision/{model}", SMALL, "trained") for model in ("alexnet", "vgg16", "resnet18")] == [
        7.0
    ] * 3
    assert counted == [[(f"torchvision/{model}", SMALL, "trained") for model in ("alexnet", "vgg16", "resnet18")]]
