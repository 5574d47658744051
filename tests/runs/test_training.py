"""A training's record notes the MACs of the images that it trained on, counted at their size."""

from __future__ import annotations

import pytest

from zoo.outcome import Outcome, Status
from zoo.regimes.settings import TransferSettings
from zoo.regimes.strategies.base import TransferJob
from zoo.results.trial import Trial
from zoo.runs.jobs import training
from zoo.runs.jobs.training import TrainingJob


@pytest.mark.parametrize(("status", "noted"), [(Status.OK, {"macs": 98144960.0}), (Status.OOM, {})])
def test_macs_are_noted_of_what_was_trained(
    monkeypatch: pytest.MonkeyPatch, status: Status, noted: dict[str, float]
) -> None:
    monkeypatch.setattr(training, "run_job", lambda *_, **__: Outcome(status, notes={"classes": 10}))
    settings = TransferSettings("digits", "full", 5, 0, (3, 64, 64))
    work = TransferJob("torchvision/alexnet", None, "full", "digits", shots=5, seed=0, input_size=64)
    job = TrainingJob(
        trials=(Trial("torchvision/alexnet", "random", settings),),
        label="alexnet",
        device="cpu",
        timeout_s=None,
        process="torchvision/alexnet",
        work=work,
    )
    assert training.run(job, lambda _done, _total: None).notes == {"classes": 10} | noted
