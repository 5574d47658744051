"""Two settings of the same models are held together, and nothing that differs in anything else."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.cli.test_commands import call
from tests.results.planted import cost, transfer
from zoo.compare.settings import compare_settings
from zoo.errors import UnknownNameError, ZooError
from zoo.results.jsonl import write_jsonl
from zoo.results.view import Results

EAGER, OPENVINO = {"engine": "eager"}, {"engine": "openvino"}


def both(model: str, ms: float, other_ms: float, **settings: object) -> list:  # type: ignore[type-arg]
    return [
        cost(model, ms, spread=0.003, **settings),
        cost(model, other_ms, spread=0.003, seed=1, cohort="c2", engine="openvino", **settings),
    ]


def test_each_model_is_compared_at_each_other_setting() -> None:
    records = [*both("resnet18", 20, 10), *both("resnet18", 12, 12, threads=2), *both("vgg16", 90, 99)]
    records.append(cost("alexnet", 10))  # not measured by the other
    found = compare_settings(Results(records), EAGER, OPENVINO)
    assert [(row.name.partition(".")[0], row.verdict) for row in found.rows] == [
        ("torchvision/resnet18", "FASTER"),
        ("torchvision/resnet18", "SAME"),
        ("torchvision/vgg16", "SLOWER"),
    ]
    assert found.rows[0].value == pytest.approx(0.5, rel=0.01)
    assert found.exit_code == 1
    caption = found.table().caption
    assert "A is engine eager, B is engine openvino, all else alike." in caption
    assert "Rounds of 3 of the 3 costs were not the same ones" in caption


def test_settings_of_one_cohort_are_compared_round_by_round() -> None:
    records = [cost("resnet18", 20, spread=0.2), cost("resnet18", 10, spread=0.2, form="trained")]
    found = compare_settings(Results(records), {"form": "deployed"}, {"form": "trained"})
    assert found.rows[0].verdict == "FASTER"  # however far the rounds spread
    assert "not the same ones" not in found.table().caption


def test_several_settings_name_a_side_and_a_size_is_its_side() -> None:
    records = [*both("resnet18", 20, 10), cost("resnet18", 4, seed=2, input_size=[3, 96, 96], engine="openvino")]
    found = compare_settings(Results(records), EAGER | {"input_size": 224}, OPENVINO | {"input_size": "96"})
    assert [row.verdict for row in found.rows] == ["FASTER"]
    assert found.rows[0].value == pytest.approx(0.2, rel=0.01)


def test_regimes_are_paired_by_seed_and_image_whatever_they_start_from() -> None:
    records = [
        transfer("resnet18", strategy, accuracy, seed=seed)
        for strategy, accuracy in (("classifier", 0.6), ("full", 0.8), ("scratch", 0.4))
        for seed in (0, 1)
    ]
    better = compare_settings(Results(records), {"strategy": "classifier"}, {"strategy": "full"})
    [row] = better.rows
    assert row.verdict == "BETTER"
    assert row.value == pytest.approx(0.2)
    assert len(row.records_a) == 2
    [worse] = compare_settings(Results(records), {"strategy": "full"}, {"strategy": "scratch"}).rows
    assert worse.value == pytest.approx(-0.4)


def test_what_cannot_be_compared_is_said_in_a_line() -> None:
    results = Results(both("resnet18", 20, 10))
    with pytest.raises(UnknownNameError, match="unknown setting 'engin': did you mean engine"):
        compare_settings(results, {"engin": "eager"}, OPENVINO)
    with pytest.raises(ZooError, match=r"b must be values of the same settings as a \(engine\), not threads 2"):
        compare_settings(results, EAGER, {"threads": 2})
    with pytest.raises(ZooError, match="both sides are threads 1; nothing to compare"):
        compare_settings(results, {"threads": 1}, {"threads": "1"})
    with pytest.raises(ZooError, match="nothing was measured at engine onnxruntime"):
        compare_settings(results, EAGER, {"engine": "onnxruntime"})
    apart = Results([cost("resnet18", 20), cost("vgg16", 10, engine="openvino")])
    with pytest.raises(ZooError, match="no model was measured both at engine eager and at engine openvino"):
        compare_settings(apart, EAGER, OPENVINO)
    other = Results([*both("resnet18", 20, 10), cost("resnet18", 20, machine="m2")])
    with pytest.raises(ZooError, match="m1"):
        compare_settings(other, EAGER, OPENVINO)


def test_the_command_takes_names_and_values(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    file = tmp_path / "records.jsonl"
    write_jsonl(both("resnet18", 20, 10), file)
    words = ["compare", "engine=eager, threads=1", "engine=openvino,threads=1", "--settings", "--from", str(file)]
    found = json.loads(call([*words, "--format", "json"], capsys))
    assert found["rows"][0]["verdict"] == "FASTER"
    assert found["about"][0] == "A is engine eager, threads 1, B is engine openvino, threads 1, all else alike."
