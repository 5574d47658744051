"""An executor: jobs here, one after the other, the last first."""

from __future__ import annotations

from typing import Any

from zoo.executors.base import Agenda, Executor, run_job
from zoo.executors.events import Message


class Backwards(Executor):
    """Runs what is ready from the end."""

    def run(self, jobs: Any, say: Any) -> Any:
        """Run jobs, and give each trial as soon as it is answered."""
        agenda = Agenda(jobs)
        while ready := agenda.ready():
            for job in reversed(ready):
                say(Message(f"backwards: {job.label}"))
                for trial, outcome in run_job(job, say):
                    agenda.answered(trial)
                    yield trial, outcome, None


BACKWARDS = Backwards()
