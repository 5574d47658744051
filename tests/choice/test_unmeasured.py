"""What was never measured and might win: by published top-1, within the limits, at no more MACs."""

from __future__ import annotations

import pytest

import zoo
from tests.results.planted import cost, transfer
from zoo.candidates.candidates import find_candidates
from zoo.choice.limits import Limits
from zoo.choice.unmeasured import Unmeasured, commands, unmeasured
from zoo.registry.catalogue import get
from zoo.registry.search import list_specs
from zoo.results.view import Results

RECORDS = [cost("resnet18", 20.0), cost("mobilenet_v2", 8.0), transfer("resnet18", "full", 0.8)]


def found(records: list[zoo.Measurement] | list, limits: Limits | None = None) -> tuple[Unmeasured, ...]:  # type: ignore[type-arg]
    candidates, _ = find_candidates(Results(records))
    return unmeasured(candidates, candidates[0], limits or Limits())


def test_they_beat_what_is_published_of_the_chosen_at_no_more_macs() -> None:
    shown = found(RECORDS)
    most, to_beat = get("torchvision/resnet18").deployed_macs, get("torchvision/resnet18").top1
    assert most is not None
    assert to_beat is not None
    known = [
        spec for spec in list_specs(min_top1=to_beat, max_macs=most, sort="top1")
        if get(spec.name).input_size == spec.input_size and spec.model not in ("torchvision/resnet18",)
    ]  # fmt: skip
    best = list(dict.fromkeys(spec.model for spec in known))[:3]
    assert [one.model.rpartition(".")[0] for one in shown] == best
    assert all(one.top1 > one.chosen_top1 == to_beat and one.macs <= most for one in shown)


def test_they_meet_the_limits_on_what_is_known_of_them() -> None:
    shown = found(RECORDS, Limits(max_macs=5e8, max_params=6e6, licence="mit"))
    assert shown
    for one in shown:
        spec = get(one.model)
        assert (spec.deployed_macs or 1e12) <= 5e8
        assert (spec.deployed_params or 1e12) <= 6e6
        assert spec.licence == "mit"


def test_what_was_measured_is_not_among_them() -> None:
    first = found(RECORDS)[0].model
    model = first.rpartition(".")[0]
    again = found([*RECORDS, cost(model, 30.0)])
    assert model not in [one.model.rpartition(".")[0] for one in again]


def test_of_a_model_without_a_published_accuracy_nothing_is_said() -> None:
    candidates, _ = find_candidates(Results([cost("mine/net", 20.0)]))
    assert unmeasured(candidates, candidates[0], Limits()) == ()


def test_the_command_brings_and_measures_them() -> None:
    one = Unmeasured("timm/resnet50.a1_in1k", 80.2, 4.1e9, 69.8)
    brought = "zoo fetch timm/resnet50.a1_in1k && zoo bench timm/resnet50.a1_in1k"
    assert commands([one], None) == brought
    assert commands([one], "digits") == f"{brought} && zoo transfer timm/resnet50.a1_in1k --task digits"
    assert commands([one], "birds").endswith("--task path/to/birds")
    packaged = Unmeasured("timm/tf_efficientnet_lite0.packaged", 74.8, 4e8, 69.8)
    assert commands([packaged], None) == "zoo bench timm/tf_efficientnet_lite0.packaged"
    assert commands([], "digits") == ""


@pytest.mark.parametrize("form", ["to_text", "to_dict"])
def test_a_choice_names_them(form: str) -> None:
    choice = zoo.choose(Results(RECORDS))
    shown = str(getattr(choice, form)())
    assert choice.unmeasured
    assert all(one.model in shown for one in choice.unmeasured)
    if form == "to_text":
        flat = " ".join(shown.split())
        assert (
            "Never measured here, and might win by published top-1 (the chosen architecture has 69.8% at most):"
            in flat
        )
        assert shown.splitlines()[-1].startswith("Measure them:  zoo fetch ")
