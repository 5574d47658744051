"""The commands that read records say what the records hold, on stdout, in every format."""

from __future__ import annotations

import csv
import io
import json
import os
from dataclasses import replace
from pathlib import Path

import pytest

from tests.results.planted import a_suite, cost
from zoo.cli.main import main
from zoo.outcome import Status
from zoo.plans.cost import plan_cost
from zoo.results.jsonl import read_jsonl, write_jsonl
from zoo.results.record import Record
from zoo.store.store import Store
from zoo.suites.file import load_suite


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
    assert all(int(row["deployed_params"]) <= 30e6 for row in rows)
    macs = [int(row["deployed_macs"]) for row in rows]
    assert macs == sorted(macs)


@pytest.mark.parametrize("form", ["table", "md", "csv"])
def test_list_has_every_format(form: str, capsys: pytest.CaptureFixture[str]) -> None:
    out = call(["list", "resnet1*", "--source", "torchvision", "--format", form], capsys)
    assert "resnet18 " in out.replace(",", " ")
    if form != "csv":
        assert "Params and MACs as deployed." in out
        assert " 11.7 " in out
    if form == "table":
        assert max(map(len, out.splitlines())) <= 100


def test_show_is_a_card(capsys: pytest.CaptureFixture[str], store: None) -> None:
    card = call(["show", "resnet18"], capsys)
    for fact in (
        "torchvision/resnet18",
        "IMAGENET1K_V1",
        "11,684,712 deployed, 11,689,512 as trained",
        "1.814 G, at 224 px",
        "multiply-adds of convolutions, matrix products and attention",
        "timm/resnet18",
    ):
        assert fact in card
    fused = call(["show", "timm/mobileone_s0"], capsys)
    assert "0.275 G deployed, 1.052 G as trained, at 224 px" in fused
    assert max(map(len, card.splitlines())) <= 100


def test_a_card_is_no_wider_than_a_screen(capsys: pytest.CaptureFixture[str]) -> None:
    card = call(["show", "timm/vit_large_patch14_clip_224"], capsys)
    assert max(map(len, card.splitlines())) <= 100


def test_a_choice_in_json_is_json_where_something_was_not_measured(
    capsys: pytest.CaptureFixture[str], store: None
) -> None:
    def refuse(name: str) -> float:
        raise AssertionError(f"{name} is no JSON")

    out = call(["choose", "--min-throughput", "5", "--format", "json"], capsys, code=3)
    chosen = json.loads(out, parse_constant=refuse)
    assert chosen["nearest_miss"][1][0]["excess"] is None


def test_choose_exits_with_0_or_3(capsys: pytest.CaptureFixture[str], store: None) -> None:
    assert "Choice: torchvision/resnet18.letters-am" in call(["choose"], capsys)
    assert "Nearest miss" in call(["choose", "--max-latency-ms", "1"], capsys, code=3)
    chosen = json.loads(call(["choose", "--max-latency-ms", "10", "--format", "json"], capsys))
    assert chosen["chosen"]["model"] == "torchvision/squeezenet1_0"


def test_report_is_written_from_records(capsys: pytest.CaptureFixture[str], store: None, tmp_path: Path) -> None:
    out = call(["report", "planted", "--report", str(tmp_path / "r")], capsys)
    assert str(tmp_path / "r" / "README.md") in out
    assert (tmp_path / "r" / "regimes.png").stat().st_size > 10_000


def suite_file(tmp_path: Path, name: str) -> Path:
    path = tmp_path / "mine.toml"
    path.write_text(
        f'[suite]\nname = "{name}"\nmodels = ["resnet18", "vgg16"]\n'
        '[cost]\ndevices = ["cpu"]\nmetrics = ["latency"]\nthreads = [1]\nweights = "none"\naa_pair = false\n'
    )
    return path


def planned(path: Path, ms: float, suite: str) -> list[Record]:
    """Records of a suite's trials as another command would have made them."""
    found = []
    for item in plan_cost(load_suite(path)):
        model = item.trial.model.rpartition("/")[2]
        record = replace(cost(model, ms), trial=item.trial, suite=suite, id=f"{suite}-{model}-{ms}")
        found.append(record)
    return found


def stored(records: list[Record]) -> None:
    with Store(f"sqlite:///{os.environ['ZOO_STORE']}") as opened:
        opened.add_all(records)


def test_a_report_has_what_other_commands_measured_of_its_trials(
    capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    path = suite_file(tmp_path, "photos")
    stored([*planned(path, 20.0, "classics"), cost("alexnet", 5.0)])
    call(["report", str(path), "--report", str(tmp_path / "r")], capsys)
    page = (tmp_path / "r" / "README.md").read_text()
    assert "vgg16" in page
    assert "alexnet" not in page


def test_a_command_says_what_it_passed_over_and_what_is_no_whole_record(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    good = cost("resnet18", 21.0)
    later = replace(good.outcome, started=good.outcome.started + 1)
    busy = cost("resnet18", 84.0, spread=0.5, status=Status.UNCONVERGED, seed=1)
    busy = replace(busy, outcome=replace(busy.outcome, started=later.started, flags=("pressure",)))
    broken = replace(cost("vgg16", 90.0), outcome=replace(later, metrics={}))
    stored([good, busy, broken])
    passed = "passed over 1 newer record that is not ok, for an older one that is: torchvision/resnet18"
    choose = ["choose", "--objective", "latency"]
    for words in (choose, ["report", "planted"], ["results", "list"], ["results", "list", "--format", "json"]):
        with pytest.raises(SystemExit) as caught:
            main(words)
        shown = capsys.readouterr()
        assert caught.value.code == 0
        assert passed in shown.err
        assert f"record {broken.id}: not a whole record: outcome.metrics lacks 'latency_ms'" in shown.err
        assert "84." not in shown.out
    assert "resnet18.random | 21." in " ".join((tmp_path / "reports" / "planted" / "README.md").read_text().split())


def test_a_record_that_another_command_superseded_counts_anew_for_the_suite(
    capsys: pytest.CaptureFixture[str], store: None, tmp_path: Path
) -> None:
    newer = cost("resnet18", 77.0)
    newer = replace(newer, outcome=replace(newer.outcome, started=newer.outcome.started + 1))
    stored([replace(newer, suite="bench", id="bench")])
    call(["report", "planted", "--report", str(tmp_path / "r")], capsys)
    page = (tmp_path / "r" / "README.md").read_text()
    assert "torchvision/resnet18.random | 77." in " ".join(page.split())
    assert "squeezenet1_0" in page
    chosen = json.loads(call(["choose", "--suite", "bench", "--objective", "latency", "--format", "json"], capsys))
    assert chosen["chosen"]["model"] == "torchvision/resnet18"
    assert not chosen["runners_up"]


def test_a_suite_of_ones_own_is_known_by_its_file_and_by_its_name(
    capsys: pytest.CaptureFixture[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = suite_file(tmp_path, "photos")
    monkeypatch.chdir(tmp_path)
    # Of another time: with other settings than the file states now.
    stored([replace(cost("alexnet", 5.0), suite="photos")])
    for named in (str(path), "photos"):
        assert call(["report", named], capsys).splitlines()[0] == "reports/photos/README.md"
        assert (tmp_path / "reports" / "photos" / "README.md").read_text().startswith("# Suite photos\n")


def test_a_suite_without_records_is_one_line(capsys: pytest.CaptureFixture[str], store: None, tmp_path: Path) -> None:
    for words in (["report", "plantd"], ["choose", "--suite", "plantd"]):
        with pytest.raises(SystemExit) as caught:
            main(words)
        assert caught.value.code == 2
        assert "unknown suite 'plantd': did you mean planted?" in capsys.readouterr().err
    path = suite_file(tmp_path, "photos")
    path.write_text(path.read_text().replace("threads = [1]", "threads = [7]"))
    with pytest.raises(SystemExit):
        main(["report", str(path)])
    assert f"no records of suite 'photos'; measure them with `zoo run {path}`" in capsys.readouterr().err


def test_a_report_of_two_machines_is_refused(capsys: pytest.CaptureFixture[str], store: None, tmp_path: Path) -> None:
    stored([cost("resnet18", 10.0, machine="m2")])
    words = ["report", "planted", "--report", str(tmp_path / "r")]
    with pytest.raises(SystemExit) as caught:
        main(words)
    assert caught.value.code == 2
    assert "of 2 machines (m1, m2); `zoo COMMAND --machine KEY` takes one" in capsys.readouterr().err
    assert not (tmp_path / "r").exists()
    call([*words, "--machine", "m2"], capsys)
    assert "CPU of m2" in (tmp_path / "r" / "README.md").read_text()


def test_choose_takes_a_size_and_a_batch(capsys: pytest.CaptureFixture[str], store: None) -> None:
    rates = [cost("resnet18", 20.0 * n, metric="throughput", batch=n) for n in (1, 32)]
    stored([cost("vgg16", 1.0, input_size=[3, 64, 64]), *rates])
    assert "at 64 px" in call(["choose", "--objective", "latency", "--input-size", "64"], capsys)
    text = call(["choose", "--objective", "throughput", "--batch", "1"], capsys)
    assert "throughput there at batch 1;" in " ".join(text.split())
    for words, expected in (
        (["--input-size", "tiny"], "--input-size must be 'native' or pixels, such as 224; not 'tiny'"),
        (["--batch", "0"], "--batch must be a whole number of at least 1, not '0'"),
    ):
        with pytest.raises(SystemExit) as caught:
            main(["choose", *words])
        assert caught.value.code == 2
        assert expected in capsys.readouterr().err


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


def test_merge_destroys_no_file_that_it_was_not_told_to(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    a, b = tmp_path / "a.jsonl", tmp_path / "b.jsonl"
    write_jsonl([cost("googlenet", 70.0)], a)
    write_jsonl([cost("vgg16", 9.0)], b)
    call(["results", "merge", str(a), str(b)], capsys, code=2)
    assert len(read_jsonl(b)) == 1
    call(["results", "merge", str(a), str(b), str(b)], capsys)
    assert len(read_jsonl(b)) == 2
    call(["results", "merge", str(a), str(b), "--force"], capsys)
    assert read_jsonl(b) == read_jsonl(a)


def test_an_export_of_part_of_a_run(capsys: pytest.CaptureFixture[str], store: None, tmp_path: Path) -> None:
    path = tmp_path / "a.jsonl"
    call(["results", "export", str(path), "--run", "run-1", "--suite", "planted"], capsys)
    assert [record.run for record in read_jsonl(path)] == ["run-1"]
    for words in (["--suite", "nosuch"], ["--run", "run-1", "--suite", "nosuch"]):
        call(["results", "export", str(tmp_path / "none.jsonl"), *words], capsys, code=2)
    assert not (tmp_path / "none.jsonl").exists()


def test_records_are_removed_by_run(capsys: pytest.CaptureFixture[str], store: None) -> None:
    capsys.readouterr()
    with pytest.raises(SystemExit) as caught:
        main(["results", "remove", "--run", "run-1"])
    assert caught.value.code == 2
    assert "would delete 1 record (run run-1 of suite planted)" in capsys.readouterr().err
    call(["results", "remove", "--run", "run-1", "--yes"], capsys)
    with Store(f"sqlite:///{os.environ['ZOO_STORE']}") as opened:
        assert opened.count() == len(a_suite()) - 1
    for words in ([], ["--record", "nosuch"], ["--suite", "nosuch"], ["--run", "nosuch"]):
        call(["results", "remove", *words, "--yes"], capsys, code=2)


def test_commands_that_read_make_no_store(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    missing = str(tmp_path / "sub" / "typo.sqlite")
    for words in (
        ["results", "list"],
        ["results", "export", str(tmp_path / "a.jsonl")],
        ["results", "remove", "--suite", "x", "--yes"],
        ["compare", "a", "b"],
        ["choose"],
        ["report"],
        ["show", "resnet18"],
    ):
        call([*words, "--store", missing], capsys, code=2)
        call([*words, "--store", ""], capsys, code=2)
    assert list(tmp_path.iterdir()) == []


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
    settings = cost("resnet18", 1.0).trial.settings.to_dict()
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
    commands = [
        "run", "list", "show", "bench", "tune", "transfer", "pretrain", "report", "compare", "choose", "doctor",
    ]  # fmt: skip
    for command in commands:
        assert "Example:" in call([command, "--help"], capsys), command
    for command in ("list", "export", "import", "merge", "remove"):
        assert "Example:" in call(["results", command, "--help"], capsys), command


def test_doctor_tells_of_the_machine(capsys: pytest.CaptureFixture[str]) -> None:
    out = call(["doctor"], capsys)
    for word in ("torch", "timm", "catalogue", "cores"):
        assert word in out
