"""How much data there is, is a matter of all training images, whatever the classes."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from tests.results.planted import transfer
from zoo.advice.amount import amount, images_per_class, training_images
from zoo.results.rows import TransferRow, transfer_row


def row(shots: int | str, **notes: Any) -> TransferRow:
    record = transfer("resnet18", "classifier", 0.5, shots=shots)
    return transfer_row([replace(record, outcome=replace(record.outcome, notes=notes))])


@pytest.mark.parametrize(
    ("classes", "shots", "images", "word"),
    [
        (2, 50, 100, "little"), (4, 50, 200, "little"), (10, 50, 500, "much"), (13, 50, 650, "much"),
        (10, 10, 100, "little"), (100, 5, 500, "much"), (5, 50, 250, "between"), (10, 49, 490, "between"),
    ],
)  # fmt: skip
def test_fifty_a_class_may_be_little_and_five_much(classes: int, shots: int, images: int, word: str) -> None:
    found = training_images(row(shots, classes=classes))
    assert found == images
    assert amount(found) == word


def test_what_is_noted_counts_and_what_is_not_is_not_known() -> None:
    assert training_images(row("all", classes=10, train_images=1257)) == 1257
    assert training_images(row("all", classes=10)) is None
    assert training_images(row(10)) is None
    assert amount(None) == "not known"


def test_a_class_has_as_many_as_are_asked_for_or_the_mean_of_all() -> None:
    assert images_per_class(row(10)) == 10
    assert images_per_class(row("all", classes=10, train_images=1257)) == 125.7
    assert images_per_class(row("all", classes=10)) is None
