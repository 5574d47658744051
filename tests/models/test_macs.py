"""MACs are those of the size that is shown: counted at it, kept, and never scaled by area."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
import torch  # noqa: F401 - where it is there, a library's model is counted in this process

from zoo.models import macs
from zoo.models.macs import counted_macs, macs_at
from zoo.outcome import Status
from zoo.paths import macs_path
from zoo.processes.guard import Failure
from zoo.registry.catalogue import entries, get
from zoo.registry.search import list_specs
from zoo.sources import user

# torchvision states 55.484 G and 46.735 G of its weights for 384 px, in their `_ops`.
AT_SIZE = {
    ("torchvision/alexnet", 64): 0.0981e9,
    ("torchvision/vgg16", 32): 0.4368e9,
    ("torchvision/vit_b_16", 384): 55.484e9,
    ("timm/vit_tiny_patch16_224", 384): 4.682e9,
    ("torchvision/resnet18", 224): 1.8141e9,
    ("torchvision/squeezenet1_0", 48): 0.02729e9,
    # By hooks on every convolution and linear layer: stems without padding, and strides that leave a remainder.
    ("torchvision/inception_v3", 128): 0.7327e9,
    ("timm/convnext_atto", 96): 0.10079e9,
}


@pytest.fixture(autouse=True)
def nothing_counted(monkeypatch: pytest.MonkeyPatch) -> None:
    """As a process begins that counted nothing yet."""
    monkeypatch.setattr(macs, "_COUNTED", {})


def sized(model: str, side: int, form: str = "trained") -> tuple[str, tuple[int, int, int], str]:
    return model, (3, side, side), form


def test_macs_are_counted_at_the_size_and_not_scaled_by_area() -> None:
    found = macs_at(sized(*asked) for asked in AT_SIZE)
    assert {(model, size[1]): count for (model, size, _), count in found.items()} == pytest.approx(AT_SIZE, rel=2e-3)


def test_a_fused_model_has_other_macs_in_each_form_and_is_counted_once(monkeypatch: pytest.MonkeyPatch) -> None:
    trained, deployed = (sized("timm/mobileone_s0", 64, form) for form in ("trained", "deployed"))
    assert macs_at([deployed]) == {deployed: pytest.approx(0.0234e9, rel=2e-3)}
    monkeypatch.setattr(macs, "count", lambda *_, **__: pytest.fail("counted again"))
    assert macs_at([trained]) == {trained: pytest.approx(0.0868e9, rel=2e-3)}


def test_a_model_whose_forms_multiply_alike_is_counted_once(monkeypatch: pytest.MonkeyPatch) -> None:
    trained, deployed = (sized("torchvision/resnet18", 40, form) for form in ("trained", "deployed"))
    found = macs_at([trained])
    monkeypatch.setattr(macs, "count", lambda *_, **__: pytest.fail("counted again"))
    assert macs_at([deployed]) == {deployed: found[trained]}


def test_what_was_counted_is_kept_for_the_version_of_the_library(monkeypatch: pytest.MonkeyPatch) -> None:
    asked = sized("torchvision/alexnet", 80)
    known = macs_at([asked])
    monkeypatch.setattr(macs, "_COUNTED", {})
    monkeypatch.setattr(macs, "count", lambda *_, **__: pytest.fail("counted again"))
    assert macs_at([asked]) == known
    kept = json.loads(macs_path().read_text())
    kept["torchvision/alexnet 3x80x80 trained"]["code"] = "another version"
    macs_path().write_text(json.dumps(kept))
    with pytest.raises(pytest.fail.Exception, match="counted again"):
        macs_at([asked])


KEY = "torchvision/squeezenet1_0 3x48x48 trained"


@pytest.mark.parametrize(
    "damaged", ["", "[]", f'{{"{KEY}": {{"code": "0"}}}}', f'{{"{KEY}": {{"code": "0", "macs": -1}}}}']
)
def test_a_damaged_cache_is_none(damaged: str) -> None:
    macs_path().parent.mkdir(parents=True, exist_ok=True)
    macs_path().write_text(damaged)
    assert counted_macs(*sized("torchvision/squeezenet1_0", 48)) == pytest.approx(0.02729e9, rel=2e-3)


def test_what_cannot_be_counted_is_none_and_not_a_guess() -> None:
    asked = [sized("torchvision/alexnet", 32), sized("nobody/knows", 224)]
    assert macs_at(asked) == dict.fromkeys(asked)


USERS = """
import os
import torch
from zoo.sources.user import add

class Net(torch.nn.Module):
    def __init__(self, ends):
        super().__init__()
        self.conv, self.ends = torch.nn.Conv2d(3, 8, 3, padding=1), ends

    def forward(self, images):
        print("mine")
        if self.ends:
            os._exit(0)
        return self.conv(images).mean((2, 3))

add("macsnets/plain", lambda num_classes: Net(False))
add("macsnets/ends", lambda num_classes: Net(True))
"""


def test_a_users_model_is_counted_in_a_child_which_it_may_end(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "macsnets.py").write_text(USERS)
    monkeypatch.syspath_prepend(str(tmp_path))
    monkeypatch.setenv("ZOO_IMPORT", "macsnets")
    monkeypatch.setattr(user, "_REGISTERED", {})
    ends, plain = (sized(f"macsnets/{name}", 40) for name in ("ends", "plain"))
    assert macs_at([plain, ends]) == {ends: None, plain: 40 * 40 * 8 * 27}
    assert capfd.readouterr().out == ""


class Mortal:
    """A child that ends at one model, and is asked of no other then."""

    started = 0

    def __init__(self, *_: Any, **__: Any) -> None:
        Mortal.started += 1
        self.alive = True

    def ask(self, sized: Any, _timeout_s: float) -> Any:
        assert self.alive
        self.alive = sized[0] != "toys/ends"
        return 5.0 if self.alive else Failure(Status.FAILED, "planted")

    def close(self) -> None:
        pass


def test_after_a_model_that_ended_its_process_the_others_are_counted(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(macs, "Child", Mortal)
    monkeypatch.setattr(macs, "_known", lambda *_: macs.UNKNOWN)
    monkeypatch.setattr(macs, "_code", lambda _model: "")
    asked = [sized(f"toys/{name}", 32) for name in ("a", "ends", "b", "c")]
    assert macs_at(asked) == dict(zip(asked, (5.0, None, 5.0, 5.0), strict=True))
    assert Mortal.started == 2


def test_weights_that_are_made_for_another_size_have_their_own_counts() -> None:
    """Also in a listing, whose column of sizes stands beside them."""
    assert get("torchvision/vit_b_16").macs == pytest.approx(17.56e9, rel=1e-3)
    assert get("torchvision/vit_b_16.IMAGENET1K_SWAG_E2E_V1").macs == pytest.approx(55.484e9, rel=1e-3)
    assert get("torchvision/regnet_y_16gf.IMAGENET1K_SWAG_E2E_V1").macs == pytest.approx(46.735e9, rel=1e-3)
    listed = {spec.name: spec for spec in list_specs("timm/convnext_tiny.*")}
    by_size: dict[int, set[Any]] = {}
    for spec in listed.values():
        by_size.setdefault(spec.input_size[1], set()).add(spec.macs)
    assert {size: len(counts) for size, counts in by_size.items()} == {224: 1, 256: 1, 384: 1}
    assert len(set.union(*by_size.values())) == 3


def test_every_size_of_shipped_weights_is_counted() -> None:
    missing = [
        (name, size)
        for name, entry in entries().items()
        for size in entry.other_sizes
        if (entry.counts_at(size) is None) != (entry.counts is None)
    ]
    assert missing == []
