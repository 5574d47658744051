"""Figures that ship: the default weights' at their own size, a list of all that reach one, and other images."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from zoo.cli.main import main
from zoo.registry.build_catalogue import published
from zoo.registry.catalogue import get
from zoo.registry.figures import figures_of, tables
from zoo.registry.search import list_models, list_specs
from zoo.sources.figure import IMAGENET, ROBUSTNESS, Figure, figure_at
from zoo.sources.spec import ModelSpec

if TYPE_CHECKING:
    from pathlib import Path

SOURCE = "timm's results-imagenet.csv of 2026-08-08"


def test_a_figure_is_taken_at_the_size_asked_for_else_the_first() -> None:
    at = {side: Figure(IMAGENET, side, 70.0 + place, None, "x") for place, side in enumerate((288, 224, None))}
    figures = [Figure("sketch", 224, 1.0, None, "x"), *at.values()]
    assert figure_at(figures, IMAGENET, 224) is at[224]
    assert figure_at(figures, IMAGENET, 192, 288) is at[288]
    assert figure_at(figures, IMAGENET) is at[288]
    assert figure_at(figures, IMAGENET, 192) is at[288]
    assert figure_at(figures, "imagenet-a", 224) is None
    assert figure_at(figures, IMAGENET, None, 224) is at[224]
    newer = Figure(IMAGENET, 224, 80.0, None, "y")
    assert figure_at([*figures, newer], IMAGENET, 224) is newer


def test_top1_is_the_one_at_the_size_of_the_weights() -> None:
    spec = get("timm/resnet50.a1_in1k")
    assert (spec.input_size[1], spec.top1) == (224, 80.382)
    assert figure_at(spec.published, IMAGENET, 288) == Figure(IMAGENET, 288, 81.24, 95.112, SOURCE)
    assert ModelSpec.from_dict(json.loads(json.dumps(spec.to_dict()))) == spec
    own = get("torchvision/resnet18")
    assert [(figure.source, figure.top1, figure.side) for figure in own.published] == [("torchvision", 69.758, 224)]


def test_every_set_of_images_is_stated_but_of_two_weights() -> None:
    every = {IMAGENET, *ROBUSTNESS}
    lacking = {
        f"{model}.{tag}": every - {figure.dataset for figure in figures_of(model, tag)}
        for model, tags in tables()["figures"].items()
        for tag in tags
    }
    # One has a line in a single table, and ImageNet-A was chosen by the errors of the other.
    assert {name: sets for name, sets in lacking.items() if sets} == {
        "timm/resmlp_24_224.fb_dino": every - {"imagenet-a"},
        "timm/resnet50.tv_in1k": {"imagenet-a"},
    }


def test_weights_of_a_package_have_no_figure_of_others() -> None:
    assert get("timm/tf_efficientnet_lite0.packaged").published == ()


def test_a_least_top1_lists_all_weights_and_sizes_that_reach_it() -> None:
    found = [(spec.name, spec.input_size[1], spec.top1) for spec in list_specs("timm/resnet50", min_top1=81.2)]
    assert ("timm/resnet50.a1_in1k", 288, 81.24) in found
    assert all(spec.top1 is not None and spec.top1 >= 81.2 for spec in list_specs(min_top1=81.2))
    assert "timm/resnet50.a1_in1k" not in list_models("timm/resnet50", min_top1=81.3)
    names = list_models("timm/resnet50", min_top1=70)
    assert len(names) == len(set(names)) > 15
    assert list_models("timm/resnet50.a1*", min_top1=70) == ["timm/resnet50.a1_in1k", "timm/resnet50.a1h_in1k"]


def test_limits_meet_models_of_both_libraries() -> None:
    found = list_specs(max_params=6e6, min_top1=74)
    assert {spec.source for spec in found} == {"torchvision", "timm"}
    assert len(found) > 90
    assert all(spec.params is not None and spec.params <= 6e6 for spec in found)


def test_commands_show_them(capsys: pytest.CaptureFixture[str]) -> None:
    for line in (
        ["list", "timm/resnet50.a1_in1k", "--robustness", "--format", "csv"],
        ["show", "timm/resnet50.a1_in1k"],
    ):
        with pytest.raises(SystemExit) as ended:
            main(line)
        assert not ended.value.code
    said = capsys.readouterr().out
    assert "80.382" in said
    assert f"top-1 80.38 % on ImageNet-1k at 224 px, stated by {SOURCE}" in " ".join(said.split())
    assert "V2 68.47 %" in said


def test_tables_are_read_as_they_are_published(tmp_path: Path) -> None:
    for dataset in (IMAGENET, *ROBUSTNESS):
        (tmp_path / f"results-{dataset}.csv").write_text(
            "model,img_size,top1,top5,param_count\n"
            'resnet18.a1_in1k,288,73.1,91.0,"1,011.69"\nresnet18.a1_in1k,224,71.5,,11.69\n'
            "nobody.knows,224,50,60,1\nresnet18.a2_in1k,224,n/a,,11.69\n"
        )
    found = published(tmp_path, "2026-01-02")
    assert (found["by"], found["date"]) == ("timm", "2026-01-02")
    assert found["files"][IMAGENET] == "results-imagenet.csv"
    assert found["figures"]["timm/resnet18"]["a1_in1k"][:2] == [[0, 288, 73.1, 91.0], [0, 224, 71.5, None]]
    assert list(found["figures"]) == ["timm/resnet18"]
    assert list(found["figures"]["timm/resnet18"]) == ["a1_in1k"]
