"""Models of the user's own, by decorator and by entry point."""

from __future__ import annotations

from importlib import metadata
from pathlib import Path
from typing import Any

import pytest
import torch
from torch import nn

import zoo
from zoo import plugins
from zoo.cli.main import main
from zoo.cost.protocol import Protocol
from zoo.cost.settings import CostSettings
from zoo.cost.worker.process import WorkerProcess
from zoo.cost.worker.requests import Prepare
from zoo.errors import AmbiguousNameError, InputFileError, ZooError
from zoo.executors.process import JobProcess
from zoo.outcome import Status
from zoo.plans.cost import plan_cost
from zoo.processes.guard import Failure
from zoo.regimes.cell import run_job
from zoo.regimes.pretrain import pretrain
from zoo.regimes.strategies.base import TransferJob
from zoo.registry import facts as facts_cache
from zoo.registry.catalogue import namesakes
from zoo.runs.jobs.training import TrainingJob
from zoo.sources import user
from zoo.sources.lookup import code_digest
from zoo.suites.file import resolve_models
from zoo.suites.suite import CostPlan, Suite


@pytest.fixture(autouse=True)
def nothing_registered(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(user, "_REGISTERED", {})
    monkeypatch.setattr(user, "_ENTRY_POINTS", [])
    monkeypatch.setattr(plugins, "_LOADED", set())
    monkeypatch.setattr(facts_cache, "_COUNTED", {})


class Net(nn.Module):
    def __init__(self, num_classes: int = 1000) -> None:
        super().__init__()
        self.stem = nn.Conv2d(3, 8, 3, padding=1, bias=False)
        self.fc = nn.Linear(8, num_classes)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return self.fc(self.stem(x).mean((2, 3)))


def test_a_registered_model_is_like_any_other() -> None:
    zoo.register("mine/net", input_size=(3, 32, 32), licence="MIT")(Net)
    spec = zoo.get("mine/net")
    assert zoo.get("net") == spec
    assert (spec.params, spec.macs) == (3 * 8 * 9 + 8 * 1000 + 1000, 32 * 32 * 3 * 8 * 9 + 8 * 1000)
    assert spec.input_size == (3, 32, 32)
    assert "mine/net" in zoo.list_models("mine/*")
    images = torch.zeros(2, 3, 32, 32)
    assert zoo.create("mine/net", weights=None, num_classes=7)(images).shape == (2, 7)
    assert zoo.create("mine/net", weights=None, num_classes=0)(images).shape == (2, 8)


class Entry:
    name = "theirs/net"
    value = "their_package:Net"

    def __init__(self, broken: bool = False) -> None:
        self.broken = broken

    def load(self) -> Any:
        if self.broken:
            raise ImportError("planted")
        return Net


def test_entry_points_bring_models(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(metadata, "entry_points", lambda group: [Entry()] if group == "zoo.models" else [])
    assert zoo.get("theirs/net").family == "net"
    assert zoo.create("theirs/net", weights=None, num_classes=2)(torch.zeros(1, 3, 32, 32)).shape == (1, 2)


def test_a_broken_entry_point_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(metadata, "entry_points", lambda group: [Entry(broken=True)] if group == "zoo.models" else [])
    with pytest.raises(ZooError, match=r"entry point theirs/net \(their_package:Net\): ImportError: planted"):
        zoo.get("theirs/net")


@pytest.mark.parametrize("name", ["net", "timm/net", "mine/net.tag"])
def test_names_that_cannot_be_registered(name: str) -> None:
    with pytest.raises(ZooError, match="cannot register"):
        zoo.register(name)(Net)


def test_a_name_is_taken_once() -> None:
    zoo.register("mine/net")(Net)
    zoo.register("mine/net")(Net)  # the same again, as after a reload
    with pytest.raises(ZooError, match="that name is taken by"):
        zoo.register("mine/net")(lambda num_classes: Net(num_classes))


def bad(num_classes: int) -> nn.Module:
    raise RuntimeError("weights server is down")


def test_a_model_that_cannot_be_built_disables_no_other_name(capsys: pytest.CaptureFixture[str]) -> None:
    zoo.register("mine/bad", input_size=(3, 32, 32))(bad)
    zoo.register("mine/none", input_size=(3, 32, 32))(lambda num_classes: None)
    zoo.register("mine/net", input_size=(3, 32, 32))(Net)
    for words, expected in (
        (["list", "mine/*", "--format", "csv"], "mine/bad"),
        (["show", "mine/bad"], "not counted   RuntimeError: weights server is down"),
        (["show", "mine/none"], "not counted   TypeError: the constructor of mine/none returned NoneType"),
        (["show", "resnet18"], "torchvision/resnet18"),
    ):
        with pytest.raises(SystemExit) as caught:
            main(words)
        shown = capsys.readouterr()
        assert caught.value.code == 0, shown.err
        assert expected in shown.out
    assert zoo.get("mine/bad").params is None
    assert zoo.get("mine/net").not_counted is None
    assert zoo.list_models("mine/*", max_params=1e9) == ["mine/net"]


def test_a_listing_builds_only_what_it_shows() -> None:
    built: list[str] = []

    def noted(name: str) -> Any:
        def build(num_classes: int) -> nn.Module:
            built.append(name)
            return Net(num_classes)

        return build

    for name in ("mine/one", "mine/two"):
        user.add(name, noted(name), (3, 32, 32))
    assert zoo.list_models("resnet18") == ["timm/resnet18", "torchvision/resnet18"]
    zoo.get("resnet18")
    assert built == []
    assert zoo.list_models("*/two") == ["mine/two"]
    assert set(built) == {"mine/two"}


def test_a_model_that_cannot_be_built_is_planned_and_fails_with_its_reason() -> None:
    zoo.register("mine/bad", input_size=(3, 32, 32))(bad)
    plan = CostPlan(devices=("cpu",), metrics=("latency",), threads=(1,), input_size="smallest")
    planned = plan_cost(Suite("bad", resolve_models(["mine/bad", "alexnet"], "here"), cost=plan))
    assert {item.trial.model for item in planned} >= {"mine/bad", "torchvision/alexnet"}
    for strategy in ("random_features", "scratch"):
        outcome = run_job(TransferJob("mine/bad", None, strategy, "digits", 5, 0, 32))
        assert (outcome.status, outcome.reason) == (Status.FAILED, "RuntimeError: weights server is down")
    file, outcome = pretrain("mine/bad", "letters-am")
    assert file is None
    assert outcome.reason == "RuntimeError: weights server is down"


def test_a_corrected_model_is_counted_anew() -> None:
    zoo.register("mine/net", input_size=(3, 32, 32))(bad)
    assert zoo.get("mine/net").params is None
    user._REGISTERED.clear()
    zoo.register("mine/net", input_size=(3, 32, 32))(Net)
    assert zoo.get("mine/net").params


def test_a_bare_name_of_two_sources_is_refused_and_names_both(capsys: pytest.CaptureFixture[str]) -> None:
    for name in ("b/net", "a/net", "c/other", "mine/resnet18"):
        zoo.register(name, input_size=(3, 32, 32))(Net)
    with pytest.raises(AmbiguousNameError, match="'net' may be a/net or b/net; write the full name"):
        zoo.get("net")
    with pytest.raises(InputFileError, match=r"suite\.toml: 'net' may be a/net or b/net"):
        resolve_models(["net"], "suite.toml")
    assert zoo.get("other").name == "c/other"
    assert namesakes(zoo.get("b/net")) == ("a/net",)
    assert zoo.get("resnet18").name == "torchvision/resnet18"
    with pytest.raises(SystemExit):
        main(["show", "resnet18"])
    assert "namesake      timm/resnet18, mine/resnet18\n" in capsys.readouterr().out


def test_a_worker_says_what_it_cannot_import() -> None:
    for name in (None, "resnet18", "timm/resnet18.a1_in1k"):
        user.load_in_worker(name)
    with pytest.raises(ZooError, match="cannot import mine/nb; register it in a module named in ZOO_IMPORT"):
        user.load_in_worker("mine/nb")
    zoo.register("mine/nb")(Net)
    user.load_in_worker("mine/nb")


def test_both_kinds_of_worker_say_so() -> None:
    zoo.register("mine/nb", input_size=(3, 32, 32))(Net)
    worker = WorkerProcess("mine/nb", None, Protocol())
    answer = worker.ask(Prepare(CostSettings("latency", "cpu", 1, 1, "fp32", "contiguous", (3, 32, 32))), 60, "here")
    worker.close()
    assert isinstance(answer, Failure)
    assert "worker processes cannot import mine/nb; register it in a module" in answer.reason
    process = JobProcess()
    work = TransferJob("mine/nb", None, "scratch", "digits", 5, 0, 32)
    outcome = process.ask(TrainingJob(trials=(), label="", device="cpu", timeout_s=60, process="mine/nb", work=work))
    assert "worker processes cannot import mine/nb; register it in a module" in outcome.reason
    process.close()


def test_what_other_processes_find_too_is_told_from_what_only_this_one_knows(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    text = (
        "import functools, zoo, timm\nzoo.register('brought/net')(functools.partial(timm.create_model, 'test_vit'))\n"
    )
    (tmp_path / "brought_nets.py").write_text(text)
    monkeypatch.syspath_prepend(str(tmp_path))
    monkeypatch.setenv("ZOO_IMPORT", "brought_nets")
    monkeypatch.setattr(metadata, "entry_points", lambda group: [Entry()] if group == "zoo.models" else [])
    zoo.register("mine/net")(Net)
    assert set(user.registered()) == {"mine/net", "brought/net", "theirs/net"}
    assert user.registered_here() == ["mine/net"]
    monkeypatch.setenv("ZOO_IMPORT", f"brought_nets,{__name__}")
    assert user.registered_here() == []


def test_a_model_that_was_never_in_a_file_has_a_code_that_is_not_known() -> None:
    space: dict[str, Any] = {"nn": nn, "__name__": "nowhere"}
    exec("class Net(nn.Module): pass\ndef net(num_classes): return Net()", space)
    for name in ("Net", "net"):
        zoo.register(f"mine/{name}")(space[name])
        assert code_digest(f"mine/{name}") == "unknown"
