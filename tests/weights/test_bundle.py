"""Bundles carry weights to a machine without a network, and nothing else gets in with them."""

from __future__ import annotations

import hashlib
import io
import json
import tarfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import torch

from tests.weights.planted import (
    CLASSIC,
    CLASSIC_TAG,
    HUBBED,
    HUBBED_TAG,
    REVISION,
    hashed,
    hub_id,
    pickled,
    plant_classic,
    plant_hub,
    safetensors,
    state_dict,
    state_of,
)
from zoo.errors import WeightsError, ZooWarning
from zoo.loading.create import create
from zoo.registry.catalogue import tag_facts
from zoo.weights.bundle import export_bundle, import_bundle
from zoo.weights.caches import hub_folder, torch_hub_dir
from zoo.weights.file import WeightsFile
from zoo.weights.locate import locate
from zoo.weights.manifest import MANIFEST
from zoo.weights.save import save_zoo_weights

OWN = "mine-here"


def everything(monkeypatch: pytest.MonkeyPatch) -> list[WeightsFile]:
    """One set of weights of each kind, at hand."""
    plant_classic(monkeypatch, pickled(state_dict(CLASSIC)))
    plant_hub(hub_id(), safetensors(state_dict(HUBBED)))
    with torch.random.fork_rng():
        model = create(CLASSIC, weights=None, num_classes=3)
    info = {"classes": ["a", "b", "c"], "input_size": 48, "mean": [0.5] * 3, "std": [0.2] * 3}
    save_zoo_weights(CLASSIC, OWN, model.state_dict(), info)
    found = [locate(CLASSIC, CLASSIC_TAG), locate(HUBBED, HUBBED_TAG), locate(CLASSIC, OWN)]
    return [file for file in found if file is not None]


def elsewhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Another machine: empty caches."""
    for variable in ("ZOO_CACHE", "TORCH_HOME", "HF_HOME"):
        monkeypatch.setenv(variable, str(tmp_path / "other" / variable))


def test_weights_of_every_kind_arrive_as_they_left(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    files = everything(monkeypatch)
    assert len(files) == 3
    states = [create(f"{file.name}.{file.tag}").state_dict() for file in files]
    export_bundle(files, tmp_path / "all.tar")
    export_bundle(files, tmp_path / "again.tar")
    assert (tmp_path / "all.tar").read_bytes() == (tmp_path / "again.tar").read_bytes()
    elsewhere(tmp_path, monkeypatch)
    assert locate(HUBBED, HUBBED_TAG) is None
    taken = import_bundle(tmp_path / "all.tar")
    assert [(f"{entry.name}.{entry.tag}", fresh) for entry, fresh in taken] == [
        (f"{file.name}.{file.tag}", True) for file in files
    ]
    assert taken[1][0].licence == "apache-2.0"
    for file, state in zip(files, states, strict=True):
        arrived = locate(file.name, file.tag)
        assert arrived is not None
        assert (arrived.sha256, arrived.kind) == (file.sha256, file.kind)
        model = create(f"{file.name}.{file.tag}")
        assert all(torch.equal(value, state[key]) for key, value in model.state_dict().items())
    assert [fresh for _, fresh in import_bundle(tmp_path / "all.tar")] == [False] * 3


def test_a_damaged_file_does_not_get_into_a_bundle(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    files = everything(monkeypatch)
    files[0].path.write_bytes(b"other")
    with pytest.raises(WeightsError, match="damaged"):
        export_bundle(files, tmp_path / "all.tar")
    assert list(tmp_path.glob("*.tar*")) == []


def test_weights_made_here_are_not_overwritten(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    files = everything(monkeypatch)
    export_bundle(files[2:], tmp_path / "own.tar")
    before = files[2].path.read_bytes()
    with torch.random.fork_rng():
        torch.manual_seed(99)
        other = create(CLASSIC, weights=None, num_classes=3)
    info = {"classes": ["a", "b", "c"], "input_size": 48, "mean": [0.5] * 3, "std": [0.2] * 3}
    save_zoo_weights(CLASSIC, OWN, other.state_dict(), info)
    with pytest.raises(WeightsError, match=f"was made here with other bytes.*--remove {CLASSIC}.{OWN}"):
        import_bundle(tmp_path / "own.tar")
    assert files[2].path.read_bytes() != before


CONTENT = b"the bytes of some weights" * 40
SHA256 = hashlib.sha256(CONTENT).hexdigest()
FILE = hashed("squeezenet1_0", CONTENT)


def entry(**changes: Any) -> dict[str, Any]:
    good = {
        "name": CLASSIC, "tag": CLASSIC_TAG, "kind": "torch-hub", "file": FILE, "size": len(CONTENT),
        "sha256": SHA256, "stated": SHA256[:8], "revision": "", "licence": None, "card": None,
    }  # fmt: skip
    return good | changes


def on_hub(**changes: Any) -> dict[str, Any]:
    return entry(
        name=HUBBED, tag=HUBBED_TAG, kind="hugging-face", file="model.safetensors", stated=SHA256, revision=REVISION
    ) | changes  # fmt: skip


def own(**changes: Any) -> dict[str, Any]:
    card = {"sha256": SHA256, "classes": ["a"], "input_size": 32, "mean": [0.5] * 3, "std": [0.2] * 3}
    return entry(tag=OWN, kind="zoo", file="x", stated=SHA256, card=card) | changes


Members = list[tuple[tarfile.TarInfo, bytes]]


def plain(name: str, content: bytes) -> tuple[tarfile.TarInfo, bytes]:
    info = tarfile.TarInfo(name)
    info.size = len(content)
    return info, content


def special(name: str, kind: bytes, target: str = "") -> tuple[tarfile.TarInfo, bytes]:
    info = tarfile.TarInfo(name)
    info.type, info.linkname = kind, target
    return info, b""


def write(path: Path, files: list[dict[str, Any]], members: Members) -> Path:
    manifest = json.dumps({"format": 1, "files": files}).encode()
    with tarfile.open(path, "w") as tar:
        for info, content in [plain(MANIFEST, manifest), *members]:
            tar.addfile(info, io.BytesIO(content))
    return path


GOOD: Members = [plain(f"files/{SHA256}", CONTENT)]


@pytest.fixture
def known_file(monkeypatch: pytest.MonkeyPatch) -> None:
    state_of(monkeypatch, CLASSIC, CLASSIC_TAG, file=FILE)


@pytest.mark.parametrize("make", [entry, on_hub, own])
def test_the_bundles_that_follow_would_be_taken_without_their_faults(
    tmp_path: Path, known_file: None, make: Callable[[], dict[str, Any]]
) -> None:
    ((_, fresh),) = import_bundle(write(tmp_path / "good.tar", [make()], GOOD))
    assert fresh


@pytest.mark.parametrize(
    ("files", "members", "said"),
    [
        ([entry()], [*GOOD, plain("../outside", b"x")], "has no place in a bundle"),
        ([entry()], [*GOOD, plain("/tmp/outside", b"x")], "has no place in a bundle"),
        ([entry()], [*GOOD, plain("files/../../outside", b"x")], "has no place in a bundle"),
        ([entry()], [special(f"files/{SHA256}", tarfile.SYMTYPE, "/etc/passwd")], "no plain file"),
        ([entry()], [special(f"files/{SHA256}", tarfile.LNKTYPE, "manifest.json")], "no plain file"),
        ([entry()], [special(f"files/{SHA256}", tarfile.FIFOTYPE)], "no plain file"),
        ([entry()], [special(f"files/{SHA256}", tarfile.CHRTYPE)], "no plain file"),
        ([entry()], [*GOOD, special("files", tarfile.DIRTYPE)], "no plain file"),
        ([entry()], [*GOOD, *GOOD], "stands there twice"),
        ([entry()], [*GOOD, plain("files/" + "0" * 64, b"x")], "is not in the manifest"),
        ([entry()], [], "is in the manifest and not in the bundle"),
        ([entry(size=len(CONTENT) - 1)], GOOD, f"has {len(CONTENT)} bytes, and the manifest states"),
        ([entry()], [plain(f"files/{SHA256}", CONTENT[:-1] + b"?")], "another digest"),
        ([entry(file="../../../outside.pth")], GOOD, "is not the file of"),
        ([entry(name="torchvision/../../x")], GOOD, "no model name"),
        ([entry(tag="../../x")], GOOD, "is not known here"),
        ([entry(tag="IMAGENET1K_V9")], GOOD, "is not known here"),
        ([on_hub(file="config.json")], GOOD, "is not the file of"),
        ([on_hub(revision="../../../x")], GOOD, "is not the file of"),
        ([on_hub(stated="../../../x")], GOOD, "is not the file of"),
        ([on_hub(stated="0" * 64)], GOOD, "another digest"),
        ([own(tag="../x")], GOOD, "no set of weights that the zoo made"),
        ([own(card={"sha256": SHA256})], GOOD, "no set of weights that the zoo made"),
        ([own(card=own()["card"] | {"sha256": "0" * 64})], GOOD, "another digest than its card"),
        ([own(tag=CLASSIC_TAG)], GOOD, "is a published tag"),
        ([own(card=own()["card"] | {"mean": 5})], GOOD, "no set of weights that the zoo made"),
        ([own(card=own()["card"] | {"input_size": "x"})], GOOD, "no set of weights that the zoo made"),
        ([own(card=own()["card"] | {"licence": "\x1b[2J"})], GOOD, "no set of weights that the zoo made"),
        ([own(card=[1])], GOOD, "no list of weights"),
        ([own(), entry(licence={"a": 1})], GOOD, "no list of weights"),
        ([entry(**{"\x1b[2J": 1})], GOOD, r"no list of weights \(.*\?\[2J"),
        ([on_hub(), on_hub(revision="2" * 40)], GOOD, "would replace timm/test_resnet.* of the same bundle"),
        ([entry(kind="elsewhere")], GOOD, "no list of weights"),
        ([entry(size="1")], GOOD, "no list of weights"),
        ([{"name": CLASSIC}], GOOD, "no list of weights"),
    ],
)  # fmt: skip
def test_what_is_no_honest_bundle_is_refused_in_one_line_and_writes_nothing(
    tmp_path: Path, known_file: None, files: list[dict[str, Any]], members: Members, said: str
) -> None:
    bundle = write(tmp_path / "evil.tar", files, members)
    with pytest.raises(Exception, match=said) as caught:
        import_bundle(bundle)
    assert isinstance(caught.value, WeightsError) or "no model name" in str(caught.value)
    assert str(caught.value).isprintable()
    assert [path for path in tmp_path.rglob("*") if path != bundle] == []
    kept = [path for folder in (torch_hub_dir(), hub_folder(hub_id())) for path in folder.rglob("*")]
    assert [path for path in kept if path.is_file()] == []
    assert not Path("/tmp/outside").exists()


def test_a_manifest_nested_too_deeply_is_no_list_of_weights(tmp_path: Path) -> None:
    deep = b"[" * 200_000
    with tarfile.open(tmp_path / "x.tar", "w") as tar:
        info, content = plain(MANIFEST, deep)
        tar.addfile(info, io.BytesIO(content))
    with pytest.raises(WeightsError, match="no list of weights"):
        import_bundle(tmp_path / "x.tar")


def test_the_licence_is_the_catalogues_whatever_the_manifest_says(tmp_path: Path, known_file: None) -> None:
    files = [entry(licence="\x1b[2Jmit\nzoo: error"), on_hub(licence="mit"), own(licence="mit")]
    taken = import_bundle(write(tmp_path / "b.tar", files, GOOD))
    assert [taken_entry.licence for taken_entry, _ in taken] == [
        tag_facts(CLASSIC, CLASSIC_TAG).licence, "apache-2.0", None
    ]  # fmt: skip


def test_whole_weights_of_the_hub_are_not_replaced_and_damaged_ones_are(tmp_path: Path) -> None:
    link = plant_hub(hub_id(), safetensors(state_dict(HUBBED)))
    here = link.read_bytes()
    main = hub_folder(hub_id()) / "refs" / "main"
    other = write(tmp_path / "other.tar", [on_hub(revision="e" * 40)], GOOD)
    with pytest.raises(WeightsError, match=rf"nothing was taken.*other bytes.*--remove {HUBBED}.{HUBBED_TAG}`"):
        import_bundle(other)
    assert (link.read_bytes(), main.read_text()) == (here, REVISION)
    assert not (hub_folder(hub_id()) / "blobs" / SHA256).exists()

    digest = hashlib.sha256(here).hexdigest()
    same = on_hub(revision="e" * 40, sha256=digest, stated=digest, size=len(here))
    ((_, fresh),) = import_bundle(write(tmp_path / "same.tar", [same], [plain(f"files/{digest}", here)]))
    assert (fresh, main.read_text(), link.read_bytes()) == (False, REVISION, here)

    link.resolve().write_bytes(b"damaged")
    ((_, fresh),) = import_bundle(other)
    assert (fresh, main.read_text()) == (True, "e" * 40)
    found = locate(HUBBED, HUBBED_TAG)
    assert found is not None
    assert found.path.read_bytes() == CONTENT


def test_a_record_of_the_digest_is_added_where_the_same_bytes_lie(tmp_path: Path) -> None:
    link = plant_hub(hub_id(), CONTENT)
    link.unlink()
    link.write_bytes(CONTENT)
    import_bundle(write(tmp_path / "b.tar", [on_hub(revision="e" * 40)], GOOD))
    assert (hub_folder(hub_id()) / "refs" / "main").read_text() == REVISION
    assert (link.is_symlink(), link.resolve().name) == (True, SHA256)


def test_a_file_whose_name_states_no_digest_is_not_replaced_by_another(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    state_of(monkeypatch, CLASSIC, CLASSIC_TAG, file="plain.pth")
    torch_hub_dir().mkdir(parents=True, exist_ok=True)
    (torch_hub_dir() / "plain.pth").write_bytes(b"mine")
    bundle = write(tmp_path / "b.tar", [entry(file="plain.pth", stated=SHA256)], GOOD)
    with pytest.raises(WeightsError, match="is here with other bytes"):
        import_bundle(bundle)
    assert (torch_hub_dir() / "plain.pth").read_bytes() == b"mine"


@pytest.mark.parametrize(
    ("content", "said"),
    [(b"", "no bundle of the zoo"), (b"<html>", "no bundle"), (None, "cut short"), ("gz", "no bundle of the zoo")],
    ids=["empty", "page", "cut", "compressed"],
)
def test_what_is_no_bundle_is_said_to_be_none(
    tmp_path: Path, known_file: None, content: bytes | str | None, said: str
) -> None:
    path = write(tmp_path / "x.tar", [entry()], GOOD)
    if content is None:
        path.write_bytes(path.read_bytes()[:2200])
    elif isinstance(content, bytes):
        path.write_bytes(content)
    else:
        import gzip

        path.write_bytes(gzip.compress(path.read_bytes()))
    with pytest.raises(WeightsError, match=said):
        import_bundle(path)
    with pytest.raises(WeightsError, match="cannot be read"):
        import_bundle(tmp_path / "absent.tar")


def test_a_bundle_of_another_format_says_so(tmp_path: Path) -> None:
    manifest = json.dumps({"format": 9, "files": []}).encode()
    with tarfile.open(tmp_path / "x.tar", "w") as tar:
        tar.addfile(*(lambda m: (m[0], io.BytesIO(m[1])))(plain(MANIFEST, manifest)))
    with pytest.raises(WeightsError, match="of format 9, and this zoo knows 1"):
        import_bundle(tmp_path / "x.tar")


def test_a_hub_file_without_a_record_of_its_digest_gets_one_on_the_way(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    link = plant_hub(hub_id(), safetensors(state_dict(HUBBED)))
    content = link.read_bytes()
    link.unlink()
    link.write_bytes(content)
    file = locate(HUBBED, HUBBED_TAG)
    assert file is not None
    with pytest.warns(ZooWarning, match="nothing states its digest"):
        export_bundle([file], tmp_path / "b.tar")
    elsewhere(tmp_path, monkeypatch)
    import_bundle(tmp_path / "b.tar")
    create(f"{HUBBED}.{HUBBED_TAG}")  # warnings are errors here: there is a digest now


def test_a_place_that_cannot_be_written_is_one_line(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    files = everything(monkeypatch)
    export_bundle(files, tmp_path / "b.tar")
    elsewhere(tmp_path, monkeypatch)
    (tmp_path / "other").write_text("a file where a folder should be")
    with pytest.raises(WeightsError, match="cannot be written"):
        import_bundle(tmp_path / "b.tar")
    with pytest.raises(WeightsError, match="cannot write the bundle"):
        export_bundle(files[:0], tmp_path / "other" / "c.tar")
