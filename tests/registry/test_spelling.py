"""Names as people bring them: timm's older ones, the hub's, and tags that one namesake alone has."""

from __future__ import annotations

import warnings
from typing import TYPE_CHECKING

import pytest

from zoo.cli.main import main
from zoo.errors import UnknownNameError, ZooError, ZooWarning
from zoo.registry.catalogue import entries, get, resolve, shipped
from zoo.registry.search import list_models
from zoo.results.importers.timm import read_timm_results

if TYPE_CHECKING:
    from pathlib import Path


def test_every_name_that_timm_maps_means_what_timm_makes_of_it() -> None:
    from timm.models import _registry, list_models

    list_models()  # the registry is filled by importing the architectures
    theirs = _registry._deprecated_models
    assert len(shipped()["old_names"]) == len(theirs) >= 209
    since = {"vit_base_patch16_224.sam": "vit_base_patch16_224.sam_in1k"}
    since["vit_base_patch32_224.sam"] = "vit_base_patch32_224.sam_in1k"
    for old, mapped in theirs.items():
        new = since.get(mapped, mapped)
        for written in (old, f"timm/{old}"):
            with pytest.warns(ZooWarning, match=f"{written} is an older name; it is timm/{new} today"):
                assert str(resolve(written)) == f"timm/{new}"


def test_an_older_name_brings_the_weights_it_meant_and_not_the_default_ones() -> None:
    with pytest.warns(ZooWarning, match="older name"):
        spec = get("swin_base_patch4_window7_224_in22k")
    assert (spec.name, spec.tag) == ("timm/swin_base_patch4_window7_224.ms_in22k", "ms_in22k")
    assert get("timm/swin_base_patch4_window7_224").tag != "ms_in22k"


def test_an_older_name_of_an_architecture_takes_a_tag_of_today() -> None:
    with pytest.warns(ZooWarning, match=r"timm/efficientnet_b2\.ra_in1k today"):
        assert get("efficientnet_b2a.ra_in1k").name == "timm/efficientnet_b2.ra_in1k"


@pytest.mark.parametrize("mark", ["hf-hub:", "hf_hub:"])
def test_names_of_the_hub_are_those_of_its_repositories(mark: str) -> None:
    assert str(resolve(f"{mark}timm/resnet50.a1_in1k")) == "timm/resnet50.a1_in1k"
    # Two architectures load this repository; the one that is called like it comes first.
    name = "timm/vit_base_patch16_clip_224.openai"
    assert str(resolve(mark + name)) == name
    elsewhere = "microsoft/resnet50_mattergen"
    with pytest.raises(ZooError, match="no weights of this registry lie there"):
        get(mark + elsewhere)


@pytest.mark.parametrize("after", ["", "/", "/tree/main", "/blob/main/config.json"])
def test_the_address_of_a_page_is_the_name_of_its_repository(after: str) -> None:
    assert str(resolve(f"https://hub.example/timm/resnet50.a1_in1k{after}")) == "timm/resnet50.a1_in1k"
    with pytest.raises(ZooError, match="no weights of this registry lie there"):
        get(f"https://hub.example/nobody/net{after}")
    with pytest.raises(ZooError, match="is no model name"):
        get("https://hub.example/timm/resnet50.a1_in1k/tree/v2")


@pytest.mark.parametrize(
    ("written", "first"),
    [
        ("ResNet18", "resnet18"), ("RESNET50", "resnet50"), ("timm/ResNet50.A1_IN1K", "timm/resnet50"),
        ("torchvision/vit_B_16", "torchvision/vit_b_16"),
        ("resnet18.imagenet1k_v1", "torchvision/resnet18.IMAGENET1K_V1"),
    ],
)  # fmt: skip
def test_a_name_in_other_letters_is_suggested_first(written: str, first: str) -> None:
    with pytest.raises(UnknownNameError, match=rf"did you mean {first}[,?]"):
        get(written)


def test_a_name_that_is_near_to_none_says_no_more_than_that() -> None:
    with pytest.raises(UnknownNameError, match=r"'@@@@': see `zoo list`$"):
        get("@@@@")


def test_a_repository_of_somebody_elses_is_found_by_its_name() -> None:
    foreign = {
        stated.hub_id: f"{model}.{tag}"
        for model, entry in entries().items()
        for tag, stated in entry.tags.items()
        if stated.hub_id and not stated.hub_id.startswith("timm/")
    }
    assert len(foreign) > 20
    for repository, full in foreign.items():
        assert str(resolve(f"hf-hub:{repository}")) == full


def test_a_revision_is_refused_rather_than_ignored() -> None:
    with pytest.raises(ZooError, match="leave '@v2' out"):
        get("hf-hub:timm/resnet50.a1_in1k@v2")


def test_a_bare_name_with_a_tag_means_the_namesake_that_has_it() -> None:
    assert get("resnet50.a1_in1k").name == "timm/resnet50.a1_in1k"
    assert get("resnet50.IMAGENET1K_V1").name == "torchvision/resnet50.IMAGENET1K_V1"
    assert get("vgg16.tv_in1k").name == "timm/vgg16.tv_in1k"


def test_a_suggestion_is_the_same_weights_or_says_that_it_is_not() -> None:
    with pytest.raises(UnknownNameError, match=r"'torchvision/resnet50\.a1_in1k': these weights are timm/resnet50"):
        get("torchvision/resnet50.a1_in1k")
    with pytest.raises(
        UnknownNameError, match=r"V2, \S+V1\? \(other weights than those named; torchvision/resnet50 has"
    ):
        get("resnet50.IMAGENET1K_V9")
    with pytest.raises(UnknownNameError, match="each a model with weights of its own"):
        get("tf_efficientnet_b0_nz")


def test_lists_know_other_spellings() -> None:
    with pytest.warns(ZooWarning, match="older name"):
        found = list_models("tf_efficientnet_b0_ns", "hf-hub:timm/resnet50.a1_in1k")
    assert found == ["timm/resnet50.a1_in1k", "timm/tf_efficientnet_b0.ns_jft_in1k"]
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert list_models("*b0_ns") == []


def test_an_imported_table_may_use_older_names(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    table = tmp_path / "results-imagenet.csv"
    table.write_text("model,top1\ntf_efficientnet_b0_ns,78.658\nresnet50.a1_in1k,80.2\nnet_of_nobody,1\n")
    found = read_timm_results(table)
    names = [record.trial.display_name for record in found.records]
    assert names == ["timm/tf_efficientnet_b0.ns_jft_in1k", "timm/resnet50.a1_in1k"]
    assert found.renamed == ("tf_efficientnet_b0_ns is timm/tf_efficientnet_b0.ns_jft_in1k",)
    assert found.unknown_models == ("net_of_nobody",)
    with pytest.raises(SystemExit):
        main(["results", "import", "--timm", str(table), "--store", f"sqlite:///{tmp_path / 's.sqlite'}"])
    assert "older names: 1 (tf_efficientnet_b0_ns is timm/" in capsys.readouterr().err
