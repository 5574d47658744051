"""What was learned of the installed libraries: new architectures and tags, kept for the version that stated them."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest

from zoo.commands.doctor import catalogue_text
from zoo.errors import UnknownNameError
from zoo.paths import facts_path
from zoo.registry import catalogue
from zoo.registry import facts as facts_cache
from zoo.registry.difference import difference
from zoo.registry.entry import Entry
from zoo.registry.search import list_models

NAME, TAG = "timm/test_vit", "r160_in1k"


@pytest.fixture
def shipped(monkeypatch: pytest.MonkeyPatch) -> Iterator[dict[str, Any]]:
    """A catalogue that may be changed, and is read anew."""
    data = catalogue.shipped()
    models = {name: {**entry, "tags": dict(entry["tags"])} for name, entry in data["models"].items()}
    planted = {"versions": dict(data["versions"]), "models": models, "old_names": data["old_names"]}
    monkeypatch.setattr(catalogue, "shipped", lambda: planted)
    monkeypatch.setattr("zoo.registry.difference.shipped", lambda: planted)
    catalogue._entries.cache_clear()
    yield planted
    catalogue._entries.cache_clear()


@pytest.fixture
def older(shipped: dict[str, Any]) -> dict[str, Any]:
    """A catalogue made from an older timm, which had another default tag of one model, and lacked one of another."""
    shipped["versions"]["timm"] = "0.0.1"
    shipped["models"][NAME]["tags"] = {"old_in1k": shipped["models"][NAME]["tags"][TAG]}
    del shipped["models"]["timm/test_resnet"]
    return shipped


def forget() -> None:
    """As another process would."""
    catalogue._entries.cache_clear()


def test_a_new_tag_of_a_known_architecture_is_learned(older: dict[str, Any]) -> None:
    assert catalogue.get(NAME).tags == ("old_in1k",)
    assert catalogue.get(f"{NAME}.{TAG}").tag == TAG
    forget()
    assert catalogue.tag_facts(NAME, TAG).hub_id == "timm/test_vit.r160_in1k"
    spec = catalogue.get(NAME)
    assert (spec.tag, spec.tags) == ("old_in1k", ("old_in1k", TAG))  # the default is what it was
    assert spec.params == older["models"][NAME]["params"]
    assert f"{NAME}.{TAG}" in list_models(f"{NAME}.*")
    with pytest.raises(UnknownNameError, match="unknown weights tag"):
        catalogue.get(f"{NAME}.nonsense")


def test_nothing_is_asked_of_a_library_of_the_catalogues_version(
    shipped: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(facts_cache, "learn_tags", lambda *_: pytest.fail("asked"))
    with pytest.raises(UnknownNameError, match="unknown weights tag"):
        catalogue.get(f"{NAME}.nonsense")


def test_the_doctor_tells_of_new_tags_and_architectures(older: dict[str, Any]) -> None:
    found = difference()
    assert found.new_tags == (f"{NAME}.{TAG}",)
    assert found.new == ("timm/test_resnet",)
    assert "1 architectures and 1 weights tags more" in catalogue_text(difference())


def test_the_doctor_tells_of_new_tags_alone(shipped: dict[str, Any]) -> None:
    assert catalogue_text(difference()).startswith("current")
    del shipped["models"][NAME]["tags"][TAG]
    assert "0 architectures and 1 weights tags more" in catalogue_text(difference())


def test_a_learned_entry_holds_for_the_version_it_was_learned_with(older: dict[str, Any]) -> None:
    catalogue.get("timm/test_resnet")
    kept = json.loads(facts_path().read_text())
    assert kept["timm/test_resnet"]["version"] == catalogue.installed_versions()["timm"]
    forget()
    assert "timm/test_resnet" in catalogue.entries()
    facts_path().write_text(json.dumps({"timm/test_resnet": kept["timm/test_resnet"] | {"version": "0.0.2"}}))
    forget()
    assert "timm/test_resnet" not in catalogue.entries()


def test_the_shipped_entry_wins_where_its_version_is_the_installed_one(shipped: dict[str, Any]) -> None:
    version = shipped["versions"]["timm"]
    planted = Entry.from_dict(shipped["models"][NAME] | {"params": 1, "version": version})
    facts_cache.write({NAME: planted})
    assert facts_cache.read()[NAME] == planted
    assert catalogue.get(NAME).params == shipped["models"][NAME]["params"]


def test_counts_of_a_zoo_that_had_the_trained_form_alone_are_made_anew(shipped: dict[str, Any]) -> None:
    old = {key: value for key, value in shipped["models"][NAME].items() if key != "deployed"}
    entry = Entry.from_dict(old)
    assert entry.counts is None
    assert facts_cache.counted(entry).counts == Entry.from_dict(shipped["models"][NAME]).counts


def test_an_entry_goes_to_json_and_back(shipped: dict[str, Any]) -> None:
    for name in ("timm/mobileone_s0", "torchvision/vit_b_16", NAME):
        assert Entry.from_dict(shipped["models"][name]).to_dict() == shipped["models"][name]


FRAGMENTS: list[Any] = [{}, None, [], {"source": "timm"}, {"version": "1.0", "source": "timm"}]

CHANGES: list[dict[str, Any]] = [
    {"tags": []},
    {"params": "many"},
    {"input_size": [3, 224]},
    {"input_size": [3, "a", 224]},
    {"preprocessing": [1]},
    {"preprocessing": [224, 0, "bicubic", [0.5], [0.5]]},
    {"tags": {"a": {"input_size": [3, 224, 224]}}},
    {"tags": {"a": None}},
    {"version": None},
    {"architecture": "another"},
]


@pytest.mark.parametrize("fragment", FRAGMENTS)
def test_a_fragment_is_no_entry(fragment: Any) -> None:
    facts_path().parent.mkdir(parents=True, exist_ok=True)
    facts_path().write_text(json.dumps({"timm/foo": fragment}))
    forget()
    assert "timm/foo" not in list_models("timm/*")


@pytest.mark.parametrize("change", CHANGES)
def test_a_broken_entry_is_ignored(older: dict[str, Any], change: dict[str, Any]) -> None:
    sound = older["models"][NAME] | {"version": catalogue.installed_versions()["timm"]}
    twin = sound | {"architecture": "sound"}
    facts_path().parent.mkdir(parents=True, exist_ok=True)
    facts_path().write_text(json.dumps({NAME: sound | change, "timm/sound": twin}))
    assert set(facts_cache.read()) == {"timm/sound"}
    forget()
    listed = list_models("timm/*")
    assert NAME in listed  # as shipped
    assert "timm/sound" in listed
