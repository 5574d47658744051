"""What a plan starts from: checkpoints of the user's, and nothing trained over a model of the user's unasked."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
import torch
from torch import nn

import zoo
from zoo.canonical import canonical_text
from zoo.errors import WeightsError, ZooError
from zoo.loading.create import create, create_random
from zoo.plans.checkpoints import check_checkpoints, private_paths
from zoo.plans.cost import plan_cost
from zoo.plans.plan import plan_suite
from zoo.plans.transfer import plan_transfer
from zoo.plans.weights import find_weights
from zoo.regimes.pretrain import pretrain
from zoo.registry import facts
from zoo.runs.jobs.training import run, training_job
from zoo.sources import user
from zoo.suites.suite import CostPlan, Suite, TransferPlan
from zoo.weights.digests import sha256

MODEL = "timm/test_resnet"
TRANSFER = TransferPlan(tasks=("gratings",), strategies=("classifier", "random_features"), shots=(2,), seeds=1)


class Net(nn.Module):
    def __init__(self, num_classes: int = 1000) -> None:
        super().__init__()
        self.stem = nn.Conv2d(3, 8, 3, padding=1)
        self.fc = nn.Linear(8, num_classes)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return self.fc(self.stem(x).mean((2, 3)))


@pytest.fixture(autouse=True)
def nothing_registered(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(user, "_REGISTERED", {})
    monkeypatch.setattr(facts, "_COUNTED", {})


@pytest.fixture
def best(tmp_path: Path) -> Path:
    torch.manual_seed(1)
    torch.save(create(MODEL, weights=None).state_dict(), tmp_path / "best.pth")
    return tmp_path / "best.pth"


@pytest.fixture
def net(tmp_path: Path) -> Path:
    torch.manual_seed(1)
    torch.save(Net(3).state_dict(), tmp_path / "net.pth")
    return tmp_path / "net.pth"


def test_a_file_is_known_by_its_digest_and_what_stands_beside_it(best: Path) -> None:
    suite = Suite("", (MODEL,), cost=CostPlan(aa_pair=False), transfer=TRANSFER, weights={MODEL: best})
    frozen, random = (item.trial for item in plan_transfer(suite))
    assert (frozen.weights, frozen.weights_digest) == ("best.pth", sha256(best))
    assert (random.weights, random.weights_digest) == ("random", None)
    assert {item.trial.weights_digest for item in plan_cost(suite)} == {sha256(best)}
    assert str(best.parent) not in canonical_text(frozen.to_dict())
    best.with_suffix(".json").write_text(json.dumps({"mean": [0.5] * 3}))
    stated, same = (item.trial for item in plan_transfer(suite))
    assert stated.key != frozen.key
    assert stated.weights_digest == frozen.weights_digest
    assert same.key == random.key
    assert private_paths(suite) == (str(best),)


def test_a_file_that_changes_meanwhile_is_not_taken_for_what_it_was(best: Path) -> None:
    item = plan_transfer(Suite("", (MODEL,), transfer=TRANSFER, weights={MODEL: best}))[0]
    torch.save(create(MODEL, weights=None).state_dict(), best)
    with pytest.raises(WeightsError, match=r"best\.pth: has changed since this run began"):
        run(training_job(item, 60.0), lambda *_: None)


def test_what_does_not_fit_is_refused_before_anything_runs(best: Path, net: Path) -> None:
    with pytest.raises(WeightsError, match=r"net\.pth: does not fit timm/test_resnet"):
        plan_suite(Suite("", (MODEL,), transfer=TRANSFER, weights={MODEL: net}))
    zoo.register("mine/net", input_size=(3, 32, 32))(Net)
    with pytest.raises(WeightsError, match=r"best\.pth: does not fit mine/net"):
        check_checkpoints(Suite("", ("mine/net",), transfer=TRANSFER, weights={"mine/net": best}))
    torch.save(create(MODEL, weights=None, in_chans=1).state_dict(), best)
    with pytest.raises(WeightsError, match="reads images of 1 channel"), pytest.warns(zoo.errors.ZooWarning):
        check_checkpoints(Suite("", (MODEL,), transfer=TRANSFER, weights={MODEL: best}))


def test_a_registered_file_is_what_a_users_model_starts_from(net: Path) -> None:
    zoo.register("mine/net", input_size=(3, 32, 32), licence="MIT", weights=net)(Net)
    spec = zoo.get("mine/net")
    assert (spec.tag, spec.licence) == ("registered", "MIT")
    loaded = zoo.create("mine/net")
    assert torch.equal(loaded.get_parameter("fc.weight"), torch.load(net)["fc.weight"])
    found = find_weights("mine/net", "auto", "letters-am")
    assert (found.tag, found.stand_in, found.sha256) == ("registered", False, sha256(net))
    suite = Suite("", ("mine/net",), transfer=TRANSFER)
    assert [item.trial.weights for item in plan_transfer(suite)] == ["registered", "random"]
    assert private_paths(suite) == (str(net),)
    net.unlink()
    with pytest.raises(WeightsError, match=r"mine/net is registered with .*net\.pth, which is no file"):
        zoo.create("mine/net")
    with pytest.raises(ZooError, match="weights must be non-empty text, not 3"):
        zoo.register("mine/other", weights=3)(Net)  # type: ignore[arg-type]


def test_nothing_is_trained_over_a_users_model_unasked() -> None:
    zoo.register("mine/net", input_size=(3, 32, 32))(Net)
    plan = plan_suite(Suite("", ("mine/net",), transfer=TRANSFER))
    assert plan.pretrainings == ()
    assert [bool(item.blocked) for item in plan.transfers] == [True, False]
    assert "trains none over a model of yours unasked" in plan.transfers[0].blocked
    # Of a library's model they are trained as ever, and of the user's where they are asked for by name.
    assert len(plan_suite(Suite("", (MODEL,), transfer=TRANSFER)).pretrainings) == 1
    assert find_weights("mine/net", "letters-am", "letters-am").stand_in


def test_a_random_start_of_a_constructor_that_loads_weights_is_random(net: Path) -> None:
    @zoo.register("mine/loads", input_size=(3, 32, 32))
    def loads(num_classes: int = 1000) -> nn.Module:
        model = Net(3)
        model.load_state_dict(torch.load(net))
        model.fc = nn.Linear(8, num_classes)
        return model

    held = torch.load(net)["stem.weight"]
    model, said = create_random("mine/loads", 5, 32)
    assert said == ""
    assert not torch.equal(model.get_parameter("stem.weight"), held)
    file, outcome = pretrain("mine/loads", "gratings", recipe=zoo.training.recipe.Recipe(steps=1))
    assert file is not None
    assert outcome.flags == ()
    made = create("mine/loads", weights=file.tag).get_parameter("stem.weight")
    assert (made - held).abs().max() > 0.05  # one step moves no weight as far


def test_a_model_that_is_only_looked_at_warns_of_nothing(net: Path, recwarn: pytest.WarningsRecorder) -> None:
    @zoo.register("mine/loads", input_size=(3, 32, 32))
    def loads(num_classes: int = 1000) -> nn.Module:
        model = Net(num_classes)
        state = torch.load(net)
        model.load_state_dict({"stem.weight": state["stem.weight"], "stem.bias": state["stem.bias"]}, strict=False)
        return model

    plan_suite(Suite("", ("mine/loads",), transfer=TRANSFER))
    assert [str(one.message) for one in recwarn] == []
