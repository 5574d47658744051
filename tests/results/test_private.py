"""No record, report, export or card holds the path of a user's folder, checkpoint or corrupt file."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
import torch
from PIL import Image
from torch import nn

import zoo
from tests.runs.planted import InThisProcess
from zoo.outcome import Outcome, Status
from zoo.regimes.pretrain import pretrain
from zoo.results.jsonl import write_jsonl
from zoo.results.private import without_paths
from zoo.sources import user
from zoo.store.store import Store

SECRET = "ada's secrets"


@pytest.mark.parametrize(
    ("reason", "shown"),
    [
        ("/home/ada/x y/best.pth: does not fit", "best.pth: does not fit"),
        (
            "[Errno 2] No such file or directory: '/home/ada/x y/1.png'",
            "[Errno 2] No such file or directory: '1.png'",
        ),
        ("UnidentifiedImageError: cannot identify image file /home/ada/1.png", None),
        ('classes of "/home/ada/x y/train/" and /home/ada/val', 'classes of "train" and val'),
        ("../x y/data/0/1.png is corrupt", "data/0/1.png is corrupt"),
        ("read file:///home/ada/1.png", "read 1.png"),
        ('No such file: "/home/ada\'s/1.png"', 'No such file: "1.png"'),
        ("No such file: '/home/ada/x y/and so on for 200 lett...", "No such file: '…"),
        ("see https://example.org/home/ada and 3 images/s at 1/2, n/a", "="),
        ("Input height (288) doesn't match model (224)", "="),
        ("expected a/b/c, not -1/2", "="),
    ],
)
def test_a_reason_names_files_by_their_last_names(reason: str, shown: str | None) -> None:
    found = without_paths(Outcome(Status.FAILED, reason, flags=(reason,)), ["../x y/data"])
    expected = reason.replace("/home/ada/", "") if shown is None else reason if shown == "=" else shown
    assert (found.reason, found.flags) == (expected, (expected,))


def test_a_folder_of_here_is_no_text_to_replace() -> None:
    assert without_paths(Outcome(Status.FAILED, "1.5 of 2.5 MB."), [".", "/", "digits"]).reason == "1.5 of 2.5 MB."


@pytest.fixture
def secret(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder of images with a corrupt one, and a checkpoint, under a path that nobody is to see."""
    root = tmp_path / SECRET
    for place, name in enumerate(("cat", "dog")):
        (root / "pets" / name).mkdir(parents=True)
        for number in range(8):
            Image.new("RGB", (16, 16), (100 * place + number, 0, 0)).save(root / "pets" / name / f"{number}.png")
    (root / "pets" / "dog" / "bad.png").write_bytes(b"no picture")
    monkeypatch.setattr("zoo.executors.process.Child", InThisProcess)
    return root


class Net(nn.Module):
    def __init__(self, num_classes: int, place: str) -> None:
        super().__init__()
        self.fc, self.place = nn.Linear(3, num_classes), place

    def forward(self, images: torch.Tensor) -> torch.Tensor:
        if self.place and len(images) > 1:
            (Path(self.place) / "weights of mine.npy").read_bytes()
        out: torch.Tensor = self.fc(images.mean(dim=(2, 3)))
        return out


def test_nothing_that_is_kept_holds_a_private_path(
    secret: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(user, "_REGISTERED", {})
    for name, place in (("good", ""), ("bad", str(secret))):
        zoo.register(f"mine/{name}", input_size=(3, 16, 16))(
            lambda num_classes=2, place=place: Net(num_classes, place)
        )
    torch.save(Net(2, "").state_dict(), secret / "best.pth")
    data = secret / "pets"
    for folder in (f"{data}/", str(data)):
        results = zoo.transfer(
            ["mine/bad"],
            folder,
            strategies=("random_features", "pixels"),
            shots=(2,),
            seeds=1,
            corrupt="skip",
            device="cpu",
        )
        assert len(results.transfer_rows()) == 2
    evaluated = zoo.evaluate(
        ["mine/good", "mine/bad"], data, weights=secret / "best.pth", corrupt="skip", device="cpu"
    )
    (data / "dog" / "bad.png").unlink()
    pretrain("mine/good", str(data), input_size=16)
    with Store(f"sqlite:///{os.environ['ZOO_STORE']}") as store:
        records = store.records(latest=False)
    reasons = {record.outcome.reason for record in records} - {""}
    assert reasons == {'FileNotFoundError: [Errno 2] No such file or directory: "weights of mine.npy"'}
    write_jsonl(records, tmp_path / "export.jsonl")
    results = zoo.Results(records)
    (tmp_path / "page.md").write_text(results.to_markdown())
    results.to_frame().to_csv(tmp_path / "results.csv")
    kept = [tmp_path / name for name in ("export.jsonl", "page.md", "results.csv")]
    kept += [Path(os.environ["ZOO_STORE"]), *(f for f in Path(os.environ["ZOO_CACHE"]).rglob("*") if f.is_file())]
    assert len(evaluated) == 2
    assert [file.suffix for file in kept].count(".json") >= 2
    assert [str(file) for file in kept if b"secrets" in file.read_bytes() or SECRET in file.name] == []
