"""Sentences of a choice, held against every way in which its records can be put side by side."""

# ruff: noqa: E501 - sentences stand whole, as they are printed
from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from itertools import product
from typing import Any

from tests.report.facts import CONTROLS, Cost, Facts, Regime, near
from tests.report.gaps import POINTS, SHARE, Apart, of_costs, of_regimes
from zoo.errors import ZooError
from zoo.outcome import Status
from zoo.registry.catalogue import get

NUM = r"[-+]?\d+(?:\.\d+)?"
CHOICE_FORMS: list[tuple[re.Pattern[str], Callable[..., None]]] = []
UNITS = {"latency": "ms", "throughput": "images/s"}
MARGINS = {"accuracy": POINTS, "latency": SHARE}
GAP = rf"(?:a factor of )?{NUM}(?: points|%)?(?: \[{NUM}, {NUM}\](?: in pairs| in the same \d+ rounds)?)?"


@dataclass
class World:
    """One way to put records side by side: costs at one setting a metric, accuracies of one cell and recipe."""

    costs: dict[str, dict[str, Cost]]
    settings: dict[str, Any]
    accuracy: dict[str, Regime]
    label: str
    shots: str
    pixels: list[Regime]
    chosen_on: dict[str, bool]

    @property
    def form(self) -> str:
        """Of the first metric that was timed."""
        return str(next((self.settings[metric][3] for metric in UNITS if metric in self.settings), "trained"))

    @property
    def models(self) -> list[str]:
        return list(dict.fromkeys([*(m for by in self.costs.values() for m in by), *self.accuracy]))

    def value(self, model: str, objective: str) -> float | None:
        if objective == "accuracy":
            return self.accuracy[model].value if model in self.accuracy else None
        if objective == "params":
            return params(model)
        found = self.costs.get(objective, {}).get(model)
        return found.value if found else None

    def ends(self, model: str, objective: str) -> tuple[float | None, float | None]:
        if objective == "accuracy":
            return self.accuracy[model].ends
        found = self.costs[objective][model]
        return found.low, found.high

    def rank(self, model: str, objective: str) -> tuple[float, str]:
        value = round(self.value(model, objective) or 0.0, 12)
        return (value if objective in ("latency", "params") else -value), model

    def apart(self, first: str, second: str, objective: str) -> Apart:
        """How much better the first is than the second, found once."""
        held: Any = self.accuracy if objective == "accuracy" else self.costs[objective]
        one, other = held[first], held[second]
        known = one.__dict__.setdefault("apart", {})
        if id(other) not in known:
            known[id(other)] = other, (of_regimes if objective == "accuracy" else of_costs)(one, other)
        found: Apart = known[id(other)][1]
        return found

    def standing(self, best: str, other: str, objective: str) -> str:
        return self.apart(best, other, objective).standing(MARGINS[objective])

    def name(self, model: str) -> str:
        if model in self.accuracy:
            return f"{model}.{self.accuracy[model].weights}"
        weights = next((by[model].weights for by in self.costs.values() if model in by), "random")
        return f"{model}.{weights}"


def params(model: str) -> float | None:
    try:
        return float(get(model).params or 0) or None
    except ZooError:
        return None


def worlds(facts: Facts) -> list[World]:
    """Every way that a choice may have taken."""
    settings: dict[str, list[Any]] = {}
    for cost in facts.costs:
        if cost.value is not None and not cost.settings.replica:
            s = cost.settings
            way = (s.threads, s.precision, s.memory_format, s.form, s.batch)
            listed = settings.setdefault(s.metric, [])
            if way not in listed:
                listed.append(way)
    cell = _cell(facts)
    recipes = {r.settings.recipe for r in cell if r.settings.recipe is not None} or {None}
    found = []
    for ways in product(*settings.values()):
        for recipe, imported in product(recipes, (False, True)):
            costs = {
                metric: _at(facts, metric, way, imported=imported) for metric, way in zip(settings, ways, strict=True)
            }
            best: dict[str, Regime] = {}
            chosen_on: dict[str, bool] = {}
            for model in dict.fromkeys(r.model for r in cell if r.settings.recipe in (None, recipe)):
                mine = [r for r in cell if r.model == model and r.settings.recipe in (None, recipe)]
                best[model], held = best_regime(mine)
                if len(mine) > 1:
                    chosen_on[model] = held
            label, shots = (facts.label(cell[0]), str(cell[0].shots)) if cell else ("", "")
            pixels = [
                r for r in facts.on(label, shots) if r.strategy == "pixels" and r.value is not None
            ] if cell else []  # fmt: skip
            found.append(World(costs, dict(zip(settings, ways, strict=True)), best, label, shots, pixels, chosen_on))
    return found


def best_regime(mine: list[Regime]) -> tuple[Regime, bool]:
    """By images held out where each regime has a number of them, else by the test; and whether it was so."""
    scores = [score for score in map(_held_out, mine) if score is not None]
    if len(scores) < len(mine):
        return max(mine, key=lambda r: r.value or 0), False
    return mine[scores.index(max(scores))], True


def _held_out(regime: Regime) -> float | None:
    """Mean over the seeds that succeeded, where each has a number."""
    good = [r.outcome.metrics for r in regime.records if r.outcome.status == Status.OK]
    if not all("validation" in metrics for metrics in good):
        return None
    return sum(metrics["validation"].value for metrics in good) / len(good)


def _at(facts: Facts, metric: str, way: Any, *, imported: bool) -> dict[str, Cost]:
    rows = [
        cost for cost in facts.costs
        if cost.settings.metric == metric and cost.value is not None and not cost.settings.replica
        and (s := cost.settings) and (s.threads, s.precision, s.memory_format, s.form, s.batch) == way
    ]  # fmt: skip
    rows.sort(key=lambda cost: bool(cost.settings.timed_by) == imported)
    return {cost.model: cost for cost in rows}


def _cell(facts: Facts) -> list[Regime]:
    """Regimes of the first task (of several of its name the newest) with the most images a class."""
    usable = [r for r in facts.regimes if r.value is not None and r.strategy not in CONTROLS]
    if not usable:
        return []
    named = [r for r in usable if r.settings.task == usable[0].settings.task]
    newest = max(named, key=lambda r: max(record.outcome.started for record in r.records))
    here = [r for r in usable if facts.label(r) == facts.label(newest)]
    most = max(here, key=lambda r: float("inf") if r.shots == "all" else int(r.shots)).shots
    return [r for r in here if r.shots == most]


class Chosen:
    """What the sentences before have left open: worlds, and within them who was taken."""

    def __init__(self, facts: Facts, bounds: Mapping[str, float]) -> None:
        self.bounds = bounds
        self.worlds = worlds(facts)
        self.facts = facts
        self.model, self.objective = "", "accuracy"

    def keep(self, true: Callable[[World], bool]) -> None:
        """Go on with the worlds in which a sentence is true."""
        self.worlds = [world for world in self.worlds if true(world)]
        if not self.worlds:
            raise _untrue("in no way in which the records can be put side by side")

    def within(self, world: World) -> list[str]:
        """Models that meet the limits."""
        return [model for model in world.models if not self.broken(world, model)]

    def broken(self, world: World, model: str) -> list[str]:
        found = []
        for limit, bound in sorted(self.bounds.items(), reverse=True):
            objective = {"max-latency-ms": "latency", "min-accuracy": "accuracy", "max-params": "params"}[limit]
            value = world.value(model, objective)
            if value is None or (value < bound if limit.startswith("min") else value > bound):
                found.append(limit)
        return found

    def ranked(self, world: World) -> list[str]:
        listed = [model for model in self.within(world) if world.value(model, self.objective) is not None]
        return sorted(listed, key=lambda model: world.rank(model, self.objective))

    def leader(self, world: World) -> str:
        """Who has the best value, unless somebody is ahead of it in pairs, and so on."""
        ranked = self.ranked(world)
        found, passed = ranked[0], {ranked[0]}
        while ahead := [
            m for m in ranked
            if m not in passed and (gap := world.apart(found, m, self.objective)).told and gap.value < 0
        ]:  # fmt: skip
            found = ahead[0]
            passed.add(found)
        return found

    def standing(self, world: World, kind: str) -> list[str]:
        """Of those that stand so to the best, in their order."""
        best = self.leader(world)
        ranked = self.ranked(world)
        return [m for m in ranked if m != best and world.standing(best, m, self.objective) == kind]

    def tied(self, world: World) -> list[str]:
        return [self.leader(world), *self.standing(world, "tied")]

    def taken(self, world: World) -> str:
        """Of those that are tied the fastest, then the smallest, then the first by name."""
        return min(self.tied(world), key=lambda m: (*(key(world, m) for key in self.keys()), m))

    def keys(self) -> list[Callable[[World, str], float]]:
        """What breaks a tie."""
        keys: list[Callable[[World, str], float]] = [
            lambda w, m: w.value(m, "latency") or float("inf"),
            lambda w, m: params(m) or float("inf"),
        ]

        def accuracy(world: World, model: str) -> float:
            found = world.value(model, "accuracy")
            return float("inf") if found is None else -found

        return keys if self.objective == "accuracy" else [accuracy, *keys]


def _untrue(what: str) -> AssertionError:
    from tests.report.sentences import UntrueError

    return UntrueError(what)


def form(pattern: str) -> Callable[[Callable[..., None]], Callable[..., None]]:
    def add(check: Callable[..., None]) -> Callable[..., None]:
        CHOICE_FORMS.append((re.compile(pattern), check))
        return check

    return add


def _open(place: Any) -> Chosen:
    if not hasattr(place, "chosen"):
        place.chosen = Chosen(place.facts, getattr(place, "bounds", {}))
    chosen: Chosen = place.chosen
    return chosen


def marks_of(cost: Any) -> list[str]:
    """What makes a cost doubtful, in words."""
    said = ["no interval"] if cost.low is None else []
    if cost.status == Status.UNCONVERGED:
        half = None if cost.low is None else (cost.high - cost.low) / 2 / (cost.value or 1)
        said += ([] if half is None else [f"±{half:.0%}"]) + ["unconverged"]
    return said + ([f"flagged: {', '.join(cost.flags)}"] if cost.flags else [])


def marks_beyond(world: World, model: str, limit: str, bound: float) -> list[str]:
    """What makes it doubtful that a value is beyond a limit."""
    if limit == "max-latency-ms":
        cost = world.costs["latency"][model]
        reaches = cost.low is not None and cost.low <= bound
        return ([f"its interval reaches {cost.low:.4g}"] if reaches else []) + marks_of(cost)
    regime = world.accuracy.get(model) if limit == "min-accuracy" else None
    if regime is None:
        return []
    high = regime.ends[1]
    flags = [f"flagged: {', '.join(sorted(regime.flags))}"] if regime.flags else []
    return ([f"its interval reaches {high:.4g}"] if high >= bound else []) + flags


def described(text: str, world: World) -> bool:
    """Whether a candidate's numbers, and what makes them doubtful, are those of its records."""
    name, _, body = text.partition(": ")
    model = name.rpartition(".")[0]
    if model not in world.models or world.name(model) != name:
        return False
    parts: list[tuple[str, str, float, Any, Any, list[str]]] = []
    if regime := world.accuracy.get(model):
        low, high = regime.ends
        flags = [f"flagged: {', '.join(sorted(regime.flags))}"] if regime.flags else []
        parts.append(("accuracy ", "", regime.value or 0.0, low, high, [regime.strategy, *flags]))
    for metric, unit in UNITS.items():
        if cost := world.costs.get(metric, {}).get(model):
            parts.append(("", f" {unit}", cost.value or 0.0, cost.low, cost.high, marks_of(cost)))
    for lead, unit, value, low, high, said in parts:
        m = re.match(rf"{lead}({NUM})(?: \[({NUM}), ({NUM})\])?{unit}(?: \(([^()]*)\))?(?:, |$)", body)
        if not m or not near(m[1], value) or (m[4] or "") != ", ".join(said):
            return False
        if (m[2] is None) != (low is None) or (m[2] and not (near(m[2], low) and near(m[3], high))):
            return False
        body = body[m.end() :]
    count = params(model)
    return (
        body == ""
        if count is None
        else bool((m := re.fullmatch(rf"({NUM}) M parameters", body)) and near(m[1], count / 1e6))
    )


def based(text: str, world: World) -> bool:
    """Whether a world is the one that a basis states."""
    said = [part for part in text.split("; ") if part]
    expected: list[str] = []
    first: Any = None
    for metric in UNITS:
        if metric not in world.costs:
            continue
        threads, precision, layout, form, batch = world.settings[metric]
        sides = sorted({cost.settings.side for cost in world.costs[metric].values()})
        parts = [f"{metric} on cpu, {threads} thread{'s' * (threads != 1)}", precision]
        parts += ["channels last"] if layout == "channels_last" else []
        parts += ["trained form"] if form == "trained" else []
        whole = ", ".join([*parts, f"batch {batch}"]) + _px(sides)
        there = f"{metric} there" + (f" at batch {batch}" if metric == "throughput" else "")
        same = first == ((threads, precision, layout, form), sides)
        expected.append(there if same and there in said else whole)
        first = first or ((threads, precision, layout, form), sides)
    if world.accuracy:
        sides = sorted({r.settings.side or 0 for r in world.accuracy.values()})
        shots = "all images" if world.shots == "all" else f"{world.shots} images"
        expected.append(f"accuracy on {world.label} with {shots} a class{_px(sides)}")
    return said == expected


def _px(sides: list[int]) -> str:
    return ", at " + "–".join(map(str, dict.fromkeys((sides[0], sides[-1])))) + " px"


def _take(place: Any, text: str) -> None:
    chosen = _open(place)
    chosen.model = text.partition(": ")[0].rpartition(".")[0]
    chosen.keep(lambda world: described(text, world))
    if place.at_report and not any(chosen.ranked(world) for world in chosen.worlds):
        chosen.objective = "latency"
    chosen.keep(lambda world: bool(chosen.ranked(world)) and chosen.taken(world) == chosen.model)


def _stand(place: Any, best: bool, objective: str, basis: str) -> None:
    chosen = _open(place)
    if objective != chosen.objective:
        raise _untrue(f"by {chosen.objective}")
    chosen.keep(lambda world: based(basis, world))
    chosen.keep(lambda world: (chosen.leader(world) == chosen.model) == best)


def _short(world: World, chosen: Chosen) -> dict[str, tuple[bool, Any, Any]]:
    """What takes no backbone and the chosen one does not exceed: whether it is above, and its numbers."""
    regime = world.accuracy.get(chosen.model)
    if regime is None:
        return {}
    low = regime.ends[0]
    found = {}
    if world.pixels:
        pixels = max(world.pixels, key=lambda r: r.value or 0.0)
        if not low > pixels.ends[1]:
            found["raw pixels"] = ((regime.value or 0) < (pixels.value or 0), pixels.value, pixels.ends)
    shares = [
        record.outcome.notes["majority"] for r in chosen.facts.on(world.label, world.shots)
        for record in r.records if "majority" in record.outcome.notes
    ]  # fmt: skip
    if shares and not low > shares[-1]:
        found["the most frequent class"] = ((regime.value or 0) < shares[-1], shares[-1], None)
    return found


def _below(world: World, chosen: Chosen) -> str:
    return " and ".join(of for of, (below, *_) in _short(world, chosen).items() if below)


@form(r"Take \*\*([^*]+)\*\* — (best|tied with the best) by (\w+) \(([^()]*)\)\.")
def _headline(place: Any, m: re.Match[str]) -> None:
    _take(place, m[1])
    _stand(place, m[2] == "best", m[3], m[4])
    place.chosen.keep(lambda world: not _below(world, place.chosen))


@form(r"Not recommended: \*\*([^*]+)\*\* is (best|tied with the best) by (\w+), but below ([^()]+) \(([^()]*)\)\.")
def _not_recommended(place: Any, m: re.Match[str]) -> None:
    _take(place, m[1])
    _stand(place, m[2] == "best", m[3], m[5])
    place.chosen.keep(lambda world: _below(world, place.chosen) == m[4])


@form(
    r"(?:Its accuracy is|Mind: its accuracy is) (below|by its interval no better than) "
    rf"(raw pixels|the most frequent class) \(({NUM})(?: \[({NUM}), ({NUM})\])?\)\."
)
def _shortfall(place: Any, m: re.Match[str]) -> None:
    def true(world: World) -> bool:
        found = _short(world, place.chosen).get(m[2])
        if found is None or found[0] != (m[1] == "below") or not near(m[3], found[1]):
            return False
        return found[2] is None if m[4] is None else near(m[4], found[2][0]) and near(m[5], found[2][1])

    place.chosen.keep(true)


def _decided(chosen: Chosen, text: str, world: World) -> bool:
    """Whether what is said to have decided among ties did."""
    words = {
        "accuracy": ("the higher accuracy was taken", "the one with a measured accuracy was taken"),
        "latency": ("the lower latency was taken", "the one with a measured latency was taken"),
        "params": ("the fewer parameters were taken", "the fewer parameters were taken"),
    }
    names = ["latency", "params"] if chosen.objective == "accuracy" else ["accuracy", "latency", "params"]
    beside, missing = [m for m in chosen.tied(world) if m != chosen.model], ""
    for name, key in zip(names, chosen.keys(), strict=True):
        mine, theirs = key(world, chosen.model), {m: key(world, m) for m in beside}
        if all(mine < other for other in theirs.values()):
            return text == missing + words[name][min(theirs.values()) == float("inf")]
        if mine == float("inf") and name != "params":
            missing += f"no {name} was measured; "
        beside = [m for m in beside if theirs[m] <= mine]
    return text == f"{missing}the first by name was taken"


def _is_gap(text: str, gap: Apart) -> bool:
    """Whether a gap as it is printed is the true one."""
    m = re.fullmatch(
        rf"(a factor of )?({NUM})( points|%)?(?: \[({NUM}), ({NUM})\]( in pairs| in the same \d+ rounds)?)?", text
    )
    if m is None or bool(m[6]) != (gap.paired and gap.low is not None) or (m[4] is None) != (gap.low is None):
        return False
    if gap.paired and m[6] not in (None, " in pairs", f" in the same {gap.pairs} rounds"):
        return False
    at: Callable[[float], float] = (lambda x: 1 + x) if m[1] else (lambda x: 100 * x)
    known = [(m[2], gap.value)] if gap.low is None else [(m[2], gap.value), (m[4], gap.low), (m[5], gap.high or 0.0)]
    # Rounded ends of what was found another way: the last digit may be one off.
    return all(abs(float(shown) - at(true)) <= (0.0051 if m[1] else 0.051) * 1.01 for shown, true in known)


def _are_by(chosen: Chosen, world: World, listed: str, models: list[str]) -> bool:
    """Whether a list of models, each with its gap, is of just these."""
    best = chosen.leader(world)
    more = re.search(r" and (\d+) more$", listed)
    found = re.findall(rf"(\S+) by ({GAP})(?:, | and |$)", listed)
    if len(found) + (int(more[1]) if more else 0) != len(models) or (more and len(found) != 3):
        return False
    gaps = {world.name(m): world.apart(best, m, chosen.objective) for m in models[: len(found)]}
    return [name for name, _ in found] == list(gaps) and all(_is_gap(text, gaps[name]) for name, text in found)


def _within(chosen: Chosen) -> str:
    return "1 point" if chosen.objective == "accuracy" else "5%"


@form(rf"Tied within (1 point|5%): ((?:\S+ by {GAP}(?:, )?)+(?: and \d+ more)?); ([^.]+)\.")
def _ties(place: Any, m: re.Match[str]) -> None:
    chosen = place.chosen
    chosen.keep(lambda w: m[1] == _within(chosen) and chosen.leader(w) == chosen.model and _decided(chosen, m[3], w))
    chosen.keep(lambda w: _are_by(chosen, w, m[2], [o for o in chosen.tied(w) if o != chosen.model]))


@form(rf"Tied within (1 point|5%) with the best, (\S+), which is better by ({GAP}); ([^.]+)\.")
def _ties_with_the_best(place: Any, m: re.Match[str]) -> None:
    chosen = place.chosen
    chosen.keep(
        lambda w: m[1] == _within(chosen) and w.name(chosen.leader(w)) == m[2] and m[2] != w.name(chosen.model)
    )
    chosen.keep(lambda w: _is_gap(m[3], w.apart(chosen.leader(w), chosen.model, chosen.objective)))
    chosen.keep(lambda w: chosen.model in chosen.tied(w) and _decided(chosen, m[4], w))


@form(rf"Tied with the best as well: ((?:\S+ by {GAP}(?:, )?)+(?: and \d+ more)?)\.")
def _ties_as_well(place: Any, m: re.Match[str]) -> None:
    chosen = place.chosen
    chosen.keep(lambda w: _are_by(chosen, w, m[1], [o for o in chosen.standing(w, "tied") if o != chosen.model]))


def _better(place: Any, of_best: bool, gap: str, name: str, kind: str, at: int) -> None:
    """Whether who stands at a place among those of a kind is named, with the gap and what is known of it."""
    chosen = place.chosen
    model = name.partition(": ")[0].rpartition(".")[0]
    chosen.keep(lambda w: (chosen.leader(w) == chosen.model) != of_best)
    chosen.keep(lambda w: [o for o in chosen.standing(w, kind) if o != chosen.model][at : at + 1] == [model])
    chosen.keep(lambda w: _is_gap(gap, w.apart(chosen.leader(w), model, chosen.objective)))
    chosen.keep(lambda w: described(name, w) if ": " in name else w.name(model) == name)


@form(
    rf"(Better|The best is better) by ({GAP}), but unproven "
    r"\((?:(about (\d+) (seeds|rounds) would tell, (\d+) now)|([^()]+))\), than (.+?)\.(?= |$)"
)
def _unproven(place: Any, m: re.Match[str]) -> None:
    chosen, at = place.chosen, getattr(place, "unproven", 0)
    place.unproven = at + 1
    _better(place, m[1] != "Better", m[2], m[8], "unproven", at)
    model = m[8].partition(": ")[0].rpartition(".")[0]

    def true(world: World) -> bool:
        gap = world.apart(chosen.leader(world), model, chosen.objective)
        seeds = chosen.objective == "accuracy"
        if m[3]:
            return gap.paired and not gap.alone and gap.pairs == int(m[6]) < int(m[4]) and (m[5] == "seeds") == seeds
        return {
            "one seed says nothing of the spread over seeds": seeds and gap.alone,
            "they share no seeds and test images, as one run of both would": seeds and not gap.paired,
            "more seeds would not tell, more test images might": seeds and gap.paired and not gap.alone,
            "they were not measured in the same rounds, as one run of both would": not seeds and not gap.paired,
            "as good as equal": not seeds and gap.paired,
        }[m[7]]

    chosen.keep(true)


@form(r"Unproven as well: (\d+) more\.")
def _more(place: Any, m: re.Match[str]) -> None:
    chosen = place.chosen
    chosen.keep(lambda w: len(chosen.standing(w, "unproven")) - place.unproven == int(m[1]))


@form(r"Not told apart \(no interval\): (.+?)\.(?= |$)")
def _untold(place: Any, m: re.Match[str]) -> None:
    chosen = place.chosen
    chosen.keep(lambda w: {w.name(o) for o in chosen.standing(w, "untold")} == set(m[1].split(", ")))


@form(rf"(Better|The best is better) by ({GAP}), resolved, than the next, (.+?)\.(?= |$)")
def _next(place: Any, m: re.Match[str]) -> None:
    chosen = place.chosen
    _better(place, m[1] != "Better", m[2], m[3], "behind", 0)
    chosen.keep(lambda w: not chosen.standing(w, "unproven") and not chosen.standing(w, "untold"))


@form(r"No other model has a measured (\w+) to compare it with\.")
def _alone(place: Any, m: re.Match[str]) -> None:
    chosen = place.chosen
    chosen.keep(lambda w: chosen.ranked(w) == [chosen.model] and chosen.objective == m[1])


@form(
    r"No backbone can be recommended from these records(?:: nothing measured to choose from; run `zoo run` first)?\."
)
def _none(place: Any, m: re.Match[str]) -> None:
    chosen = _open(place)
    chosen.keep(lambda w: not w.accuracy and not w.costs.get("latency"))


@form(r"(\d+) of (\d+) trials failed\.")
def _failed(place: Any, m: re.Match[str]) -> None:
    if (len(place.facts.bad), len(place.facts.records)) != (int(m[1]), int(m[2])):
        raise _untrue(f"{len(place.facts.bad)} of {len(place.facts.records)}")


@form(r"Each model's regime was chosen on training images held out\.")
def _each_held_out(place: Any, m: re.Match[str]) -> None:
    del m
    _open(place).keep(lambda w: bool(w.chosen_on) and all(w.chosen_on.values()))


@form(r"Regimes of ([^ ]+(?:, [^ ]+)*) were chosen on training images held out\.")
def _some_held_out(place: Any, m: re.Match[str]) -> None:
    told = set(m[1].split(", "))
    _open(place).keep(lambda w: {o for o, held in w.chosen_on.items() if held} == told != set(w.chosen_on))


@form(
    r"Regimes(?: of ([^ ]+(?:, [^ ]+)*))? were chosen on the test images themselves, as not each of them held training "
    r"images out: such an accuracy is on the high side\."
)
def _on_test(place: Any, m: re.Match[str]) -> None:
    def true(world: World) -> bool:
        on_test = {o for o, held in world.chosen_on.items() if not held}
        return bool(on_test) and on_test == (set(m[1].split(", ")) if m[1] else set(world.chosen_on))

    _open(place).keep(true)


@form(
    rf"The largest class has ({NUM}) times the test images of the smallest: accuracy chose, and the measure "
    r"balanced_accuracy chooses by the other\."
)
def _unbalanced(place: Any, m: re.Match[str]) -> None:
    def true(world: World) -> bool:
        noted = [one.outcome.notes.get("recalls") for r in world.accuracy.values() for one in r.records]
        sizes = [[one["images"] for one in recalls] for recalls in noted if recalls]
        return any(near(m[1], max(each) / min(each)) and max(each) > 1.5 * min(each) for each in sizes)

    _open(place).keep(true)


# The lines of `zoo choose`.


@form(r"Choice(?:, below ([^:]+))?: (.+)$")
def _choice(place: Any, m: re.Match[str]) -> None:
    _take(place, m[2])
    place.chosen.keep(lambda w: _below(w, place.chosen) == (m[1] or ""))


@form(r"(Best|Tied with the best) (\w+) among (\d+) \(([^()]*)\)\.")
def _among(place: Any, m: re.Match[str]) -> None:
    _stand(place, m[1] == "Best", m[2], m[4])
    place.chosen.keep(lambda w: len(place.chosen.ranked(w)) == int(m[3]))


@form(r"Runner-up: (.+)$")
def _runner_up(place: Any, m: re.Match[str]) -> None:
    chosen, place.runners = place.chosen, getattr(place, "runners", 0) + 1
    model = m[1].partition(": ")[0].rpartition(".")[0]
    at = place.runners - 1
    chosen.keep(
        lambda w: described(m[1], w) and [o for o in chosen.ranked(w) if o != chosen.model][at : at + 1] == [model]
    )


@form(r"(Excluded|Nearest miss): (\S+), (.+)\.$")
def _excluded(place: Any, m: re.Match[str]) -> None:
    chosen = _open(place)

    def true(world: World) -> bool:
        limits = []
        for part in m[3].split("; "):
            found = re.fullmatch(
                rf"(beyond )?([\w-]+) ({NUM}(?:e[+]\d+)?) "
                rf"\((?:has ({NUM}(?:e[+]\d+)?)((?:, [^()]+)?)|not (measured|counted))\)",
                part,
            )
            if not found:
                return False
            objective = {"max-latency-ms": "latency", "min-accuracy": "accuracy", "max-params": "params"}[found[2]]
            value = world.value(m[2], objective)
            limits.append(found[2])
            if (value is None) != (found[4] is None) or (value is None) == bool(found[1]):
                return False
            if value is not None and abs(float(found[4]) - value) > 0.0006 * abs(value):
                return False
            marks = [] if value is None else marks_beyond(world, m[2], found[2], float(found[3]))
            if (found[5] or "") != "".join(f", {mark}" for mark in marks):
                return False
        return m[2] in world.models and limits == chosen.broken(world, m[2])

    chosen.keep(true)


@form(r"Not ranked, without a (?:measured|counted) (\w+)( at this setting)?: (.+)\.$")
def _unranked(place: Any, m: re.Match[str]) -> None:
    chosen = _open(place)
    chosen.keep(lambda w: {o for o in chosen.within(w) if w.value(o, m[1]) is None} == set(m[3].split(", ")))


@form(r"Not certain: (latency|accuracy) (?:may (reach|be as low as) (\S+)(?: ms)?|has no interval)\.$")
def _uncertain(place: Any, m: re.Match[str]) -> None:
    chosen = place.chosen

    def true(world: World) -> bool:
        low, high = world.ends(chosen.model, m[1])
        end = high if m[1] == "latency" else low
        bound = chosen.bounds["max-latency-ms" if m[1] == "latency" else "min-accuracy"]
        if m[2] is None or end is None:
            return m[2] is None and low is None
        return abs(float(m[3]) - end) <= 0.0006 * max(1, end) and (end > bound if m[1] == "latency" else end < bound)

    chosen.keep(true)


@form(r"Mind the task: 12 of 200 test images stand among the training images too: no test\.$")
def _task(place: Any, m: re.Match[str]) -> None:
    chosen = place.chosen
    chosen.keep(
        lambda w: any(
            record.outcome.notes.get("task_health") for r in chosen.facts.on(w.label, w.shots) for record in r.records
        )
    )


@form(rf"Without ([a-z-]+) ({NUM}): (\S+), (?:better by ({GAP})|would qualify)\.$")
def _without(place: Any, m: re.Match[str]) -> None:
    chosen = _open(place)
    free = Chosen(chosen.facts, {limit: bound for limit, bound in chosen.bounds.items() if limit != m[1]})
    free.objective = chosen.objective

    def true(world: World) -> bool:
        if (
            float(m[2]) != chosen.bounds[m[1]]
            or not free.ranked(world)
            or world.name(other := free.taken(world)) != m[3]
        ):
            return False
        if m[4] is None:
            return not chosen.ranked(world)
        return other != chosen.model and _is_gap(m[4], world.apart(other, chosen.model, chosen.objective))

    chosen.keep(true)
    place.without = [*getattr(place, "without", []), m[1]]


@form(r"(Nothing qualifies|No (\w+) is known) \(([^()]*)\)\.$")
def _nothing(place: Any, m: re.Match[str]) -> None:
    chosen = _open(place)
    chosen.keep(lambda w: based(m[3], w) and not chosen.ranked(w))
    if m[2]:
        chosen.keep(lambda w: chosen.objective == m[2] and all(w.value(o, m[2]) is None for o in w.models))


@form(r"Add num_classes=N for a head of N classes\.$")
def _head(place: Any, m: re.Match[str]) -> None:
    place.chosen.keep(lambda w: bool(m[0]) and bool(w.models))


@form(
    r"Load it:  import zoo; model = zoo\.create\('([^']+)', weights=(None|'[^']+')(, form='deployed')?\)"
    r"(?:; transform = zoo\.image_transform\('\1', weights=\2\))?(?:  # timed (.+))?$"
)
def _load(place: Any, m: re.Match[str]) -> None:
    chosen = place.chosen
    weights = "random" if m[2] == "None" else m[2].strip("'")
    chosen.keep(lambda w: chosen.model == m[1] and w.name(m[1]) == f"{m[1]}.{weights}")
    chosen.keep(lambda w: bool(m[3]) == (bool(w.settings) and w.form == "deployed"))
    chosen.keep(lambda w: (m[4] or "") == ", ".join(_timed(w)))
    assert ("image_transform" in m[0]) == (params(m[1]) is not None)


def _timed(world: World) -> list[str]:
    """What of the first metric's setting is not what is created."""
    way = next((world.settings[metric] for metric in UNITS if metric in world.settings), None)
    if way is None:
        return []
    said = [f"in {way[1]}"] if way[1] != "fp32" else []
    return said + (["channels last"] if way[2] == "channels_last" else [])
