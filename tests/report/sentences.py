"""Every sentence that the zoo prints about numbers, and whether records bear it out."""

# ruff: noqa: E501 - sentences stand whole, as they are printed
from __future__ import annotations

import math
import re
import shlex
import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from statistics import fmean
from typing import Any

from tests.report.advice import Cell, pairs_of, rankings, rule_cells
from tests.report.choices import CHOICE_FORMS, best_regime
from tests.report.facts import CONTROLS, ORDER, Facts, Regime, near
from zoo.cost.settings import CostSettings
from zoo.outcome import Status
from zoo.registry.catalogue import get
from zoo.results.trial import Trial

Check = Callable[["Place", re.Match[str]], None]

NUM = r"[-+−]?[\d,]*\.?\d+"
FORMS: list[tuple[re.Pattern[str], Check]] = []


class UntrueError(AssertionError):
    """A sentence that no record bears out, or that nobody knows."""


class Place:
    """Where a sentence stands: the store, and the table above it."""

    def __init__(self, facts: Facts) -> None:
        self.facts = facts
        self.title = ""
        self.headers: list[str] = []
        self.rows: list[list[str]] = []
        self.flags: list[list[str]] = []
        self.has_flags_list = False
        self.at_report = True
        self.bounds: dict[str, float] = {}
        self.cell: list[Regime] | None = None


def form(pattern: str) -> Callable[[Check], Check]:
    """A sentence, and what says whether it is true."""

    def add(check: Check) -> Check:
        FORMS.append((re.compile(pattern), check))
        return check

    return add


def hold(true: bool, what: str = "") -> None:
    if not true:
        raise UntrueError(what)


def read(text: str, place: Place) -> None:
    """Read a paragraph sentence by sentence; each must be a known one, and true."""
    rest = text.strip()
    while rest:
        for pattern, check in [*FORMS, *CHOICE_FORMS]:
            if found := pattern.match(rest):
                try:
                    check(place, found)
                except UntrueError as error:
                    raise UntrueError(f"{found.group()!r}: {error}") from None
                rest = rest[found.end() :].strip()
                break
        else:
            raise UntrueError(f"not a known sentence: {rest[:160]!r}")


def read_page(page: str, facts: Facts) -> None:
    """Read a page in Markdown: its tables, captions, lists, commands and paragraphs."""
    place = Place(facts)
    place.has_flags_list = "what was seen" in page
    place.flags = _table_with(page, "what was seen")
    for block in page.split("\n\n"):
        lines = block.splitlines()
        if block.startswith("```"):
            hold(("path/to/" in block) == ("`path/to/`" in page), "whose folders' places are to be filled in")
            _commands(lines[1:-1], facts)
        elif block.startswith("|"):
            place.headers, place.rows = _cells(lines)
            TABLES.get(_kind(place.headers), _no_table)(place)
        elif block.startswith("#"):
            place.title = block.lstrip("# ")
        elif block.startswith("*") and not block.startswith("**"):
            read(block[1:-1], place)
        elif block.startswith("- "):
            for line in lines:
                read(line[2:], place)
        elif not block.startswith(("![", "<details", "</details")):
            for line in lines:
                read(line, place)


def _table_with(page: str, header: str) -> list[list[str]]:
    for block in page.split("\n\n"):
        if block.startswith("|") and header in block.splitlines()[0]:
            return _cells(block.splitlines())[1]
    return []


def _cells(lines: list[str]) -> tuple[list[str], list[list[str]]]:
    rows = [
        [cell.strip().replace(r"\*", "*").replace(r"\~", "~") for cell in line.strip("|").split("|")]
        for line in lines
    ]
    return rows[0], rows[2:]


def _kind(headers: list[str]) -> str:
    for word in (
        "what was seen",
        "held out",
        "course rule",
        "ranked backbones",
        "test images",
        "reason",
        "probe gain",
        "seconds",
        "knee",
        "top-5",
        "shots",
        "params, M",
    ):
        if any(word in header for header in headers):
            return word
    return "?"


def _no_table(place: Place) -> None:
    raise UntrueError(f"not a known table: {place.headers}")


# Tables: every number in a cell is a record's.


def _costs(place: Place) -> None:
    for row in place.rows:
        cells = dict(zip(place.headers, row, strict=True))
        for header, cell in cells.items():
            if not (m := re.match(r"(latency|throughput), (?:(\d+) thread)", header)):
                continue
            if cell == "n/a":
                continue
            at = _of_title(place, m[1], int(m[2]), cells["model"], int(cells["input, px"]))
            hold(any(_is_cost(cell, cost) for cost in at), f"{cells['model']} {header}: {cell}")


def _of_title(place: Place, metric: str, threads: int, name: str, side: int) -> list[Any]:
    batch = int(re.findall(r"batch (\d+)", place.title)[0])
    other = "pytest-benchmark" if "pytest-benchmark" in place.title else ""
    return [
        cost for cost in place.facts.costs
        if (cost.settings.metric, cost.settings.threads, cost.settings.batch, cost.settings.side) == (metric, threads, batch, side)
        and (cost.settings.form == "trained") == ("trained form" in place.title)
        and f"{cost.model}.{cost.weights}" == name and not cost.settings.replica and cost.settings.timed_by == other
    ]  # fmt: skip


def _is_cost(cell: str, cost: Any) -> bool:
    if cost.value is None:
        return cell == str(cost.status)
    m = re.fullmatch(rf"({NUM})(?: \[({NUM}), ({NUM})\])?(\*?)(~?)", cell)
    return bool(
        m and near(m[1], cost.value)
        and ((m[2] is None and cost.low is None) or (m[2] is not None and near(m[2], cost.low) and near(m[3], cost.high)))
        and bool(m[4]) == bool(cost.flags) and bool(m[5]) == (cost.status == Status.UNCONVERGED)
    )  # fmt: skip


def _accuracies(place: Place) -> None:
    balanced, label = place.title.startswith("Balanced"), place.title.partition("ccuracy on ")[2]
    is_right = _is_balanced if balanced else _is_accuracy
    for row in place.rows:
        name, shots, *cells, _ = row
        strategies = [header.split(",")[0].split(" ")[0] for header in place.headers[2:-1]]
        if name == "control/majority":
            noted = [record.outcome.notes for r in place.facts.on(label) for record in r.records]
            shares = {0.5} if balanced else {notes["majority"] for notes in noted}  # of two classes
            hold(all(near(cell.split(" ")[0], 100 * share) for cell in cells if cell for share in shares), str(row))
            continue
        for strategy, cell in zip(strategies, cells, strict=True):
            if cell in ("", "n/a"):
                continue
            if m := re.search(r" \((pixels)\)$", cell):
                strategy, cell = m[1], cell[: m.start()]
            model = name.split(",")[0]
            here = [r for r in place.facts.on(label, shots) if r.strategy == strategy and _in_line(r, model)]
            hold(any(is_right(cell, r) for r in here), f"{label}, {shots}, {strategy} of {name}: {cell}")


def _in_line(regime: Regime, name: str) -> bool:
    own = regime.model if regime.weights == "none" else f"{regime.model}.{regime.weights}"
    return own == name or (regime.weights == "random" and name.startswith(f"{regime.model}."))


def _is_accuracy(cell: str, regime: Regime) -> bool:
    if regime.value is None:
        return cell in {str(record.outcome.status) for record in regime.failed}
    m = re.fullmatch(rf"({NUM}) \[({NUM}), ({NUM})\](\*?)(?: \((\d+) seeds? failed\))?", cell)
    low, high = regime.ends
    return bool(
        m and near(m[1], 100 * regime.value) and near(m[2], 100 * low) and near(m[3], 100 * high)
        and bool(m[4]) == bool(regime.flags) and int(m[5] or 0) == len(regime.failed)
    )  # fmt: skip


@form(
    r"Balanced accuracy on (\S+), %: the mean over classes of the share that is right, since these have (\d+) to (\d+) "
    r"test images\. Intervals and marks are as in the table before\.(?: Learning rates were chosen by accuracy\.)?"
)
def _balanced_caption(place: Place, m: re.Match[str]) -> None:
    hold(any(_sizes_of(r) == (int(m[2]), int(m[3])) for r in place.facts.on(m[1])))
    hold(int(m[3]) > 1.5 * int(m[2]))


def _sizes_of(regime: Regime) -> tuple[int, int]:
    labels = [r.outcome.samples["labels"] for r in regime.records if r.outcome.samples.get("labels")]
    sizes = Counter(labels[0]).values() if labels else [0]
    return min(sizes), max(sizes)


@form(r"Means over seeds\. Held out is the accuracy on training images held out\.")
def _means(place: Place, m: re.Match[str]) -> None:
    del m
    hold(any("validation" in r.outcome.metrics for r in place.facts.of("transfer")))


@form(r"Share of each class's test images that is named rightly, mean over seeds, (\w+) shots\.")
def _share(place: Place, m: re.Match[str]) -> None:
    hold(any(str(r.shots) == m[1] and r.value is not None for r in place.facts.regimes))


def _recalls_of(regime: Regime) -> list[float]:
    """Mean recall over seeds of each class of the test."""
    labels = next(r.outcome.samples["labels"] for r in regime.records if r.outcome.samples.get("labels"))
    return [
        fmean(
            hit for right in regime.correct.values() for hit, label in zip(right, labels, strict=True) if label == one
        )
        for one in sorted(set(labels))
    ]


def _is_balanced(cell: str, regime: Regime) -> bool:
    if regime.value is None:
        return cell in {str(record.outcome.status) for record in regime.failed}
    m = re.fullmatch(rf"({NUM}) \[({NUM}), ({NUM})\](\*?)(?: \((\d+) seeds? failed\))?", cell)
    return bool(
        m and near(m[1], 100 * fmean(_recalls_of(regime))) and float(m[2]) <= float(m[1]) <= float(m[3])
        and bool(m[4]) == bool(regime.flags) and int(m[5] or 0) == len(regime.failed)
    )  # fmt: skip


def _other_measures(place: Place) -> None:
    for row in place.rows:
        cells = dict(zip(place.headers, row, strict=True))
        here = [
            r for r in place.facts.on(cells["task"], cells["shots"])
            if r.strategy == cells["strategy"] and _in_line(r, cells["model and weights"].split(",")[0])
        ]  # fmt: skip
        held = [[r.outcome.metrics.get("validation") for r in one.records if r.outcome.metrics] for one in here]
        told = [[found.value for found in of if found is not None] for of in held]
        shown = cells["held out, % ↑"]
        hold(any(near(cells["top-1, % ↑"], 100 * one.value) for one in here if one.value is not None), str(row))
        hold(any(near(shown, 100 * fmean(of)) if of else shown == "n/a" for of in told), str(row))


def _recalls(place: Place) -> None:
    label = place.title.removeprefix("Recall of each class of ")
    hold({row[0] for row in place.rows} == {"0", "1"}, "two classes")
    for column, header in enumerate(place.headers[2:], 2):
        name, strategy = re.findall(r"^(\S+) \((\w+)\), % ↑$", header)[0]
        here = [r for r in place.facts.on(label) if r.strategy == strategy and _in_line(r, name) and r.correct]
        shown = {int(row[0]): row[column] for row in place.rows}
        hold(any(all(near(shown[c], 100 * v) for c, v in enumerate(_recalls_of(r))) for r in here), str(shown))


def _failures(place: Place) -> None:
    shown = Counter((row[0], row[2], row[3]) for row in place.rows)
    true = Counter((r.trial.display_name, str(r.outcome.status), r.outcome.reason) for r in place.facts.bad)
    hold(shown == true, "the failures are others")


def _flags(place: Place) -> None:
    shown = {(row[0], row[2]) for row in place.rows}
    true = set()
    for cost in place.facts.costs:
        if cost.flags or cost.status == Status.UNCONVERGED:
            seen = "; ".join(filter(None, (*cost.flags, cost.record.outcome.reason)))
            true.add((f"{cost.model}.{cost.weights}", seen))
    true |= {
        (record.trial.display_name, "; ".join(sorted(regime.flags)))
        for regime in place.facts.regimes for record in regime.records[:1] if regime.flags
    }  # fmt: skip
    others = [*place.facts.of("evaluate"), *place.facts.of("pretrain")]
    true |= {(r.trial.display_name, "; ".join(r.outcome.flags)) for r in others if r.outcome.flags}
    hold(shown == true, f"{shown ^ true}")


def _evaluated(place: Place) -> None:
    for row in place.rows:
        cells = dict(zip(place.headers, row, strict=True))
        [record] = [r for r in place.facts.of("evaluate") if r.trial.display_name == cells["model and weights"]]
        right = record.outcome.samples.get("top1")
        share = None if right is None else 100 * sum(right) / len(right)
        shown = cells["top-1, % ↑"]
        hold(shown == str(record.outcome.status) if share is None else near(shown.split(" ")[0], share), shown)
        if "difference, points" in cells and cells["difference, points"] != "n/a":
            stated = _published(place.facts, record.trial.model)
            hold(near(cells["difference, points"].split(" ")[0], (share or 0) - stated), cells["difference, points"])


def _published(facts: Facts, model: str) -> float:
    told = [r.outcome.metrics["top1"].value for r in facts.of("published") if r.trial.model == model]
    return 100 * told[-1] if told else float(get(f"{model}.IMAGENET1K_V1").top1 or 0)


def _effort(place: Place) -> None:
    hold(len(place.rows) == sum(r.value is not None for r in place.facts.regimes), "one row a regime with a number")


def _knees(place: Place) -> None:
    lines: dict[str, dict[int, Any]] = {}
    for cost in sorted(place.facts.costs, key=lambda cost: cost.record.outcome.started):
        if _curve_title(cost.settings) == place.title and not cost.settings.replica:
            lines.setdefault(f"{cost.model}.{cost.weights}", {})[cost.settings.batch] = cost
    curves = {
        n: line for n, line in lines.items() if len(line) > 2 and any(c.value is not None for c in line.values())
    }
    hold({row[0] for row in place.rows} == set(curves), "the curves are others")
    for row in place.rows:
        _is_knee(dict(zip(place.headers, row, strict=True)), curves[row[0]])


def _curve_title(s: CostSettings) -> str:
    threads = f"{s.threads} thread" + "s" * (s.threads > 1)
    parts = ["Throughput over batch", s.device, threads, "" if s.precision == "fp32" else s.precision]
    parts += [
        "" if s.memory_format == "contiguous" else s.memory_format,
        "trained form" * (s.form == "trained"),
        s.timed_by,
    ]
    return ", ".join(filter(None, parts)) if s.metric == "throughput" else ""


def _is_knee(shown: dict[str, str], line: dict[int, Any]) -> None:
    batches = sorted(batch for batch, cost in line.items() if cost.value is not None)
    top = max(batches, key=lambda batch: (line[batch].value, -batch))
    shares = {batch: _share_of(line[batch], line[top]) for batch in batches}
    near_top = [min(b for b in batches if shares[b][end] >= 0.95) for end in range(3)]
    first, knee, last = near_top[2], near_top[1], near_top[0]
    m = re.fullmatch(r"(\d+)(?: \[(\d+), (\d+)\])?", shown["knee, batch"])
    hold(m is not None and [int(m[1]), int(m[2] or m[1]), int(m[3] or m[1])] == [knee, first, last], f"{near_top}")
    hold(_is_cost(shown["there, images/s ↑"], line[knee]), shown["there, images/s ↑"])
    hold(near(shown["gain"].removeprefix("×"), line[knee].value / line[batches[0]].value), shown["gain"])
    hold(near(shown["a call, ms ↓"], 1000 * knee / line[knee].value), shown["a call, ms ↓"])
    cell, _, batch = shown["highest, images/s ↑"].partition(" at ")
    hold(int(batch) == top and near(cell.rstrip("*~"), line[top].value), "the highest")
    hold(("*" in cell) == bool(line[top].flags) and ("~" in cell) == (line[top].status == Status.UNCONVERGED), cell)
    _is_beyond(shown["beyond"], line)


def _share_of(cost: Any, top: Any) -> tuple[float, float, float]:
    """Low end, value and high end of a rate over the best: the ends by what each side of both intervals adds."""
    share = cost.value / top.value
    if cost is top:
        return share, share, share
    if cost.low is None or top.low is None:
        return -1.0, share, share
    down = math.hypot(math.log(cost.value / cost.low), math.log(top.high / top.value))
    up = math.hypot(math.log(cost.high / cost.value), math.log(top.value / top.low))
    return share * math.exp(-down), share, share * math.exp(up)


def _is_beyond(told: str, line: dict[int, Any]) -> None:
    batches = sorted(line)
    for place in range(2, len(batches)):
        before, steps = batches[: place - 1], batches[place - 1 : place + 1]
        if any(line[b].value is None for b in (*before, *steps)):
            break
        best = max((line[b] for b in before), key=lambda cost: cost.value)
        gains = [_share_of(line[b], best) for b in steps]
        if best.low is not None and all(
            line[b].low is not None and g[1] < 1.05 and g[2] < 1.2 for b, g in zip(steps, gains, strict=True)
        ):
            hold(told == f"flat since {before[-1]}", f"{told}: flat since {before[-1]}")
            return
    last = line[batches[-1]]
    if last.value is None:
        hold(told == f"{last.status} at {batches[-1]}", told)
        return
    seconds = 2 * batches[-1] / last.value
    slow = f"a call of {2 * batches[-1]} would take about {seconds:.0f} s"
    hold(told == (slow if seconds > 3 else f"not flat at {batches[-1]}"), told)


def _rule(place: Place) -> None:
    cells = rule_cells(place.facts)
    hold(len(place.rows) == len(cells), f"{len(place.rows)} rows of {len(cells)} cells")
    for row in place.rows:
        shown = dict(zip(place.headers, row, strict=True))
        hold(any(_is_cell(shown, cell) for cell in cells), str(shown))


def _is_cell(shown: dict[str, str], cell: Cell) -> bool:
    name = shown["model and weights"].split(",")[0]
    ahead = shown["ahead by, points"].partition(" over ")
    return (
        (name, shown["task"], shown["shots"]) == (cell.name, cell.label, cell.shots)
        and shown["training images"] == ("n/a" if cell.images is None else str(cell.images))
        and _is_number(shown["full − classifier, points"], cell.difference, 100)
        and shown["the data support"] == cell.supported
        and shown["course rule"] == f"{cell.course}: {cell.held(cell.course)}"
        and shown["CS231n"] == f"{cell.cs231n}: {cell.held(cell.cs231n)}"
        and shown["best here"] == cell.best.strategy + " (control)" * (cell.best.strategy in CONTROLS)
        and ahead[2] == cell.next.strategy and _is_number(ahead[0], cell.lead, 100)
        and shown["resolved"] == cell.resolved
    )  # fmt: skip


def _is_number(shown: str, true: Sequence[float | None] | None, factor: float = 1.0) -> bool:
    """Whether a cell holds a value, and the ends of its interval where it has some."""
    if true is None:
        return shown == "n/a"
    told = re.findall(NUM, shown)
    known = [x for x in true[:3] if x is not None]
    return len(told) == len(known) and all(near(t, factor * x) for t, x in zip(told, known, strict=True))


def _similarity(place: Place) -> None:
    pairs = pairs_of(place.facts)
    hold(len(place.rows) == len(pairs), f"{len(place.rows)} rows of {len(pairs)} pairs")
    for row in place.rows:
        shown = dict(zip(place.headers, row, strict=True))
        pair = pairs[shown["weights trained on"], shown["target"]]
        hold(shown["backbones"] == str(len({c.model for c in pair.classifiers})), str(shown))
        hold(shown["they are"] == pair.answer, f"{shown}: {pair.answer}")
        numbers = {
            "probe gain": (pair.gain, 1), "kNN gain": (None, 1), "LogME, nats": (pair.score("logme"), 1),
            "H-score": (pair.score("h_score"), 1), "gap, points": (pair.gap, 100),
            "benefit, points": (pair.benefit, 100),
        }  # fmt: skip
        for header, (true, factor) in numbers.items():
            hold(_is_number(shown.get(header, "n/a"), true, factor), f"{header}: {shown} is not {true}")


def _rankings(place: Place) -> None:
    known = rankings(place.facts)
    hold(len(place.rows) == len(known), f"{len(place.rows)} rows of {len(known)} cells")
    for row in place.rows:
        shown = dict(zip(place.headers, row, strict=True))
        n, taus = known[shown["target"], shown["shots"]]
        hold(shown["ranked backbones"] == str(n))
        for name, true in taus.items():
            cell = shown.get(name, "n/a")
            hold(cell == "n/a" if true is None else near(cell.split(" ")[0], true), f"{name}: {cell} is not {true}")


TABLES: dict[str, Callable[[Place], None]] = {
    "params, M": _costs, "shots": _accuracies, "reason": _failures, "what was seen": _flags, "top-5": _evaluated,
    "held out": _other_measures, "test images": _recalls, "seconds": _effort, "course rule": _rule,
    "ranked backbones": _rankings, "probe gain": _similarity, "knee": _knees,
}  # fmt: skip


# Captions of costs.


@form(
    r"(Median over rounds( \[95% interval\])?; )?(cpu), batch (\d+), (fp32|bf16), (contiguous|channels last), "
    r"(interleaved rounds|timed by [\w-]+)\."
)
def _caption(place: Place, m: re.Match[str]) -> None:
    cells = [
        cell for row in place.rows for header, cell in zip(place.headers, row, strict=True) if " thread" in header
    ]
    numbers = [cell for cell in cells if cell[:1].isdigit()]
    hold(bool(m[1]) == bool(numbers), "of what is no number")
    hold(bool(m[2]) == any("[" in cell for cell in numbers), "there are intervals, or none")
    hold(f"batch {m[4]}" in place.title)
    names = {row[0] for row in place.rows}
    at = [
        c.settings for c in place.facts.costs if f"{c.model}.{c.weights}" in names and c.settings.batch == int(m[4])
    ]
    way = (m[5], m[6].replace(" ", "_"), m[7].removeprefix("timed by ") if m[7][0] == "t" else "")
    hold(any((s.precision, s.memory_format, s.timed_by) == way for s in at), str(way))


@form(
    r"The knee is the smallest batch whose throughput is within 5% of the highest; in brackets are the smallest that may "
    r"be by the 95% intervals, and the smallest that surely is\. A call is of the knee's images, gain is over the "
    r"smallest batch, and beyond is what is known of larger ones\."
)
def _knee_caption(place: Place, m: re.Match[str]) -> None:
    del m
    hold(_kind(place.headers) == "knee")


@form(r"A line a model, with 95% intervals; the large mark is its knee\.( A cross is a batch that did not run\.)?")
def _knee_figure(place: Place, m: re.Match[str]) -> None:
    here = [c for c in place.facts.costs if _curve_title(c.settings) == place.title]
    hold(bool(here) and (not m[1] or any(c.value is None for c in here)), place.title)


@form(r"Params and MACs are of one image at the input shown\.")
def _counts(place: Place, m: re.Match[str]) -> None:
    for row in place.rows:
        shown = dict(zip(place.headers, row, strict=True))
        model = shown["model"].rpartition(".")[0]
        if not model.startswith("torchvision/"):
            hold(shown["params, M ↓"] == "n/a")
            continue
        params = get(model).params if "trained form" in place.title else get(model).deployed_params
        hold(near(shown["params, M ↓"], (params or 0) / 1e6), shown["params, M ↓"])
        noted = {r.outcome.notes["macs"] for r in place.facts.of("cost") if r.trial.model == model}
        hold(any(near(shown["MACs, G ↓"], float(n) / 1e9) for n in noted), shown["MACs, G ↓"])


@form(r"In the (deployed|trained) form(?:, whose outputs are those of the model as built to (\S+))?\.")
def _form(place: Place, m: re.Match[str]) -> None:
    hold((m[1] == "trained") == (", trained form" in place.title), place.title)
    names = {row[0] for row in place.rows}
    of = [c for c in place.facts.costs if f"{c.model}.{c.weights}" in names and c.settings.form == m[1]]
    hold(bool(of), "of a record")
    gaps = {c.difference for c in of if c.difference is not None}
    hold(m[2] is None or any(f"{gap:.1g}" == m[2] for gap in gaps), m[2] or "")


@form(r"(\* flagged)?(?:, )?(~ unconverged, its interval not as narrow as was aimed at)?; see the list of flags\.")
def _cost_marks(place: Place, m: re.Match[str]) -> None:
    text = "\n".join(cell for row in place.rows for cell in row)
    hold(bool(m[1]) == ("*" in text), "flagged")
    hold(bool(m[2]) == ("~" in text), "unconverged")
    hold(place.has_flags_list, "there is no list of flags")
    if _kind(place.headers) == "shots":  # a line may hold a start of random weights, which is listed by its own name
        return
    marked = [row[0] for row in place.rows if any("*" in cell or "~" in cell for cell in row)]
    hold(set(marked) <= {row[0] for row in place.flags}, "not all that is marked is listed")


@form(r"Published top-1 is not measured here: ImageNet-1k, stated by ([\w ]+)\.")
def _stated(place: Place, m: re.Match[str]) -> None:
    hold(any("published" in header for header in place.headers), "no such column")
    imported = {r.trial.model for r in place.facts.of("published")}
    sources = set()
    for name, *_, cell in place.rows:
        model, _, weights = name.rpartition(".")
        tag = cell.partition(" (")[2].strip(")").split(",")[0] or weights
        if cell != "n/a":
            sources.add("timm" if model in imported and tag == "IMAGENET1K_V1" else "torchvision")
    hold(" and ".join(sorted(sources)) == m[1], str(sources))


@form(r"(\d+) older values? of other files, code or protocol not shown\.")
def _older(place: Place, m: re.Match[str]) -> None:
    raise UntrueError("no trial of these stores differs in these")


# Captions of accuracies.


@form(
    r"Top-1 accuracy on (\S+), %(?: \[95% interval over ([\d–]+) seeds? and ([\d–]+) test images?\])?\."
    r"(?: ([^;.]+) starts? from the weights named)?(?:;? ([^;.]+) starts? from random weights)?"
    r"(?:;? ([^;.]+) (?:is a control|are controls))?\."
)
def _accuracy_caption(place: Place, m: re.Match[str]) -> None:
    here = place.facts.on(m[1])
    hold(bool(here) and f"Accuracy on {m[1]}" == place.title)
    good = [r for r in here if r.value is not None]
    hold(bool(m[2]) == bool(good))
    if good:
        hold(_span(len(r.correct) for r in good) == m[2], "seeds")
        hold(_span(len(next(iter(r.correct.values()))) for r in good) == m[3], "images")
    groups = (("classifier", "full"), ("scratch", "random_features"), CONTROLS)
    for names, said in zip(groups, m.groups()[3:], strict=True):
        true = {r.strategy for r in here} & set(names)
        hold(set(re.split(", | and ", said or "")) - {""} == true, f"{said} for {true}")


def _span(counts: Iterator[int] | Any) -> str:
    listed = sorted(set(counts))
    return "–".join(map(str, dict.fromkeys((listed[0], listed[-1]))))


@form(r"Computed in bfloat16, and updated in float32: (.+?)\.(?= |$)")
def _rounded(place: Place, m: re.Match[str]) -> None:
    here = place.facts.on(place.title.removeprefix("Accuracy on "))
    found = {r.model for r in here if r.settings.precision == "bf16"}
    hold(set(m[1].split(", ")) == found, str(found))


@form(r"majority is always to name the most frequent class\.")
def _majority(place: Place, m: re.Match[str]) -> None:
    hold(place.rows[-1][0] == "control/majority")


@form(r"(?:val: )?12 of 200 test images stand among the training images too: no test\.")
def _health(place: Place, m: re.Match[str]) -> None:
    label = place.title.removeprefix("Accuracy on ")
    hold(any(record.outcome.notes.get("task_health") for r in place.facts.on(label) for record in r.records))


@form(r"Top-1 and top-5 of the weights as they are, % \[95% interval over images\]\.")
def _evaluation(place: Place, m: re.Match[str]) -> None:
    hold(len(place.rows) == len(place.facts.of("evaluate")))


@form(rf"Always to name the most frequent class of val is right in ({NUM}) %\.")
def _evaluation_majority(place: Place, m: re.Match[str]) -> None:
    noted = {r.outcome.notes["majority"] for r in place.facts.of("evaluate") if "majority" in r.outcome.notes}
    hold(any(near(m[1], 100 * float(n)) for n in noted))


@form(r"Published is ImageNet-1k, stated by ([\w ]+); on other images the difference says how they compare\.")
def _evaluation_stated(place: Place, m: re.Match[str]) -> None:
    imported = {r.trial.model for r in place.facts.of("published")}
    models = {r.trial.model for r in place.facts.of("evaluate") if not r.trial.weights.endswith(".pth")}
    hold(m[1] == " and ".join(sorted({"timm" if model in imported else "torchvision" for model in models})))


@form(
    r"Published weights that were not at hand: (.*?)\. (?=[A-Z`])(Costs of these models are of random weights, on which they do not depend)?(?:; )?([Rr]egimes started from weights that the zoo trained itself)?\. `zoo fetch ([^`]*)` brings them, and the same command then measures with them\."
)
def _missing(place: Place, m: re.Match[str]) -> None:
    lacking = [r for r in place.facts.records if r.outcome.notes.get("weights_missing")]
    names = {str(r.outcome.notes["weights_missing"]) for r in lacking}
    hold(set(m[4].split()) == names and all(name in m[1] for name in names), "names")
    hold(bool(m[2]) == any(r.trial.kind == "cost" for r in lacking), "costs")
    hold(bool(m[3]) == any(r.trial.kind == "transfer" for r in lacking), "regimes")


@form(r"Nothing was measured\.")
def _nothing(place: Place, m: re.Match[str]) -> None:
    hold(not [r for r in place.facts.measured if r.trial.kind in ("cost", "transfer", "evaluate")])


# The frontier.


def _timed(place: Place) -> list[Any]:
    return [c for c in place.facts.costs if c.settings.metric == "latency" and not c.settings.replica]


@form(r"No latency was measured, so there is no frontier\.")
def _no_latency(place: Place, m: re.Match[str]) -> None:
    hold(not _timed(place), "there are latencies")


@form(r"No latency succeeded, so there is no frontier\.")
def _no_good_latency(place: Place, m: re.Match[str]) -> None:
    hold(bool(_timed(place)) and all(c.value is None for c in _timed(place)))


@form(r"Of no model with a latency an accuracy was measured, or the parameters are known, so there is no frontier\.")
def _no_point(place: Place, m: re.Match[str]) -> None:
    models = {c.model for c in _timed(place) if c.value is not None}
    hold(models == {"mine/net"})


@form(
    r"No model has both a latency at that setting and an accuracy, so parameters stand in its place; fewer are better\."
)
def _no_accuracy(place: Place, m: re.Match[str]) -> None:
    trained = {r.model for r in _of_the_cell(place)}
    at: dict[Any, set[str]] = {}
    for c in _timed(place):
        if c.value is not None:
            at.setdefault(
                (c.settings.threads, c.settings.precision, c.settings.memory_format, c.settings.form), set()
            ).add(c.model)
    hold(any(not models & trained for models in at.values()))


def _of_the_cell(place: Place) -> list[Regime]:
    """Regimes of the task that a choice is made by: of the first, with the most images a class."""
    usable = [r for r in place.facts.regimes if r.value is not None and r.strategy not in CONTROLS]
    if not usable:
        return []
    name = usable[0].settings.task
    newest = max(
        (r for r in usable if r.settings.task == name), key=lambda r: max(x.outcome.started for x in r.records)
    )
    here = [r for r in usable if place.facts.label(r) == place.facts.label(newest)]
    most = max(here, key=lambda r: float("inf") if r.shots == "all" else int(r.shots)).shots
    return [r for r in here if r.shots == most]


@form(r"Accuracy is that of each model's best regime on (\S+), (\w+) shots\.")
def _best_regime(place: Place, m: re.Match[str]) -> None:
    here = _of_the_cell(place)
    hold({(place.facts.label(r), str(r.shots)) for r in here} == {(m[1], m[2])})
    place.cell = here


@form(
    r"Latency is of images of ([\d–]+) px, accuracy of ([\d–]+) px: a product would measure both at its own size \(`zoo bench --input-size N`, `zoo transfer --input-size N`\)\."
)
def _sizes(place: Place, m: re.Match[str]) -> None:
    hold(m[1] != m[2])
    hold(_span(r.settings.side for r in _of_the_cell(place)) == m[2])
    hold({int(side) for side in m[1].split("–")} <= {c.settings.side for c in _timed(place)})


@form(r"On the frontier: ([^.]*)\. Bars are 95% intervals; what has none has no interval\.")
def _frontier(place: Place, m: re.Match[str]) -> None:
    named = m[1].split(", ")
    here = place.cell
    for settings in {
        (c.settings.threads, c.settings.precision, c.settings.memory_format, c.settings.form) for c in _timed(place)
    }:
        for recipe in {r.settings.recipe for r in here or []} | {None}:
            if _front(place, settings, recipe, here) == sorted(named):
                return
    raise UntrueError("no setting has that frontier")


def _front(place: Place, setting: Any, recipe: Any, here: list[Regime] | None) -> list[str]:
    points: dict[str, tuple[float, float]] = {}
    for cost in _timed(place):
        s = cost.settings
        if cost.value is None or (s.threads, s.precision, s.memory_format, s.form) != setting:
            continue
        if here is None:
            if cost.model != "mine/net":
                points[cost.model.rpartition("/")[2]] = cost.value, -float(get(cost.model).params or 0)
            continue
        mine = [r for r in here if r.model == cost.model and r.settings.recipe in (None, recipe)]
        if mine:
            best = best_regime(mine)[0]
            points[f"{cost.model.rpartition('/')[2]} ({best.strategy})"] = cost.value, best.value or 0.0
    return sorted(
        name for name, (x, y) in points.items()
        if not any((a <= x and b >= y) and (a, b) != (x, y) for a, b in points.values())
    )  # fmt: skip


# Regimes and rules.


@form(r"No regime was measured\.")
def _no_regime(place: Place, m: re.Match[str]) -> None:
    hold(not place.facts.of("transfer"))


@form(r"No cell has both a frozen and a fine-tuned regime\.")
def _no_cell(place: Place, m: re.Match[str]) -> None:
    hold(not rule_cells(place.facts))


@form(r"(The course rule|CS231n's rule), over (\d+) cells?: ([^.]*)\.")
def _verdicts(place: Place, m: re.Match[str]) -> None:
    cells = rule_cells(place.facts)
    hold(len(cells) == int(m[2]), f"{len(cells)} cells")
    said = Counter({word: int(n) for n, word in re.findall(r"(\d+) ([a-z ]+)", m[3])})
    rule = "course" if "course" in m[1] else "cs231n"
    hold(said == Counter(cell.held(getattr(cell, rule)) for cell in cells), str(said))


@form(
    rf"(Updating backbone and classifier beat the classifier alone|Updating the backbone too gained at most a point) in (\d+) of (\d+) cells?: ({NUM})(?: to ({NUM}))? points\."
)
def _gains(place: Place, m: re.Match[str]) -> None:
    cells, word = rule_cells(place.facts), "full" if "beat" in m[1] else "classifier"
    gains = [100 * cell.difference[0] for cell in cells if cell.supported == word and cell.difference]
    hold((len(gains), len(cells)) == (int(m[2]), int(m[3])), f"{len(gains)} of {len(cells)}")
    hold(near(m[4], min(gains)) and near(m[5] or m[4], max(gains)), f"{min(gains)} to {max(gains)}")
    hold(min(gains) > 0 if word == "full" else max(gains) <= 1)


@form(
    r"(.+?) on (\S+), (?:all images|(\d+) images a class): take (\S+), the highest; no pairs tell by how much(?: \([^)]*\))?\."
)
def _advised_unpaired(place: Place, m: re.Match[str]) -> None:
    hold(any(cell.lead is None and cell.best.strategy == m[4] for cell in _cells_of(place, m)))


@form(
    rf"(.+?) on (\S+), (?:all images|(\d+) images a class): (take [^;]+|nothing shows that these weights are worth their cost here); (\S+)( \(control\))? is ({NUM}(?: \[{NUM}, {NUM}\])?) points ahead of (\S+?)( \(control\))?, which (is resolved|is equal within a point|one seed leaves open|is open, and \d+ seeds would(?: not)? resolve it)(?: \((\S+(?:, \S+)*) (?:was|were) cut short: more steps may change it\))?\."
)
def _advised(place: Place, m: re.Match[str]) -> None:
    hold(any(_is_advised(cell, m) for cell in _cells_of(place, m)))


def _cells_of(place: Place, m: re.Match[str]) -> list[Cell]:
    """The cells that a sentence begins with."""
    asked = m[1].split(",")[0], m[2], m[3] or "all"
    return [cell for cell in rule_cells(place.facts) if (cell.name, cell.label, cell.shots) == asked]


def _is_advised(cell: Cell, m: re.Match[str]) -> bool:
    best, other = cell.best.strategy, cell.next.strategy
    resolved = {
        "is resolved": "yes", "is equal within a point": "equal within a point",
        "one seed leaves open": "no, with one seed",
    }  # fmt: skip
    told = re.sub(r"is open, and (\d+) seeds would resolve it", r"no, \1 seeds would", m[10])
    told = re.sub(r"is open, and (\d+) seeds would not resolve it", r"no, nor would \1 seeds", told)
    if best in CONTROLS or (other in CONTROLS and cell.resolved != "yes"):
        take, named = "nothing shows that these weights are worth their cost here", best
    elif cell.resolved == "yes":
        take, named = f"take {best}", "it"
    elif ORDER.index(best) < ORDER.index(other) or cell.lead[0] <= 0.01:
        take, named = f"take {min(best, other, key=ORDER.index)}, the simpler of two that are not told apart", best
    else:
        take, named = f"take {best}, the better of two that are not told apart", "it"
    return (
        (m[4], m[5], bool(m[6])) == (take, named, named in CONTROLS)
        and (m[8], bool(m[9])) == (other, other in CONTROLS)
        and resolved.get(told, told) == cell.resolved and _is_number(m[7], cell.lead, 100)
    )  # fmt: skip


@form(
    r"The frozen features stood no higher than the controls in (\d+) of (\d+) cells? \(((?:[^()]|\([^)]*\))*)\): there nothing shows that the backbone contributed what a linear classifier could use\."
)
def _weak(place: Place, m: re.Match[str]) -> None:
    cells = rule_cells(place.facts)
    weak = [cell for cell in cells if cell.gain is not None and cell.gain <= 1e-9]
    hold((len(weak), len(cells)) == (int(m[1]), int(m[2])), f"{len(weak)} of {len(cells)}")
    more = re.search(r" and (\d+) more$", m[3])
    named = m[3][: more.start()] if more else m[3]
    hold(len(re.findall(r" shots(?:, |$)", named)) + int(more[1] if more else 0) == len(weak))
    hold(all(any(cell.name in part for cell in weak) for part in re.split(r"(?<=shots), ", named)))


@form(
    r"On (\S+(?:, \S+)*) every class counts alike in differences, gains and rankings \(balanced accuracy\): some have "
    r"over 1\.5 times the test images of others\."
)
def _count_alike(place: Place, m: re.Match[str]) -> None:
    unequal = {place.facts.label(r) for r in place.facts.regimes if r.value is not None and r.weights_of_images}
    hold(set(m[1].split(", ")) == unequal, str(unequal))


@form(r"Differences are paired over seeds and test images\. .*? if means and spreads stay as they are\.")
def _rule_caption(place: Place, m: re.Match[str]) -> None:
    hold(_kind(place.headers) == "course rule")
    hold("500 training images in all are much, 200 or fewer are little" in m[0])


@form(r"How similar a target is to what the weights were trained on, .*? say nothing of others\.")
def _similarity_caption(place: Place, m: re.Match[str]) -> None:
    hold(_kind(place.headers) == "probe gain")
    hold("whole interval is above 0.25, dissimilar where it is below" in m[0])


@form(r"(LogME and H-score are of the features|The gap is the accuracy on|The benefit is the accuracy of) [^.]*\.")
def _column_caption(place: Place, m: re.Match[str]) -> None:
    hold(
        {"L": "LogME, nats", "g": "gap, points", "b": "benefit, points"}[m[1].removeprefix("The ")[0]]
        in place.headers
    )


@form(r"A line a strategy, with its 95% interval over seeds and test images; dashed lines are controls\.")
def _over_shots(place: Place, m: re.Match[str]) -> None:
    counts: dict[tuple[str, str], set[str]] = {}
    for r in place.facts.regimes:
        if r.value is not None:
            counts.setdefault((place.facts.label(r), r.strategy), set()).add(str(r.shots))
    hold(any(len(found) > 1 for found in counts.values()))


@form(
    r"A line a model, from the classifier alone to training everything; its colour says whether the difference is "
    r"resolved, by a p-value adjusted over all cells \(Holm\)\."
)
def _slopes(place: Place, m: re.Match[str]) -> None:
    hold(len({cell.name for cell in rule_cells(place.facts)}) > 1)


@form(r"How far the order of backbones by each score .*? one such number proves nothing\.")
def _ranking_caption(place: Place, m: re.Match[str]) -> None:
    hold(_kind(place.headers) == "ranked backbones")
    hold("under 6 backbones there is none" in m[0] and not any("[" in cell for row in place.rows for cell in row))


@form(r"Seconds are medians over seeds, .*? a probe has none\.")
def _effort_caption(place: Place, m: re.Match[str]) -> None:
    hold(_kind(place.headers) == "seconds")


@form(r"Weights made here, by training from random on an embedded task:")
def _made_here(place: Place, m: re.Match[str]) -> None:
    hold(bool(place.facts.of("pretrain")))


@form(
    rf"torchvision/resnet18\.letters-am at 32 px: ({NUM}) \[({NUM}), ({NUM})\] % on the test images of letters-am, (\d+) steps, (made before|\d+ s), SHA-256 (\w+)"
)
def _made(place: Place, m: re.Match[str]) -> None:
    [record] = place.facts.of("pretrain")
    right = record.outcome.samples["correct"]
    hold(near(m[1], 100 * sum(right) / len(right)))
    hold(int(m[4]) == record.outcome.notes["steps"] and str(record.outcome.notes["sha256"]).startswith(m[6]))
    taken = record.outcome.metrics.get("seconds")
    hold(m[5] == ("made before" if taken is None else f"{taken.value:.0f} s"))


@form(r"torchvision/resnet18 on letters-am: (\w+), (\w+)$")
def _not_made(place: Place, m: re.Match[str]) -> None:
    [record] = place.facts.of("pretrain")
    hold((str(record.outcome.status), record.outcome.reason) == (m[1], m[2]))


# The noise floor.


def _twins(place: Place) -> list[tuple[Any, Any]]:
    first = {(c.model, c.settings.first_half()): c for c in place.facts.costs if not c.settings.replica}
    twins = [c for c in place.facts.costs if c.settings.replica]
    return [(first.get((twin.model, twin.settings.first_half())), twin) for twin in twins]


def _is_ratio(first: Any, twin: Any) -> bool:
    sides = [
        [] if c is None or c.value is None else c.record.outcome.samples["round_medians_ms"] for c in (first, twin)
    ]
    return min(map(len, sides)) >= 2


@form(r"No A/A pair was measured\.")
def _no_pair(place: Place, m: re.Match[str]) -> None:
    hold(not _twins(place))


@form(r"(\d+) A/A pairs? (?:has|have) no ratio: a half is missing, or was timed for one round alone\.")
def _no_ratio(place: Place, m: re.Match[str]) -> None:
    hold(sum(not _is_ratio(*pair) for pair in _twins(place)) == int(m[1]))


@form(r"Two identical models \(A/A\), second over first:")
def _pairs(place: Place, m: re.Match[str]) -> None:
    hold(any(_is_ratio(*pair) for pair in _twins(place)))


@form(
    rf"(\S+), (latency|throughput) on cpu, (\d) threads?, batch (\d+)(?:, (trained form))?: ({NUM})% \[({NUM}), ({NUM})\] \((?:(\d+) rounds in common|timed in different cohorts); the interval (holds 1|does \*\*not\*\* hold 1)\)"
)
def _floor(place: Place, m: re.Match[str]) -> None:
    first, twin = next(pair for pair in _twins(place) if pair[1].model == m[1] and _is_ratio(*pair))
    a, b = (c.record.outcome.samples["round_medians_ms"] for c in (first, twin))
    same = first.record.outcome.notes["cohort"] == twin.record.outcome.notes["cohort"]
    hold(same == bool(m[9]), "the cohort")
    hold(not same or int(m[9]) == min(len(a), len(b)), "rounds")
    low, high = float(m[7]), float(m[8])
    hold(low <= float(m[6]) <= high)
    if low * high and abs(low) > 0.005 and abs(high) > 0.005:
        hold((low < 0 < high) == (m[10] == "holds 1"), "the interval")
    ratio = 100 * (float(_geometric(b)) / float(_geometric(a)) - 1)
    hold(low - 0.006 <= ratio <= high + 0.006, f"{ratio}")
    hold((twin.settings.metric, str(twin.settings.threads), str(twin.settings.batch)) == (m[2], m[3], m[4]))
    hold((twin.settings.form == "trained") == bool(m[5]), "the form")


def _geometric(values: list[float]) -> float:
    from scipy import stats

    return float(stats.gmean(values))


@form(r"No flags\.")
def _no_flags(place: Place, m: re.Match[str]) -> None:
    hold(not any(r.outcome.flags or r.outcome.status == Status.UNCONVERGED for r in place.facts.measured))


@form(r"None\.")
def _no_failures(place: Place, m: re.Match[str]) -> None:
    hold(place.title == "Failures" and not place.facts.bad)


# The environment.


@form(r"machine `(\w+)`: (.*)$")
def _machine(place: Place, m: re.Match[str]) -> None:
    [machine] = {r.machine for r in place.facts.measured}
    cpu = next(r.environment.cpu for r in place.facts.measured)
    hold(m[1] == machine and m[2] == f"{cpu}, 2 of 2 cores usable, 8 GiB; no GPU; Linux 6.1")


@form(r"Python 3\.11, torch 2\.15\.0, torchvision 0\.29\.2, timm 1\.0\.31, backbone-zoo 0\.1\.0$")
def _software(place: Place, m: re.Match[str]) -> None:
    hold(all(dict(r.environment.libraries or {})["torch"] == "2.15.0" for r in place.facts.measured))


@form(r"Measured ([\d: -]+?)(?: to ([\d: -]+))? UTC\.")
def _measured(place: Place, m: re.Match[str]) -> None:
    starts = [r.outcome.started for r in place.facts.measured]
    ends = [time.strftime("%Y-%m-%d %H:%M", time.gmtime(at)) for at in (min(starts), max(starts))]
    hold([m[1], m[2] or m[1]] == ends, str(ends))


@form(
    r"Reproduce with the following, once you have put the places of your folders and files where it says `path/to/`: "
    r"records keep their names and digests, and not where they lie\.$"
)
@form(r"Reproduce with:$")
def _reproduce(place: Place, m: re.Match[str]) -> None:
    hold(bool(place.facts.measured))


def _commands(lines: list[str], facts: Facts) -> None:
    """Each line is a command that the zoo takes, and together they ask for every cost and regime there is."""
    from zoo.cli.main import app, loaded

    asked: list[dict[str, Any]] = []
    for line in lines:
        program, name, *words = shlex.split(line)
        hold(program == "zoo" and name in app.commands, line)
        with loaded(name).make_context(name, words, resilient_parsing=False) as context:
            asked.append({"command": name, **context.params})
    for cost in facts.costs:
        s = cost.settings
        if not s.timed_by:
            hold(any(_asks_cost(one, cost.model, cost.weights, s) for one in asked), f"{s} is not asked for")
    for regime in facts.regimes:
        hold(any(_asks_regime(one, regime) for one in asked), f"{regime.settings} is not asked for")
    for trial in (record.trial for record in facts.of("evaluate")):
        hold(any(_asks_evaluation(one, trial) for one in asked), f"{trial.display_name} is not asked for")


def _listed(values: Any) -> list[str]:
    return [part for value in values for part in str(value).split(",")]


def _asks_cost(asked: dict[str, Any], model: str, weights: str, s: CostSettings) -> bool:
    named = model if weights == "random" else f"{model}.{weights}"
    return (
        asked["command"] == "bench" and named in asked["names"] and s.metric in _listed(asked["metrics"])
        and (s.metric == "latency" or str(s.batch) in _listed(asked["batches"]))
        and str(s.threads) in _listed(asked["threads"]) and s.precision in _listed(asked["precisions"])
        and s.memory_format in _listed(asked["formats"]) and s.form in _listed(asked["forms"]) and (not s.replica or asked["aa"])
        and (asked["size"] == str(s.side) or (asked["size"] == "native" and (s.side == 224)))
        and (weights != "random" or asked["weights"] == "none")
    )  # fmt: skip


def _asks_evaluation(asked: dict[str, Any], trial: Trial) -> bool:
    s = trial.evaluate
    given = Path(asked["weights"]).name if asked["command"] == "evaluate" else ""
    return (
        asked["command"] == "evaluate" and asked["data"].name == s.data and asked["device"] == s.device
        and (trial.display_name in asked["names"] or (trial.model in asked["names"] and given == trial.weights))
    )  # fmt: skip


def _asks_regime(asked: dict[str, Any], regime: Regime) -> bool:
    s = regime.settings
    seeds = [record.trial.transfer.seed for record in regime.records]
    named = {regime.model, f"{regime.model}.{regime.weights}"}
    return (
        asked["command"] == "transfer" and (regime.weights == "none" or bool(named & set(asked["names"])))
        and any(task.rpartition("/")[2] == s.task for task in _listed(asked["tasks"]))
        and s.strategy in _listed(asked["strategies"]) and str(s.shots) in _listed(asked["shots"])
        and asked["seeds"] > max(seeds) and (s.side is None or asked["size"] == str(s.side))
        and (s.probe is None or asked["probe"] == s.probe)
        and (asked["precision"] == s.precision or (asked["precision"] == "auto" and s.precision == "fp32"))
        and (s.recipe is None or (asked["steps"] or {"none": 60, "rates": 120}[s.recipe.tuning]) == s.recipe.steps)
        and (s.task in ("digits", "letters-nz", "gratings", "photographs") or asked["budget"] == "none")
    )  # fmt: skip
