"""Machines side by side: a column each, each with its own frontier, and nothing chosen across them."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.results.planted import cost, transfer
from zoo.cli.main import main
from zoo.compare.machines import side_by_side
from zoo.errors import ZooError
from zoo.formats.blocks import Figure, Heading, Text
from zoo.formats.table import Table
from zoo.outcome import Status
from zoo.report.numbers import with_interval
from zoo.results.jsonl import write_jsonl
from zoo.results.record import Record
from zoo.results.view import Results

if TYPE_CHECKING:
    from pathlib import Path


def records() -> list[Record]:
    found = []
    for machine, factor in (("m1", 1.0), ("m2", 3.0)):
        found += [
            cost("resnet18", 20.0 * factor, machine=machine),
            cost("mobilenet_v2", 8.0 * factor, machine=machine),
        ]
        for seed in range(3):
            found += [
                transfer("resnet18", "full", 0.8, seed=seed, machine=machine),
                transfer("mobilenet_v2", "full", 0.7, seed=seed, machine=machine),
            ]
    found.append(cost("vgg16", 90.0, machine="m1"))
    found.append(cost("alexnet", 9.0, machine="m2", status=Status.FAILED, reason="RuntimeError: planted"))
    found.append(cost("resnet18", 5.0, threads=2, machine="m1"))
    return found


def test_a_model_stands_in_a_line_with_a_column_for_each_machine() -> None:
    held = records()
    (table,) = [block for block in side_by_side(Results(held)) if isinstance(block, Table)]
    assert table.title == "Latency, cpu, 1 thread, batch 1, fp32"
    assert table.headers == ("model", "input, px", "m1, ms ↓", "m2, ms ↓")
    cells = {row[0]: row[2:] for row in table.rows}
    values = {(r.trial.model, r.machine): r.outcome.metrics.get("latency_ms") for r in held if r.trial.kind == "cost"}
    assert cells["torchvision/resnet18.random"] == tuple(
        with_interval(r.outcome.metrics["latency_ms"])
        for r in held
        if r.trial.kind == "cost" and r.trial.model == "torchvision/resnet18" and r.trial.cost.threads == 1
    )
    assert cells["torchvision/vgg16.random"] == (with_interval(values["torchvision/vgg16", "m1"]), "n/a")
    assert cells["torchvision/alexnet.random"] == ("n/a", "failed")


def test_each_machine_has_its_own_frontier_and_verdict_and_none_is_across_them() -> None:
    held = records()
    blocks = side_by_side(Results(held))
    figures = [block for block in blocks if isinstance(block, Figure)]
    assert [figure.name for figure in figures] == ["frontier-m1", "frontier-m2"]
    headings = [block.text for block in blocks if isinstance(block, Heading)]
    assert headings.pop(0) == "Latency, cpu, 1 thread, batch 1, fp32"
    assert headings == ["Accuracy against latency, machine m1", "Accuracy against latency, machine m2"]
    said = " ".join(line for block in blocks if isinstance(block, Text) for line in block.lines)
    assert said.count("Take **torchvision/resnet18.letters-am") == 2
    assert "20." in said
    assert "60." in said
    assert "1 setting was measured on one machine alone, and not shown." in said


def test_one_machine_has_nothing_beside_it() -> None:
    with pytest.raises(ZooError, match="records of one machine have nothing beside them"):
        side_by_side(Results([cost("resnet18", 20.0)]))


def test_the_command_writes_a_folder(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file, folder = tmp_path / "records.jsonl", tmp_path / "report"
    write_jsonl(records(), file)
    with pytest.raises(SystemExit) as caught:
        main(["report", "planted", "--from", str(file), "--compare", "--report", str(folder)])
    assert caught.value.code == 0, capsys.readouterr().err
    names = {path.name for path in folder.iterdir()}
    assert {"README.md", "results.csv", "frontier-m1.svg", "frontier-m2.svg"} <= names
    page = (folder / "README.md").read_text()
    assert "machines side by side" in page
    assert "![" in page
    with pytest.raises(SystemExit) as caught:
        main(["report", "planted", "--from", str(file), "--compare", "--machine", "m1"])
    assert caught.value.code == 2
    assert "--machine takes one, and --compare sets several side by side" in capsys.readouterr().err
