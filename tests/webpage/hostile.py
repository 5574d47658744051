"""Records whose every outside text tries to be something else than text."""

from __future__ import annotations

from dataclasses import replace

from tests.results.planted import a_suite, cost
from zoo.outcome import Status
from zoo.results.record import Record

TRICKS = (
    "</script><script>window.ran = 1</script>",
    "<img src=x onerror='window.ran = 2'>",
    '"><svg onload=window.ran=3>',
    "`code` | **bold** $x^2$ =1+1 {{7*7}} ${title}",
    "turned \u202e around \x1b[31m and \u2028 broken",
    "<!-- <script>",
    "\\u003cscript>window.ran = 4\\u003c/script>",
)


def name(place: int) -> str:
    return f"mine/{TRICKS[place]}"


def records() -> list[Record]:
    """The planted suite, with models, weights, flags and reasons of that kind among it."""
    found = a_suite()
    for place, trick in enumerate(TRICKS):
        found.append(cost(name(place), 10.0 + place, flags=(trick,)))
        found.append(cost(f"mine/broken{place}", 1.0, status=Status.FAILED, reason=f"RuntimeError: {trick}"))
    return [
        replace(one, id=f"r{place}", trial=replace(one.trial, weights=TRICKS[place % len(TRICKS)]))
        if one.trial.model.startswith("mine/") and one.trial.kind == "cost"
        else replace(one, id=f"r{place}")
        for place, one in enumerate(found)
    ]
