"""The commands that read records say what the records hold, on stdout, in every format."""

from __future__ import annotations

import csv
import io
import json
import os
from pathlib import Path

import pytest

from tests.results.planted import a_suite, cost
from zoo.cli.main import main
from zoo.results.portable import read_jsonl, write_jsonl
from zoo.results.store import Store


@pytest.fixture
def store() -> None:
    with Store(f"sqlite:///{os.environ['ZOO_STORE']}") as opened:
        opened.add_all(a_suite())


def call(words: list[str], capsys: pytest.CaptureFixture[str], code: int = 0) -> str:
    capsys.readouterr()
    with pytest.raises(SystemExit) as caught:
        main(words)
    shown = capsys.readouterr()
    assert caught.value.code == code, shown.err
    return shown.out


def test_list_answers_for_every_architecture(capsys: pytest.CaptureFixture[str]) -> None:
    rows = json.loads(call(["list", "--format", "json"], capsys))
    assert len(rows) == 1451
    keys = {
        "name", "source", "architecture", "tag", "family", "tags", "params", "macs", "activations", "input_size",
        "preprocessing", "top1", "licence",
    }  # fmt: skip
    assert all(keys <= set(row) for row in rows)


def test_list_filters_and_sorts(capsys: pytest.CaptureFixture[str]) -> None:
    words = [
        "list",
        "*resnet*",
        "--source",
        "torchvision",
        "--max-params",
        "30M",
        "--sort",
        "macs",
        "--format",
        "csv",
    ]
    rows = list(csv.DictReader(io.StringIO(call(words, capsys))))
    assert [row["model"] for row in rows][:1] == ["torchvision/resnet18"]
    assert all(float(row["params, M"]) <= 30 for row in rows)
    macs = [float(row["MACs, G"]) for row in rows]
    assert macs == sorted(macs)


@pytest.mark.parametrize("form", ["table", "md", "csv"])
def test_list_has_every_format(form: str, capsys: pytest.CaptureFixture[str]) -> None:
    out = call(["list", "resnet1*", "--source", "torchvision", "--format", form], capsys)
    assert "resnet18 " in out.replace(",", " ")
    if form == "table":
        assert max(map(len, out.splitlines())) <= 100


def test_show_is_a_card(capsys: pytest.CaptureFixture[str], store: None) -> None:
    card = call(["show", "resnet18"], capsys)
    for fact in ("torchvision/resnet18", "IMAGENET1K_V1", "11,689,512", "timm/resnet18"):
        assert fact in card
    assert max(map(len, card.splitlines())) <= 100


def test_choose_exits_with_0_or_3(capsys: pytest.CaptureFixture[str], store: None) -> None:
    assert "Choice: torchvision/resnet18.letters-am" in call(["choose"], capsys)
    assert "Nearest miss" in call(["choose", "--max-latency-ms", "1"], capsys, code=3)
    chosen = json.loads(call(["choose", "--max-latency-ms", "10", "--format", "json"], capsys))
    assert chosen["chosen"]["model"] == "torchvision/squeezenet1_0"


def test_report_is_written_from_records(capsys: pytest.CaptureFixture[str], store: None, tmp_path: Path) -> None:
    out = call(["report", "planted", "--report", str(tmp_path / "r")], capsys)
    assert str(tmp_path / "r" / "README.md") in out
    assert (tmp_path / "r" / "regimes.png").stat().st_size > 10_000


def test_records_go_out_and_come_back(capsys: pytest.CaptureFixture[str], store: None, tmp_path: Path) -> None:
    path, other = tmp_path / "a.jsonl", tmp_path / "b.jsonl"
    call(["results", "export", str(path)], capsys)
    assert len(read_jsonl(path)) == len(a_suite())
    write_jsonl([cost("googlenet", 70.0)], other)
    call(["results", "merge", str(path), str(other), str(tmp_path / "both.jsonl")], capsys)
    new = tmp_path / "new.sqlite"
    call(["results", "import", str(tmp_path / "both.jsonl"), "--store", str(new)], capsys)
    call(["results", "import", str(path), "--store", str(new)], capsys)
    with Store(f"sqlite:///{new}") as opened:
        assert opened.count() == len(a_suite()) + 1
    rows = json.loads(call(["results", "list", "--store", str(new), "--format", "json"], capsys))
    assert {row["suite"] for row in rows} == {"planted"}


def test_compare_has_exit_codes(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    files = {}
    for name, factor in (("before", 1.0), ("same", 1.0), ("slower", 1.3)):
        files[name] = str(tmp_path / f"{name}.jsonl")
        record = cost("resnet18", 20.0 * factor, spread=0.003, seed=len(files))
        write_jsonl([record], Path(files[name]))
    assert "SAME" in call(["compare", files["before"], files["same"]], capsys)
    assert "SLOWER" in call(["compare", files["before"], files["slower"]], capsys, code=1)
    found = json.loads(call(["compare", files["slower"], files["before"], "--format", "json"], capsys))
    assert found["rows"][0]["verdict"] == "FASTER"


def test_a_benchmark_of_pytest_benchmark_is_read(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    settings = cost("resnet18", 1.0).trial.settings
    data = {
        "machine_info": {"python_version": "3.11.7", "system": "Linux", "release": "6.1", "cpu": {"brand_raw": "X"}},
        "datetime": "2026-11-24T12:00:00+00:00",
        "benchmarks": [
            {
                "extra_info": {"model": "torchvision/resnet18", "weights": "random", "settings": settings},
                "stats": {"median": 0.02, "data": [0.02, 0.021, 0.019, 0.02, 0.02, 0.02, 0.02, 0.02]},
            },
            {"extra_info": {}, "stats": {"median": 1.0}},
        ],
    }
    path = tmp_path / "bench.json"
    path.write_text(json.dumps(data))
    call(["results", "import", str(path)], capsys)
    with Store(f"sqlite:///{os.environ['ZOO_STORE']}") as opened:
        [record] = opened.records()
    assert record.outcome.metrics["latency_ms"].value == pytest.approx(20.0)
    assert "timed alone, not interleaved" in record.outcome.flags


def test_help_of_every_command_has_an_example(capsys: pytest.CaptureFixture[str]) -> None:
    commands = ["run", "list", "show", "bench", "transfer", "pretrain", "report", "compare", "choose", "doctor"]
    for command in commands:
        assert "Example:" in call([command, "--help"], capsys), command
    for command in ("list", "export", "import", "merge"):
        assert "Example:" in call(["results", command, "--help"], capsys), command


def test_names_and_suites_are_completed() -> None:
    from zoo.cli.options import complete_models, complete_suites

    assert "resnet18" in complete_models()("resnet1")
    assert "torchvision/resnet18" in complete_models()("torchvision/resnet1")
    assert complete_suites("q") == ["quick"]


def test_doctor_tells_of_the_machine(capsys: pytest.CaptureFixture[str]) -> None:
    out = call(["doctor"], capsys)
    for word in ("torch", "timm", "catalogue", "cores"):
        assert word in out
