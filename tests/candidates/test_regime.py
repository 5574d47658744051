"""A regime is chosen on training images held out, by the measure that is asked for, and stated on test images."""

from __future__ import annotations

from dataclasses import replace

import pytest

from tests.results.planted import IMAGES, transfer
from zoo.candidates.candidate import Candidate
from zoo.candidates.candidates import find_candidates
from zoo.choice.choice import choose
from zoo.choice.verdict import verdict
from zoo.cli.main import main
from zoo.errors import UnknownNameError, ZooError
from zoo.outcome import Outcome
from zoo.results.record import Record
from zoo.results.view import Results
from zoo.statistics.measurement import Measurement
from zoo.store.store import Store

HELD_OUT = "Each model's regime was chosen on training images held out"
ON_TEST = "Regimes were chosen on the test images themselves"


def regime(
    model: str, strategy: str, accuracy: float, *, held_out: tuple[float, float] | None = None, seeds: int = 2
) -> list[Record]:
    """Seeds of one regime, with what it reached on images held out: plain, and balanced."""
    found = []
    for seed in range(seeds):
        record = transfer(model, strategy, accuracy, seed=seed)
        names = ("validation", "validation_balanced")
        more = {name: Measurement(value, "fraction") for name, value in zip(names, held_out or (), strict=False)}
        outcome = replace(record.outcome, metrics=dict(record.outcome.metrics) | more)
        found.append(replace(record, outcome=outcome))
    return found


def in_classes(record: Record, right: tuple[int, int], sizes: tuple[int, int] = (150, 50)) -> Record:
    """The same of two classes of so many test images, of which so many are right."""
    correct = [int(i < hits) for hits, size in zip(right, sizes, strict=True) for i in range(size)]
    labels = [place for place, size in enumerate(sizes) for _ in range(size)]
    outcome: Outcome = record.outcome
    share = sum(right) / IMAGES
    metrics = dict(outcome.metrics) | {"accuracy": Measurement(share, "fraction", share - 0.05, share + 0.05, IMAGES)}
    recalls = [{"class": str(place), "images": size, "recall": 0.5} for place, size in enumerate(sizes)]
    notes = dict(outcome.notes) | {"recalls": recalls, "classes": 2}
    samples = {"correct": correct, "labels": labels}
    return replace(record, outcome=replace(outcome, metrics=metrics, samples=samples, notes=notes))


def candidate(results: Results, **asked: str) -> Candidate:
    return find_candidates(results, **asked)[0][0]  # type: ignore[arg-type]


def test_a_regime_is_chosen_on_images_held_out_and_stated_on_test_images() -> None:
    records = regime("resnet18", "classifier", 0.7, held_out=(0.9, 0.9))
    records += regime("resnet18", "full", 0.8, held_out=(0.6, 0.6))
    found = candidate(Results(records))
    assert found.strategy == "classifier"
    assert found.accuracy is not None
    assert found.accuracy.value == pytest.approx(0.7)
    for said in (choose(Results(records)).to_text(), verdict(Results(records))):
        assert HELD_OUT in " ".join(said.split())
        assert ON_TEST not in " ".join(said.split())


def test_where_one_regime_held_nothing_out_the_test_decides_and_that_is_said() -> None:
    records = regime("resnet18", "classifier", 0.7, held_out=(0.9, 0.9)) + regime("resnet18", "full", 0.8)
    assert candidate(Results(records)).strategy == "full"
    assert ON_TEST in " ".join(choose(Results(records)).to_text().split())
    assert ON_TEST in verdict(Results(records))


def test_one_seed_without_a_number_leaves_the_mean_unknown() -> None:
    full = regime("resnet18", "full", 0.8, held_out=(0.95, 0.95))
    bare = regime("resnet18", "full", 0.8)
    records = regime("resnet18", "classifier", 0.7, held_out=(0.9, 0.9))
    assert ON_TEST in verdict(Results([*records, full[0], bare[1]]))
    assert HELD_OUT in verdict(Results([*records, *full]))


def test_two_models_may_be_chosen_in_two_ways() -> None:
    records = regime("resnet18", "classifier", 0.7, held_out=(0.9, 0.9))
    records += regime("resnet18", "full", 0.8, held_out=(0.6, 0.6))
    records += regime("vgg16", "classifier", 0.5) + regime("vgg16", "full", 0.6)
    said = find_candidates(Results(records))[1].said
    assert len(said) == 2
    assert said[0] == "Regimes of torchvision/resnet18 were chosen on training images held out"
    assert said[1].startswith("Regimes of torchvision/vgg16 were chosen on the test images themselves, as not each")


def test_of_one_regime_nothing_is_said() -> None:
    results = Results(regime("resnet18", "full", 0.8))
    assert find_candidates(results)[1].said == ()


def test_the_measure_decides_and_stands_in_the_words() -> None:
    # Plainly 160 of 200 beside 150; balanced (140/150 + 20/50) / 2 beside (105/150 + 45/50) / 2.
    records = [in_classes(one, (140, 20)) for one in regime("resnet18", "full", 0.8)]
    records += [in_classes(one, (105, 45)) for one in regime("resnet18", "classifier", 0.75)]
    plain, balanced = candidate(Results(records)), candidate(Results(records), measure="balanced_accuracy")
    assert (plain.strategy, balanced.strategy) == ("full", "classifier")
    assert plain.accuracy is not None
    assert balanced.accuracy is not None
    assert plain.accuracy.value == pytest.approx(0.8)
    assert balanced.accuracy.value == pytest.approx(0.8)
    assert balanced.accuracy.low is not None
    text = " ".join(choose(Results(records), measure="balanced_accuracy").to_text().split())
    assert "balanced accuracy 0.800 [" in text
    assert "balanced accuracy on digits with 10 images a class" in text
    told = "The largest class has 3.0 times the test images of the smallest"
    assert f"{told}: balanced accuracy chose, and the measure accuracy chooses by the other." in text
    plainly = " ".join(choose(Results(records)).to_text().split())
    assert f"{told}: accuracy chose, and the measure balanced_accuracy chooses by the other." in plainly


def test_images_held_out_have_the_measure_too() -> None:
    records = [in_classes(one, (140, 20)) for one in regime("resnet18", "full", 0.8, held_out=(0.9, 0.6))]
    records += [in_classes(one, (105, 45)) for one in regime("resnet18", "classifier", 0.75, held_out=(0.8, 0.7))]
    assert candidate(Results(records)).strategy == "full"
    assert candidate(Results(records), measure="balanced_accuracy").strategy == "classifier"


def test_a_balanced_accuracy_is_held_against_balanced_controls() -> None:
    records = [in_classes(one, (140, 20)) for one in regime("resnet18", "full", 0.8)]
    # Pixels name the large class alone: 75% plainly, half of the classes.
    records += [in_classes(one, (150, 0)) for one in regime("resnet18", "pixels", 0.75)]
    floor = find_candidates(Results(records), measure="balanced_accuracy")[1].floor
    assert floor.pixels is not None
    assert floor.pixels.value == pytest.approx(0.5)
    assert floor.majority == pytest.approx(0.5)
    plain = find_candidates(Results(records))[1].floor
    assert plain.pixels is not None
    assert plain.pixels.value == pytest.approx(0.75)


def test_what_cannot_be_is_a_line(capsys: pytest.CaptureFixture[str]) -> None:
    results = Results(regime("resnet18", "full", 0.8))
    with pytest.raises(UnknownNameError, match="'ballanced_accuracy': did you mean balanced_accuracy"):
        choose(results, measure="ballanced_accuracy")
    with pytest.raises(ZooError, match="on digits: its records are from before labels were kept"):
        choose(results, measure="balanced_accuracy")
    with pytest.raises(ZooError, match="published accuracies are plain ones"):
        choose(results, task="published", measure="balanced_accuracy")
    with pytest.raises(SystemExit) as caught:
        main(["transfer", "resnet18", "--measure", "f1"])
    assert caught.value.code == 2
    assert "--measure" in capsys.readouterr().err


def test_a_command_chooses_by_it(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "200")
    records = [in_classes(one, (140, 20)) for one in regime("resnet18", "full", 0.8)]
    records += [in_classes(one, (105, 45)) for one in regime("resnet18", "classifier", 0.75)]
    from zoo.paths import default_store_url

    with Store(default_store_url()) as store:
        store.add_all(records)
    for words, regime_named in (([], "(full)"), (["--measure", "balanced_accuracy"], "(classifier)")):
        with pytest.raises(SystemExit) as caught:
            main(["choose", *words])
        assert caught.value.code == 0
        assert regime_named in capsys.readouterr().out.splitlines()[0]
