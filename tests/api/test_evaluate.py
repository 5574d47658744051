"""Evaluation on a made set whose right answer is known: colours, classified by a network that sums channels."""

from __future__ import annotations

import csv
import io
import json
import os
from collections.abc import Iterable, Iterator, Sequence
from contextlib import nullcontext
from pathlib import Path
from typing import Any

import pytest
import torch
from PIL import Image
from torch import nn

import zoo
from tests.runs.planted import InThisProcess
from zoo.api.evaluate import evaluate
from zoo.cli.main import main
from zoo.errors import ZooError, ZooWarning
from zoo.executors.events import Message
from zoo.formats import render
from zoo.loading.adding import add_checkpoint
from zoo.outcome import Outcome, Status
from zoo.report.sections.evaluations import evaluation_table
from zoo.results.frame import iso_text
from zoo.results.record import Record
from zoo.results.view import Results
from zoo.sources import user
from zoo.sources.spec import Preprocessing
from zoo.statistics.intervals import wilson_interval
from zoo.store.store import Store

COLOURS = {"red": (255, 0, 0), "green": (0, 255, 0), "blue": (0, 0, 255)}
NAME = "mine/colours"


class SumsChannels(nn.Module):
    """Logit of class c: the mean of channel c; further classes get less and less."""

    def __init__(self, num_classes: int) -> None:
        super().__init__()
        self.fc = nn.Linear(3, num_classes)

    def forward(self, images: torch.Tensor) -> torch.Tensor:
        out: torch.Tensor = self.fc(images.mean(dim=(2, 3)))
        return out


TROUBLED = """
import os, signal, time
import torch
import zoo
from torch import nn


class Net(nn.Module):
    def __init__(self, trouble):
        super().__init__()
        self.trouble = trouble
        self.fc = nn.Linear(3, 3)

    def forward(self, images):
        if len(images) > 1:
            self.trouble()
        return self.fc(images.mean(dim=(2, 3)))


for name, trouble in {
    "good": lambda: None,
    "hangs": lambda: time.sleep(600),
    "dies": lambda: os.kill(os.getpid(), signal.SIGKILL),
    "fills": lambda: torch.ones(1 << 44),
    "good2": lambda: None,
}.items():
    zoo.register(f"mine/{name}", input_size=(3, 16, 16))(lambda num_classes, trouble=trouble: Net(trouble))
"""
"""Models that a process of its own has to bound."""


@pytest.fixture
def colours(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A model that is right about colours, as a checkpoint with its preprocessing beside it.

    It is evaluated in this process, which alone knows it.
    """
    monkeypatch.setattr("zoo.executors.process.Child", InThisProcess)

    @zoo.register(NAME, input_size=(3, 16, 16))
    def make(num_classes: int = 1000) -> nn.Module:
        return SumsChannels(num_classes)

    model = SumsChannels(8)
    with torch.no_grad():
        model.fc.weight.zero_()
        model.fc.weight[:3] = torch.eye(3)
        model.fc.bias.copy_(-torch.arange(8.0) / 100)
    path = tmp_path / "colours.pth"
    torch.save(model.state_dict(), path)
    stated = {"input_size": 16, "resize": 16, "mean": [0.0] * 3, "std": [1.0] * 3}
    path.with_suffix(".json").write_text(json.dumps(stated))
    yield path
    user._REGISTERED.pop(NAME)


def pictures(root: Path, wrong: int = 0) -> Path:
    """Ten pictures of each colour in folders by index, the first ``wrong`` of class 0 painted blue."""
    for index, colour in enumerate(COLOURS.values()):
        (root / str(index)).mkdir(parents=True)
        for number in range(10):
            paint = COLOURS["blue"] if index == 0 and number < wrong else colour
            Image.new("RGB", (20 + number, 24), paint).save(root / str(index) / f"{number}.png")
    return root


def test_the_right_answer_is_found(tmp_path: Path, colours: Path) -> None:
    (record,) = evaluate([NAME], pictures(tmp_path / "data", wrong=4), weights=colours, device="cpu", batch=7).records
    top1, top5 = (record.outcome.metrics[name] for name in ("top1", "top5"))
    assert top1.value == pytest.approx(26 / 30)
    assert (top1.low, top1.high) == wilson_interval(26, 30)
    assert top1.n == 30
    # A class after the other, within one in the order of contents.
    assert sorted(record.outcome.samples["top1"][:10]) == [0.0] * 4 + [1.0] * 6
    assert record.outcome.samples["top1"][10:] == [1.0] * 20
    assert top5.value == 1.0  # of eight classes, the colour's own is among the first five
    trial = record.trial
    assert (trial.kind, trial.model, trial.weights) == ("evaluate", NAME, "colours.pth")
    assert trial.evaluate.preprocessing_from == "checkpoint"
    assert trial.evaluate.input_size == (3, 16, 16)
    with Store(f"sqlite:///{os.environ['ZOO_STORE']}") as store:
        assert store.find(trial.key, record.machine) is not None


def test_grey_of_sixteen_bits_is_not_white_and_a_hidden_colour_counts(tmp_path: Path, colours: Path) -> None:
    import numpy as np

    means: list[list[float]] = []
    forward = SumsChannels.forward

    def seen(self: SumsChannels, images: torch.Tensor) -> torch.Tensor:
        means.extend((images.mean(dim=(2, 3)) * 255).round().tolist())
        return forward(self, images)

    for index in range(2):
        (tmp_path / str(index)).mkdir()
    Image.fromarray(np.full((16, 16), 100 * 257, np.uint16)).save(tmp_path / "0" / "grey.png")
    Image.new("RGBA", (16, 16), (0, 0, 255, 0)).save(tmp_path / "1" / "hidden.png")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(SumsChannels, "forward", seen)
        evaluate([NAME], tmp_path, weights=colours, device="cpu")
    assert means[-2:] == [[100.0] * 3, [0.0, 0.0, 255.0]]


def shades(root: Path, names: Sequence[str]) -> Path:
    """Four images of a grey of its own for each class."""
    for place, name in enumerate(names):
        (root / name).mkdir(parents=True)
        for number in range(4):
            Image.new("RGB", (16, 16), (20 * place + number,) * 3).save(root / name / f"{number}.png")
    return root


def train_on(dataset: Iterable[tuple[Image.Image, int]], path: Path) -> None:
    """Fit the nearest mean grey of each class to a data set of torchvision's, and save it as a checkpoint."""
    greys: dict[int, list[float]] = {}
    for image, label in dataset:
        greys.setdefault(label, []).append(image.getpixel((0, 0))[0] / 255)
    means = torch.tensor([sum(greys[label]) / len(greys[label]) for label in range(len(greys))])
    model = SumsChannels(len(greys))
    with torch.no_grad():
        model.fc.weight.copy_(2 * means[:, None] / 3)
        model.fc.bias.copy_(-(means**2))
    torch.save(model.state_dict(), path)


@pytest.mark.parametrize(
    ("names", "two"),
    [
        ([str(number) for number in range(12)], True),
        ([str(number) for number in range(1, 13)], True),
        (["tulip", "rose", "daisy", "aster"], False),
        ([f"class {number}" for number in range(12)], True),
    ],
)
def test_a_network_that_torchvision_trained_has_its_accuracy(
    tmp_path: Path, colours: Path, names: list[str], two: bool
) -> None:
    from torchvision.datasets import ImageFolder

    data = shades(tmp_path / "data", names)
    train_on(ImageFolder(str(data)), colours)
    with pytest.warns(ZooWarning, match="order of torchvision's ImageFolder") if two else nullcontext():
        (record,) = evaluate([NAME], data, weights=colours, device="cpu").records
    assert record.outcome.metrics["top1"].value == 1.0
    assert ("class_order" in record.outcome.notes) == two
    # In another order it is another trial, of another accuracy.
    (other,) = evaluate([NAME], data, weights=colours, classes=names[1:] + names[:1], device="cpu").records
    assert other.outcome.metrics["top1"].value < 1.0
    assert other.trial.key != record.trial.key


@pytest.mark.parametrize("by", ["config.json", "file", "mapping"])
def test_classes_in_an_order_of_their_own_are_found_by_their_names(tmp_path: Path, colours: Path, by: str) -> None:
    from torchvision.datasets import ImageFolder

    names = ["tulip", "rose", "daisy", "aster"]
    data = shades(tmp_path / "data", names)
    dataset = ImageFolder(str(data))
    train_on(((image, names.index(dataset.classes[label])) for image, label in dataset), colours)
    given: Any = None
    if by == "config.json":
        stated = json.loads(colours.with_suffix(".json").read_text())
        colours.with_suffix(".json").unlink()
        config = {"architecture": "colours", "label_names": names, "pretrained_cfg": stated}
        (colours.parent / "config.json").write_text(json.dumps(config))
    elif by == "file":
        given = tmp_path / "classes.txt"
        given.write_text("\n".join(names))
    else:
        given = {name: index for index, name in enumerate(names)}
    (record,) = evaluate([NAME], data, weights=colours, classes=given, device="cpu").records
    assert record.outcome.metrics["top1"].value == 1.0
    assert record.outcome.notes["layout"] == "class names"
    given_by = {"file": "classes.txt", "mapping": "classes", "config.json": None}[by]
    assert table_of(record)["images"] == "16 of data" + (f", {given_by}" if given_by else "")
    row = rows_of(record)[0]
    assert (row["setting.images"], row["setting.data"], row.get("classes_from")) == (16, "data", given_by)


def test_folders_that_are_not_the_heads_classes_are_one_line(
    tmp_path: Path, colours: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    words = ["evaluate", NAME, "--weights", str(colours), "--data", str(shades(tmp_path / "data", list("abcdefghi")))]
    (tmp_path / "classes.txt").write_text("a\nb\n")
    for more, said in (
        ([], "9 class folders, and the model's head has 8 classes"),
        (["--classes", str(tmp_path / "classes.txt")], "classes.txt: names 2 classes, and the model's head has 8"),
        (["--classes", str(tmp_path / "none")], "none: cannot read: No such file"),
    ):
        with pytest.raises(SystemExit) as ended:
            main([*words, *more])
        assert ended.value.code == 2
        assert said in capsys.readouterr().err.strip().splitlines()[-1]


def test_images_of_mostly_one_class_are_said_before_and_noted(tmp_path: Path, colours: Path) -> None:
    data = pictures(tmp_path / "data")
    for gone in [*(data / "1").glob("[2-9].png"), *(data / "2").iterdir()]:
        gone.unlink()
    said: list[Any] = []
    (record,) = evaluate([NAME], data, weights=colours, device="cpu", on_event=said.append).records
    lines = ["10 of 12 test images are of class '0': always to say so has accuracy 0.833"]
    lines.append("1 of 2 classes has under 5 test images ('1': 2)")
    assert record.outcome.notes["majority"] == 10 / 12
    assert record.outcome.notes["task_health"] == lines
    assert [event.text for event in said if isinstance(event, Message)][:2] == [f"data: {line}" for line in lines]


def test_other_weights_or_other_images_are_another_trial(tmp_path: Path, colours: Path) -> None:
    data = pictures(tmp_path / "data")

    def key() -> str:
        return evaluate([NAME], data, weights=colours, device="cpu").records[0].trial.key

    first = key()
    assert key() == first
    (data / "0" / "0.png").unlink()
    second = key()
    state = torch.load(colours, weights_only=True)
    state["fc.bias"] += 1
    torch.save(state, colours)
    assert len({first, second, key()}) == 3


def test_a_model_that_gives_nan_is_a_row_with_its_reason(tmp_path: Path, colours: Path) -> None:
    state = torch.load(colours, weights_only=True)
    state["fc.bias"][0] = float("nan")
    torch.save(state, colours)
    results = zoo.evaluate([NAME], pictures(tmp_path / "data"), weights=colours, device="cpu")
    (record,) = results.records
    assert record.outcome.status == Status.FAILED
    assert "NaN" in record.outcome.reason
    assert "failed" in render(evaluation_table(Results([record])), "md")


def test_the_weights_of_the_zoo_bring_their_class_names(tmp_path: Path) -> None:
    from zoo.weights.save import save_zoo_weights

    with torch.random.fork_rng():
        model = zoo.create("squeezenet1_0", weights=None, num_classes=3)
    info = {"classes": list(COLOURS), "input_size": 48, "mean": [0.5] * 3, "std": [0.2] * 3}
    save_zoo_weights("torchvision/squeezenet1_0", "mine", model.state_dict(), info)
    for name, paint in COLOURS.items():
        (tmp_path / "data" / name).mkdir(parents=True)
        Image.new("RGB", (64, 64), paint).save(tmp_path / "data" / name / "1.png")
    (record,) = evaluate(["squeezenet1_0.mine"], tmp_path / "data", device="cpu").records
    assert record.outcome.notes["layout"] == "class names"
    assert "top5" not in record.outcome.metrics  # five of three classes say nothing


@pytest.mark.parametrize("tag", ["registered", "added"])
def test_classes_of_own_weights_are_in_the_order_of_their_folders(tag: str, tmp_path: Path, colours: Path) -> None:
    if tag == "registered":
        made = user._REGISTERED.pop(NAME).constructor
        pre = Preprocessing(16, 16, mean=(0.0,) * 3, std=(1.0,) * 3)
        zoo.register(NAME, input_size=(3, 16, 16), preprocessing=pre, weights=colours)(made)
    else:
        add_checkpoint(colours, f"{NAME}.{tag}")
    data = pictures(tmp_path / "data", wrong=5)
    (by_file,) = evaluate([NAME], data, weights=colours, device="cpu").records
    (by_tag,) = evaluate([f"{NAME}.{tag}"], data, device="cpu").records
    assert by_tag.trial.weights == tag
    assert by_tag.outcome.samples == by_file.outcome.samples
    assert by_tag.outcome.notes["layout"] == by_file.outcome.notes["layout"]
    assert by_tag.trial.evaluate.preprocessing == by_file.trial.evaluate.preprocessing


def table_of(record: Record) -> dict[str, str]:
    """The row that people read of a record, by the headers."""
    table = evaluation_table(Results([record]))
    return dict(zip(table.headers, table.rows[0], strict=True))


def rows_of(record: Record) -> list[dict[str, Any]]:
    """The rows that programs read of a record."""
    rows: list[dict[str, Any]] = json.loads(render(evaluation_table(Results([record])), "json"))
    return rows


def test_beside_it_stand_the_published_figure_and_the_difference() -> None:
    from zoo.evaluation.settings import EvaluateSettings
    from zoo.results.trial import Trial
    from zoo.statistics.measurement import Measurement

    settings = {"data": "val", "images": 1000, "input_size": [3, 224, 224], "preprocessing_from": "tag"}
    trial = Trial("torchvision/resnet18", "IMAGENET1K_V1", EvaluateSettings.from_dict(settings))
    low, high = wilson_interval(680, 1000)
    top1, top5 = Measurement(0.68, "fraction", low, high, 1000), Measurement(0.88, "fraction", 0.85, 0.9, 1000)
    record = Record(trial, Outcome(Status.OK, metrics={"top1": top1, "top5": top5}), "m1", {})
    row = table_of(record)
    assert row["published top-1, % ↑"] == "69.76"
    assert row["difference, points"] == f"-1.8 [{100 * low - 69.758:.1f}, {100 * high - 69.758:.1f}]"
    first, second = rows_of(record)
    assert (first["metric"], first["value"], first["unit"], first["n"]) == ("top1", 0.68, "fraction", 1000)
    assert (first["low"], first["high"]) == (low, high)
    stated = [(one["published"], one["published_by"], one["published_px"]) for one in (first, second)]
    assert stated == [(pytest.approx(0.69758), "torchvision", 224), (None, None, None)]


def test_the_command_prints_the_table_and_bad_input_is_one_line(
    tmp_path: Path, colours: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    data = pictures(tmp_path / "data", wrong=1)
    words = ["evaluate", NAME, "--data", str(data), "--weights", str(colours), "--format", "csv"]
    with pytest.raises(SystemExit) as ended:
        main(words)
    assert ended.value.code == 0
    shown = capsys.readouterr().out
    first, second = csv.DictReader(io.StringIO(shown))
    with Store(f"sqlite:///{os.environ['ZOO_STORE']}") as store:
        [record] = store.records()
    low, high = wilson_interval(29, 30)
    assert (first["model"], first["weights"], first["metric"], first["unit"]) == (
        NAME,
        "colours.pth",
        "top1",
        "fraction",
    )
    assert [float(first[name]) for name in ("value", "low", "high")] == [29 / 30, low, high]
    assert (second["metric"], float(second["value"]), second["n"]) == ("top5", 1.0, "30")
    for row in (first, second):
        assert (row["record"], row["started"]) == (record.id, iso_text(record.outcome.started))
        assert (row["weights_digest"], row["status"]) == (record.trial.weights_digest, "ok")
        assert (row["setting.data"], row["setting.images"], row["setting.input_size"]) == ("data", "30", "3x16x16")
        assert (row["setting.preprocessing.crop"], row["setting.preprocessing_from"]) == ("16", "checkpoint")
    with pytest.raises(SystemExit):
        main([*words[:-1], "json"])
    [again, _] = json.loads(capsys.readouterr().out)
    assert (again["record"], again["value"], again["n"], again["setting.images"]) == (record.id, 29 / 30, 30, 30)
    assert again.keys() == first.keys()
    with pytest.raises(SystemExit):
        main([*words[:-1], "md"])
    people = capsys.readouterr().out
    assert "mine/colours.colours.pth" in people
    assert "96.7 [83.3, 99.4]" in people
    assert "of the checkpoint" in people
    with pytest.raises(SystemExit):
        main(["show", NAME])
    assert "top-1 of colours.pth, evaluation on 30 images of data: 96.7 [83.3, 99.4] %" in capsys.readouterr().out
    for bad, said in (
        (["--batch", "0"], "batch must be a whole number of at least 1"),
        (["--weights", str(tmp_path / "none.pth")], "there is no such file"),
        (["--data", str(tmp_path / "nowhere")], "no such folder"),
        (["--device", "gpu"], "unknown device"),
    ):
        with pytest.raises(SystemExit) as ended:
            main([*words, *bad])
        assert ended.value.code == 2
        line = capsys.readouterr().err.strip().splitlines()[-1]
        assert said in line


def test_no_name_is_one_line(tmp_path: Path) -> None:
    with pytest.raises(ZooError, match="names: name at least one"):
        evaluate([], tmp_path)


def test_what_the_model_raises_is_its_row(
    tmp_path: Path, colours: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def refuse(self: Any, images: torch.Tensor) -> torch.Tensor:
        if len(images) > 1:
            raise ValueError("Input height (288) doesn't match model (224)\nand more")
        return torch.zeros(1, 8)

    monkeypatch.setattr(SumsChannels, "forward", refuse)
    words = ["evaluate", NAME, "--data", str(pictures(tmp_path / "data")), "--weights", str(colours)]
    with pytest.raises(SystemExit) as ended:
        main(words)
    assert ended.value.code == 1
    assert "ValueError: Input height (288) doesn't match model (224)" in capsys.readouterr().err


def test_images_are_read_once_for_all_models_and_missing_weights_are_said_first(
    tmp_path: Path, colours: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    data = pictures(tmp_path / "data")
    reads: list[Path] = []
    unchanged = Path.read_bytes
    monkeypatch.setattr(Path, "read_bytes", lambda self: (reads.append(self), unchanged(self))[1])

    def images_read() -> int:
        return sum(path.suffix == ".png" for path in reads)

    with pytest.raises(ZooError, match=r"names weights, and weights .* were asked for beside"):
        evaluate([NAME, "alexnet.IMAGENET1K_V1"], data, weights=colours, device="cpu")
    with pytest.raises(ZooError, match=r"torchvision/alexnet\.IMAGENET1K_V1 are not at hand"):
        evaluate(["alexnet.IMAGENET1K_V1"], data, device="cpu")
    assert images_read() == 0
    with Store(f"sqlite:///{os.environ['ZOO_STORE']}") as store:
        assert store.records() == []
    twice = evaluate([NAME, NAME], data, weights=colours, device="cpu")
    assert images_read() == 30
    assert len(twice) == 1


def test_what_succeeded_before_is_taken_and_said_so_and_what_failed_is_measured_again(
    tmp_path: Path, colours: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    data = pictures(tmp_path / "data", wrong=1)
    words = ["evaluate", NAME, "--data", str(data), "--weights", str(colours)]

    def shown(*more: str) -> tuple[str, str]:
        with pytest.raises(SystemExit):
            main([*words, *more])
        said = capsys.readouterr()
        return said.out, said.err

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("zoo.runs.jobs.evaluation.evaluate", lambda *_, **__: Outcome(Status.FAILED, "planted"))
        assert "planted" in shown()[1]
    table, said = shown()
    assert "96.7" in table
    assert "before" not in said
    monkeypatch.setattr("zoo.executors.process.Child", None)  # no process is started
    again, said = shown()
    assert again == table
    assert "mine/colours.colours.pth was evaluated on these images before; --again measures it anew" in said
    monkeypatch.setattr("zoo.executors.process.Child", InThisProcess)
    anew, said = shown("--again")
    assert anew == table
    assert "before" not in said
    with Store(f"sqlite:///{os.environ['ZOO_STORE']}") as store:
        assert len(store.records(latest=False)) == 3


@pytest.mark.slow
def test_what_hangs_dies_or_fills_the_memory_is_a_row_and_the_next_model_is_evaluated(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "troubled.py").write_text(TROUBLED)
    monkeypatch.syspath_prepend(tmp_path)
    monkeypatch.setenv("ZOO_IMPORT", "troubled")
    monkeypatch.setattr(user, "_REGISTERED", {})
    path = tmp_path / "weights.pth"
    torch.save({"fc.weight": torch.eye(3), "fc.bias": torch.zeros(3)}, path)
    names = ["mine/good", "mine/hangs", "mine/dies", "mine/fills", "mine/good2"]
    results = zoo.evaluate(names, pictures(tmp_path / "data"), weights=path, device="cpu", timeout_s=6)
    found = {record.trial.model: (record.outcome.status, record.outcome.reason) for record in results.records}
    assert list(found) == names
    assert found == {
        "mine/good": (Status.OK, ""),
        "mine/hangs": (Status.TIMEOUT, "no answer within 6 s; the process was ended"),
        "mine/dies": (Status.FAILED, "the process was killed by signal 9 (SIGKILL)"),
        "mine/fills": (Status.OOM, "out of memory on cpu at batch 32; take a smaller batch"),
        "mine/good2": (Status.OK, ""),
    }
    with Store(f"sqlite:///{os.environ['ZOO_STORE']}") as store:
        assert len(store.records()) == len(names)


def test_a_model_that_a_prompt_alone_registers_is_refused_before_its_weights_are_sought(
    tmp_path: Path, colours: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(user._REGISTERED[NAME].constructor, "__module__", "__main__")
    monkeypatch.setattr(user, "has_script", lambda: False)
    data = pictures(tmp_path / "data")
    for weights in (colours, "some_tag"):
        with pytest.raises(ZooError, match="mine/colours is registered in this session alone"):
            evaluate(NAME, data, weights=weights, device="cpu")
