"""`zoo fetch` and `zoo weights`, as a user meets them."""

from __future__ import annotations

import csv
import io
import json
import os
import sys
import warnings
from dataclasses import replace
from pathlib import Path

import pytest
from filelock import FileLock

from tests.results.planted import cost
from tests.weights.mirror import mirror
from tests.weights.planted import (
    CLASSIC,
    CLASSIC_TAG,
    HUBBED,
    HUBBED_TAG,
    hashed,
    hub_id,
    pickled,
    plant_classic,
    plant_hub,
    safetensors,
    state_dict,
    state_of,
)
from zoo.cli.main import main
from zoo.errors import ZooWarning
from zoo.store.store import Store
from zoo.weights.caches import torch_hub_dir
from zoo.weights.digests import sha256
from zoo.weights.locate import locate

pytestmark = pytest.mark.usefixtures("without_packages")

NAME = f"{CLASSIC}.{CLASSIC_TAG}"


def call(words: list[str], capsys: pytest.CaptureFixture[str], code: int = 0) -> tuple[list[dict[str, str]], str]:
    """Rows and stderr of a command."""
    capsys.readouterr()
    with pytest.raises(SystemExit) as ended:
        main(words)
    shown = capsys.readouterr()
    assert ended.value.code == code, shown.err
    return list(csv.DictReader(io.StringIO(shown.out))), shown.err


@pytest.fixture
def file(monkeypatch: pytest.MonkeyPatch) -> tuple[str, bytes]:
    monkeypatch.delenv("HF_HUB_OFFLINE")
    content = pickled(state_dict(CLASSIC))
    name = hashed("squeezenet1_0", content)
    state_of(monkeypatch, CLASSIC, CLASSIC_TAG, file=name)
    return name, content


def test_a_dry_run_says_what_would_come_and_brings_nothing(
    file: tuple[str, bytes], monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    name, content = file
    with mirror(files={f"/{name}": content}) as server:
        monkeypatch.setenv("ZOO_TORCHVISION_MIRROR", server.url)
        rows, said = call(["fetch", "squeezenet1_0", "--dry-run", "--format", "csv"], capsys)
        assert server.bytes_sent == 0
    assert "1 to bring, 5.01 MB; 0 at hand" in said
    assert rows == [
        {
            "weights": NAME, "bytes": str(len(content)), "state": "to bring", "reason": "", "licence": "",
            "non_commercial": "False", "url": f"{server.url}/{name}", "path": "", "sha256": "",
        }
    ]  # fmt: skip
    assert not torch_hub_dir().exists()


def test_fetch_brings_verifies_and_says_so_and_again_takes_nothing_twice(
    file: tuple[str, bytes], monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    name, content = file
    with mirror(files={f"/{name}": content}) as server:
        monkeypatch.setenv("ZOO_TORCHVISION_MIRROR", server.url)
        rows, said = call(["fetch", "squeezenet1_0", "--format", "csv"], capsys)
        assert f"{NAME}: here and verified, 5.01 MB" in said
        path = torch_hub_dir() / name
        assert (rows[0]["state"], rows[0]["path"], rows[0]["bytes"]) == ("verified", str(path), str(len(content)))
        assert rows[0]["sha256"] == sha256(path)
        rows, said = call(["fetch", "squeezenet1_0", "--format", "csv"], capsys)
        assert "0 to bring, 0 B; 1 at hand and whole, 5.01 MB" in said
        assert server.bytes_sent == len(content)
        call(["fetch", "squeezenet1_0", "--again"], capsys)
        assert server.bytes_sent == 2 * len(content)


def test_one_that_fails_is_one_line_and_the_others_are_kept(
    file: tuple[str, bytes], monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    name, content = file
    with mirror(files={f"/{name}": content}) as server:
        monkeypatch.setenv("ZOO_TORCHVISION_MIRROR", server.url)
        rows, said = call(["fetch", "alexnet", "squeezenet1_0", "--format", "csv"], capsys, code=2)
    errors = [line for line in said.splitlines() if line.startswith("zoo: error:")]
    assert len(errors) == 1
    assert "alexnet-owt-7be5be79.pth" in errors[0]
    assert [(row["state"], row["bytes"]) for row in rows] == [("missing", ""), ("verified", str(len(content)))]
    assert "alexnet-owt-7be5be79.pth" in rows[0]["reason"]
    assert rows[1]["reason"] == ""
    assert locate(CLASSIC, CLASSIC_TAG) is not None


def test_programs_get_bytes_as_a_number_and_people_get_megabytes(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    path = plant_classic(monkeypatch, pickled(state_dict(CLASSIC)))
    with pytest.raises(SystemExit):
        main(["fetch", "squeezenet1_0", "--format", "json"])
    [row] = json.loads(capsys.readouterr().out)
    assert (row["bytes"], row["licence"], row["non_commercial"]) == (path.stat().st_size, None, False)
    assert (row["path"], row["url"], row["sha256"]) == (str(path), None, sha256(path))
    with pytest.raises(SystemExit):
        main(["fetch", "squeezenet1_0"])
    assert "5.01 MB" in capsys.readouterr().out


def test_a_suite_means_the_weights_of_its_models(capsys: pytest.CaptureFixture[str]) -> None:
    rows, said = call(["fetch", "--suite", "classics", "--dry-run", "--format", "csv"], capsys, code=2)
    assert len(rows) == 8
    assert "torchvision/densenet161.IMAGENET1K_V1" in {row["weights"] for row in rows}
    assert said.count("HF_HUB_OFFLINE is set") == 8


def test_a_non_commercial_licence_is_warned_of(capsys: pytest.CaptureFixture[str]) -> None:
    _, said = call(["fetch", "torchvision/vit_h_14", "--dry-run"], capsys, code=2)
    assert "zoo: warning: torchvision/vit_h_14.IMAGENET1K_SWAG_E2E_V1: licence" in said
    assert "no commercial use" in said


def test_a_bundle_goes_out_and_comes_in(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    plant_hub(hub_id(), safetensors(state_dict(HUBBED)))
    plant_classic(monkeypatch, pickled(state_dict(CLASSIC)))
    bundle = tmp_path / "b.tar"
    _, said = call(["fetch", "squeezenet1_0", "timm/test_resnet", "--export", str(bundle)], capsys)
    assert f"{bundle}: 2 weights, 6.9" in said
    for variable in ("TORCH_HOME", "HF_HOME"):
        monkeypatch.setenv(variable, str(tmp_path / variable))
    _, said = call(["fetch", "--import", str(bundle)], capsys)
    assert f"{HUBBED}.{HUBBED_TAG}: taken and verified" in said
    assert locate(CLASSIC, CLASSIC_TAG) is not None
    _, said = call(["fetch", "--import", str(bundle)], capsys)
    assert said.count("was there already") == 2


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["fetch"], "name models, or a suite"),
        (["fetch", "resnet19"], "unknown model 'resnet19': did you mean resnet18"),
        (["fetch", "resnet18.V9"], "unknown weights tag"),
        (["fetch", "timm/vit_tiny_patch16_18"], "unknown model"),
        (["fetch", "resnet18", "--jobs", "0"], "--jobs must be a whole number of at least 1"),
        (["fetch", "--suite", "quikc"], "unknown suite 'quikc'"),
        (["fetch", "resnet18", "--import", "x.tar"], "name no models beside it"),
        (["fetch", "--import", "x.tar"], "x.tar: cannot be read"),
        (["weights", "resnet18"], "no weights of resnet18 are in the caches"),
        (["weights", "--remove"], "name models, or say --unused"),
        (["weights", "--format", "html"], "unknown format"),
        (["weights", "add"], "Missing argument 'FILE'"),
        (["weights", "add", "best.pth"], "Missing option '--as'"),
        (["weights", "add", "best.pth", "--as", "timm/test_resnet"], "names no tag"),
        (["weights", "add", "best.pth", "--as", "timm/test_resnet.mine"], "best.pth: there is no such file"),
        (["weights", "add", ".", "--as", "timm/test_resnet.mine"], "is a folder"),
        (["weights", "add", "best.pth", "--as", "mine/test_resnet.mine"], "did you mean timm/test_resnet"),
    ],
)
def test_bad_input_is_one_line(words: list[str], said: str, capsys: pytest.CaptureFixture[str]) -> None:
    _, shown = call(words, capsys, code=2)
    assert said in shown
    assert len(shown.strip().splitlines()) == 1


def test_weights_lists_states_and_records_and_removes_what_nobody_used(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    plant_hub(hub_id(), safetensors(state_dict(HUBBED)))
    path = plant_classic(monkeypatch, pickled(state_dict(CLASSIC)))
    used = locate(CLASSIC, CLASSIC_TAG)
    assert used is not None
    record = cost("squeezenet1_0", 8.0)
    record = replace(record, trial=replace(record.trial, weights=CLASSIC_TAG, weights_digest=used.sha256))
    with Store(f"sqlite:///{os.environ['ZOO_STORE']}") as store:
        store.add(record)
    rows, _ = call(["weights", "--format", "csv"], capsys)
    shown = {row["weights"]: (row["state"], row["records"]) for row in rows}
    assert shown == {NAME: ("verified", "1"), f"{HUBBED}.{HUBBED_TAG}": ("not checked", "")}
    rows, _ = call(["weights", "--verify", "--format", "csv"], capsys)
    assert {row["state"] for row in rows} == {"verified"}
    rows, _ = call(["weights", "--unused", "--format", "csv"], capsys)
    assert [row["weights"] for row in rows] == [f"{HUBBED}.{HUBBED_TAG}"]
    _, said = call(["weights", "--unused", "--remove"], capsys, code=2)
    assert "would delete timm/test_resnet.r160_in1k" in said
    _, said = call(["weights", "--unused", "--remove", "--yes"], capsys)
    assert "1 deleted, 1.9" in said
    assert locate(HUBBED, HUBBED_TAG) is None
    path.write_bytes(path.read_bytes()[:-1])
    (torch_hub_dir() / "x.pth.part").write_bytes(b"half")
    rows, said = call(["weights", "--verify", "--format", "csv"], capsys, code=2)
    assert {row["state"] for row in rows} == {"damaged", "cut download"}
    assert f"damaged; bring it again: `zoo fetch --again {NAME}`" in said
    _, said = call(["weights", "--clean", "--yes"], capsys)
    assert "1 deleted, 4 B freed" in said
    _, said = call(["weights", NAME, "--remove", "--yes"], capsys)
    assert call(["weights", "--format", "csv"], capsys)[0] == []
    _, said = call(["weights", "--clean"], capsys)
    assert "nothing to delete" in said


def test_above_five_gigabytes_a_person_is_asked_first(
    file: tuple[str, bytes], monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    name, content = file
    monkeypatch.setattr("zoo.commands.fetch.ASK_ABOVE", 1e6)
    with mirror(files={f"/{name}": content}) as server:
        monkeypatch.setenv("ZOO_TORCHVISION_MIRROR", server.url)
        answers = io.StringIO("n\ny\n")
        monkeypatch.setattr(answers, "isatty", lambda: True)
        monkeypatch.setattr("sys.stdin", answers)
        monkeypatch.setattr("sys.stderr.isatty", lambda: True)
        with pytest.raises(SystemExit) as ended:
            main(["fetch", "squeezenet1_0"])
        assert ended.value.code == 1
        shown = capsys.readouterr().err
        assert "Bring 5.01 MB?" in shown
        assert "ended before anything was done" in shown
        assert server.bytes_sent == 0
        for words in (["fetch", "squeezenet1_0"], ["fetch", "squeezenet1_0", "--again", "--yes"]):
            with pytest.raises(SystemExit) as ended:
                main(words)
            assert ended.value.code == 0
        assert server.bytes_sent == 2 * len(content)
    assert answers.read() == ""


def test_options_that_would_be_ignored_are_refused(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    bundle = tmp_path / "b.tar"
    bundle.write_bytes(b"")
    for option in (["--dry-run"], ["--again"], ["--jobs", "3"]):
        _, said = call(["fetch", "--import", str(bundle), *option], capsys, 2)
        assert f"leave out {option[0]}" in said
    for command in (["list"], ["choose"]):
        _, said = call([*command, "--licence", ""], capsys, 2)
        assert "--licence names no licence" in said


def test_a_bundle_that_is_not_written_is_said(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    plant_classic(monkeypatch, pickled(state_dict(CLASSIC)))
    target = tmp_path / "b.tar"
    _, said = call(["fetch", NAME, "--export", str(target), "--dry-run", "--format", "csv"], capsys)
    assert f"{target}: not written (--dry-run)" in said
    _, said = call(["fetch", NAME, "alexnet", "--export", str(target), "--format", "csv"], capsys, 2)
    assert f"{target}: not written, since not all is there" in said
    assert not target.exists()


def test_a_mistyped_store_deletes_nothing(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = plant_classic(monkeypatch, pickled(state_dict(CLASSIC)))
    missing = str(tmp_path / "usd.sqlite")
    words = ["weights", "--unused", "--remove", "--yes"]
    _, said = call([*words, "--store", missing], capsys, 2)
    assert "usd.sqlite" in said
    monkeypatch.setenv("ZOO_STORE", missing)
    call(words, capsys, 2)
    assert path.exists()


def test_a_wrong_name_is_one_line_and_the_others_come(
    file: tuple[str, bytes], monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    name, content = file
    with mirror(files={f"/{name}": content}) as server:
        monkeypatch.setenv("ZOO_TORCHVISION_MIRROR", server.url)
        rows, said = call(["fetch", "resnet19", "squeezenet1_0", "--format", "csv"], capsys, 2)
    assert [row["state"] for row in rows] == ["verified"]
    assert said.count("zoo: error: unknown model 'resnet19'") == 1
    assert locate(CLASSIC, CLASSIC_TAG) is not None
    # The server is gone, and what cannot be asked for again is no proof of itself.
    rows, said = call(["fetch", "squeezenet1_0", "--again", "--format", "csv"], capsys, 2)
    assert [row["state"] for row in rows] == ["not verified"]
    assert "0 at hand and whole" in said
    assert "cannot be brought again" in said


def test_another_name_of_the_same_file_is_told_before_it_goes(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    path = plant_classic(monkeypatch, pickled(state_dict(CLASSIC)))
    state_of(monkeypatch, HUBBED, HUBBED_TAG, file=path.name, hub_id=None)
    rows, _ = call(["weights", "--format", "csv"], capsys)
    (row,) = rows
    names = row["weights"].split(", ")
    assert set(names) == {NAME, f"{HUBBED}.{HUBBED_TAG}"}
    _, said = call(["weights", HUBBED, "--remove", "--yes"], capsys)
    assert f"zoo: warning: {names[0]} is also {names[1]}: one file" in said
    assert "1 deleted" in said


def test_cleaning_leaves_a_running_download_and_says_so(capsys: pytest.CaptureFixture[str]) -> None:
    torch_hub_dir().mkdir(parents=True)
    running, cut = (torch_hub_dir() / f"{word}.pth.part" for word in ("running", "cut"))
    for part in (running, cut):
        part.write_bytes(b"half")
    with FileLock(torch_hub_dir() / "running.pth.lock"):
        _, said = call(["weights", "--clean", "--yes"], capsys, 2)
    assert "1 deleted, 4 B freed" in said
    assert f"zoo: error: {running}: a download of it is running" in said
    assert (running.exists(), cut.exists()) == (True, False)


def test_a_warning_of_the_zoos_own_is_a_line_without_a_place_in_its_code(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def inventory(**_: object) -> list[object]:
        print(warnings.formatwarning(ZooWarning("planted"), ZooWarning, "x.py", 1), end="", file=sys.stderr)
        return []

    usual = warnings.formatwarning
    monkeypatch.setattr("zoo.commands.weights.inventory", inventory)
    _, said = call(["weights"], capsys)
    assert said == "zoo: warning: planted\n"
    assert warnings.formatwarning is usual


def test_a_checkpoint_is_added_listed_shown_and_removed(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "best.pth").write_bytes(pickled(state_dict(HUBBED)))
    words = ["weights", "add", str(tmp_path / "best.pth"), "--as", f"{HUBBED}.mine"]
    with pytest.raises(SystemExit):
        main(words)
    shown = capsys.readouterr()
    assert shown.out == f"{HUBBED}.mine: 1000 classes without names, 160 px, 1.9 MB, from best.pth\n"
    _, said = call(words, capsys, code=2)
    assert "write over them with --again" in said
    call([*words, "--again"], capsys)
    [row] = call(["weights", "--verify", "--format", "csv"], capsys)[0]
    assert (row["weights"], row["state"], row["cache"]) == (f"{HUBBED}.mine", "verified", "zoo")
    with pytest.raises(SystemExit):
        main(["show", f"{HUBBED}.mine"])
    assert f"weights       {HUBBED_TAG} (default), mine" in capsys.readouterr().out
    call(["weights", f"{HUBBED}.mine", "--remove", "--yes"], capsys)
    assert call(["weights", "--format", "csv"], capsys)[0] == []
