"""Regimes that differ in what no column says stand in lines of their own, and their names say it."""

from __future__ import annotations

from typing import Any

import pytest

from tests.results.planted import cost, transfer
from zoo.advice.rule import cells
from zoo.api.results import Results
from zoo.cli.measured import measured_lines
from zoo.errors import ZooError
from zoo.figures.regimes import regime_points
from zoo.report.sections.accuracies import transfer_tables
from zoo.report.sections.effort import effort_table
from zoo.report.sections.rule import rule_table

REGIMES = [transfer("resnet18", "classifier", 0.7), transfer("resnet18", "full", 0.8), transfer("", "pixels", 0.5)]


def test_two_probes_are_two_lines_and_two_cells_of_the_rule() -> None:
    results = Results([*REGIMES, transfer("resnet18", "classifier", 0.75, probe="logistic")])
    [table] = transfer_tables(results)
    assert [(line[0], line[2][:4], line[3][:4]) for line in table.rows] == [
        ("torchvision/resnet18.letters-am, ridge probe", "70.0", "80.0"),
        ("torchvision/resnet18.letters-am, logistic probe", "75.0", "80.0"),
        ("control/pixels, ridge probe", "", "50.0"),
    ]
    assert [row[0] for row in rule_table(cells(results), results).rows] == [
        "torchvision/resnet18.letters-am, ridge probe", "torchvision/resnet18.letters-am, logistic probe",
    ]  # fmt: skip
    effort = effort_table(results)
    assert effort is not None
    assert len({line[:4] for line in effort.rows}) == len(effort.rows)


@pytest.mark.parametrize(
    ("other", "said"),
    [
        ({"device": "cuda"}, ", cuda"),
        ({"recipe": {"steps": 600}}, ", steps 600"),
    ],
)
def test_a_second_device_or_recipe_is_a_line_and_a_panel_of_its_own(other: dict[str, Any], said: str) -> None:
    again = [transfer("resnet18", s, 0.9, **other) for s in ("classifier", "full", "scratch")]
    results = Results([*REGIMES, *again])
    [table] = transfer_tables(results)
    names = [line[0] for line in table.rows if line[0] != "control/pixels"]
    assert len(names) == len(set(names)) == 2
    assert names[1].endswith(said)
    assert len(cells(results)) == 2
    panels: dict[str, set[str]] = {point.cell: set() for point in regime_points(results)}
    for point in regime_points(results):
        panels[point.cell].add(point.strategy)
    assert len(panels) == 2
    # The control is the same on every device and beside every recipe: it is drawn beside all that it is held against.
    assert sum("pixels" in strategies for strategies in panels.values()) == 2


def test_several_sizes_of_a_model_are_said_where_no_column_does() -> None:
    records = [transfer("resnet18", s, 0.8, input_size=[3, n, n]) for s in ("classifier", "full") for n in (32, 64)]
    results = Results(records)
    assert [row[0] for row in rule_table(cells(results), results).rows] == [
        "torchvision/resnet18.letters-am, 32 px", "torchvision/resnet18.letters-am, 64 px",
    ]  # fmt: skip
    assert {line[0] for line in transfer_tables(results)[0].rows} == {"torchvision/resnet18.letters-am"}


def test_a_report_is_of_one_machine() -> None:
    several = Results([cost("resnet18", 20.0), cost("resnet18", 10.0, machine="m2")])
    with pytest.raises(ZooError, match=r"of 2 machines \(m1, m2\); `zoo COMMAND --machine KEY` takes one"):
        several.to_markdown()
    assert "Take **torchvision/resnet18" in Results(several.on("m2").records).to_markdown()


def test_a_card_tells_regimes_of_other_machines_and_probes_apart() -> None:
    ways: tuple[dict[str, Any], ...] = ({}, {"machine": "m2"}, {"probe": "logistic"})
    lines = measured_lines(Results([transfer("resnet18", "classifier", 0.7, **way) for way in ways]))
    ends = [line.partition("10 shots")[2] for line in lines]
    assert [end.partition(":")[0] for end in ends] == [", ridge probe", ", ridge probe", ", logistic probe"]
    assert [end.partition("(")[2] for end in ends] == ["machine m1)", "machine m2)", "machine m1)"]


def test_the_rule_is_judged_on_one_machine() -> None:
    elsewhere = [transfer("resnet18", "full", 0.0, machine="m2")]
    [cell] = cells(Results([*REGIMES, *elsewhere]))
    assert cell.full_over_classifier is not None
    assert cell.full_over_classifier.value == pytest.approx(0.1)


def test_two_folders_of_one_name_have_a_table_each_and_one_folder_of_two_names_one() -> None:
    records = [
        transfer("resnet18", "classifier", 0.5, task="flowers", task_digest="0123456789"),
        transfer("resnet18", "classifier", 0.6, task="blumen", task_digest="0123456789", seed=1),
        transfer("resnet18", "classifier", 0.7, task="flowers", task_digest="9876543210"),
    ]
    titles = [table.title for table in transfer_tables(Results(records))]
    assert titles == ["Accuracy on flowers@01234567", "Accuracy on flowers@98765432"]
    assert [table.title for table in transfer_tables(Results(records[:2]))] == ["Accuracy on flowers"]
