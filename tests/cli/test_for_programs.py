"""What commands print for programs: numbers as numbers, whole ones whole, with what they are of."""

from __future__ import annotations

import csv
import io
import json
import shlex
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

import zoo
from tests.results.planted import a_suite, cost
from zoo.api.results import Results
from zoo.choice.choice import choose
from zoo.cli.main import main
from zoo.store.store import Store


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> str:
    url = f"sqlite:///{tmp_path_factory.mktemp('programs') / 's.sqlite'}"
    again = [replace(record, run="run-9", id=f"again {record.id}") for record in a_suite()]
    with Store(url) as opened:
        opened.add_all([*a_suite(), *again])
    return url


def said(words: list[str], capsys: pytest.CaptureFixture[str]) -> str:
    with pytest.raises(SystemExit) as caught:
        main(words)
    assert caught.value.code in (0, 1, 3)
    return capsys.readouterr().out


def objects(words: list[str], capsys: pytest.CaptureFixture[str]) -> Any:
    text = said([*words, "--format", "json"], capsys)
    return json.loads(text, parse_constant=lambda name: pytest.fail(f"{name} is no JSON"))


def table(words: list[str], capsys: pytest.CaptureFixture[str]) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(said([*words, "--format", "csv"], capsys))))


def test_a_list_has_whole_counts_and_what_the_card_has(capsys: pytest.CaptureFixture[str]) -> None:
    [spec] = objects(["list", "torchvision/resnet50"], capsys)
    [row] = table(["list", "torchvision/resnet50"], capsys)
    assert spec["params"] == 25557032
    assert (row["model"], row["params"], row["input_size"]) == (spec["name"], "25557032", "3x224x224")
    assert row["macs"] == str(spec["macs"])
    assert isinstance(spec["macs"], int)
    assert (row["preprocessing.crop"], row["tag"]) == (str(spec["preprocessing"]["crop"]), spec["tag"])
    assert row["tags"].split() == spec["tags"]


def test_a_card_has_its_records(store: str, capsys: pytest.CaptureFixture[str]) -> None:
    card = objects(["show", "torchvision/squeezenet1_0", "--store", store], capsys)
    assert isinstance(card["macs"], int)
    latency = next(row for row in card["measured"] if row["metric"] == "latency_ms")
    assert {"record", "started", "unit", "low", "high", "n", "setting.threads"} <= latency.keys()
    assert latency["started"] == "2023-11-14T22:13:20Z"


def test_runs_are_counted_and_dated(store: str, capsys: pytest.CaptureFixture[str]) -> None:
    runs = objects(["results", "list", "--store", store], capsys)
    [run] = [run for run in runs if run["run"] == "run-9"]
    assert run == {
        "run": "run-9", "suite": "planted", "machine": "m1", "records": len(a_suite()),
        "started": "2023-11-14T22:13:20Z",
    }  # fmt: skip
    assert {
        row["records"] for row in table(["results", "list", "--store", store], capsys) if row["run"] == "run-9"
    } == {str(len(a_suite()))}


def test_a_comparison_has_ratios_and_the_records_of_both_sides(
    store: str, capsys: pytest.CaptureFixture[str]
) -> None:
    words = ["compare", "squeezenet1_0", "resnet18", "--models", "--store", store]
    rows = objects(words, capsys)["rows"]
    ratio = next(row for row in rows if row["unit"].startswith("ratio"))
    assert ratio["low"] < ratio["value"] < ratio["high"]
    assert len(ratio["records_a"]) == len(ratio["records_b"]) == 1
    accuracy = next(row for row in rows if row["unit"].startswith("difference"))
    assert len(accuracy["records_a"]) == 3
    shown = table(words, capsys)
    assert [float(row["value"]) for row in shown if row["value"]] == [row["value"] for row in rows if row["value"]]


def test_a_choice_has_whole_counts_and_python_that_runs(store: str, capsys: pytest.CaptureFixture[str]) -> None:
    choice = objects(["choose", "--store", store], capsys)
    assert isinstance(choice["chosen"]["params"], int)
    assert isinstance(choice["chosen"]["macs"], int)


@pytest.mark.parametrize("model", ["resnet18", "squeezenet1_0"])
def test_the_python_that_is_printed_runs_as_it_stands(model: str, capsys: pytest.CaptureFixture[str]) -> None:
    """What it needs is imported, names are quoted, and no width of a terminal breaks it."""
    made: list[tuple[str, object]] = []
    transforms: list[tuple[str, object]] = []
    choice = choose(Results([cost(model, 20.0)]), "latency")
    text = choice.python_line
    compile(text, "printed", "exec")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(zoo, "create", lambda name, **given: made.append((name, given.get("weights"))))
        patch.setattr(zoo, "image_transform", lambda name, **given: transforms.append((name, given.get("weights"))))
        exec(text, {})
        patch.setenv("COLUMNS", "40")
        [printed] = [line for line in choice.to_text().splitlines() if line.startswith("Load it:")]
        exec(printed.partition(":")[2].strip(), {})
        with pytest.raises(SystemExit):
            main(["show", f"torchvision/{model}"])
        [printed] = [line for line in capsys.readouterr().out.splitlines() if line.startswith("Python")]
        exec(printed.removeprefix("Python").strip(), {})
    assert len(made) == 3
    assert transforms == made[:2]
    name = made[0][0]
    assert name.partition(".")[0] == f"torchvision/{model}"


def test_commands_that_are_printed_survive_a_name_with_blanks(tmp_path: Path) -> None:
    words = ["run", "my suite; rm -rf x.toml"]
    folder = tmp_path / "r"
    Results(a_suite()).write_report(folder, command=shlex.join(["zoo", *words]))
    assert "zoo run 'my suite; rm -rf x.toml'" in (folder / "README.md").read_text()
