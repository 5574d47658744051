"""Commands that measure again: evaluations by the weights, classes, size and device that they had."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from tests.results.planted import cost, transfer
from zoo.evaluation.settings import EvaluateSettings
from zoo.machine.fingerprint import Machine
from zoo.outcome import Outcome, Status
from zoo.registry.catalogue import get
from zoo.report.reproduction import HOW, HOW_WITH_PLACES, commands, how
from zoo.results.record import Record
from zoo.results.trial import Trial
from zoo.results.view import Results
from zoo.sources.spec import Preprocessing

TAG = "IMAGENET1K_V1"


def evaluation(
    model: str, weights: str, *, preprocessing: Preprocessing | None = None, device: str = "cpu", **notes: Any
) -> Record:
    settings = EvaluateSettings("my val", 50, (3, 224, 224), "tag", preprocessing=preprocessing, device=device)
    return Record(Trial(model, weights, settings), Outcome(Status.OK, notes=notes), "m1", Machine())


def asked_to_try(**changes: Any) -> dict[str, Any]:
    """A recipe as rates are tried with, changed."""
    usual = {"tuning": "rates", "batch_norm": "chosen", "learnt_loss": 0.1, "steps": 120, "last_steps_factor": 2.0}
    return usual | {"extensions": 1} | changes


@pytest.mark.parametrize(
    ("weights", "notes", "said"),
    [
        (TAG, {}, f"torchvision/resnet18.{TAG} --data 'path/to/my val'"),
        ("letters-am", {}, "torchvision/resnet18.letters-am --data 'path/to/my val'"),
        ("best.pth", {}, "torchvision/resnet18 --data 'path/to/my val' --weights path/to/best.pth"),
        (
            "best.pth",
            {"classes_from": "names.txt"},
            "torchvision/resnet18 --data 'path/to/my val' --weights path/to/best.pth --classes path/to/names.txt",
        ),
    ],
)
def test_an_evaluation_asks_for_the_weights_that_were_evaluated(
    weights: str, notes: dict[str, str], said: str
) -> None:
    found = commands(Results([evaluation("torchvision/resnet18", weights, **notes)]))
    assert found == [f"zoo evaluate {said} --device cpu"]


def test_one_command_has_what_can_be_asked_for_together() -> None:
    records = [
        evaluation("torchvision/resnet18", TAG),
        evaluation("torchvision/vgg16", TAG),
        evaluation("torchvision/vgg16", TAG, device="cuda"),
        evaluation("torchvision/resnet18", "a.pth"),
        evaluation("torchvision/resnet18", "b.pth"),
    ]
    data = "--data 'path/to/my val'"
    assert commands(Results(records)) == [
        f"zoo evaluate torchvision/resnet18.{TAG} torchvision/vgg16.{TAG} {data} --device cpu",
        f"zoo evaluate torchvision/vgg16.{TAG} {data} --device cuda",
        f"zoo evaluate torchvision/resnet18 {data} --weights path/to/a.pth --device cpu",
        f"zoo evaluate torchvision/resnet18 {data} --weights path/to/b.pth --device cpu",
    ]


def test_the_size_that_weights_are_best_tested_at_is_asked_for_where_it_was_taken() -> None:
    stated = get("timm/resnet50.a1_in1k").preprocessing
    assert stated is not None
    assert stated.at_test_size() != stated
    [native] = commands(Results([evaluation("timm/resnet50", "a1_in1k", preprocessing=stated)]))
    [larger] = commands(Results([evaluation("timm/resnet50", "a1_in1k", preprocessing=stated.at_test_size())]))
    assert "--test-size" not in native
    assert "--test-size" in larger


def test_nothing_stands_for_classes_that_a_script_gave() -> None:
    assert commands(Results([evaluation("torchvision/resnet18", "best.pth", classes_from="classes")])) == []


def test_what_is_the_readers_to_fill_in_is_said_where_there_is_something() -> None:
    assert how("zoo evaluate resnet18 --data path/to/val") == HOW_WITH_PLACES
    assert how("zoo run bench") == HOW


def test_a_training_from_a_checkpoint_names_its_file_and_no_place() -> None:
    records = [transfer("resnet18", "classifier", 0.8), transfer("resnet18", "random_features", 0.5)]
    records[0] = replace(records[0], trial=replace(records[0].trial, weights="best.pth"))
    with_file, without = commands(Results(records))
    assert with_file.startswith("zoo transfer torchvision/resnet18 --weights path/to/best.pth --task digits")
    assert "--weights" not in without


def test_fewer_steps_are_asked_for_and_a_budget_takes_nothing_from_a_users_images() -> None:
    fewer = transfer(
        "resnet18",
        "full",
        0.8,
        recipe=asked_to_try(steps=30),
    )
    [drawn] = commands(Results([fewer]))
    assert " --steps 30" in drawn
    assert "--budget" not in drawn
    usual = transfer(
        "resnet18",
        "full",
        0.8,
        task="my pets",
        recipe=asked_to_try(),
    )
    [own] = commands(Results([usual]))
    assert "--steps" not in own
    assert " --budget none" in own
    assert " --precision fp32 " in own  # else the faster one of that machine
    other = transfer("resnet18", "full", 0.8, recipe=asked_to_try(extensions=0))  # of a suite's file
    assert commands(Results([other])) == []
    found = transfer("resnet18", "full", 0.8, recipe=asked_to_try(tuning="found"), rate=1e-3)  # by a search
    assert commands(Results([found])) == []


def test_each_precision_has_its_command() -> None:
    usual = {"recipe": asked_to_try()}
    records = [transfer("resnet18", "full", 0.8, **usual), transfer("vgg16", "full", 0.8, precision="bf16", **usual)]
    plain, rounded = commands(Results(records))
    assert "torchvision/resnet18" in plain
    assert "--precision" not in plain
    assert "torchvision/vgg16" in rounded
    assert " --precision bf16" in rounded


def test_the_form_that_is_not_the_usual_one_is_asked_for() -> None:
    lines = commands(Results([cost("resnet18", 1.0), cost("resnet18", 2.0, form="trained")]))
    assert [line.partition(" --form ")[2] for line in lines] == ["", "trained --weights none"]
