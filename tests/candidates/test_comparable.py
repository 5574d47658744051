"""What is chosen among was taken alike: input size, batch, device and threads, probe and recipe."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from tests.results.planted import cost, transfer
from zoo.choice.choice import choose
from zoo.cost.metrics import METRICS
from zoo.cost.metrics.base import Metric
from zoo.errors import ZooError
from zoo.results.record import Record
from zoo.results.view import Results
from zoo.statistics.intervals import summarise_rounds
from zoo.statistics.quantity import Quantity

SMALL = [3, 64, 64]
LATENCIES = [cost("resnet18", 20.0), cost("mobilenet_v2", 8.0)]


def test_a_latency_of_smaller_images_is_not_held_against_one_of_the_native_size() -> None:
    # The newest record of vgg16 is of small images, as `zoo bench vgg16 --input-size 64` adds it.
    records = [*LATENCIES, cost("vgg16", 180.0), cost("vgg16", 4.0, input_size=SMALL)]
    choice = choose(Results(records), "latency")
    assert choice.chosen is not None
    assert choice.chosen.model == "torchvision/mobilenet_v2"
    assert choice.runners_up[-1].model == "torchvision/vgg16"
    assert "at 224 px" in choice.to_text()
    small = choose(Results(records), "latency", input_size=64)
    assert small.chosen is not None
    assert small.chosen.model == "torchvision/vgg16"
    assert not small.runners_up
    assert "at 64 px" in small.to_text()


def test_eight_bits_are_chosen_by_only_where_nothing_else_was_measured() -> None:
    eight = [cost(name, 2.0, precision="int8", engine="openvino") for name in ("resnet18", "mobilenet_v2")]
    assert "cpu, 1 thread, fp32" in choose(Results([*eight, *LATENCIES]), "latency").to_text()
    assert "cpu, 1 thread, int8, openvino" in choose(Results(eight), "latency").to_text()


def test_a_model_timed_at_another_size_alone_is_said_to_be_unranked() -> None:
    choice = choose(Results([*LATENCIES, cost("vgg16", 4.0, input_size=SMALL)]), "latency")
    assert choice.chosen is not None
    assert choice.chosen.model == "torchvision/mobilenet_v2"
    choice = choose(
        Results([*LATENCIES, cost("vgg16", 4.0, input_size=SMALL), transfer("vgg16", "full", 0.5)]), "latency"
    )
    assert "without a measured latency at this setting: torchvision/vgg16" in " ".join(choice.to_text().split())


def test_the_native_size_comes_before_one_that_more_models_share() -> None:
    small = [cost(m, 1.0, input_size=SMALL) for m in ("vgg16", "alexnet", "googlenet")]
    assert choose(Results([*LATENCIES, *small]), "latency").basis.latency_px == (224,)


def test_where_no_native_size_was_timed_the_size_that_most_share_is_taken() -> None:
    records = [cost(m, ms, input_size=SMALL) for m, ms in (("resnet18", 2.0), ("vgg16", 9.0))]
    choice = choose(Results([*records, cost("mobilenet_v2", 1.0, input_size=[3, 48, 48])]), "latency")
    assert choice.chosen is not None
    assert choice.chosen.model == "torchvision/resnet18"
    assert choice.basis.latency_px == (64,)


def rate(model: str, images_per_second: float, batch: int, **settings: Any) -> Record:
    return cost(model, 1000 * batch / images_per_second, metric="throughput", batch=batch, **settings)


def test_a_side_that_is_the_own_one_of_some_models_is_one_setting_for_all() -> None:
    records = [cost("resnet18", 20.0), cost("inception_v3", 50.0, input_size=[3, 224, 224])]
    choice = choose(Results(records), "latency", input_size=224)
    assert choice.ranked == 2
    assert choice.basis.latency_px == (224,)


def test_throughputs_are_of_one_batch_which_is_said() -> None:
    records = [*LATENCIES, rate("mobilenet_v2", 100, 1), rate("resnet18", 90, 1), rate("resnet18", 900, 256)]
    choice = choose(Results(records), "throughput")
    assert choice.chosen is not None
    assert choice.chosen.model == "torchvision/mobilenet_v2"
    assert "throughput there at batch 1)" in " ".join(choice.to_text().split())
    large = choose(Results(records), "throughput", batch=256)
    assert large.chosen is not None
    assert large.chosen.model == "torchvision/resnet18"
    assert [c.model for c in large.unranked] == ["torchvision/mobilenet_v2"]
    with pytest.raises(ZooError, match="no throughput was measured at batch 8; measured are 1, 256"):
        choose(Results(records), "throughput", batch=8)


def frames(model: str, value: float, batch: int) -> Record:
    record = cost(model, value, metric="frames", batch=batch)
    measured = {"frames": summarise_rounds([value] * 10, "frames/s")}
    return replace(record, outcome=replace(record.outcome, metrics=measured))


def test_any_metric_that_is_taken_at_several_batches_is_compared_at_one() -> None:
    quantity = Quantity("frames", "frames", "frames/s", "higher")
    METRICS.register("frames", Metric("frames", quantity, at_batches=True, take=lambda model, images, settings: 1.0))
    try:
        measured = (("mobilenet_v2", 100, 1), ("resnet18", 90, 1), ("resnet18", 900, 256), ("mobilenet_v2", 99, 4))
        records = [*LATENCIES, *(frames(*found) for found in measured)]
        choice = choose(Results(records), "frames")
        assert choice.chosen is not None
        assert choice.chosen.model == "torchvision/mobilenet_v2"
        assert choice.chosen.costs["frames"].value == 100
        assert "frames there at batch 1)" in " ".join(choice.to_text().split())
        large = choose(Results(records), "frames", batch=256)
        assert [c.model for c in large.unranked] == ["torchvision/mobilenet_v2"]
        with pytest.raises(ZooError, match="no frames was measured at batch 8; measured are 1, 4, 256"):
            choose(Results(records), "frames", batch=8)
        with pytest.raises(ZooError, match="no cost was measured at batch 8; measured are none"):
            choose(Results(LATENCIES), "latency", batch=8)
    finally:
        METRICS.unregister("frames")


def test_throughputs_of_one_setting_are_taken_at_that_of_the_latencies_where_it_can_be() -> None:
    both = [rate(m, n * k, 8, threads=k) for m, n in (("mobilenet_v2", 50), ("resnet18", 40)) for k in (1, 2)]
    choice = choose(Results([*LATENCIES, *both]), "throughput")
    assert choice.chosen is not None
    assert choice.chosen.throughput is not None
    assert choice.chosen.throughput.value == pytest.approx(50, rel=0.02)
    elsewhere = [rate(m, n, 8, device="cuda") for m, n in (("mobilenet_v2", 500), ("resnet18", 400))]
    text = " ".join(choose(Results([*LATENCIES, *elsewhere]), "throughput").to_text().split())
    assert "latency on cpu, 1 thread, fp32, batch 1, at 224 px; throughput on cuda, fp32, batch 8, at 224 px" in text


def test_accuracies_are_of_the_probe_the_recipe_and_the_kind_of_size_that_most_models_share() -> None:
    records = [transfer("resnet18", "classifier", 0.3), transfer("vgg16", "classifier", 0.6)]
    for other in ({"probe": "logistic"}, {"input_size": [3, 224, 224]}):
        best = choose(Results([*records, transfer("resnet18", "classifier", 0.9, **other)])).chosen
        assert best is not None, other
        assert best.model == "torchvision/vgg16", other
    tuned = [transfer("resnet18", "full", 0.3), transfer("vgg16", "full", 0.6)]
    best = choose(Results([*tuned, transfer("resnet18", "full", 0.9, recipe={"steps": 600})])).chosen
    assert best is not None
    assert best.model == "torchvision/vgg16"
    at_native = transfer("resnet18", "classifier", 0.9, input_size=[3, 224, 224])
    native = choose(Results([*LATENCIES, *records, at_native]), input_size="native")
    assert native.chosen is not None
    assert (native.chosen.model, native.basis.accuracy_px) == ("torchvision/resnet18", (224,))


def test_a_rate_that_a_search_found_is_another_way_of_training_than_one_that_a_training_finds() -> None:
    tuned = [transfer("resnet18", "full", 0.3, recipe={"tuning": "rates"})]
    tuned += [transfer("vgg16", "full", 0.6, recipe={"tuning": "rates"})]
    found = transfer("resnet18", "full", 0.9, recipe={"tuning": "found"}, rate=1e-3)
    best = choose(Results([*tuned, found])).chosen
    assert best is not None
    assert (best.model, best.accuracy and round(best.accuracy.value, 2)) == ("torchvision/vgg16", 0.6)
    others = [transfer(model, "full", 0.5, recipe={"tuning": "found"}, rate=3e-4) for model in ("vgg16", "alexnet")]
    best = choose(Results([*tuned, found, *others])).chosen  # three models share it, at a rate each
    assert best is not None
    assert best.model == "torchvision/resnet18"


def test_a_size_that_was_not_timed() -> None:
    with pytest.raises(ZooError, match="no cost was measured at input size 96; measured are native"):
        choose(Results(LATENCIES), "latency", input_size=96)


def test_forms_are_not_mixed_and_the_deployed_one_is_taken() -> None:
    old = [cost(name, ms, form="trained") for name, ms in (("resnet18", 20.0), ("mobilenet_v2", 30.0))]
    new = [cost("resnet18", 18.0), cost("mobilenet_v2", 9.0)]
    choice = choose(Results([*new, *old]), "latency")
    assert choice.chosen is not None
    assert choice.chosen.model == "torchvision/mobilenet_v2"
    assert ", form='deployed')" in choice.python_line
    of_old = choose(Results(old), "latency")
    assert "trained form" in of_old.to_text()
    assert "form=" not in of_old.python_line
    assert "Add num_classes=N for a head" in of_old.to_text()
