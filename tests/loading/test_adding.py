"""A checkpoint of one's own under a tag: tried first, kept with what it states, and used like every other."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
import torch

import zoo
from zoo.api.transfer import transfer
from zoo.errors import WeightsError, ZooError
from zoo.loading.adding import add_checkpoint
from zoo.loading.create import create
from zoo.registry.own_tags import card, own_path

MODEL = "timm/test_resnet"


@pytest.fixture
def mine(tmp_path: Path) -> Path:
    torch.manual_seed(1)
    network = create(MODEL, weights=None, num_classes=3)
    torch.save({"state_dict": network.state_dict(), "class_to_idx": {"b": 1, "a": 0, "c": 2}}, tmp_path / "mine.pth")
    (tmp_path / "mine.json").write_text(json.dumps({"input_size": 64, "mean": [0.5] * 3, "std": [0.25] * 3}))
    return tmp_path / "mine.pth"


def test_it_is_the_same_network_with_what_it_states(mine: Path) -> None:
    file = add_checkpoint(mine, f"{MODEL}.mine")
    stated = card(own_path(MODEL, "mine"))
    assert stated is not None
    assert stated["classes"] == ["a", "b", "c"]
    assert stated["added"] == "mine.pth"
    assert str(mine.parent) not in json.dumps(stated)
    spec = zoo.get(f"{MODEL}.mine")
    assert spec.preprocessing is not None
    assert (spec.input_size, spec.preprocessing.mean) == ((3, 64, 64), (0.5, 0.5, 0.5))
    ours, theirs = create(f"{MODEL}.mine"), create(MODEL, weights=mine)
    images = torch.randn(2, 3, 64, 64)
    with torch.inference_mode():
        assert torch.equal(ours(images), theirs(images))
    assert file.path.suffix == ".safetensors"


@pytest.mark.parametrize(
    ("name", "line"),
    [
        (MODEL, "names no tag"),
        (f"{MODEL}.r160_in1k", "that tag is of published weights"),
        (f"{MODEL}.two words", "cannot be a tag"),
        (f"{MODEL}.a/b", "is no model name"),
        (f"{MODEL}.auto", "cannot be a tag of yours"),
        (f"{MODEL}.letters-am", "cannot be a tag of yours"),
        ("timm/test_resnett.mine", "did you mean test_resnet|did you mean timm/test_resnet"),
        ("torchvision/resnet18.mine", "does not fit torchvision/resnet18"),
    ],
)
def test_what_cannot_be_is_refused_and_nothing_is_written(mine: Path, name: str, line: str) -> None:
    with pytest.raises(ZooError, match=line):
        add_checkpoint(mine, name)
    assert not own_path(MODEL, "mine").parent.is_dir() or not list(own_path(MODEL, "mine").parent.iterdir())


def test_a_tag_is_written_over_only_where_that_is_said(mine: Path) -> None:
    add_checkpoint(mine, f"{MODEL}.mine")
    with pytest.raises(ZooError, match="weights have that tag already"):
        add_checkpoint(mine, f"{MODEL}.mine")
    add_checkpoint(mine, f"{MODEL}.mine", again=True)


@pytest.mark.parametrize("content", [b"", b"no checkpoint"])
def test_what_is_no_checkpoint_is_refused(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "bad.pth").write_bytes(content)
    with pytest.raises(WeightsError, match=r"bad\.pth"):
        add_checkpoint(tmp_path / "bad.pth", f"{MODEL}.mine")
    with pytest.raises(WeightsError, match="no such file"):
        add_checkpoint(tmp_path / "none.pth", f"{MODEL}.mine")


@pytest.mark.slow
def test_a_file_is_trained_on_and_its_place_is_in_no_record(mine: Path) -> None:
    results = transfer(
        MODEL, "gratings", weights=mine, input_size=32, strategies=("classifier", "full"), shots=2, seeds=1,
        recipe={"steps": 2}, tuning="none",
    )  # fmt: skip
    found = {record.trial.transfer.strategy: record for record in results.records}
    assert set(found) == {"classifier", "full"}
    assert {record.outcome.reason for record in results.records} == {""}
    assert {record.trial.weights for record in results.records} == {"mine.pth"}
    assert len({record.trial.weights_digest for record in results.records}) == 1
    assert all(str(mine.parent) not in str(record) for record in results.records)


def test_a_file_is_of_one_model(mine: Path) -> None:
    with pytest.raises(ZooError, match=r"mine\.pth is of one model, and 2 are named"):
        transfer([MODEL, "resnet18"], "gratings", weights=mine)
