"""The time to the end starts as a guess and is corrected by what was seen."""

from __future__ import annotations

from dataclasses import replace

import pytest

from zoo.cost.settings import LONGEST_S, CostSettings
from zoo.machine.prior import EFFECTIVE_MACS_PER_S
from zoo.outcome import Outcome, Status
from zoo.plans.estimate import BEGINNING_S, Estimate, rounded, work_units
from zoo.regimes.settings import PretrainSettings, TransferSettings
from zoo.registry.catalogue import get
from zoo.results.trial import Trial
from zoo.statistics.measurement import Measurement
from zoo.tasks.outline import TaskOutline

FOLDER = TaskOutline(
    name="pets", classes=("cat", "dog"), train_counts=(900, 100), test_images=200, digest="d", native_size=None,
    test_counts=(150, 50), read_s=0.5,
)  # fmt: skip


def trial(
    seed: int,
    strategy: str = "full",
    side: int = 32,
    model: str = "torchvision/resnet18",
    task: str = "",
    **more: object,
) -> Trial:
    more |= {"recipe": {}} if strategy in ("full", "scratch") else {"probe": "ridge"}
    settings = {
        "task": "digits", "strategy": strategy, "shots": 10, "seed": seed, "input_size": [3, side, side],
        "task_digest": task,
    }  # fmt: skip
    return Trial(model, "random", TransferSettings.from_dict(settings | more))


def expected(*trials: Trial, read_s: float) -> float:
    estimate = Estimate(tasks={"d": replace(FOLDER, read_s=read_s)})
    estimate.expect(list(trials))
    return estimate.seconds_left()


@pytest.mark.parametrize(
    ("trials", "files"),
    [
        ([trial(0, task="d")], 20 + 200),  # ten of each class, and those to test on
        ([trial(0, task="d"), trial(0, "classifier", task="d"), trial(0, "scratch", task="d")], 220),
        ([trial(0, "classifier", task="d"), trial(0, "classifier", model="torchvision/alexnet", task="d")], 220),
        ([trial(0, task="d", shots=20), trial(0, task="d")], 40 + 200),  # ten are part of twenty
        ([trial(0, task="d"), trial(1, task="d")], 40 + 200),  # of another seed, others
        ([trial(seed, task="d", shots="all") for seed in range(3)], 1000 + 200),
        ([trial(0, task="d"), trial(0, side=64, task="d")], 2 * 220),
        ([trial(0, task="d"), trial(0, task="d", fit="crop")], 2 * 220),
    ],
)
def test_a_folder_is_read_once_for_a_size_whatever_is_trained_on_it(trials: list[Trial], files: int) -> None:
    assert expected(*trials, read_s=0.5) - expected(*trials, read_s=0.0) == pytest.approx(0.5 * files)


def test_what_was_read_is_not_expected_again() -> None:
    trials = [trial(seed, "classifier", task="d") for seed in range(3)]
    estimate = Estimate(tasks={"d": FOLDER})
    estimate.expect(trials)
    estimate.finished(trials[0], 0.5 * 220 + work_units(trials[0], FOLDER))  # as it was expected
    rest = trials[1:]
    assert estimate.seconds_left() == pytest.approx(0.5 * 40 + sum(work_units(one, FOLDER) for one in rest))


def test_a_fit_on_pixels_takes_the_cube_of_the_images() -> None:
    settings = {"task": "pets", "strategy": "pixels", "shots": "all", "seed": 0, "task_digest": "d", "probe": "ridge"}
    control = Trial("control/pixels", "none", TransferSettings.from_dict(settings | {"input_size": [3, 224, 224]}))
    small = Trial("control/pixels", "none", TransferSettings.from_dict(settings | {"input_size": [3, 4, 4]}))
    thousand, many = (replace(FOLDER, train_counts=counts) for counts in ((900, 100), (3900, 100)))
    begun = work_units(small, thousand)  # 48 features
    assert (work_units(control, many) - begun) / (work_units(control, thousand) - begun) == pytest.approx(
        64, rel=0.01
    )


def test_training_is_expected_to_take_longer_than_probing() -> None:
    assert work_units(trial(0)) > work_units(trial(0, "classifier"))


def test_a_machine_twice_as_slow_doubles_the_rest() -> None:
    trials = [trial(seed) for seed in range(4)]
    estimate = Estimate()
    estimate.expect(trials)
    guess = estimate.seconds_left()
    estimate.finished(trials[0], 2 * work_units(trials[0]))
    assert estimate.seconds_left() == pytest.approx(2 * guess * 3 / 4)


def pretraining(model: str = "torchvision/resnet18") -> Trial:
    return Trial(model, "random", PretrainSettings("letters-am", 0, (3, 32, 32)))


def latency(trial: Trial, ms: float | None, key: str = "latency_ms") -> Outcome:
    return Outcome(Status.OK, metrics={key: Measurement(ms, "ms")} if ms else {})


def timing(model: str = "torchvision/resnet18", batch: int = 1, device: str = "cpu") -> Trial:
    settings = CostSettings("latency", device, batch, 2, "fp32", "contiguous", (3, 224, 224))
    return Trial(model, "random", settings)


def test_a_latency_tells_how_fast_a_models_trainings_are() -> None:
    macs = get("torchvision/resnet18").estimated_macs((3, 224, 224))
    assert macs is not None
    ordinary = macs / EFFECTIVE_MACS_PER_S * 1e3
    estimate, training = Estimate(), pretraining()
    computing = work_units(training) - BEGINNING_S
    assert estimate.seconds_of(training) == pytest.approx(BEGINNING_S + computing)
    estimate.timed(timing(), latency(timing(), 10 * ordinary))
    assert estimate.seconds_of(training) == pytest.approx(BEGINNING_S + 10 * computing)
    assert estimate.seconds_of(trial(0)) > 5 * work_units(trial(0))
    estimate.timed(timing(batch=4), latency(timing(), 8 * ordinary))  # four images in that time: the faster counts
    assert estimate.seconds_of(training) == pytest.approx(BEGINNING_S + 2 * computing)
    for told_nothing in (
        (timing(), latency(timing(), None)), (timing(), latency(timing(), 9.0, "p90_ms")),
        (timing("torchvision/alexnet"), latency(timing(), 9e9)), (timing(device="cuda"), latency(timing(), 9e9)),
    ):  # fmt: skip
        estimate = Estimate()
        estimate.timed(*told_nothing)
        assert estimate.seconds_of(pretraining()) == pytest.approx(work_units(pretraining()))


def test_a_models_own_trainings_tell_more_than_those_of_others() -> None:
    estimate, other = Estimate(), "torchvision/alexnet"
    estimate.finished(trial(0), 3 * work_units(trial(0)))
    estimate.finished(trial(0, model=other), 9 * work_units(trial(0, model=other)))
    assert estimate.seconds_of(trial(1)) == pytest.approx(3 * work_units(trial(1)))
    assert estimate.seconds_of(trial(1, model=other)) == pytest.approx(9 * work_units(trial(1, model=other)))
    third = trial(1, model="torchvision/squeezenet1_0")
    assert 3 < estimate.seconds_of(third) / work_units(third) < 9
    # A pretraining is a training like others.
    assert estimate.seconds_of(pretraining()) == pytest.approx(3 * work_units(pretraining()))


def test_a_pretraining_takes_the_steps_of_its_family() -> None:
    mobile, usual = pretraining("torchvision/mobilenet_v2"), pretraining()
    per_mac = [
        (work_units(one) - BEGINNING_S) / (get(one.model).estimated_macs((3, 32, 32)) or 0) for one in (mobile, usual)
    ]
    assert per_mac[0] / per_mac[1] == pytest.approx(2)  # 480 steps and 240


def test_what_fits_is_known_where_something_like_it_was_seen() -> None:
    estimate = Estimate()
    assert estimate.fits(0.001, trial(1))
    estimate.finished(trial(0), 2 * work_units(trial(0)))
    needed = 2 * work_units(trial(1))
    assert estimate.fits(None, trial(1))
    assert estimate.fits(1.01 * needed, trial(1))
    assert not estimate.fits(0.99 * needed, trial(1))
    assert not estimate.fits(1.99 * needed, trial(1), trial(1))


def test_nothing_pending_is_no_time() -> None:
    estimate = Estimate()
    estimate.expect([trial(0)])
    estimate.finished(trial(0), 1.0)
    assert estimate.seconds_left() == 0


def cost(model: str) -> Trial:
    side = get(model).input_size
    return Trial(model, "random", CostSettings("latency", "cpu", 1, 1, "fp32", "contiguous", side))


def test_what_never_has_an_interval_is_given_up_and_not_waited_for() -> None:
    quick, large = (work_units(cost(f"timm/{name}")) for name in ("test_resnet", "vit_7b_patch16_dinov3"))
    assert quick == pytest.approx(7)
    assert large == pytest.approx(3 + LONGEST_S)


def test_what_many_costs_take_is_the_sum_of_each_until_it_is_done() -> None:
    trials = [cost(f"torchvision/{name}") for name in ("vgg16", "resnet18", "alexnet")]
    estimate = Estimate()
    estimate.expect(trials)
    for _ in range(2):
        assert estimate.seconds_left() == pytest.approx(sum(map(work_units, trials)))
    estimate.finished(trials[0], 2 * work_units(trials[0]))
    assert estimate.seconds_left() == pytest.approx(2 * sum(map(work_units, trials[1:])))


@pytest.mark.parametrize(
    ("seconds", "text"),
    [(0.2, "about 1 s"), (89, "about 89 s"), (90, "about 2 min"), (10000, "about 167 min"), (60000, "about 17 h")],
)
def test_a_time_is_told_in_a_unit_that_fits(seconds: float, text: str) -> None:
    assert rounded(seconds) == text
