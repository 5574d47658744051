"""A job: what runs in one place, as data that can be sent there."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from zoo.results.trial import Trial

MEMORY = 0.9
"""Fraction of the machine's memory that a job on the CPU may fill: beyond it the kernel chooses whom to kill."""


@dataclass(frozen=True, kw_only=True)
class Job:
    """One piece of work, and its bounds.

    What runs it is named, not held, so that neither planning nor sending a job imports torch. :data:`RUNNER` is
    ``"module:attribute"`` of a function that is called with the job and one function more:

    - ``(job, step) -> Outcome`` in a process of its own, bounded in time and memory; ``step`` is told
      (step, steps). The outcome is that of the job's one trial.
    - ``(job, say) -> iterator of (Trial, Outcome)`` where :data:`OWN_PROCESSES`; ``say`` is told events of
      :mod:`zoo.executors.events`.

    Attributes
    ----------
    trials : tuple of Trial
        What it answers.
    label : str
        What runs, in a few words.
    device : str
        ``"cpu"``, ``"cuda"`` or ``"cuda:N"``.
    timeout_s : float or None
        Seconds until the process counts as hung and is ended, beside those that it takes to start; None where the
        job has bounds of its own.
    process : str
        Jobs of one name may run one after the other in one process; an empty one may run in any.
    message : str
        A line that the user is told when it starts.
    needs : frozenset of str
        Keys of trials that have to be answered before.
    """

    RUNNER: ClassVar[str]
    OWN_PROCESSES: ClassVar[bool] = False
    """Whether it starts and bounds processes itself."""

    ALONE: ClassVar[bool] = False
    """Whether nothing else may run on its machine meanwhile, since it is timed."""

    REFUSALS_END: ClassVar[bool] = False
    """Whether what is the user's to mend ends the run, instead of being the trial's outcome."""

    trials: tuple[Trial, ...]
    label: str
    device: str
    timeout_s: float | None = None
    process: str = ""
    message: str = ""
    needs: frozenset[str] = frozenset()

    @property
    def memory(self) -> float | None:
        """Fraction of the machine's memory that it may fill, where bounded."""
        # What a GPU's driver maps into a process is no memory that it fills.
        return MEMORY if self.device == "cpu" else None


@dataclass(frozen=True)
class Deferred:
    """Jobs that can be planned only when others are done.

    It stays where the run was planned.

    Attributes
    ----------
    needs : frozenset of str
        Keys of the trials that have to be answered before.
    make : callable
        Plans the jobs.
    """

    needs: frozenset[str]
    make: Callable[[], Sequence[Job | Deferred]]
