"""Results at a prompt and in a notebook: they show what they hold."""

from __future__ import annotations

from dataclasses import replace

import zoo
from tests.results.planted import cost


def test_results_show_what_they_hold_and_the_commands_tables() -> None:
    shown = repr(zoo.Results([cost("resnet18", 12.5), cost("vgg16", 99.0)]))
    assert shown.startswith("Results: 2 records (2 cost)\n\nLatency, batch 1, cpu\n")
    assert "resnet18" in shown
    assert "12.553" in shown
    assert repr(zoo.Results([])) == "Results: 0 records"


def test_records_of_several_machines_are_never_shown_as_one_table() -> None:
    here = cost("resnet18", 12.5)
    shown = repr(zoo.Results([here, replace(here, machine="m2", id="other")]))
    assert "of 2 machines" in shown
    assert "m2" in shown
    assert "take one with .on(MACHINE)" in shown
    assert "Latency" not in shown
