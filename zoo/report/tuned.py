"""A search for the fastest setting, as a table and a sentence."""

from __future__ import annotations

from typing import TYPE_CHECKING

from zoo.cost.metrics.base import AGREEMENT, BLIND, UNSTABLE
from zoo.formats.table import Table
from zoo.report.numbers import MISSING, with_interval
from zoo.sources.forms import TRAINED

if TYPE_CHECKING:
    from zoo.cohorts.tried import Permitted, Tried
    from zoo.cohorts.tuning import Tuning
    from zoo.cost.settings import CostSettings


def tuning_table(found: Tuning) -> Table:
    """What was tried, the fastest first, and what became of it."""
    listed = sorted(found.tried, key=lambda one: one.middle_ms)
    told = any(one.agreement for one in listed)
    rows = tuple(
        (
            setting_text(one.settings),
            f"{1000 / one.middle_ms:.4g}" if one.ran else MISSING,
            f"{found.plain.middle_ms / one.middle_ms:.2f}" if one.ran else MISSING,
            f"{one.difference:.1g}" if one.ran else MISSING,
            *([with_interval(one.agreement, AGREEMENT) if one.ran else MISSING] if told else []),
            _standing(one, found),
        )
        for one in listed
    )
    count = f"{len(found.tried)} of {found.whole} settings tried"
    caption = f"{count}; by medians of three rounds, and of more for what was compared with the plain setting."
    same = (f"{AGREEMENT.label}, {AGREEMENT.header}",) if told else ()
    headers = ("setting", "images/s ↑", "× plain ↑", "difference ↓", *same, "what became of it")
    return Table(f"Settings of {found.model}", caption, headers, rows)


def _standing(one: Tried, found: Tuning) -> str:
    if not one.ran:
        return one.outcome.reason or str(one.outcome.status)
    if one.settings == found.best.settings:
        return "taken"
    if one.settings == found.plain.settings:
        return "the plain setting"
    if not found.permitted.allows(one):
        return _refused(one, found.permitted)
    return "compared" if any(one.settings == other.settings for other in found.compared) else "slower in three rounds"


def _refused(one: Tried, permitted: Permitted) -> str:
    """Why outputs are too far off."""
    far = f"outputs too far off, over {permitted.difference:g}"
    far += ", as rounding alone puts them" if UNSTABLE in one.outcome.flags else ""
    if permitted.agreement is None:
        return far
    least = f"under {100 * permitted.agreement:g}%"
    return f"{far}, and {least} with the same top-1" if one.agreement else f"{far}, and its weights tell no classes"


def setting_text(s: CostSettings) -> str:
    """A setting in words: ``openvino, bf16, batch 8, 2 threads``."""
    parts = [s.engine, s.precision, *(["channels last"] if s.memory_format == "channels_last" else [])]
    parts += ["as built"] if s.form == TRAINED else []
    return ", ".join([*parts, f"batch {s.batch}{s.threads_text}"])


def sentence(found: Tuning) -> str:
    """Which setting to take, how much faster it is, how far its outputs are."""
    best, plain = setting_text(found.best.settings), setting_text(found.plain.settings)
    if found.times is None:
        return f"Take the plain setting, {plain}: nothing that was tried is faster."
    ratio = f"{found.times.ratio:.2f} times [{found.times.low:.2f}, {found.times.high:.2f}]"
    off = f"outputs differ by {found.best.difference:.1g} at most"
    if (alike := found.best.agreement) is not None:
        off += f", and of {alike.n} {found.best.outcome.notes['compared_on']} {alike.value:.1%} have the same top-1"
    if BLIND in found.best.outcome.flags:
        off += ", but do not tell images apart, so that this says nothing"
    if found.times.low <= 1:
        return f"Take {best}; that it is faster than {plain} is not resolved: {ratio} as many images a second."
    return f"Take {best}: {ratio} as many images a second as {plain}; {off}."


def python_line(found: Tuning) -> str:
    """Python that measures the setting again."""
    s = found.best.settings
    given = {
        "metrics": s.metric, "device": s.device, "batches": s.batch, "threads": s.threads, "precisions": s.precision,
        "memory_formats": s.memory_format, "engines": s.engine, "forms": s.form, "input_size": s.side,
    }  # fmt: skip
    own = {} if found.weights is None else {"weights": str(found.weights)}
    words = ", ".join(f"{name}={value!r}" for name, value in (own | given).items())
    return f"import zoo; results = zoo.measure({found.model!r}, {words})"
