"""Files of the hub: brought whole and verified into its own cache, whatever happens on the way."""

from __future__ import annotations

import hashlib
import multiprocessing
import os
import random
from pathlib import Path
from typing import Any

import pytest

from tests.weights.mirror import Mirror, mirror
from tests.weights.planted import HUBBED, HUBBED_TAG, REVISION, hub_id, safetensors, served_by_hub, state_dict
from zoo.errors import WeightsError
from zoo.loading.create import create
from zoo.weights.caches import hub_folder, hugging_face_dir
from zoo.weights.download.remote import ask
from zoo.weights.fetch import download_one, fetch_one
from zoo.weights.locate import locate

CONTENT = random.Random(4).randbytes(2_000_000)
DIGEST = hashlib.sha256(CONTENT).hexdigest()


@pytest.fixture(autouse=True)
def online(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("HF_HUB_OFFLINE")
    # The hub's client read its variable when it was imported.
    monkeypatch.setattr("huggingface_hub.constants.HF_HUB_OFFLINE", False)


def hub(monkeypatch: pytest.MonkeyPatch, server: Mirror) -> None:
    monkeypatch.setenv("HF_ENDPOINT", server.url)


def test_a_file_lies_where_the_hubs_own_client_finds_it(monkeypatch: pytest.MonkeyPatch) -> None:
    from huggingface_hub import try_to_load_from_cache

    state = state_dict(HUBBED)
    content = safetensors(state)
    with mirror(**served_by_hub(hub_id(), content)) as server:
        hub(monkeypatch, server)
        model = create(f"{HUBBED}.{HUBBED_TAG}")
    assert all(bool((value == state[key]).all()) for key, value in model.state_dict().items())
    found = try_to_load_from_cache(hub_id(), "model.safetensors", cache_dir=hugging_face_dir())
    assert isinstance(found, str)
    assert Path(found).read_bytes() == content
    assert Path(found).resolve().name == hashlib.sha256(content).hexdigest()
    file = locate(HUBBED, HUBBED_TAG)
    assert file is not None
    assert file.path == Path(found)


def test_cut_at_twenty_random_places_little_comes_twice(monkeypatch: pytest.MonkeyPatch) -> None:
    places = random.Random(5)
    cuts = [places.randrange(1, 150_000) for _ in range(20)]
    with mirror(**served_by_hub(hub_id(), CONTENT), cuts=cuts) as server:
        hub(monkeypatch, server)
        file = fetch_one(HUBBED, HUBBED_TAG)
        assert server.bytes_sent <= 1.1 * len(CONTENT)
    assert file.path.read_bytes() == CONTENT
    assert file.sha256 == DIGEST


def bring_from(url: str, home: str) -> None:
    os.environ["HF_ENDPOINT"], os.environ["HF_HOME"] = url, home
    os.environ.pop("HF_HUB_OFFLINE", None)
    fetch_one(HUBBED, HUBBED_TAG)


@pytest.mark.slow
def test_eight_processes_bring_it_once(monkeypatch: pytest.MonkeyPatch) -> None:
    context = multiprocessing.get_context("spawn")
    with mirror(**served_by_hub(hub_id(), CONTENT), drip_s=0.01) as server:
        home = os.environ["HF_HOME"]
        # The hub's client reads its variables when it is imported, which a spawned child does while it starts.
        monkeypatch.delenv("HF_HUB_OFFLINE", raising=False)
        processes = [context.Process(target=bring_from, args=(server.url, home)) for _ in range(8)]
        for process in processes:
            process.start()
        for process in processes:
            process.join(120)
        assert [process.exitcode for process in processes] == [0] * 8
        assert server.bytes_sent == len(CONTENT)
    file = locate(HUBBED, HUBBED_TAG)
    assert file is not None
    assert file.path.read_bytes() == CONTENT


def test_no_token_goes_where_the_hub_redirects(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HF_TOKEN", "hf_secret")
    served = served_by_hub(hub_id(), CONTENT)
    with mirror(files={"/storage": CONTENT}) as storage:
        away = f"{storage.url.replace('127.0.0.1', 'localhost')}/storage"
        redirects = dict.fromkeys(served["files"], away)
        with mirror(headers=served["headers"], redirects=redirects) as server:
            hub(monkeypatch, server)
            remote = ask(HUBBED, HUBBED_TAG)
            assert "hf_secret" not in repr(remote)
            assert download_one(remote).path.read_bytes() == CONTENT
            assert {token for _, token in server.tokens} == {"Bearer hf_secret"}
        assert {token for _, token in storage.tokens} == {""}


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"headers": {}}, "states no digest"),
        ({"files": {}}, "holds none of model.safetensors"),
        ({"refusals": [(403, {"X-Error-Code": "GatedRepo"})]}, "behind terms: accept them on its page"),
        ({"refusals": [(401, {"X-Error-Code": "RepoNotFound"})]}, "no such repository, or HF_TOKEN may not read it"),
        ({"refusals": [(418, {})]}, "the server answers 418"),
    ],
    ids=["no digest", "no file", "gated", "no repository", "other"],
)
def test_what_cannot_be_had_is_one_line(monkeypatch: pytest.MonkeyPatch, change: dict[str, Any], said: str) -> None:
    monkeypatch.setenv("HF_TOKEN", "hf_secret")
    with mirror(**served_by_hub(hub_id(), CONTENT) | change) as server:
        hub(monkeypatch, server)
        with pytest.raises(WeightsError, match=said) as caught:
            create(f"{HUBBED}.{HUBBED_TAG}")
    line = str(caught.value)
    assert "\n" not in line
    assert "hf_secret" not in line
    assert f"zoo fetch {HUBBED}.{HUBBED_TAG}" in line


def test_a_token_that_is_none_is_not_printed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HF_TOKEN", "hf_SECRET\x01x")
    with mirror(**served_by_hub(hub_id(), CONTENT)) as server:
        hub(monkeypatch, server)
        with pytest.raises(WeightsError, match="HF_TOKEN holds characters that no token has") as caught:
            fetch_one(HUBBED, HUBBED_TAG)
        assert server.asked == []
    assert "SECRET" not in str(caught.value)


def test_a_cache_that_cannot_be_written_is_one_line(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    with mirror(**served_by_hub(hub_id(), CONTENT)) as server:
        hub(monkeypatch, server)
        remote = ask(HUBBED, HUBBED_TAG)
        (hub_folder(hub_id())).mkdir(parents=True)
        (hub_folder(hub_id()) / "snapshots").write_bytes(b"")  # the blob comes, its name does not
        with pytest.raises(WeightsError, match="the file is") as caught:
            download_one(remote)
        assert str(remote.target) in str(caught.value)
        (tmp_path / "file").write_bytes(b"")
        monkeypatch.setenv("HF_HOME", str(tmp_path / "file"))
        with pytest.raises(WeightsError, match="move the caches"):
            create(f"{HUBBED}.{HUBBED_TAG}")


def test_other_bytes_than_the_hub_states_are_not_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    served = served_by_hub(hub_id(), CONTENT)
    served["files"] = dict.fromkeys(served["files"], CONTENT[:-1] + b"?")
    with mirror(**served) as server:
        hub(monkeypatch, server)
        with pytest.raises(WeightsError, match="what came is not the file"):
            fetch_one(HUBBED, HUBBED_TAG)
    assert locate(HUBBED, HUBBED_TAG) is None
    assert not [path for path in hub_folder(hub_id()).rglob("*") if path.is_file()]


def test_a_new_revision_replaces_the_old(monkeypatch: pytest.MonkeyPatch) -> None:
    for revision, content in ((REVISION, CONTENT), ("2" * 40, CONTENT[::-1])):
        served = served_by_hub(hub_id(), content)
        headers = {
            path.replace(REVISION, revision): stated | {"X-Repo-Commit": revision}
            for path, stated in served["headers"].items()
        }
        files = {path.replace(REVISION, revision): body for path, body in served["files"].items()}
        with mirror(files=files, headers=headers) as server:
            hub(monkeypatch, server)
            fetch_one(HUBBED, HUBBED_TAG)
        file = locate(HUBBED, HUBBED_TAG)
        assert file is not None
        assert file.path.read_bytes() == content
        assert file.path.parent.name == revision
