"""Published results: read as timm writes them, marked with their source, and beside what was measured."""

from __future__ import annotations

import json
import os
from dataclasses import replace
from pathlib import Path

import pytest

from tests.results.planted import cost
from zoo.choice.choice import choose
from zoo.cli.main import main
from zoo.errors import InputFileError
from zoo.evaluation.settings import EvaluateSettings
from zoo.report.sections.costs import cost_tables
from zoo.report.sections.evaluations import evaluation_table
from zoo.results.importers.timm import read_timm_results
from zoo.results.published import published_top1
from zoo.results.record import Record
from zoo.results.trial import PublishedSettings, Trial
from zoo.results.view import Results
from zoo.store.store import Store

HEADER = "model,img_size,top1,top1_err,top5,top5_err,param_count,crop_pct,interpolation"
ROWS = """\
resnet18.a1_in1k,288,71.506,28.494,90.084,9.916,11.69,1.000,bicubic
resnet50.a1_in1k,288,81.220,18.780,95.110,4.890,25.56,1.000,bicubic
vgg16.tv_in1k,224,71.592,28.408,90.382,9.618,138.36,0.875,bilinear
"""


@pytest.fixture
def table(tmp_path: Path) -> Path:
    path = tmp_path / "results-imagenet.csv"
    path.write_text(f"{HEADER}\n{ROWS}")
    return path


def timm_cost(architecture: str, ms: float, weights: str = "random") -> Record:
    record = cost(architecture, ms)
    return replace(record, trial=replace(record.trial, model=f"timm/{architecture}", weights=weights))


def test_rows_become_records_with_their_source(table: Path) -> None:
    found = read_timm_results(table)
    assert found.dataset == "imagenet"
    assert (found.unknown_columns, found.unknown_models, found.broken_lines) == ((), (), ())
    first = found.records[0]
    assert (first.trial.model, first.trial.weights) == ("timm/resnet18", "a1_in1k")
    assert first.outcome.metrics["top1"].value == pytest.approx(0.71506)
    assert first.outcome.metrics["top5"].value == pytest.approx(0.90084)
    assert first.environment.other["source"] == "results-imagenet.csv"
    assert first.outcome.notes["img_size"] == "288"
    assert [r.id for r in read_timm_results(table).records] == [r.id for r in found.records]


def test_what_is_not_known_is_counted_and_the_rest_is_taken(tmp_path: Path) -> None:
    path = tmp_path / "results-imagenet-real.csv"
    models = {
        "resnet18.a1_in1k": "70", "resnet18.new_tag": "70", "brandnew_net.x": "70", "vgg16.tv_in1k": "n/a",
        "resnet50.a1_in1k": "120", "torchvision/resnet18.a1_in1k": "70", "resnet50": "80", "bat_resnext26ts": "78",
    }  # fmt: skip
    lines = [f"{model},{top1},5" for model, top1 in models.items()]
    path.write_text("model,top1,rank_diff\n" + "\n".join(lines) + "\n")
    found = read_timm_results(path)
    assert [(r.trial.model, r.trial.weights) for r in found.records] == [
        ("timm/resnet18", "a1_in1k"),
        ("timm/bat_resnext26ts", "ch_in1k"),  # a name without a tag means the only one
    ]
    assert found.unknown_columns == ("rank_diff",)
    assert found.unknown_models == (
        "resnet18.new_tag", "brandnew_net.x", "torchvision/resnet18.a1_in1k", "resnet50",
    )  # fmt: skip
    assert found.broken_lines == (5, 6)
    stated = published_top1(found.records, "timm/resnet18", "a1_in1k")
    assert stated is not None
    assert stated.source.startswith("timm's results-imagenet.csv of ")  # the table is of other images


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"", "lacks the columns model, top1"),
        (b"model,accuracy\nresnet18.a1_in1k,70\n", "lacks the column top1"),
        (b"\xff\xfe\x00", "no CSV"),
        (b"model,top1\nnothing.known,70\n", "none of its 1 rows is a known model"),
    ],
)
def test_what_is_no_table_of_results_is_one_line(tmp_path: Path, content: bytes, said: str) -> None:
    (tmp_path / "x.csv").write_bytes(content)
    with pytest.raises(InputFileError, match=said):
        read_timm_results(tmp_path / "x.csv")
    with pytest.raises(InputFileError, match="cannot read"):
        read_timm_results(tmp_path / "absent.csv")


def test_published_top1_stands_beside_a_measured_latency(table: Path) -> None:
    records = [timm_cost("resnet18", 20.0, "a1_in1k"), timm_cost("resnet50", 40.0), timm_cost("densenet121", 30.0)]
    (shipped,) = cost_tables(Results(records))
    assert [row[-1] for row in shipped.rows] == ["71.50", "75.57 (ra_in1k)", "80.38 (a1_in1k)"]
    assert "not measured here: ImageNet-1k, stated by timm's results-imagenet.csv of 2026-08-08" in shipped.spare_note
    (beside,) = cost_tables(Results([*records, *read_timm_results(table).records]))
    cells = {row[0]: row[-1] for row in beside.rows}
    assert cells == {
        "timm/resnet18.a1_in1k": "71.51 (at 288 px)",
        "timm/resnet50.random": "81.22 (a1_in1k, at 288 px)",
        "timm/densenet121.random": "75.57 (ra_in1k)",
    }
    assert "not measured here: ImageNet-1k, stated by results-imagenet.csv" in beside.spare_note
    # The library's own statement stands where nothing was imported.
    (own,) = cost_tables(Results([cost("resnet18", 20.0)]))
    assert [row[-1] for row in own.rows] == ["69.76 (IMAGENET1K_V1)"]
    assert "stated by torchvision" in own.spare_note


def test_published_results_are_of_no_machine_and_choose_among_what_was_timed(table: Path) -> None:
    records = [timm_cost("resnet18", 20.0), timm_cost("resnet50", 40.0), timm_cost("densenet121", 30.0)]
    results = Results([*records, *read_timm_results(table).records])
    assert list(results.machines()) == ["m1"]
    assert len(results.on("m1")) == len(results)
    choice = choose(results, "accuracy", task="published")
    assert choice.chosen is not None
    assert (choice.chosen.model, choice.chosen.weights) == ("timm/resnet50", "a1_in1k")
    assert choice.chosen.accuracy is not None
    assert choice.chosen.accuracy.value == pytest.approx(0.8122)
    assert "as published, not measured here" in choice.to_text()
    assert "published by results-imagenet.csv" in choice.to_text()
    assert choice.unranked == ()
    assert choice.python_line.startswith("import zoo; model = zoo.create('timm/resnet50', weights='a1_in1k'")


def test_the_command_counts_what_it_took(table: Path, capsys: pytest.CaptureFixture[str]) -> None:
    table.write_text(f"{HEADER},odd\n{ROWS}unknown.x,1,1,1,1,1,1,1,1,1\n")
    for said in ("3 new records, 0 already there", "0 new records, 3 already there"):
        with pytest.raises(SystemExit) as ended:
            main(["results", "import", "--timm", str(table)])
        assert ended.value.code == 0
        shown = capsys.readouterr().err
        assert said in shown
        assert "unknown columns: 1 (odd)" in shown
        assert "models that are not in the registry: 1 (unknown.x)" in shown
    with Store(f"sqlite:///{os.environ['ZOO_STORE']}") as store:
        store.add(timm_cost("resnet18", 20.0))
    with pytest.raises(SystemExit):
        main(["show", "timm/resnet18"])
    assert "top-1 71.51 % on ImageNet-1k at 288 px, stated by results-imagenet.csv" in capsys.readouterr().out
    with pytest.raises(SystemExit) as ended:
        main(["choose", "--task", "published", "--format", "json"])
    assert ended.value.code == 0
    assert json.loads(capsys.readouterr().out)["chosen"]["weights"] == "a1_in1k"
    with pytest.raises(SystemExit) as ended:
        main(["results", "import"])
    assert ended.value.code == 2
    assert "--timm" in capsys.readouterr().err


def test_a_name_that_a_browser_gave_and_one_that_says_nothing(tmp_path: Path) -> None:
    for name in ("results-imagenet (1).csv", "results-imagenet(2).csv"):
        (tmp_path / name).write_text(f"{HEADER}\n{ROWS}")
        assert read_timm_results(tmp_path / name).dataset == "imagenet"
    (tmp_path / "mine.csv").write_text(f"{HEADER}\n{ROWS}")
    with pytest.raises(InputFileError, match="say dataset=imagenet"):
        read_timm_results(tmp_path / "mine.csv")
    assert read_timm_results(tmp_path / "mine.csv", "imagenet").dataset == "imagenet"


def test_one_tag_at_two_sizes_is_two_results_and_the_fitting_one_is_told(tmp_path: Path) -> None:
    path = tmp_path / "results-imagenet.csv"
    path.write_text(
        f"{HEADER}\ntest_resnet.r160_in1k,160,39.5,60.5,60,40,0.47,0.95,bicubic\n"
        "test_resnet.r160_in1k,208,41.5,58.5,62,38,0.47,1.0,bicubic\n"
    )
    records = read_timm_results(path).records
    assert len({record.trial.key for record in records}) == 2
    told = {size: published_top1(records, "timm/test_resnet", "r160_in1k", size) for size in (160, 208, None)}
    values = {size: found.top1 for size, found in told.items() if found}
    assert values == {160: pytest.approx(0.395), 208: pytest.approx(0.415), None: pytest.approx(0.395)}
    # What was evaluated at a size stands beside the figure at that size.
    settings = {"images": 10, "data": "mine", "input_size": [3, 208, 208], "preprocessing_from": "weights"}
    trial = Trial("timm/test_resnet", "r160_in1k", EvaluateSettings.from_dict(settings))
    (row,) = evaluation_table(Results([replace(timm_cost("test_resnet", 1.0), trial=trial), *records])).rows
    assert row[4] == "41.50"
    # A record made before sizes were told apart has none in its settings, and is found all the same.
    old = replace(records[1].trial, settings=PublishedSettings("imagenet", "timm"))
    found = published_top1([replace(records[1], trial=old)], "timm/test_resnet", "r160_in1k", 160)
    assert found is not None
    assert (found.top1, found.source, found.side) == (pytest.approx(0.415), "results-imagenet.csv", 208)


def test_a_table_of_other_images_is_said_to_be_shown_nowhere(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "mine.csv"
    path.write_text(f"{HEADER}\n{ROWS}")
    for words, code, said in (
        (["--timm", str(path)], 2, "say --dataset imagenet"),
        (["--timm", str(path), "--dataset", "sketches"], 0, "kept as results on 'sketches'; tables show those on"),
        (["--timm", str(path), "--dataset", "imagenet"], 0, "3 new records"),
        (["--dataset", "imagenet", "x.jsonl"], 2, "tables of --timm"),
    ):
        with pytest.raises(SystemExit) as ended:
            main(["results", "import", *words])
        assert ended.value.code == code
        assert said in capsys.readouterr().err


def test_a_field_beyond_csvs_limit_is_one_line(tmp_path: Path) -> None:
    path = tmp_path / "results-imagenet.csv"
    path.write_text(f"{HEADER}\n{'x' * 200_000},288,70,30,90,10,1,1,bicubic\n")
    with pytest.raises(InputFileError, match=r"line 2: no CSV"):
        read_timm_results(path)


def test_an_older_table_that_is_imported_later_does_not_supersede(tmp_path: Path) -> None:
    """A table bears no date; its file does."""
    tables = {}
    for name, top1, changed in (("newer", 71.5, 1.7e9), ("older", 60.0, 1.5e9)):
        (tmp_path / name).mkdir()
        tables[name] = tmp_path / name / "results-imagenet.csv"
        tables[name].write_text(f"model,img_size,top1,top5\nresnet18.a1_in1k,224,{top1},90.0\n")
        os.utime(tables[name], (changed, changed))
    for order in (("newer", "older"), ("older", "newer")):
        with Store(f"sqlite:///{tmp_path / order[0]}.sqlite") as store:
            for name in order:
                store.add_all(read_timm_results(tables[name]).records)
            [stands] = store.records()
            assert stands.outcome.metrics["top1"].value == 0.715
            assert store.count() == 2
