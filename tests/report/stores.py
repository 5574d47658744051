"""Random stores: records of every kind, drawn from a seed, whole and broken, doubtful and without intervals."""

from __future__ import annotations

import random
from dataclasses import replace
from typing import Any

from tests.results.planted import ENVIRONMENT, cost, transfer
from zoo.evaluation.settings import EvaluateSettings
from zoo.machine.fingerprint import Machine
from zoo.outcome import Outcome, Status
from zoo.regimes.settings import PretrainSettings
from zoo.results.record import Record
from zoo.results.trial import PublishedSettings, Trial
from zoo.statistics.intervals import summarise_rounds, wilson_interval
from zoo.statistics.measurement import Measurement

MODELS = ("resnet18", "squeezenet1_0", "vgg16", "alexnet", "mobilenet_v2")
MINE = "mine/net"
"""A user's model, whose module is not imported: nothing is known of it but its records."""

TAG = "IMAGENET1K_V1"
FLAGS = ("cpu pressure 9%", "clock at 61%", "first and last third differ by 4%")
REASONS = ("RuntimeError: planted", "the cohort's budget ended before its first round")
BAD = (Status.FAILED, Status.OOM, Status.TIMEOUT)
LAST = 1.8e9 + 5e5


def store(seed: int) -> list[Record]:
    """Records of one store, of one machine or of two."""
    draw = random.Random(seed)
    machines = ["m1", "m2"] if draw.random() < 0.1 else ["m1"]
    found = []
    for machine in machines:
        found += _costs(draw, machine) if draw.random() < 0.85 else []
        found += _transfers(draw, machine) if draw.random() < 0.75 else []
        found += _evaluations(draw, machine) if draw.random() < 0.3 else []
        found += _pretrainings(draw, machine) if draw.random() < 0.3 else []
    found += _published(draw) if draw.random() < 0.3 else []
    draw.shuffle(found)
    return [_named(draw, record, place) for place, record in enumerate(found)]


def _named(draw: random.Random, record: Record, place: int) -> Record:
    started = record.outcome.started + draw.randrange(400_000)
    environment = record.environment
    if record.machine == "m2":
        environment = replace(environment, cpu="CPU of m2")
    outcome = replace(record.outcome, started=started)
    return replace(record, id=f"r{place}", environment=environment, outcome=outcome)


def other_run(records: list[Record], seed: int) -> list[Record]:
    """The same trials in another run: some slower, some mended or broken, some gone, perhaps on another machine."""
    draw = random.Random(f"other {seed}")
    upgraded, elsewhere = draw.random() < 0.3, draw.random() < 0.1
    common, found = draw.choice((1.0, 1.0, 1.06, 0.9)), []
    for place, record in enumerate(records):
        if draw.random() < 0.1:
            continue
        changed = record
        if record.trial.kind == "cost" and record.outcome.samples:
            factor = common * draw.choice((1.0, 1.0, 1.0, 1.25, 0.8)) * draw.lognormvariate(0, 0.002)
            rounds = [value * factor for value in record.outcome.samples["round_medians_ms"]]
            changed = _with_rounds(record, rounds, notes={"cohort": f"other {record.outcome.notes.get('cohort')}"})
        elif record.trial.kind in ("transfer", "evaluate") and record.outcome.samples and draw.random() < 0.6:
            name = "correct" if record.trial.kind == "transfer" else "top1"
            worse = draw.choice((0.0, 0.02, 0.3))
            right = [int(value and draw.random() > worse) for value in record.outcome.samples[name]]
            changed = _with_correct(record, name, right)
        if draw.random() < 0.05:
            good = record.outcome.status not in BAD
            changed = replace(changed, outcome=Outcome(Status.OOM, "planted")) if good else changed
        environment = changed.environment
        if upgraded and record.trial.kind != "published":
            libraries = dict(environment.libraries or {}) | {"torch": "2.16.0"}
            environment = replace(environment, libraries=libraries)
        machine = record.machine
        if elsewhere and record.trial.kind != "published":
            environment, machine = replace(environment, cpu="Another CPU"), f"{machine}-else"
        found.append(replace(changed, id=f"o{place}", environment=environment, machine=machine))
    return found


def _with_rounds(record: Record, rounds: list[float], notes: dict[str, Any]) -> Record:
    settings, outcome = record.trial.cost, record.outcome
    if settings.metric == "throughput":
        rates = [1000 * settings.batch / taken for taken in rounds]
        metrics = {"throughput": summarise_rounds(rates, "images/s")}
    else:
        metrics = {"latency_ms": summarise_rounds(rounds, "ms")}
    samples = {"round_medians_ms": rounds, "iterations_ms": rounds}
    kept = dict(outcome.notes) | {"round_index": list(range(len(rounds)))} | notes
    return replace(record, outcome=replace(outcome, metrics=metrics, samples=samples, notes=kept))


def _with_correct(record: Record, name: str, right: list[int]) -> Record:
    hits, images = sum(right), len(right)
    low, high = wilson_interval(hits, images)
    metric = "accuracy" if name == "correct" else "top1"
    metrics = dict(record.outcome.metrics) | {metric: Measurement(hits / images, "fraction", low, high, images)}
    samples = dict(record.outcome.samples) | {name: [float(value) for value in right]}
    return replace(record, outcome=replace(record.outcome, metrics=metrics, samples=samples))


def _costs(draw: random.Random, machine: str) -> list[Record]:
    metrics = draw.choice((["latency"], ["latency", "throughput"], ["throughput"], ["latency"]))
    models = [*draw.sample(MODELS, draw.randint(1, 5)), *([MINE] if draw.random() < 0.25 else [])]
    if draw.random() < 0.06:
        models = [MINE]
    side = draw.choice((224, 224, 64))
    threads = draw.choice(((1,), (1, 2)))
    weights = draw.choice(("random", TAG))
    ways: list[dict[str, Any]] = [{}]
    ways += [{"precision": "bf16"}] if draw.random() < 0.15 else []
    ways += [{"memory_format": "channels_last"}] if draw.random() < 0.1 else []
    ways += [{"form": "trained"}] if draw.random() < 0.15 else []
    broken, doubtful = draw.choice((0.0, 0.1, 0.9)), draw.choice((0.0, 0.3))
    few = draw.random() < 0.2
    found = []
    for model in models:
        base = draw.uniform(3, 200)
        spread = draw.choice((0.002, 0.01, 0.05))
        for metric in metrics:
            for count in threads:
                for way in ways:
                    batch = 8 if metric == "throughput" else 1
                    at = {"metric": metric, "batch": batch, "threads": count, "input_size": [3, side, side]} | way
                    found.append(_cost(draw, model, base, spread, weights, machine, at, broken, doubtful, few))
    found += _curves(models, side, threads, weights, machine)
    if draw.random() < 0.4:
        first = draw.choice(found)
        s = first.trial.cost
        twin = replace(first, trial=replace(first.trial, settings=replace(s, replica=1)))
        if twin.outcome.samples:
            rounds = [v * draw.lognormvariate(0, 0.004) for v in twin.outcome.samples["round_medians_ms"]]
            cohort = draw.choice((twin.outcome.notes["cohort"], "apart"))
            twin = _with_rounds(twin, rounds, notes={"cohort": cohort})
        found.append(twin)
    if draw.random() < 0.1:
        first = draw.choice(found)
        settings = replace(first.trial.cost, timed_by="pytest-benchmark", replica=0)
        found.append(replace(first, trial=replace(first.trial, settings=settings)))
    return found


def _curves(models: list[str], side: int, threads: tuple[int, ...], weights: str, machine: str) -> list[Record]:
    """Throughputs at several batches: rising and level, in teeth, cut off, broken and without intervals."""
    draw = random.Random(f"{models} {side} {threads} {weights} {machine}")
    if draw.random() < 0.6:
        return []
    broken, doubtful, few = draw.choice((0.0, 0.2)), draw.choice((0.0, 0.3)), draw.random() < 0.2
    found = []
    for model in models:
        base, spread = draw.uniform(3, 200), draw.choice((0.002, 0.01, 0.05))
        level, batches = draw.choice((1, 4, 64)), draw.choice(((1, 2), (1, 2, 4), (1, 2, 4, 16, 32), (2, 4, 16)))
        for batch in batches:
            ms = base * batch / min(batch, level) ** 0.3 * draw.choice((1.0, 1.0, 1.15))
            for count in threads:
                at = {"metric": "throughput", "batch": batch, "threads": count, "input_size": [3, side, side]}
                found.append(_cost(draw, model, ms, spread, weights, machine, at, broken, doubtful, few))
    return found


def _cost(
    draw: random.Random, model: str, base: float, spread: float, weights: str, machine: str, at: dict[str, Any],
    broken: float, doubtful: float, few: bool,
) -> Record:  # fmt: skip
    status = draw.choice(BAD) if draw.random() < broken else Status.OK
    reason = draw.choice(REASONS) if status != Status.OK else ""
    if status == Status.OK and draw.random() < doubtful:
        status, reason = Status.UNCONVERGED, "±3.1% after 12 rounds instead of ±2%"
    flags = (draw.choice(FLAGS),) if draw.random() < doubtful else ()
    record = cost(
        model, base, spread=spread, seed=draw.randrange(10**6), status=status, reason=reason, flags=flags,
        machine=machine, cohort=f"c{at['threads']}", **at,
    )  # fmt: skip
    name = model if model == MINE else f"torchvision/{model}"
    tag = "random" if model == MINE else weights
    record = replace(record, trial=replace(record.trial, model=name, weights=tag))
    missing = (
        {"weights_missing": f"{name}.{TAG}"} if tag == "random" and model != MINE and draw.random() < 0.05 else {}
    )
    if record.outcome.samples:
        kept = draw.choice((1, 2, 5)) if few and draw.random() < 0.7 else 10
        rounds = record.outcome.samples["round_medians_ms"][:kept]
        record = _with_rounds(record, rounds, {"macs": 1e9 * base, **missing})
    notes = dict(record.outcome.notes) | {"macs": 1e9 * base} | missing
    metrics = dict(record.outcome.metrics)
    if metrics and record.trial.cost.form == "deployed" and draw.random() < 0.5:
        metrics["output_difference"] = Measurement(10 ** draw.uniform(-7.0, -4.0), "relative")
    return replace(record, outcome=replace(record.outcome, notes=notes, metrics=metrics))


def _transfers(draw: random.Random, machine: str) -> list[Record]:
    cells: list[tuple[str, str]] = [("digits", "0123456789d1")]
    cells += [("flowers", "aaaaaaaaaaf1")] if draw.random() < 0.3 else []
    cells += [("flowers", "bbbbbbbbbbf2")] if draw.random() < 0.2 else []
    strategies = draw.choice(
        (
            ["classifier", "full", "scratch", "random_features", "pixels"], ["classifier", "full", "pixels"],
            ["classifier"], ["full", "scratch"], ["pixels"], ["random_features", "pixels", "classifier", "full"],
        )
    )  # fmt: skip
    models = draw.sample(MODELS, draw.randint(1, 3))
    shots = draw.choice(([10], [5, 50], ["all"], [10, "all"]))
    seeds = draw.choice((1, 2, 3))
    probe = draw.choice(("ridge", "logistic"))
    tag = draw.choice(("letters-am", TAG))
    side = draw.choice((32, 32, 64))
    broken = draw.choice((0.0, 0.15, 0.9))
    majority = draw.choice((None, 0.1, 0.62))
    health = draw.choice((None, ["12 of 200 test images stand among the training images too: no test"]))
    recipes: list[dict[str, Any]] = [{}, {"steps": 600}] if draw.random() < 0.15 else [{}]
    images = draw.choice((40, 200))
    held = draw.choice(((), (), tuple(strategies), ("classifier",)))
    classes = draw.choice(((20, 20), (30, 10), ()))
    counted = draw.choice((None, 4, 10, 40))
    scored = draw.random() < 0.4
    found = []
    for (task, digest), count in ((cell, count) for cell in cells for count in shots):
        for strategy in strategies:
            for model in models if strategy != "pixels" else [""]:
                accuracy = draw.uniform(0.05, 1.0)
                for recipe in recipes if strategy in ("full", "scratch") else [{}]:
                    for seed in range(seeds):
                        at = {"task": task, "task_digest": digest, "probe": probe, "recipe": recipe}
                        at |= {} if strategy == "pixels" else {"input_size": [3, side, side]}
                        right = min(1.0, max(0.0, accuracy + draw.gauss(0, 0.03)))
                        record = transfer(
                            model, strategy, right, shots=count, seed=seed, machine=machine, **at
                        )  # fmt: skip
                        record = _trained(draw, record, tag, broken, majority, health, images)
                        record = _told_more(draw, record, strategy in held, classes)
                        found.append(_noted(draw, record, counted, scored))
    return _rounded(found)


def _rounded(records: list[Record]) -> list[Record]:
    """With some models, or all, in bf16 now and then; drawn apart, so that all else stays as it was."""
    draw = random.Random(len(records))
    models = sorted({record.trial.model for record in records} - {"control/pixels"})
    if not models or draw.random() > 0.3:
        return records
    chosen = draw.sample(models, draw.randint(1, len(models)))
    return [
        replace(record, trial=replace(record.trial, settings=replace(record.trial.transfer, precision="bf16")))
        if record.trial.model in chosen
        else record
        for record in records
    ]


def _noted(draw: random.Random, record: Record, classes: int | None, scored: bool) -> Record:
    """A record that notes its classes and images, and of frozen features their scores."""
    settings, noted = record.trial.transfer, dict(record.outcome.notes)
    noted.pop("classes", None)
    noted |= {} if classes is None else {"classes": classes}
    noted |= {"train_images": 1257} if classes is not None and settings.shots == "all" else {}
    if scored and settings.strategy == "classifier":
        noted |= {"logme": draw.uniform(-1, 1), "h_score": draw.uniform(1, 9)}
    return replace(record, outcome=replace(record.outcome, notes=noted))


def _told_more(draw: random.Random, record: Record, held: bool, classes: tuple[int, ...]) -> Record:
    """With what it reached on images held out, and with the sizes of its test classes."""
    outcome = record.outcome
    if outcome.status != Status.OK:
        return record
    metrics = dict(outcome.metrics)
    if held:
        metrics["validation"] = Measurement(draw.random(), "fraction")
    if not classes:
        return replace(record, outcome=replace(outcome, metrics=metrics))
    right = outcome.samples["correct"]
    labels = [place for place, size in enumerate(classes) for _ in range(size * len(right) // sum(classes))]
    of = [[hit for hit, label in zip(right, labels, strict=True) if label == place] for place in range(len(classes))]
    recalls = [
        {"class": str(place), "images": len(hits), "recall": sum(hits) / len(hits)} for place, hits in enumerate(of)
    ]
    notes, samples = dict(outcome.notes) | {"recalls": recalls}, dict(outcome.samples) | {"labels": labels}
    return replace(record, outcome=replace(outcome, metrics=metrics, notes=notes, samples=samples))


def _trained(
    draw: random.Random, record: Record, tag: str, broken: float, majority: float | None, health: list[str] | None,
    images: int,
) -> Record:  # fmt: skip
    trial, outcome = record.trial, record.outcome
    if trial.weights == "letters-am":
        trial = replace(trial, weights=tag)
    noted: dict[str, Any] = {"macs": 5e8} | ({} if majority is None else {"majority": majority})
    noted |= {} if health is None else {"task_health": health}
    if trial.transfer.recipe is not None:
        noted["steps"] = 60
    if trial.weights == "letters-am" and draw.random() < 0.1:
        noted["weights_missing"] = f"{trial.model}.{TAG}"
    if draw.random() < broken:
        bad = Outcome(draw.choice(BAD), draw.choice(REASONS), started=outcome.started, notes=noted)
        return replace(record, trial=trial, outcome=bad)
    flags = ("cut short: loss 0.91",) if draw.random() < 0.1 and trial.transfer.recipe is not None else ()
    record = replace(record, trial=trial, outcome=replace(outcome, flags=flags, notes=dict(outcome.notes) | noted))
    return _with_correct(record, "correct", [int(value) for value in outcome.samples["correct"][:images]])


def _evaluations(draw: random.Random, machine: str) -> list[Record]:
    found = []
    for model in draw.sample(MODELS, draw.randint(1, 3)):
        images = draw.choice((50, 200))
        settings = EvaluateSettings("val", images, (3, 224, 224), "tag", data_digest="e1", device="cpu")
        trial = Trial(f"torchvision/{model}", draw.choice((TAG, TAG, TAG, "best.pth")), settings)
        environment = Machine.from_dict(ENVIRONMENT | ({} if machine == "m1" else {"cpu": f"CPU of {machine}"}))
        notes: dict[str, Any] = {"majority": 0.3} if draw.random() < 0.5 else {}
        outcome = Outcome(draw.choice(BAD), "planted", started=1.8e9, notes=notes)
        if draw.random() < 0.8:
            accuracy = draw.uniform(0.2, 0.9)
            right = [float(draw.random() < accuracy) for _ in range(images)]
            flags = ("slow disk",) if draw.random() < 0.2 else ()
            metrics = {
                name: Measurement(sum(right) / images, "fraction", *wilson_interval(int(sum(right)), images), images)
                for name in ("top1", "top5")
            }
            outcome = Outcome(Status.OK, "", metrics, {"top1": right}, flags, 1.8e9, 3.0, notes)
        found.append(Record(trial, outcome, machine, environment, "evaluate", "run-e"))
    return found


def _pretrainings(draw: random.Random, machine: str) -> list[Record]:
    settings = PretrainSettings("letters-am", 0, (3, 32, 32), task_digest="p1")
    trial = Trial("torchvision/resnet18", "random", settings)
    environment = Machine.from_dict(ENVIRONMENT | ({} if machine == "m1" else {"cpu": f"CPU of {machine}"}))
    outcome = Outcome(Status.FAILED, "planted", started=1.8e9)
    if draw.random() < 0.8:
        metrics = {"accuracy": Measurement(0.9, "fraction", 0.86, 0.93, 200)}
        metrics |= {"seconds": Measurement(61.0, "s")} if draw.random() < 0.7 else {}
        notes: dict[str, Any] = {"steps": 300, "sha256": "abcdef0123456789"}
        flags = ("cut short: loss 0.91",) if draw.random() < 0.2 else ()
        outcome = Outcome(Status.OK, "", metrics, {"correct": [1.0] * 180 + [0.0] * 20}, flags, 1.8e9, 61.0, notes)
    return [Record(trial, outcome, machine, environment, "planted", "run-p")]


def _published(draw: random.Random) -> list[Record]:
    found = []
    for model in draw.sample(MODELS, 2):
        trial = Trial(f"torchvision/{model}", TAG, PublishedSettings("imagenet", "timm"))
        outcome = Outcome(
            Status.OK, metrics={"top1": Measurement(round(draw.uniform(0.5, 0.8), 4), "fraction")},
            notes={"source": "timm"},
        )  # fmt: skip
        found.append(Record(trial, outcome, "published", Machine(other={"source": "timm"}), "published"))
    return found
