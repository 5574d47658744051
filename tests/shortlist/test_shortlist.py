"""A shortlist from published figures: its frontier, limits, commands, and what it refuses."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any

import pandas as pd
import pytest

import zoo
from zoo.cli.main import main
from zoo.registry.build_catalogue import rates
from zoo.registry.catalogue import get
from zoo.registry.figures import tables
from zoo.registry.rates import device_named, devices, rate_tables
from zoo.registry.search import list_specs
from zoo.shortlist.offer import offers

if TYPE_CHECKING:
    from pathlib import Path


def said(words: list[str], capsys: pytest.CaptureFixture[str], code: int = 0) -> str:
    with pytest.raises(SystemExit) as caught:
        main(["choose", *words])
    shown = capsys.readouterr()
    assert caught.value.code == code, shown.err
    return shown.err if code == 2 else shown.out


def figures() -> pd.DataFrame:
    """Top-1 of every tag and size, from the files that ship and from what the libraries state."""
    held = [
        (model, tag, side, top1)
        for model, tags in tables()["figures"].items()
        for tag, stated in tags.items()
        for place, side, top1, _ in stated
        if place == 0
    ]
    own = [
        (spec.model, tag, figure.side, figure.top1)
        for spec in list_specs()
        for tag in spec.tags
        for figure in get(f"{spec.model}.{tag}").published
        if figure.dataset == "imagenet"
    ]
    found = pd.DataFrame([*own, *held], columns=["model", "tag", "side", "top1"])
    return found[found.top1 > 0].drop_duplicates(["model", "tag", "side"], keep="last")


@pytest.mark.parametrize("device", ["rtx-4090", "i9-10940x"])
def test_the_frontier_is_that_of_a_line_of_pandas(device: str) -> None:
    rows = [(m, side, rate) for m, each in rate_tables()["rates"][device].items() for side, _, rate in each]
    both = figures().merge(pd.DataFrame(rows, columns=["model", "side", "rate"]), on=["model", "side"])
    line = both.sort_values(["rate", "top1"], ascending=False).loc[
        lambda d: d.top1 > d.top1.shift(fill_value=0).cummax()
    ]
    found = zoo.choose_published(device)
    assert found.considered == len(both)
    assert found.considered > 500
    mine = {(offer.rate.images_per_s, offer.figure.top1) for offer in found.frontier if offer.rate}
    assert mine == set(zip(line.rate, line.top1, strict=True))
    assert len(mine) > 8


def test_the_frontier_over_macs_is_that_of_a_line_of_pandas() -> None:
    rows = [(offer.spec.deployed_macs, offer.figure.top1) for offer in offers() if offer.spec.deployed_macs]
    both = pd.DataFrame(rows, columns=["macs", "top1"])
    order = both.sort_values(["macs", "top1"], ascending=[True, False])
    line = order.loc[lambda d: d.top1 > d.top1.shift(fill_value=0).cummax()]
    found = zoo.choose_published()
    uncounted = [offer.spec.name for offer in offers() if not offer.spec.deployed_macs]
    assert found.considered == len(both) == len(figures()) - len(uncounted)
    assert len(uncounted) < 5
    mine = {(offer.spec.deployed_macs, offer.figure.top1) for offer in found.frontier}
    assert mine == set(zip(line.macs, line.top1, strict=True))


def test_limits_hold_and_the_best_are_measured_by_what_is_printed() -> None:
    found = zoo.choose_published(
        "rtx-4090", min_throughput=5000, max_params=30e6, max_macs=5e9, min_accuracy=0.75, licence="commercial"
    )
    every = zoo.choose_published("rtx-4090").within
    expected = [
        offer for offer in every
        if offer.rate and offer.rate.images_per_s >= 5000 and (offer.spec.deployed_params or 1e12) <= 30e6
        and (offer.spec.deployed_macs or 1e12) <= 5e9 and offer.figure.top1 >= 75
        and offer.spec.licence and offer.spec.licence.lower() in ("apache-2.0", "mit", "bsd-3-clause", "bsd-2-clause")
    ]  # fmt: skip
    assert [offer.spec.name for offer in found.within] == [offer.spec.name for offer in expected]
    assert found.within
    tops = [offer.figure.top1 for offer in found.within]
    assert tops == sorted(tops, reverse=True)
    assert len({offer.spec.model for offer in found.best}) == 5
    named = [word for command in found.commands for word in command.split() if word.startswith("timm/")]
    assert sorted(named) == sorted(offer.spec.name for offer in found.best)
    for command in found.commands:
        size = re.search(r"--input-size (\d+)", command)
        for name in re.findall(r"timm/\S+", command):
            side = next(offer.side for offer in found.best if offer.spec.name == name)
            assert side == (int(size[1]) if size else get(name).input_size[1])


def test_a_limit_on_robustness_is_the_mean_over_four_sets_of_other_images() -> None:
    sets = ("imagenetv2-matched-frequency", "imagenet-r", "imagenet-a", "sketch")
    expected = []
    for offer in zoo.choose_published().within:
        stated = [offer.robustness(name) for name in sets]
        known = [top1 for top1 in stated if top1 is not None]
        if len(known) == len(sets) and sum(known) / 400 >= 0.6:
            expected.append((offer.spec.name, offer.side))
    found = zoo.choose_published(min_robustness=0.6).within
    assert [(offer.spec.name, offer.side) for offer in found] == expected
    assert len(expected) > 20


def test_a_rate_is_of_the_size_of_the_figure() -> None:
    stated = {(m, side): rate for m, each in rate_tables()["rates"]["rtx-4090"].items() for side, _, rate in each}
    found = zoo.choose_published("rtx-4090").within
    assert all(offer.rate and offer.rate.images_per_s == stated[offer.spec.model, offer.side] for offer in found)
    assert {offer.side for offer in found} > {224, 288}


def test_the_command_says_what_is_published_and_of_whom(capsys: pytest.CaptureFixture[str]) -> None:
    text = said(["--published", "--on", "rtx-4090", "--min-throughput", "5000"], capsys)
    flat = " ".join(text.split())
    assert "Published, not measured here: top-1 on ImageNet-1k against images a second on RTX 4090 (amp," in flat
    assert "timm's benchmark-infer-amp-nchw-pt291-cu128-4090.csv of 2026-08-08" in flat
    assert "To measure the best of these here:\n  zoo bench timm/" in text
    found = zoo.choose_published("rtx-4090", min_throughput=5000)
    assert f"Highest top-1: {found.within[0].spec.name}, top-1 {found.within[0].figure.top1:.2f}%" in flat
    data = json.loads(
        said(["--published", "--on", "RTX 4090", "--min-throughput", "5000", "--format", "json"], capsys)
    )
    assert data == json.loads(json.dumps(found.to_dict()))
    assert all(row["source"] for row in data["frontier"])


def test_nothing_qualifies_and_what_comes_closest(capsys: pytest.CaptureFixture[str]) -> None:
    text = said(["--published", "--min-accuracy", "0.999"], capsys, code=3)
    best = max(offers(), key=lambda offer: offer.figure.top1)
    assert f"Nothing qualifies.\nNearest miss: {best.spec.model}" in text


WRONG: list[tuple[list[str], str]] = [
    (
        ["--published", "--on", "rtx-1"],
        "unknown device 'rtx-1': did you mean rtx-5090, rtx-4090, rtx-3090? (rates are published of",
    ),
    (["--on", "rtx-4090"], "--on names a machine of published rates; it goes with --published"),
    (["--published", "--max-latency-ms", "20"], "--max-latency-ms is of measurements; with --published there are"),
    (["--published", "--task", "digits"], "--task is of measurements; with --published there are"),
    (["--published", "--min-throughput", "5"], "--min-throughput is of a machine: name one with --on"),
    (["--published", "--min-accuracy", "80"], "--min-accuracy is a fraction up to 1, not 80"),
    (["--published", "--min-robustness", "60"], "--min-robustness is a fraction up to 1, not 60"),
]


@pytest.mark.parametrize(("words", "expected"), WRONG, ids=[" ".join(words) for words, _ in WRONG])
def test_what_published_figures_cannot_answer(
    words: list[str], expected: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert expected in said(words, capsys, code=2)


def test_rates_are_read_from_tables_as_timm_publishes_them(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    header = "model,infer_img_size,infer_samples_per_sec,infer_step_time,infer_batch_size,param_count\n"
    (tmp_path / "benchmark-infer-amp-nhwc-pt291-cu128-9090.csv").write_text(
        header + "resnet18,224,1000.5,1.0,256,11.69\nresnet18,288,600,1.0,256,11.69\nnobodys_net,224,1,1,1,1\n"
    )
    (tmp_path / "benchmark-infer-fp32-nchw-pt240-cpu-i7_12700h-dynamo.csv").write_text(
        header + "resnet18,224,,1,1,1\n"
    )
    (tmp_path / "benchmark-infer-odd.csv").write_text(header)
    found: Any = rates(tmp_path, "2026-01-02")
    assert found["rates"] == {
        "9090": {"timm/resnet18": [[224, 256, 1000.5], [288, 256, 600.0]]},
        "i7-12700h": {},
    }
    how = {key: of["how"] for key, of in found["devices"].items()}
    assert how == {
        "9090": "amp, channels last, eager, PyTorch 2.9.1, CUDA 12.8",
        "i7-12700h": "fp32, channels first, torch.compile, PyTorch 2.4.0, CPU",
    }
    shown = capsys.readouterr().err
    assert "not known: nobodys_net" in shown
    assert "benchmark-infer-odd.csv: its name does not say how it was measured; left out" in shown


def test_devices_are_named_as_people_write_them() -> None:
    assert device_named("RTX_4090") == device_named("rtx-4090") == devices()["rtx-4090"]
