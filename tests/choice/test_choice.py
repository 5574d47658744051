"""A choice meets the limits, is best among what does, and says what ties, what was left out and what came nearest."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from tests.results.planted import a_suite, cost, transfer
from zoo.candidates.quantities import quantities
from zoo.choice.choice import choose
from zoo.choice.limits import Limits
from zoo.errors import UnknownNameError, ZooError
from zoo.registry.catalogue import get
from zoo.results.record import Record
from zoo.results.view import Results
from zoo.statistics.intervals import wilson_interval
from zoo.statistics.measurement import Measurement
from zoo.weights.digests import digest

SUITE = Results(a_suite())


def test_the_most_accurate_is_chosen_with_its_regime() -> None:
    choice = choose(SUITE, "accuracy")
    assert choice.chosen is not None
    assert (choice.chosen.model, choice.chosen.strategy) == ("torchvision/resnet18", "full")
    assert choice.chosen.weights == "letters-am"
    assert choice.exit_code == 0
    assert choice.python_line == (
        "import zoo; model = zoo.create('torchvision/resnet18', weights='letters-am', form='deployed'); "
        "transform = zoo.image_transform('torchvision/resnet18', weights='letters-am')"
    )


def test_a_limit_excludes_and_says_so() -> None:
    choice = choose(SUITE, "accuracy", Limits(max_latency_ms=10))
    assert choice.chosen is not None
    assert choice.chosen.model == "torchvision/squeezenet1_0"
    excluded = {candidate.model: str(broken[0]) for candidate, broken in choice.excluded}
    assert excluded["torchvision/resnet18"].startswith("max-latency-ms 10 (has 2")
    assert "Excluded: torchvision/resnet18" in choice.to_text()


def test_overlapping_intervals_are_ties_and_the_faster_is_taken() -> None:
    records = [cost("resnet18", 20.0), cost("squeezenet1_0", 8.0)]
    records += [transfer("resnet18", "full", 0.80), transfer("squeezenet1_0", "full", 0.79)]
    choice = choose(Results(records), "accuracy")
    assert choice.chosen is not None
    assert choice.chosen.model == "torchvision/squeezenet1_0"
    assert [c.model for c in choice.ties] == ["torchvision/resnet18"]


def test_where_nothing_qualifies_the_nearest_miss_is_named_and_the_code_is_3() -> None:
    choice = choose(SUITE, "latency", Limits(max_latency_ms=7.5))
    assert choice.chosen is None
    assert choice.exit_code == 3
    assert choice.nearest_miss is not None
    assert choice.nearest_miss[0].model == "torchvision/squeezenet1_0"
    assert "Nothing qualifies" in choice.to_text()
    assert "Nearest miss: torchvision/squeezenet1_0" in choice.to_text()


def test_a_value_within_a_limit_whose_interval_is_not_is_doubtful() -> None:
    choice = choose(Results([cost("resnet18", 20.0, spread=0.03)]), "latency", Limits(max_latency_ms=20.6))
    assert choice.chosen is not None
    assert any("latency may reach" in doubt for doubt in choice.doubts)


def test_what_was_not_measured_is_not_ranked() -> None:
    choice = choose(Results([*a_suite(), cost("densenet161", 200.0)]), "accuracy")
    assert "torchvision/densenet161" in [c.model for c in choice.unranked]


def test_a_failed_trial_is_no_candidate() -> None:
    assert all(c.model != "torchvision/alexnet" for c in choose(SUITE, "latency").runners_up)


def test_records_of_two_machines_are_not_mixed() -> None:
    with pytest.raises(ZooError, match="2 machines"):
        choose(Results([cost("resnet18", 20.0), cost("vgg16", 20.0, machine="m2")]))


def test_bad_questions() -> None:
    with pytest.raises(UnknownNameError, match="unknown objective 'speed'"):
        choose(SUITE, "speed")
    with pytest.raises(ZooError, match="nothing measured to choose from"):
        choose(Results([]))
    with pytest.raises(ZooError, match="max_latency_ms must be a number above 0"):
        Limits(max_latency_ms=-1)
    with pytest.raises(ZooError, match="min_accuracy is a fraction"):
        Limits(min_accuracy=80)
    with pytest.raises(UnknownNameError, match="unknown task 'letters'"):
        choose(SUITE, task="letters")


def test_text_fits_and_json_is_json() -> None:
    choice = choose(SUITE, "accuracy", Limits(max_params=30e6))
    lines = choice.to_text().splitlines()
    assert max(len(line) for line in lines if not line.startswith("Load it:")) <= 100
    assert json.loads(json.dumps(choice.to_dict()))["python"] == choice.python_line


models = st.sampled_from(["alexnet", "resnet18", "squeezenet1_0", "mobilenet_v2", "googlenet"])


@given(
    latencies=st.dictionaries(models, st.floats(1, 500), min_size=1),
    accuracies=st.dictionaries(models, st.floats(0, 1)),
    limit=st.floats(1, 500),
    objective=st.sampled_from(list(quantities())),
)
def test_whatever_is_chosen_meets_the_limits_and_nothing_that_meets_them_is_clearly_better(
    latencies: dict[str, float], accuracies: dict[str, float], limit: float, objective: str
) -> None:
    records = [cost(model, ms) for model, ms in latencies.items()]
    records += [transfer(model, "full", accuracy) for model, accuracy in accuracies.items()]
    choice = choose(Results(records), objective, Limits(max_latency_ms=limit))
    within = {c.model for c in (choice.chosen, *choice.runners_up, *choice.ties, *choice.unranked) if c}
    for candidate, broken in choice.excluded:
        assert broken
        assert candidate.model not in within
    if choice.chosen is None:
        assert choice.exit_code == 3
        return
    assert choice.chosen.latency is not None
    assert choice.chosen.latency.value <= limit
    assume(objective == "accuracy")
    assert choice.chosen.accuracy is not None
    for other in choice.runners_up:
        assert other.accuracy is not None
        worse = other.accuracy.value <= choice.chosen.accuracy.value
        assert worse or other.accuracy.overlaps(choice.chosen.accuracy)


def timed(model: str, ms: float, weights: str) -> Record:
    record = cost(model.rpartition("/")[2], ms)
    return replace(record, trial=replace(record.trial, model=model, weights=weights))


def test_a_licence_limits_a_choice_and_one_that_forbids_commerce_is_said() -> None:
    records = [
        timed("timm/convnextv2_atto", 10.0, "fcmae_ft_in1k"),
        timed("torchvision/resnet18", 15.0, "IMAGENET1K_V1"),
        timed("timm/resnet18", 20.0, "a1_in1k"),
    ]
    free = choose(Results(records), "latency")
    assert free.chosen is not None
    assert free.chosen.model == "timm/convnextv2_atto"
    assert "Mind the licence cc-by-nc-4.0: no commercial use." in free.to_text()
    limited = choose(Results(records), "latency", Limits(licence=("commercial",)))
    assert limited.chosen is not None
    assert limited.chosen.model == "timm/resnet18"
    assert "Mind the licence" not in limited.to_text()
    assert {candidate.model: str(broken[0]) for candidate, broken in limited.excluded} == {
        "timm/convnextv2_atto": "licence commercial (has cc-by-nc-4.0)",
        "torchvision/resnet18": "licence commercial (has none that is stated)",
    }
    # Weights that were made here, and random ones, are nobody's to license.
    own = choose(Results([*records, cost("vgg16", 5.0)]), "latency", Limits(licence=("apache-2.0",)))
    assert own.chosen is not None
    assert own.chosen.model == "torchvision/vgg16"
    with pytest.raises(UnknownNameError, match="unknown licence 'aphache': did you mean apache-2"):
        choose(Results(records), "latency", Limits(licence=("aphache",)))
    assert json.loads(json.dumps(limited.to_dict()))["excluded"][0][1][0]["bound"] == "commercial"


def test_how_many_were_ranked_is_said_beyond_the_runners_up() -> None:
    names = ("resnet18", "vgg16", "alexnet", "googlenet", "mobilenet_v2", "densenet161")
    choice = choose(Results([cost(name, 10.0 + place) for place, name in enumerate(names)]), "latency")
    assert len(choice.runners_up) == 3
    assert "Best latency among 6 (" in choice.to_text()


def test_a_published_accuracy_says_the_size_that_it_is_of_beside_latencies_at_another() -> None:
    small = [cost(model, ms, input_size=[3, 64, 64]) for model, ms in (("resnet18", 2.0), ("vgg16", 9.0))]
    text = " ".join(choose(Results(small), task="published").to_text().split())
    assert "batch 1, at 64 px; accuracy on ImageNet-1k as published, not measured here, at 224 px" in text
    assert "(published by torchvision at 224 px)" in text
    native = choose(Results([cost("resnet18", 20.0)]), task="published").to_text()
    assert "(published by torchvision)" in native


def test_a_limit_on_macs_is_held_against_those_of_the_size_that_was_timed() -> None:
    """AlexNet has 0.714 G at 224 px and 0.098 G at 64 px; by area it would be 0.058 G."""
    noted = [(64, 98144960.0), (224, None)]
    for side, macs in noted:
        record = cost("alexnet", 1.0, input_size=[3, side, side])
        record = replace(record, outcome=replace(record.outcome, notes={"macs": macs}))
        assert choose(Results([record]), "latency", Limits(max_macs=0.1e9)).exit_code == (0 if side == 64 else 3)
        beyond = choose(Results([record]), "latency", Limits(max_macs=0.09e9))
        has = "has 9.814e+07 at 64 px" if side == 64 else "has 7.142e+08 at 224 px"
        assert f"Excluded: torchvision/alexnet, beyond max-macs 9e+07 ({has})." in beyond.to_text()
        best = choose(Results([record]), "macs")
        assert best.to_dict()["chosen"]["macs_px"] == side
        assert f"Best macs ({'0.098' if side == 64 else '0.714'} G, at {side} px) among 1" in best.to_text()


def with_tail(record: Record, p99: float) -> Record:
    metrics = {**record.outcome.metrics, "p99_ms": Measurement(p99, "ms", n=500)}
    return replace(record, outcome=replace(record.outcome, metrics=metrics))


def test_a_limit_on_the_slowest_calls_is_held_against_them_and_not_the_median() -> None:
    records = [with_tail(cost("resnet18", 20.0), 22.0), with_tail(cost("alexnet", 10.0), 60.0), cost("vgg16", 5.0)]
    choice = choose(Results(records), "latency", Limits(max_p99_ms=30))
    assert choice.chosen is not None
    assert choice.chosen.model == "torchvision/resnet18"
    assert {one.model: [str(each) for each in broken] for one, broken in choice.excluded} == {
        "torchvision/alexnet": ["max-p99-ms 30 (has 60, no interval)"],
        "torchvision/vgg16": ["max-p99-ms 30 (not measured)"],
    }
    assert "p99 has no interval" in " ".join(choice.to_text().split())


def test_a_limit_on_balanced_accuracy_holds_beside_a_choice_by_accuracy() -> None:
    """One is right on 90 of 100 of a class and 2 of 10 of the other, the other on 70 and 7."""
    labels = [0] * 100 + [1] * 10
    records = []
    for model, hits in (("resnet18", (90, 2)), ("alexnet", (70, 7))):
        right = [int(i < hits[0]) for i in range(100)] + [int(i < hits[1]) for i in range(10)]
        record = transfer(model, "full", 0.5)
        accuracy = Measurement(sum(right) / 110, "fraction", *wilson_interval(sum(right), 110), 110)
        outcome = replace(
            record.outcome,
            metrics={**record.outcome.metrics, "accuracy": accuracy},
            samples={"correct": right, "labels": labels},
        )
        records.append(replace(record, outcome=outcome))
    free = choose(Results(records))
    assert free.chosen is not None
    assert free.chosen.model == "torchvision/resnet18"
    limited = choose(Results(records), limits=Limits(min_balanced_accuracy=0.6))
    assert limited.chosen is not None
    assert limited.chosen.model == "torchvision/alexnet"
    assert [str(one) for one in limited.excluded[0][1]] == [
        "min-balanced-accuracy 0.6 (has 0.55, its interval reaches 0.6876)"
    ]


def test_a_limit_on_robustness_is_held_against_what_is_published_of_the_weights() -> None:
    records = [
        timed("timm/resnet50", 10.0, "a1_in1k"),
        timed("timm/convnext_base", 20.0, "fb_in22k_ft_in1k"),
        cost("vgg16", 5.0),
    ]
    held = {figure.dataset: figure.top1 for figure in get("timm/resnet50.a1_in1k").published if figure.side == 224}
    names = ("imagenetv2-matched-frequency", "imagenet-r", "imagenet-a", "sketch")
    own = sum(held[name] for name in names) / 400
    choice = choose(Results(records), "latency", Limits(min_robustness=0.45))
    assert choice.chosen is not None
    assert choice.chosen.model == "timm/convnext_base"
    assert {one.model: str(broken[0]) for one, broken in choice.excluded} == {
        "timm/resnet50": f"min-robustness 0.45 (has {own:.4g})",
        "torchvision/vgg16": "min-robustness 0.45 (not published)",
    }
    assert not choice.doubts


def test_what_was_not_measured_is_not_said_to_be_beyond_a_limit() -> None:
    text = choose(Results([transfer("resnet18", "full", 0.8)]), "accuracy", Limits(max_latency_ms=10)).to_text()
    assert "Excluded: torchvision/resnet18, max-latency-ms 10 (not measured)." in text
    assert "beyond" not in text
    assert "Nearest miss" not in text
    assert choose(Results([cost("resnet18", 20.0)])).to_text().startswith("No accuracy is known (")


def test_a_checkpoint_is_loaded_from_where_it_lies_here_and_else_known_by_its_digest(tmp_path: Path) -> None:
    file = tmp_path / "best.pth"
    file.write_bytes(b"weights")
    known = digest(file)
    record = transfer("resnet18", "full", 0.80)
    record = replace(record, trial=replace(record.trial, weights="best.pth", weights_digest=known))
    choice = choose(Results([record, cost("resnet18", 20.0)]), "accuracy")
    line = (
        "import zoo; model = zoo.create('torchvision/resnet18', weights=FILE, form='deployed'); "
        "transform = zoo.image_transform('torchvision/resnet18', weights=FILE)"
    )
    assert choice.python_line == line.replace("FILE", repr(str(file)))
    file.write_bytes(b"others")
    assert choice.python_line == f"{line.replace('FILE', repr('best.pth'))}  # your file of SHA-256 {known[:12]}"


def test_what_of_the_setting_the_line_has_not_stands_in_a_comment() -> None:
    timed = cost("resnet18", 20.0, engine="openvino", precision="bf16", memory_format="channels_last")
    line = choose(Results([timed]), "latency").python_line
    assert line.endswith("weights=None)  # timed by the engine openvino, in bf16, channels last")
    assert "#" not in choose(Results([cost("resnet18", 20.0, form="trained")]), "latency").python_line
    mine = choose(Results([cost("mine/net", 20.0)]), "latency").python_line
    assert mine == "import zoo; model = zoo.create('mine/net', weights=None, form='deployed')"
