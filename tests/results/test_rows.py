"""Rows of trainings: seeds of one cell, under one protocol."""

from __future__ import annotations

from dataclasses import replace

from tests.results.planted import transfer
from zoo.results.record import Record
from zoo.results.rows import transfer_rows
from zoo.results.variants import variants


def of_protocol(protocol: int, accuracy: float, seed: int) -> Record:
    record = transfer("resnet18", "classifier", accuracy, seed=seed)
    return replace(record, trial=replace(record.trial, protocol=protocol), id=f"{protocol} {seed}")


def test_records_of_an_older_protocol_stand_in_no_row_with_newer_ones() -> None:
    old, new = [of_protocol(1, 0.5, seed) for seed in (0, 1, 2)], [of_protocol(2, 0.7, seed) for seed in (0, 1)]
    for records in ([*old, *new], [*new, *old], [old[0], new[0], old[1], new[1], old[2]]):
        [row] = transfer_rows(records)
        assert [record.trial.protocol for record in row.records] == [2, 2]
        assert row.seeds == (0, 1)
        assert row.accuracy is not None
        assert row.accuracy.value == 0.7
    [row] = transfer_rows(old)
    assert row.seeds == (0, 1, 2)


def test_two_precisions_are_two_rows_which_stand_beside_each_other_nowhere() -> None:
    plain, rounded = transfer_rows(
        [transfer("resnet18", "classifier", 0.8), transfer("resnet18", "full", 0.8, precision="bf16")]
    )
    assert not plain.is_beside(rounded)
    assert not rounded.is_beside(plain)
    [same] = transfer_rows([transfer("resnet18", "classifier", 0.8, precision="bf16")])
    assert same.is_beside(rounded)
    [pixels] = transfer_rows([transfer("", "pixels", 0.5)])
    assert pixels.is_beside(rounded)
    assert rounded.is_beside(pixels)
    found = transfer_rows([transfer("resnet18", "full", 0.8, precision=precision) for precision in ("fp32", "bf16")])
    assert [variants([*found, pixels])(row) for row in (*found, pixels)] == [", fp32", ", bf16", ""]
    others = transfer_rows([transfer("resnet18", "full", 0.8), transfer("vgg16", "full", 0.8, precision="bf16")])
    assert [variants(others)(row) for row in others] == ["", ""]
