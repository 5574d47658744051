"""Bad input is one line on stderr and exit code 2, with nothing lost; `--debug` shows where it came from."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from tests.results.planted import a_suite, cost
from zoo.cli.main import main
from zoo.errors import ZooError
from zoo.results.jsonl import write_jsonl
from zoo.runs.execute import RunOutcome
from zoo.store.store import Store

WORDS = [
    (["show", "resnet19"], "unknown model 'resnet19': did you mean resnet18"),
    (["show", "timm/resnet19"], "unknown model 'timm/resnet19'"),
    (["show", "resnet18.V9"], "unknown weights tag"),
    (["run", "quikc"], "unknown suite 'quikc': did you mean quick"),
    (["transfer", "resnet18", "--task", "digit"], "unknown task 'digit': did you mean digits"),
    (["transfer", "resnet18", "--shots", "0"], "--shots must be whole numbers of at least 1"),
    (["transfer", "resnet18", "--shots", "-5"], "--shots must be whole numbers of at least 1"),
    (["transfer", "resnet18", "--seeds", "-1"], "seeds must be a whole number of at least 1"),
    (["transfer", "resnet18", "--seeds", "0"], "seeds must be a whole number of at least 1"),
    (["transfer", "resnet18", "--strategy", "ful"], "unknown strategy 'ful': did you mean full"),
    (
        ["transfer", "resnet18", "--budget", "soon"],
        "--budget must be a time above 0, such as 90s or 10m, or auto or none, not 'soon'",
    ),
    (["transfer", "resnet18", "--steps", "0"], "steps is a whole number from 1, not 0"),
    (["transfer", "resnet18", "--probe", "svm"], "unknown probe 'svm'"),
    (["transfer", "resnet18", "--corrupt", "ignore"], "unknown policy for corrupt images 'ignore'"),
    (["transfer", "resnet18", "--shots", "5000"], "5000"),
    (["transfer", "alexnet", "--input-size", "32", "--strategy", "scratch"], "at least 63"),
    (["transfer", "resnet18", "--seeds", "100000000"], "seeds must be at most 1000"),
    (["transfer", "resnet18", "--weights", "nosuch"], "unknown weights tag 'torchvision/resnet18.nosuch'"),
    (["transfer", "resnet18", "--weights", "IMAGENET1K_V1"], "zoo fetch torchvision/resnet18.IMAGENET1K_V1"),
    (["transfer", "resnet18", "--strategy", ""], "error: --strategy: name at least one"),
    (["transfer", "resnet18", "--task", ""], "error: --task: name at least one"),
    (["transfer", "resnet18", "--shots", ""], "shots: name at least one"),
    (["bench", "resnet18", "--metric", ""], "error: --metric: name at least one"),
    (["bench", "resnet18", "--threads", ""], "threads: name at least one"),
    (["bench", "resnet18", "--precision", ""], "error: --precision: name at least one"),
    (["bench", "resnet18", "--memory-format", ","], "error: --memory-format: name at least one"),
    (["bench", "resnet18", "--batch", ""], "error: --batch: name at least one"),
    (["bench", "resnet18", "--batch", "0"], "--batch must be whole numbers of at least 1, or 'curve'; not '0'"),
    (["bench", "resnet18", "--batch", "curve"], "--batch: 'curve' is of throughput, which is not among the metrics"),
    (["bench", "resnet19"], "error: unknown model 'resnet19'"),
    (["bench", "resnet18", "--device", "gpu"], "error: --device: unknown device 'gpu'"),
    (["bench", "resnet18", "--metric", "latencies"], "unknown metric 'latencies': did you mean latency"),
    (["bench", "resnet18", "--device", "gpu"], "unknown device 'gpu'"),
    (["bench", "resnet18", "--device", "cuda:63"], "device 'cuda:63': the driver shows"),
    (["transfer", "resnet18", "--device", "cuda:63"], "device 'cuda:63': the driver shows"),
    (["evaluate", "resnet18", "--data", ".", "--device", "cuda:63"], "device 'cuda:63': the driver shows"),
    (["bench", "resnet18", "--device", "cpu", "--precision", "tf32"], "precision 'tf32' is a GPU's"),
    (["bench", "resnet18", "--precision", "fp31"], "unknown precision 'fp31'"),
    (
        ["bench", "resnet18", "--precision", "fp32,int8"],
        "error: --precision: 'int8' is not run by engine eager: give engine onnxruntime or openvino",
    ),
    (
        ["bench", "resnet18", "--metric", "training", "--precision", "int8", "--engine", "openvino"],
        "metric 'training' takes gradients, which int8 has not",
    ),
    (["tune", "resnet18", "--precision", "fp32,int8", "--engine", "eager"], "'int8' is not run by engine eager"),
    (["tune", "resnet18", "--min-agreement", "1.5"], "--min-agreement must be at most 1, not 1.5"),
    (["bench", "resnet18", "--batch", "0", "--metric", "throughput"], "--batch must be"),
    (["bench", "resnet18", "--budget", "-3"], "--budget must be a time above 0"),
    (["bench", "resnet18", "--input-size", "-32"], "error: --input-size must be"),
    (["bench", "alexnet", "--input-size", "16"], "at least 63"),
    (["bench", "resnet18", "--weights", "IMAGENET1K_V1"], "not at hand"),
    (["run", "--budget", "0"], "--budget must be a time above 0"),
    (["run", "smoke", "--store", ""], "--store is empty"),
    (["run", "smoke", "--store", "sqlite://"], "a store in memory is gone when the command ends"),
    (["choose", "--max-latency-ms", "x"], "--max-latency-ms must be a number above 0, such as 20, not 'x'"),
    (["compare", "a", "b", "--from", "x.jsonl"], "--from and --machine choose among the records of --models"),
    (["compare", "a", "b", "--machine", "m1"], "--from and --machine choose among the records of --models"),
    (["compare", "resnet18", "vgg16", "--models", "--absolute"], "--absolute is of two runs"),
    (["compare", "form=trained", "form=deployed", "--settings", "--absolute"], "--absolute is of two runs"),
    (["compare", "form=trained", "form=deployed", "--settings", "--models"], "--models or --settings"),
    (["compare", "form=trained", "deployed", "--settings"], "B: 'deployed' is not NAME=VALUE"),
    (["pretrain", "resnet18", "--seed", "99999999999999999999"], "--seed"),
    (["choose", "--margin", "-1"], "--margin must be a number of at least 0, such as 1, not '-1'"),
    (
        ["choose", "--margin-latency", "five"],
        "--margin-latency must be a number of at least 0, such as 5%, not 'five'",
    ),
    (["choose", "--max-latency-ms", "-5"], "--max-latency-ms must be a number above 0"),
    (["choose", "--max-latency-ms", "0"], "--max-latency-ms must be a number above 0"),
    (["choose", "--min-accuracy", "80"], "min-accuracy is a fraction"),
    (["list", "--sort", "size"], "unknown sort key 'size'"),
    (["list", "--source", "tim"], "unknown source 'tim'"),
    (["list", "--max-params", "-1"], "--max-params must be a number above 0"),
    (["list", "--format", "html"], "unknown format 'html'"),
    (["pretrain", "resnet18", "--task", "leters"], "unknown task 'leters'"),
    (["results", "import", "no-such.jsonl"], "no-such.jsonl: cannot read"),
    (["results", "import", "/"], "/: a folder; name a file in it"),
    (["compare", "no-such-run", "other"], "no run of that id, and no such file"),
    (["report", "quick"], "no store there yet"),
    (["choose"], "no store there yet"),
    (["runn"], "runn"),
    (["run", "no-such.toml"], "no-such.toml: cannot read this suite: No such file or directory"),
]


def refused(words: list[str], capsys: pytest.CaptureFixture[str]) -> str:
    """The one line, after checking that it is one and that the code is 2."""
    with pytest.raises(SystemExit) as caught:
        main(words)
    lines = capsys.readouterr().err.strip().splitlines()
    assert caught.value.code == 2
    assert len(lines) == 1, lines
    assert lines[0].startswith("zoo: error: ")
    return lines[0]


@pytest.mark.parametrize(("words", "expected"), WORDS, ids=[" ".join(words) for words, _ in WORDS])
def test_words_that_nothing_answers_to(words: list[str], expected: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert expected in refused(words, capsys)


def test_an_unknown_model_comes_with_the_nearest_three(capsys: pytest.CaptureFixture[str]) -> None:
    line = refused(["show", "mobilenet_v22"], capsys)
    near = line.partition("did you mean ")[2].partition("?")[0]
    assert len(near.replace(" or ", ", ").split(", ")) == 3
    assert "mobilenet_v2" in near


HEAD = '[suite]\nname = "x"\nmodels = ["resnet18"]\n'
TOML = [
    (b"", "this suite is empty"),
    (b"[suite\n", "not valid TOML"),
    (b"\xff\xfe", "not valid TOML"),
    (b"[suite]\nname = 'x'\nmodels = []\n[cost]\n", "suite.models must be a list with at least one entry"),
    (b"[suite]\nname = 'x'\nmodels = ['resnet19']\n[cost]\n", "unknown model 'resnet19'"),
    (b"[suite]\nname = '../../x'\nmodels = ['resnet18']\n[cost]\n", "suite.name must be a name without /"),
    (b"[suite]\nname = '..'\nmodels = ['resnet18']\n[cost]\n", "suite.name must be a name without /"),
    (HEAD.encode(), "nothing to measure"),
    (f"{HEAD}[cost]\nbatchs = [1]\n".encode(), "unknown key 'cost.batchs': did you mean cost.batches"),
    (f"{HEAD}[cost]\nbatches = [0]\n".encode(), "cost.batches must be a whole number of at least 1"),
    (f"{HEAD}[cost]\nmetrics = ['memory']\nbatches = 'curve'\n".encode(), "cost.batches: 'curve' is of throughput"),
    (f"{HEAD}[cost]\ncohort_budget_s = -1\n".encode(), "cost.cohort_budget_s must be a number above 0"),
    (f"{HEAD}[cost]\ntimeout_s = 0\n".encode(), "cost.timeout_s must be a number above 0"),
    (f"{HEAD}[cost]\nmetrics = ['speed']\n".encode(), "unknown metric 'speed'"),
    (f"{HEAD}[cost]\ndevices = ['tpu']\n".encode(), "unknown device 'tpu'"),
    (f"{HEAD}[cost]\nprecisions = ['fp8']\n".encode(), "unknown precision 'fp8'"),
    (f"{HEAD}[transfer]\nshots = [0]\n".encode(), "transfer.shots must be a whole number of at least 1"),
    (f"{HEAD}[transfer]\nseeds = 0\n".encode(), "transfer.seeds must be a whole number of at least 1"),
    (f"{HEAD}[transfer]\nseeds = 100000000\n".encode(), "transfer.seeds must be at most 1000"),
    (f"{HEAD}[transfer]\nstrategies = ['ful']\n".encode(), "unknown strategy 'ful'"),
    (f"{HEAD}[transfer]\ntasks = ['digit']\n".encode(), "unknown task 'digit'"),
    (f"{HEAD}[transfer.recipe]\nsteps = 0\n".encode(), "recipe: steps is a whole number from 1"),
    (f"{HEAD}[transfer.recipe]\nstep = 3\n".encode(), "unknown key 'transfer.recipe.step'"),
]


@pytest.mark.parametrize(("content", "expected"), TOML, ids=[expected for _, expected in TOML])
def test_suite_files(tmp_path: Path, content: bytes, expected: str, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "mine.toml"
    path.write_bytes(content)
    line = refused(["run", str(path)], capsys)
    assert expected in line
    assert str(path) in line


def test_stores(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    broken = tmp_path / "broken.sqlite"
    broken.write_bytes(b"this is no database, and long enough to be looked at" * 20)
    for words in (["run", "smoke"], ["choose"], ["report", "smoke"], ["results", "list"]):
        assert "not a record store" in refused([*words, "--store", str(broken)], capsys)
    folder = tmp_path / "folder.sqlite"
    folder.mkdir()
    assert "cannot be opened" in refused(["run", "smoke", "--store", str(folder)], capsys)


def test_nothing_is_lost_when_an_import_is_broken(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    good, bad = tmp_path / "good.jsonl", tmp_path / "bad.jsonl"
    write_jsonl(a_suite(), good)
    bad.write_text(good.read_text()[:-40])
    with Store(f"sqlite:///{os.environ['ZOO_STORE']}") as store:
        store.add(cost("vgg16", 99.0))
    line = refused(["results", "import", str(good), str(bad)], capsys)
    assert f"{bad}, line {len(a_suite())}: not JSON" in line
    with Store(f"sqlite:///{os.environ['ZOO_STORE']}") as store:
        assert store.count() == 1  # neither file was taken in by halves


def folder_of(base: Path, counts: dict[str, int]) -> Path:
    generator = np.random.default_rng(0)
    for name, count in counts.items():
        (base / name).mkdir(parents=True)
        for index in range(count):
            pixels = generator.integers(0, 256, (40, 40, 3), dtype=np.uint8)
            Image.fromarray(pixels).save(base / name / f"{index}.png")
    return base


def test_image_folders(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    def line(folder: Path, *more: str) -> str:
        words = ["transfer", "resnet18", "--strategy", "pixels", "--seeds", "1", "--shots", "2"]
        return refused([*words, "--task", str(folder), *more], capsys)

    (tmp_path / "none").mkdir()
    assert "no class folders" in line(tmp_path / "none")
    assert "only one class, 'cat'" in line(folder_of(tmp_path / "one", {"cat": 4}))
    assert "no images" in line(folder_of(tmp_path / "empty", {"cat": 4, "dog": 0}))
    few = folder_of(tmp_path / "few", {"cat": 8, "dog": 4})
    assert "'dog'" in line(few, "--shots", "5")
    corrupt = folder_of(tmp_path / "corrupt", {"cat": 8, "dog": 8})
    (corrupt / "dog" / "broken.png").write_bytes(b"\x89PNG but no more")
    (corrupt / "cat" / "text.jpg").write_text("no image")
    refusal = line(corrupt)
    assert "2 corrupt images" in refusal
    assert "dog/broken.png" in refusal
    assert "--corrupt skip" in refusal


def test_corrupt_images_that_are_skipped_are_named_and_flagged(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)  # where the report is written
    folder = folder_of(tmp_path / "with, comma", {"cat": 8, "dog": 8})
    (folder / "dog" / "broken.png").write_bytes(b"\x89PNG but no more")
    words = ["transfer", "resnet18", "--strategy", "pixels", "--seeds", "1", "--shots", "2", "--task", str(folder)]
    with pytest.raises(SystemExit) as caught:
        main([*words, "--corrupt", "skip"])
    shown = capsys.readouterr()
    assert caught.value.code == 0
    assert f"{folder.name}: 1 corrupt image left out: dog/broken.png" in shown.err
    assert "report: reports/transfer/README.md" in shown.err
    assert "1 corrupt image left out" in (tmp_path / "reports/transfer/README.md").read_text(encoding="utf-8")
    few = "2 of 2 classes have under 5 test images ('cat': 2, 'dog': 2)"
    assert shown.err.splitlines().count(f"{folder.name}: {few}") == 1
    with Store(f"sqlite:///{os.environ['ZOO_STORE']}") as store:
        [record] = store.records()
    assert record.outcome.flags == ("1 corrupt image left out",)
    assert record.outcome.notes["skipped_files"] == ["dog/broken.png"]
    assert (record.outcome.notes["majority"], record.outcome.notes["task_health"]) == (0.5, [few])


def test_weights_of_a_suite_that_are_not_there_are_refused_before_anything_is_trained(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "mine.toml"
    path.write_text(f'{HEAD}[transfer]\nweights = "nosuch"\n')
    assert "unknown weights tag 'torchvision/resnet18.nosuch'" in refused(["run", str(path)], capsys)
    with Store(f"sqlite:///{os.environ['ZOO_STORE']}") as store:
        assert store.count() == 0


CHOICES = [
    (["--strategy", "bogus"], "unknown strategy 'bogus': to choose by: classifier, "),
    (["--strategy", "pixels"], "unknown strategy 'pixels'"),
    (["--shots", ""], "--shots must be whole numbers of at least 1, or 'all'; not ''"),
    (["--shots", "10,50"], "--shots must be whole numbers"),
    (["--threads", "0"], "--threads must be a whole number of at least 1, not 0"),
    (["--task", "published", "--shots", "10"], "published accuracies have no shots and no strategy"),
    (["--task", "published", "--strategy", "full"], "published accuracies have no shots and no strategy"),
]


@pytest.mark.parametrize(("words", "expected"), CHOICES, ids=[" ".join(words) for words, _ in CHOICES])
def test_a_choice_by_what_nobody_measures(
    words: list[str], expected: str, capsys: pytest.CaptureFixture[str]
) -> None:
    with Store(f"sqlite:///{os.environ['ZOO_STORE']}") as store:
        store.add_all(a_suite())
    assert expected in refused(["choose", *words], capsys)


@pytest.mark.parametrize("words", [[], ["results"]])
def test_a_command_without_words_shows_its_help_as_it_is_laid_out(
    words: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit) as caught:
        main(words)
    lines = capsys.readouterr().err.splitlines()
    assert caught.value.code == 2
    assert lines[0].startswith(f"Usage: {' '.join(['zoo', *words])}")
    assert len(lines) > 8


@pytest.mark.parametrize(("line", "code"), [("list | head -1 >/dev/null; exit ${PIPESTATUS[0]}", 0), ("list >&-", 0)])
def test_a_reader_that_has_had_enough_is_no_error(line: str, code: int) -> None:
    done = subprocess.run(
        ["bash", "-c", f'"{sys.executable}" -m zoo.cli.main {line}'], capture_output=True, text=True, check=False
    )
    assert (done.returncode, done.stderr) == (code, "")


def test_a_cut_run_names_the_command_that_goes_on(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(
        "zoo.commands.run.run_suite", lambda *_, **__: RunOutcome("r", (), 0, 0, 0, remaining=3, interrupted=True)
    )
    store = str(tmp_path / "my store.sqlite")
    with pytest.raises(SystemExit) as caught:
        main(["run", "smoke", "--store", store, "--report", "there"])
    assert caught.value.code == 130
    assert f"`zoo run smoke --store '{store}' --report there` goes on" in capsys.readouterr().err


def test_a_full_disk_is_one_line(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    def full(*_: object, **__: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("zoo.commands.run.run_suite", full)
    assert "the disk is full; what was measured so far is kept" in refused(["run", "smoke"], capsys)


def test_debug_shows_the_traceback(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(ZooError, match="unknown model"):
        main(["--debug", "show", "resnet19"])
    with pytest.raises(ZooError, match="unknown model"):
        main(["show", "resnet19", "--debug"])


def test_an_unexpected_error_is_a_line_too(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def broken(*_: object, **__: object) -> None:
        raise RuntimeError("planted\nwith a second line")

    monkeypatch.setattr("zoo.commands.run.load_suite", broken)
    assert "RuntimeError: planted (--debug shows the traceback)" in refused(["run", "smoke"], capsys)
