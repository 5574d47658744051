"""A log, which has no live line, tells once of what takes long before it is done."""

from __future__ import annotations

import pytest

from zoo.cli.progress import LONG_S, ProgressReporter
from zoo.executors.events import StepProgress


def test_a_long_reading_is_told_of_once(capsys: pytest.CaptureFixture[str]) -> None:
    with ProgressReporter() as listen:
        for step, left in ((64, 40.0), (128, 39.0), (3000, 0.0)):
            listen(StepProgress("reading pets", step, 3000, left))
        listen(StepProgress("reading others", 64, 200, LONG_S / 2))
        listen(StepProgress("training", 1, 3000))
    assert capsys.readouterr().err.splitlines() == ["reading pets: 3000 files, about 40 s left"]
