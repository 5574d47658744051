"""A suite's models are names, and patterns that mean what they mean to `zoo list`."""

from __future__ import annotations

from pathlib import Path

import pytest

import zoo
from zoo.errors import ZooError
from zoo.registry.search import list_models
from zoo.sources import user
from zoo.suites.file import load_suite, parse_suite
from zoo.suites.models import is_pattern


def models(listed: str, rest: str = "[cost]") -> tuple[str, ...]:
    text = f'[suite]\nname = "x"\nmodels = {listed}\n{rest}\n'
    return parse_suite(text.encode(), where="mine.toml").models


def test_a_pattern_is_all_that_it_lists_and_each_model_stands_once() -> None:
    found = models('["timm/resnet18", "resnet[15]*", "timm/resnet1?"]')
    assert found[0] == "timm/resnet18"
    assert len(found) == len(set(found))
    assert set(found) == {"timm/resnet18", *list_models("resnet[15]*"), *list_models("timm/resnet1?")}
    assert {"torchvision/resnet18", "timm/resnet50"} <= set(found)


def test_a_pattern_with_a_tag_is_each_set_of_weights_that_matches() -> None:
    assert models('["timm/resnet18.a*"]') == (
        "timm/resnet18.a1_in1k",
        "timm/resnet18.a2_in1k",
        "timm/resnet18.a3_in1k",
    )


def test_a_star_is_every_architecture_a_users_own_among_them(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(user, "_REGISTERED", {})

    @zoo.register("mine/net", input_size=(3, 32, 32))
    def net(num_classes: int = 1000) -> object:
        from torch import nn

        return nn.Sequential(nn.Flatten(), nn.Linear(3 * 32 * 32, num_classes))

    assert models('["*"]') == tuple(list_models())
    assert "mine/net" in models('["*"]')
    assert models('["mine/*"]') == ("mine/net",)
    assert "mine/net" not in models('["timm/*", "torchvision/*"]')


def test_the_suite_of_the_registry_is_a_pattern_like_any_other() -> None:
    suite = load_suite("registry")
    assert suite.models == tuple(list_models())
    assert suite.transfer is None


def test_a_pattern_that_nothing_matches_is_refused_with_its_place() -> None:
    with pytest.raises(
        ZooError, match=r"^mine.toml: suite.models: no model matches 'resent\*'; `zoo list` shows all$"
    ):
        models('["resnet18", "resent*"]')


TRAINED = '[transfer]\nstrategies = ["classifier"]\n'


def test_what_a_pattern_means_is_not_trained_unasked() -> None:
    with pytest.raises(ZooError, match=r"^mine.toml: transfer.models: suite.models holds the pattern 'timm/\*'"):
        models('["resnet18", "timm/*"]', f"[cost]\n{TRAINED}")
    assert models('["resnet18"]', f"[cost]\n{TRAINED}") == ("torchvision/resnet18",)


def test_what_is_trained_may_be_named_by_a_pattern_of_its_own(tmp_path: Path) -> None:
    path = tmp_path / "s.toml"
    path.write_text(f'[suite]\nname = "x"\nmodels = ["timm/*"]\n[cost]\n{TRAINED}models = ["timm/test_res*"]\n')
    suite = load_suite(path)
    assert suite.transfer is not None
    assert suite.transfer.models == tuple(list_models("timm/test_res*"))


@pytest.mark.parametrize(("name", "pattern"), [("resnet18", False), ("timm/*", True), ("vit_?", True), (3, False)])
def test_a_pattern_is_told_from_a_name(name: object, pattern: bool) -> None:
    assert is_pattern(name) is pattern


def test_no_model_is_named_like_a_pattern() -> None:
    assert not any(map(is_pattern, list_models("*", "*.*")))
