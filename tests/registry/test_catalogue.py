"""The catalogue answers without the libraries, and says what they say."""

from __future__ import annotations

import json
import subprocess
import sys

import pytest

from zoo.errors import UnknownNameError
from zoo.registry.catalogue import get, namesakes
from zoo.registry.search import list_models, list_specs


def test_every_architecture_of_the_installed_libraries_is_known() -> None:
    import torchvision.models

    theirs = torchvision.models.list_models(module=torchvision.models)
    assert list_models(source="torchvision") == sorted(f"torchvision/{name}" for name in theirs)
    assert len(list_models(source="timm")) >= 1371


def test_parameters_and_macs_agree_with_torchvisions_own() -> None:
    import torchvision.models

    for name in list_models(source="torchvision"):
        spec = get(name)
        meta = torchvision.models.get_model_weights(spec.architecture).DEFAULT.meta
        if spec.architecture != "inception_v3":  # its figure counts the auxiliary head
            assert spec.params == meta["num_params"], name
        assert spec.macs == pytest.approx(meta["_ops"] * 1e9, rel=0.012), name


def test_listing_imports_no_library() -> None:
    code = (
        "import sys; from zoo.cli.main import main\n"
        "try: main(['list', '--format', 'json'])\n"
        "except SystemExit: pass\n"
        "print(sorted({'torch', 'timm', 'pandas'} & set(sys.modules)), file=sys.stderr)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stderr.strip() == "[]"


def test_bare_names_mean_torchvision_and_the_namesake_is_named() -> None:
    spec = get("resnet50")
    assert spec.name == "torchvision/resnet50"
    assert namesakes(spec) == ("timm/resnet50",)


def test_a_tag_brings_its_own_preprocessing() -> None:
    first, second = get("resnet50.IMAGENET1K_V1"), get("resnet50.IMAGENET1K_V2")
    assert first.preprocessing is not None
    assert second.preprocessing is not None
    assert (first.preprocessing.resize, second.preprocessing.resize) == (256, 232)


def test_an_unknown_name_offers_three() -> None:
    with pytest.raises(UnknownNameError) as caught:
        get("resnet19")
    assert len(caught.value.nearest) == 3


def test_patterns_with_a_tag_see_the_tags_made_here() -> None:
    from zoo.registry.own_tags import own_path

    stated = {"sha256": "0" * 64, "input_size": 48, "classes": ["a"], "mean": [0.5], "std": [0.5], "licence": "mit"}
    path = own_path("torchvision/squeezenet1_1", "letters-am")
    path.parent.mkdir(parents=True)
    path.write_bytes(b"")
    path.with_suffix(".json").write_text(json.dumps(stated))
    full = "torchvision/squeezenet1_1.letters-am"
    assert list_models("squeezenet1_1.letters-am") == [full]
    assert list_models("*.letters-*") == [full]
    assert list_models("squeezenet1_1.*", source="torchvision", licence=["mit"]) == [full]


def test_what_is_listed_and_limited_is_the_form_that_is_deployed() -> None:
    spec = get("timm/mobileone_s0")
    assert (spec.params, spec.deployed_params) == (5_293_272, 2_078_504)
    assert (spec.macs, spec.deployed_macs) == (1_051_935_232, 275_110_400)
    assert list_models("timm/mobileone_s0", max_params=3e6, max_macs=0.3e9) == ["timm/mobileone_s0"]
    assert list_models("timm/mobileone_s0", max_params=2e6) == []
    by_macs = list_models("timm/mobileone_s0", "timm/mobilenetv3_large_100", "torchvision/alexnet", sort="macs")
    assert by_macs == ["timm/mobilenetv3_large_100", "timm/mobileone_s0", "torchvision/alexnet"]


def test_every_architecture_has_counts_of_both_forms() -> None:
    specs = list_specs()
    assert [spec.name for spec in specs if spec.deployed_params is None and spec.params is not None] == []
    assert [spec.name for spec in specs if spec.deployed_macs is None and spec.macs is not None] == []
    assert [spec.name for spec in specs if (spec.deployed_params or 0) > (spec.params or 0)] == []
    assert [spec.name for spec in specs if (spec.deployed_macs or 0) > (spec.macs or 0)] == []


def test_macs_are_those_of_the_definition_where_a_published_counter_has_others() -> None:
    """ConvMixer's depthwise convolutions, and the second product with the values in differential attention."""
    positions, width, depth, kernel = 32 * 32, 768, 32, 7
    blocks = depth * (width * kernel**2 + width**2) * positions
    stem, head = width * 3 * kernel**2 * positions, width * 1000
    assert get("timm/convmixer_768_32").macs == blocks + stem + head
    for letters, width, depth in (("wee", 256, 14), ("pwee", 256, 16), ("little", 320, 14)):
        plain, differential = (get(f"timm/vit_{d}{letters}_patch16_reg1_gap_256").macs or 0 for d in ("", "d"))
        assert differential - plain == depth * width * (16**2 + 1) ** 2
