"""What lies in the caches is listed with its state, and goes when it is asked to."""

from __future__ import annotations

import pytest
import torch

from tests.weights.planted import (
    CLASSIC,
    CLASSIC_TAG,
    HUBBED,
    HUBBED_TAG,
    hub_id,
    pickled,
    plant_classic,
    plant_hub,
    safetensors,
    state_dict,
    state_of,
)
from zoo.errors import WeightsError
from zoo.loading.create import create
from zoo.registry.catalogue import get
from zoo.weights.caches import hub_folder, torch_hub_dir
from zoo.weights.inventory import CUT, DAMAGED, NO_DIGEST, UNCHECKED, VERIFIED, inventory, remove, select
from zoo.weights.locate import locate
from zoo.weights.save import save_zoo_weights

pytestmark = pytest.mark.usefixtures("without_packages")


def planted(monkeypatch: pytest.MonkeyPatch) -> None:
    plant_classic(monkeypatch, pickled(state_dict(CLASSIC)))
    plant_hub(hub_id(), safetensors(state_dict(HUBBED)))
    with torch.random.fork_rng():
        model = create(CLASSIC, weights=None, num_classes=3)
    info = {"classes": ["a", "b", "c"], "input_size": 48, "mean": [0.5] * 3, "std": [0.2] * 3}
    save_zoo_weights(CLASSIC, "mine", model.state_dict(), info)


def states() -> dict[str, str]:
    return {kept.full_name: kept.state for kept in inventory()}


def test_states_follow_the_bytes(monkeypatch: pytest.MonkeyPatch) -> None:
    assert inventory() == []
    planted(monkeypatch)
    names = [f"{CLASSIC}.{CLASSIC_TAG}", f"{HUBBED}.{HUBBED_TAG}", f"{CLASSIC}.mine"]
    assert states() == dict.fromkeys(names, UNCHECKED)
    for name, tag in ((CLASSIC, CLASSIC_TAG), (HUBBED, HUBBED_TAG), (CLASSIC, "mine")):
        create(f"{name}.{tag}")
    assert states() == dict.fromkeys(names, VERIFIED)
    file = locate(HUBBED, HUBBED_TAG)
    assert file is not None
    blob = file.path.resolve()
    blob.write_bytes(blob.read_bytes()[:-1] + b"\1")
    assert states()[names[1]] == UNCHECKED
    assert {k.full_name: k.state for k in inventory(check=True)}[names[1]] == DAMAGED
    content = blob.read_bytes()
    file.path.unlink()
    file.path.write_bytes(content)
    assert states()[names[1]] == NO_DIGEST
    licences = {kept.full_name: kept.licence for kept in inventory()}
    assert licences[names[1]] == "apache-2.0"


def test_what_cut_downloads_left_is_listed_and_goes(monkeypatch: pytest.MonkeyPatch) -> None:
    torch_hub_dir().mkdir(parents=True)
    (torch_hub_dir() / "resnet18-f37072fd.pth.part").write_bytes(b"half")
    blobs = hub_folder(hub_id()) / "blobs"
    blobs.mkdir(parents=True)
    (blobs / "abc.incomplete").write_bytes(b"half of it")
    found = inventory()
    assert [(kept.state, kept.size) for kept in found] == [(CUT, 4), (CUT, 10)]
    assert sum(remove(kept) for kept in found) == 14
    assert inventory() == []


def test_what_is_removed_is_gone_and_what_others_name_stays(monkeypatch: pytest.MonkeyPatch) -> None:
    planted(monkeypatch)
    found = inventory()
    with pytest.raises(WeightsError, match="no weights of resnet18 are in the caches"):
        select(found, ["resnet18"])
    assert len(select(found, [CLASSIC])) == 2
    for kept in select(found, [f"{CLASSIC}.mine", CLASSIC]):
        assert remove(kept) == kept.size
    assert get(CLASSIC).tags == (CLASSIC_TAG,)
    (hubbed,) = inventory()
    blob = hubbed.path.resolve()
    second = hubbed.path.parent.parent / "another"
    second.mkdir()
    (second / "model.safetensors").symlink_to(blob)
    assert remove(hubbed) == 0
    assert blob.exists()
    assert inventory() == []


def test_a_file_of_two_names_is_one_and_goes_once(monkeypatch: pytest.MonkeyPatch) -> None:
    # timm has this file of torchvision's as a tag of its own.
    content = pickled(state_dict("torchvision/regnet_x_400mf"))
    path = plant_classic(monkeypatch, content, "torchvision/regnet_x_400mf", "IMAGENET1K_V1")
    state_of(monkeypatch, "timm/regnetx_004_tv", "tv2_in1k", file=path.name, hub_id=None)
    (kept,) = inventory()
    assert kept.also == ("timm/regnetx_004_tv.tv2_in1k",)
    assert select([kept], ["timm/regnetx_004_tv"]) == [kept]
    assert remove(kept) == len(content)
    assert inventory() == []


def test_a_download_that_is_running_stays() -> None:
    from filelock import FileLock

    torch_hub_dir().mkdir(parents=True)
    part = torch_hub_dir() / "squeezenet1_0-b66bff10.pth.part"
    part.write_bytes(b"half")
    (kept,) = inventory()
    assert kept.state == CUT
    with FileLock(str(part).removesuffix(".part") + ".lock"), pytest.raises(WeightsError, match="is running"):
        remove(kept)
    assert part.exists()
    assert remove(kept) == 4
    assert not part.exists()


def test_a_cut_download_of_any_repository_of_the_catalogue_is_found_and_a_strangers_is_not() -> None:
    from filelock import FileLock

    from zoo.weights.caches import blob_lock

    for repository in ("apple/mobileclip_s0_timm", "somebody/language-model"):
        blobs = hub_folder(repository) / "blobs"
        blobs.mkdir(parents=True)
        (blobs / "abc.word.incomplete").write_bytes(b"half")
    (kept,) = inventory()
    assert (kept.path.parent.parent, kept.state) == (hub_folder("apple/mobileclip_s0_timm"), CUT)
    lock = blob_lock(kept.path.with_name("abc"))
    lock.parent.mkdir(parents=True)
    with FileLock(lock), pytest.raises(WeightsError, match="is running"):
        remove(kept)
    assert remove(kept) == 4
    assert not kept.path.exists()
