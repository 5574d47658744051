"""A source of another package's: its models are listed, shown, built, loaded and measured as any others are."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace
from importlib import metadata
from typing import Any

import pytest
import torch
from torch import nn

import zoo
from tests.sources import toys
from tests.sources.toys import Toys
from tests.weights.mirror import mirror
from tests.weights.planted import hashed, pickled, plant_hub, safetensors
from zoo import plugins
from zoo.cli.main import main
from zoo.cost.protocol import Protocol
from zoo.cost.settings import CostSettings
from zoo.cost.worker.process import WorkerProcess
from zoo.cost.worker.requests import CountMacs, Prepare
from zoo.errors import AmbiguousNameError, UnknownNameError, WeightsError, ZooError, ZooWarning
from zoo.models.heads import classifier_parameters
from zoo.models.input_size import smallest_input_size, takes
from zoo.paths import facts_path
from zoo.processes.guard import Failure
from zoo.registry import catalogue, facts
from zoo.sources import SHIPPED, SOURCES, user
from zoo.sources.lookup import code_digest, source_of
from zoo.weights.caches import torch_hub_dir
from zoo.weights.locate import locate

SOURCES.unregister("toys")  # importing its module registered it, and other tests go without


def forget(monkeypatch: pytest.MonkeyPatch) -> None:
    """As another process would."""
    monkeypatch.setattr(facts, "_STATED", {})
    monkeypatch.setattr(facts, "_COUNTED", {})


@pytest.fixture
def source(monkeypatch: pytest.MonkeyPatch) -> Iterator[Toys]:
    """The source, registered in this process alone."""
    forget(monkeypatch)
    monkeypatch.setattr(user, "_REGISTERED", {})
    SOURCES.unregister("toys")
    made = Toys()
    SOURCES.register("toys", made)
    yield made
    SOURCES.unregister("toys")


IMAGES = torch.zeros(2, 3, 32, 32)


def test_its_models_are_listed_shown_and_built(source: Toys, capsys: pytest.CaptureFixture[str]) -> None:
    assert zoo.list_models(source="toys") == ["toys/tiny", "toys/wide"]
    with pytest.raises(SystemExit) as caught:
        main(["list", "--source", "toys", "--sort", "params", "--format", "json"])
    rows = json.loads(capsys.readouterr().out)
    assert caught.value.code == 0
    assert [(row["name"], row["params"]) for row in rows] == [("toys/tiny", 158), ("toys/wide", 306)]
    assert rows[0]["macs"] == 32 * 32 * 3 * 4 * 9 + 4 * 10
    with pytest.raises(SystemExit):
        main(["show", "tiny"])
    card = capsys.readouterr().out
    assert "toys/tiny" in card
    assert "plain (default)" in card
    spec = zoo.get("toys/wide")
    assert (spec.tag, spec.licence, spec.preprocessing) == (None, "bsd-3-clause", toys.PREPROCESSING)
    assert (zoo.get("tiny").licence, zoo.get("tiny").top1) == ("mit", 50.0)
    for classes, width in ((None, 10), (7, 7), (0, 4)):
        assert zoo.create("toys/tiny", weights=None, num_classes=classes)(IMAGES).shape == (2, width)
    smallest = smallest_input_size("toys/tiny")
    assert 1 <= smallest <= 3
    assert takes("toys/tiny", smallest)
    assert not takes("toys/tiny", smallest - 1)


def test_its_heads_are_found_by_what_changes(source: Toys) -> None:
    model = zoo.create("toys/wide", weights=None)
    assert [name for name, _ in classifier_parameters(model)] == ["top.weight", "top.bias"]


@pytest.mark.parametrize("heads", ["built", "exchanged"])
def test_a_source_says_itself_how_heads_are_made(source: Toys, monkeypatch: pytest.MonkeyPatch, heads: str) -> None:
    monkeypatch.setattr(Toys, "heads", heads, raising=False)
    monkeypatch.setattr(Toys, "head_paths", lambda self, model: ["stem"], raising=False)
    seen: list[int | None] = []
    build = Toys.build

    def noted(self: Toys, architecture: str, input_size: Any = None, num_classes: int | None = None) -> nn.Module:
        seen.append(num_classes)
        return build(self, architecture, input_size, num_classes)

    monkeypatch.setattr(Toys, "build", noted)
    model = zoo.create("toys/wide", weights=None, num_classes=0)
    assert [name for name, _ in classifier_parameters(model)] == ([] if heads == "exchanged" else ["stem.weight"])
    assert isinstance(model.stem, nn.Identity) is (heads == "exchanged")
    assert seen[-1] == (0 if heads == "built" else None)


def test_facts_and_counts_are_kept_for_its_version(source: Toys, monkeypatch: pytest.MonkeyPatch) -> None:
    assert zoo.list_models("resnet18") == ["timm/resnet18", "torchvision/resnet18"]
    assert (source.asked, source.built) == (["tiny", "wide"], [])  # what is not shown is not built
    zoo.get("toys/tiny")
    assert set(source.built) == {"tiny"}
    for stated, again in (("1.0", []), ("1.1", ["tiny", "wide"])):
        forget(monkeypatch)
        source.asked.clear()
        source.built.clear()
        source.stated = stated
        assert zoo.get("toys/tiny").params == 158
        assert source.asked == again
        assert bool(source.built) == bool(again)
    kept = json.loads(facts_path().read_text())
    assert kept["toys/tiny"]["version"] == "1.1"


def test_nothing_is_kept_of_a_source_without_a_version(source: Toys, monkeypatch: pytest.MonkeyPatch) -> None:
    source.stated = ""
    assert zoo.get("toys/tiny").params == 158
    assert not facts_path().exists()
    forget(monkeypatch)
    assert zoo.get("toys/tiny").params == 158
    assert source.asked == ["tiny", "wide"] * 2


def test_a_new_architecture_and_a_new_tag_are_learned_when_they_are_named(source: Toys) -> None:
    assert zoo.list_models(source="toys") == ["toys/tiny", "toys/wide"]
    source.widths["huge"] = 16
    source.tags["new"] = replace(source.tags["plain"], licence="apache-2.0")
    assert zoo.get("toys/huge").params == 16 * 27 + 170
    assert zoo.get("toys/tiny.new").licence == "apache-2.0"
    with pytest.raises(UnknownNameError, match="did you mean toys/tiny"):
        zoo.get("toys/tini")
    with pytest.raises(UnknownNameError, match="unknown source 'toy': did you mean toys"):
        zoo.list_models(source="toy")


def test_bare_names_mean_the_libraries_first_and_are_refused_where_two_others_answer(source: Toys) -> None:
    source.widths["resnet18"] = 4
    assert zoo.get("resnet18").name == "torchvision/resnet18"
    assert catalogue.namesakes(zoo.get("resnet18")) == ("timm/resnet18", "toys/resnet18")
    zoo.register("mine/tiny", input_size=(3, 32, 32))(lambda num_classes: toys.Toy(4, num_classes))
    with pytest.raises(AmbiguousNameError, match="'tiny' may be mine/tiny or toys/tiny"):
        zoo.get("tiny")
    with pytest.raises(ZooError, match="its source is not torchvision or timm or toys"):
        zoo.register("toys/net")(toys.Toy)


def test_weights_come_as_its_facts_state_them(source: Toys, monkeypatch: pytest.MonkeyPatch) -> None:
    state = dict(toys.Toy(4, 10).state_dict())
    content = pickled(state)
    file = hashed("toy", content)
    with mirror(files={f"/{file}": content}) as server:
        source.tags["plain"] = replace(source.tags["plain"], file=file, url=f"{server.url}/{file}")
        source.tags["hubbed"] = replace(source.tags["plain"], file=None, url=None, hub_id="toys/tiny")
        monkeypatch.delenv("HF_HUB_OFFLINE")
        assert locate("toys/tiny") is None
        loaded = zoo.create("toys/tiny")
    assert all(torch.equal(value, state[key]) for key, value in loaded.state_dict().items())
    assert (torch_hub_dir() / file).read_bytes() == content
    plant_hub("toys/tiny", safetensors(state))
    with pytest.warns(ZooWarning, match="has 10 classes and 3 were asked for"):
        model = zoo.create("toys/tiny.hubbed", num_classes=3)
    assert torch.equal(model.stem.weight, state["stem.weight"])
    with pytest.raises(WeightsError, match="toys/wide has no weights"):
        zoo.create("toys/wide")


def test_a_source_may_translate_names_itself(source: Toys, monkeypatch: pytest.MonkeyPatch) -> None:
    state = {f"old.{key}": value for key, value in toys.Toy(4, 10).state_dict().items()}
    content = pickled(state)
    file = hashed("toy", content)
    source.tags["plain"] = replace(source.tags["plain"], file=file)
    torch_hub_dir().mkdir(parents=True)
    (torch_hub_dir() / file).write_bytes(content)
    with pytest.raises(WeightsError, match="does not fit toys/tiny"):
        zoo.create("toys/tiny")
    with monkeypatch.context() as patch:
        patch.setattr(Toys, "renamed", lambda self, architecture, key: key.removeprefix("old."), raising=False)
        assert torch.equal(zoo.create("toys/tiny").stem.weight, state["old.stem.weight"])

    def load(self: Toys, architecture: str, tag: str | None, state: dict[str, Any], num_classes: Any) -> nn.Module:
        model = self.build(architecture)
        model.load_state_dict({key.removeprefix("old."): value for key, value in state.items()})
        return model

    monkeypatch.setattr(Toys, "translates", True, raising=False)
    monkeypatch.setattr(Toys, "load", load, raising=False)
    assert torch.equal(zoo.create("toys/tiny").stem.weight, state["old.stem.weight"])
    assert zoo.create("toys/tiny", num_classes=0)(IMAGES).shape == (2, 4)


def test_other_code_is_told_by_its_version(source: Toys) -> None:
    assert code_digest("toys/tiny") == "toys 1.0"
    assert source_of("toys").libraries() == f"torch {metadata.version('torch')}, toys 1.0"
    assert code_digest("timm/resnet18") is None
    assert source_of("timm").libraries() == f"torch {metadata.version('torch')}, timm {metadata.version('timm')}"
    assert source_of("mine").libraries() == f"torch {metadata.version('torch')}"


@pytest.mark.parametrize("name", ["facts", "architectures"])
def test_a_source_that_cannot_tell_is_named(source: Toys, monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    def broken(*_: Any) -> Any:
        raise RuntimeError("planted")

    monkeypatch.setattr(Toys, name, broken)
    with pytest.raises(ZooError, match="the source 'toys' cannot state its models: RuntimeError: planted"):
        zoo.list_models("resnet18")


class Entry:
    name, value = "toys", "tests.sources.toys:Toys"

    def load(self) -> Any:
        return Toys("2.0")


def test_an_entry_point_adds_a_source(source: Toys, monkeypatch: pytest.MonkeyPatch) -> None:
    SOURCES.unregister("toys")
    monkeypatch.setattr(SOURCES, "_entry_points", None)
    monkeypatch.setattr(SOURCES, "_loaded", {})
    monkeypatch.setattr(metadata, "entry_points", lambda group: [Entry()] if group == "zoo.sources" else [])
    assert list(SOURCES) == [*SHIPPED, "toys"]
    assert zoo.list_models("toys/*") == ["toys/tiny", "toys/wide"]
    assert SOURCES.registered_here() == []


def test_what_only_this_process_knows_is_told_from_what_is_imported_everywhere(
    source: Toys, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert user.registered_here() == ["toys"]
    monkeypatch.setenv("ZOO_IMPORT", toys.__name__)
    assert user.registered_here() == []


def test_workers_build_what_a_named_module_registers(source: Toys, monkeypatch: pytest.MonkeyPatch) -> None:
    settings = CostSettings("latency", "cpu", 1, 1, "fp32", "contiguous", (3, 32, 32))
    monkeypatch.setattr(plugins, "_LOADED", set())
    answers = []
    for module in ("", toys.__name__):
        monkeypatch.setenv("ZOO_IMPORT", module)
        worker = WorkerProcess("toys/tiny", None, Protocol())
        answers.append(worker.ask(Prepare(settings), 60, "here"))
        counted = worker.ask(CountMacs(), 60, "here")
        worker.close()
    assert isinstance(answers[0], Failure)
    assert "worker processes cannot import toys/tiny; register it in a module" in answers[0].reason
    assert answers[1] is None
    assert counted == 32 * 32 * 4 * 27 + 4 * 10
