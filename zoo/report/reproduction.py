"""Commands that measure again what records hold."""

from __future__ import annotations

import shlex
from dataclasses import replace
from itertools import product
from typing import TYPE_CHECKING

from zoo.classes.names import GIVEN
from zoo.cost.settings import KEPT
from zoo.errors import ZooError
from zoo.images.files import SQUASH
from zoo.registry.asked_weights import SUFFIXES
from zoo.registry.catalogue import get, is_published
from zoo.sources.forms import DEPLOYED
from zoo.sources.naming import NO_WEIGHTS, RANDOM
from zoo.suites.file import suite_names
from zoo.tasks.catalogue import is_named
from zoo.training.precision import FP32
from zoo.training.recipe import TUNED, USUAL, Recipe

if TYPE_CHECKING:
    from collections.abc import Hashable, Iterable

    from zoo.results.record import Record
    from zoo.results.view import Results


PLACE = "path/to/"
"""Stands before the name of a folder or file, whose place no record keeps."""

HOW = "Reproduce with:"
HOW_WITH_PLACES = (
    f"Reproduce with the following, once you have put the places of your folders and files where it says `{PLACE}`: "
    "records keep their names and digests, and not where they lie."
)


def how(code: str) -> str:
    """What is said before commands, such as what in them is to be filled in."""
    return HOW_WITH_PLACES if PLACE in code else HOW


def commands(results: Results) -> list[str]:
    """Commands that measure again what was measured.

    A shipped suite is run; the rest is measured by its settings. Nothing stands for what no command takes: records
    of another program, recipes of a suite's file, pretrainings, which come with the regimes that need them.
    """
    shipped = [name for name in suite_names() if any(record.suite == name for record in results.records)]
    rest = [record for record in results.records if record.suite not in shipped]
    lines = [["zoo", "run", name] for name in shipped]
    lines += _benches([record for record in rest if record.trial.kind == "cost"])
    lines += _transfers([record for record in rest if record.trial.kind == "transfer"])
    lines += _evaluations([record for record in rest if record.trial.kind == "evaluate"])
    return [shlex.join(words) for words in lines]


def _benches(records: Iterable[Record]) -> list[list[str]]:
    """A command for each set of metrics of the same models at the same settings."""
    held: dict[Hashable, list[Record]] = {}
    for record in records:
        s = record.trial.cost
        if not s.timed_by:
            which = _is_random(record), _own_file(record)
            place = (s.device, s.precision, s.memory_format, s.engine, s.form, s.allocator, _size(record), *which)
            held.setdefault((place, s.metric), []).append(record)
    alike: dict[Hashable, list[Record]] = {}
    for (place, _), listed in held.items():  # type: ignore[misc]
        asked = (place, *(tuple(sorted({f(r) for r in listed})) for f in (_named, _batch, _threads)))
        alike.setdefault(asked, []).extend(listed)
    return [_bench(listed) for listed in alike.values()]


def _bench(records: list[Record]) -> list[str]:
    settings = [record.trial.cost for record in records]
    one = settings[0]
    words = ["zoo", "bench", *_each(map(_named, records))]
    words += ["--metric", ",".join(_each(s.metric for s in settings)), "--device", one.device]
    words += ["--batch", ",".join(_each(str(s.batch) for s in sorted(settings, key=lambda s: s.batch)))]
    if one.device == "cpu":
        words += ["--threads", ",".join(_each(str(s.threads) for s in sorted(settings, key=lambda s: s.threads)))]
    words += ["--precision", one.precision] if one.precision != "fp32" else []
    words += ["--memory-format", one.memory_format] if one.memory_format != "contiguous" else []
    words += ["--engine", one.engine] if one.engine != "eager" else []
    words += ["--form", one.form] if one.form != DEPLOYED else []
    words += ["--allocator", one.allocator] if one.allocator != KEPT else []
    words += ["--input-size", size] if (size := _size(records[0])) != "native" else []
    words += ["--weights", "none"] if _is_random(records[0]) else _of_file(records[0])
    return [*words, "--aa"] if any(s.replica for s in settings) else words


def _transfers(records: Iterable[Record]) -> list[list[str]]:
    """A command for each task, device, precision, size, probe, and own checkpoint.

    What has no size or no probe, as a control, stands in the first of them.
    """
    held: dict[tuple[str, ...], list[Record]] = {}
    for record in records:
        s = record.trial.transfer
        if _is_usual(s.recipe):
            held.setdefault((s.task_key, s.device, s.precision, s.fit, *_own_file(record)), []).append(record)
    found = []
    for listed in (of for every in held.values() for of in _by_recipe(every)):
        sides = sorted({r.trial.transfer.side or 0 for r in listed} - {0}) or [0]
        probes = _each(r.trial.transfer.probe or "" for r in listed if r.trial.transfer.probe) or [""]
        for place, (side, probe) in enumerate(product(sides, probes)):
            known = {(side, probe)} if place else {(side, probe), (0, probe), (side, ""), (0, "")}
            of = [r for r in listed if _way(r) in known or (_way(r)[0] == side and not _way(r)[1])]
            found += [_transfer(of)] if of else []
    return found


def _by_recipe(records: list[Record]) -> list[list[Record]]:
    """Records of each recipe; what has none, as a probe, stands with the first."""
    found = dict.fromkeys(r.trial.transfer.recipe for r in records)
    recipes: list[Recipe | None] = [recipe for recipe in found if recipe is not None]
    return [
        [r for r in records if r.trial.transfer.recipe in ((recipe,) if place else (recipe, None))]
        for place, recipe in enumerate(recipes or [None])
    ]


def _is_usual(recipe: Recipe | None) -> bool:
    """Whether flags of a command ask for a recipe."""
    if recipe is None:
        return True
    if recipe.tuning not in USUAL:  # a rate that a search found
        return False
    return replace(USUAL[recipe.tuning], augment=recipe.augment, measure=recipe.measure, steps=recipe.steps) == recipe


def _way(record: Record) -> tuple[int, str]:
    s = record.trial.transfer
    return s.side or 0, s.probe or ""


def _transfer(records: list[Record]) -> list[str]:
    settings = [record.trial.transfer for record in records]
    one = settings[0]
    models = _each(_named(record) for record in records if record.trial.weights != NO_WEIGHTS)
    shots = _each(str(s.shots) for s in sorted(settings, key=lambda s: (s.shots == "all", s.shots)))
    words = ["zoo", "transfer", *(models or ["resnet18"])]  # a control alone needs a name all the same
    words += _of_file(records[0])
    words += ["--task", one.task if is_named(one.task) else PLACE + one.task]
    words += ["--strategy", ",".join(_each(s.strategy for s in settings)), "--shots", ",".join(shots)]
    words += ["--seeds", str(1 + max(s.seed for s in settings))]
    sides = {s.side for s in settings if s.side}
    words += ["--input-size", str(max(sides))] if sides else []
    words += ["--fit", one.fit] if one.fit != SQUASH else []
    recipe = next((s.recipe for s in settings if s.recipe is not None), TUNED)
    words += ["--augment", recipe.augment] if recipe.augment != TUNED.augment else []
    words += ["--tuning", recipe.tuning] if recipe.tuning != TUNED.tuning else []
    words += ["--measure", recipe.measure] if recipe.measure != TUNED.measure else []
    words += ["--steps", str(recipe.steps)] if recipe.steps != USUAL[recipe.tuning].steps else []
    words += [] if is_named(one.task) and one.precision == FP32 else ["--precision", one.precision]
    words += [] if is_named(one.task) else ["--budget", "none"]
    probes = _each(s.probe for s in settings if s.probe and s.probe != "ridge")
    words += ["--probe", probes[0]] if probes else []
    return [*words, "--device", one.device] if one.device else words


def _evaluations(records: Iterable[Record]) -> list[list[str]]:
    """A command for each folder, and for each checkpoint or list of classes of the user's own.

    None stands for classes that a script gave: of them records have a digest alone.
    """
    held: dict[tuple[str, str, str, str, bool], list[Record]] = {}
    for record in records:
        s, given = record.trial.evaluate, record.outcome.notes.get("classes_from") or ""
        if given != GIVEN:
            place = (s.data, s.device, _checkpoint(record), str(given), _is_at_test_size(record))
            held.setdefault(place, []).append(record)
    return [_evaluation(of, *place) for place, of in held.items()]


def _evaluation(
    records: list[Record], data: str, device: str, checkpoint: str, classes: str, test_size: bool
) -> list[str]:
    names = _each(record.trial.model if checkpoint else record.trial.display_name for record in records)
    words = ["zoo", "evaluate", *names, "--data", PLACE + data]
    words += ["--weights", PLACE + checkpoint] if checkpoint else []
    words += ["--classes", PLACE + classes] if classes else []
    words += ["--test-size"] if test_size else []
    return [*words, "--device", device] if device else words


def _checkpoint(record: Record) -> str:
    """The name of the user's own file that an evaluation's weights are from.

    Empty for a tag. Tags of the zoo's own have no ending, as files have.
    """
    trial = record.trial
    return "" if is_published(trial.model, trial.weights) or "." not in trial.weights else trial.weights


def _is_at_test_size(record: Record) -> bool:
    """Whether images had the size that published weights are best tested at, and have another by default."""
    trial = record.trial
    if not is_published(trial.model, trial.weights):
        return False
    stated = get(trial.display_name).preprocessing
    return stated is not None and stated != trial.evaluate.preprocessing == stated.at_test_size()


def _named(record: Record) -> str:
    """A model as a command names it: with its weights where these are published ones."""
    trial = record.trial
    return trial.display_name if is_published(trial.model, trial.weights) else trial.model


def _own_file(record: Record) -> tuple[str, ...]:
    """Model and file of a checkpoint of the user's, nothing of weights with a tag."""
    trial = record.trial
    return (trial.model, trial.weights) if trial.weights.endswith(SUFFIXES) else ()


def _of_file(record: Record) -> list[str]:
    """The option that names a checkpoint, whose place no record keeps."""
    return ["--weights", PLACE + record.trial.weights] if _own_file(record) else []


def _batch(record: Record) -> int:
    return record.trial.cost.batch


def _threads(record: Record) -> int:
    return record.trial.cost.threads


def _is_random(record: Record) -> bool:
    return record.trial.weights == RANDOM


def _size(record: Record) -> str:
    """``native`` of a model at its own size, else the side in pixels."""
    side = record.trial.cost.side
    try:
        return "native" if get(record.trial.model).input_size[1] == side else str(side)
    except ZooError:  # a user's model whose module is not imported now
        return str(side)


def _each(values: Iterable[str]) -> list[str]:
    return list(dict.fromkeys(values))
