"""Subjects in, outcomes out: crews of processes, and the cohorts that they run one after the other."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from zoo.cost.cohort import run_cohort
from zoo.cost.protocol import Protocol
from zoo.cost.subject import HIDDEN, Subject
from zoo.cost.worker.process import WorkerProcess
from zoo.outcome import Status

if TYPE_CHECKING:
    from collections.abc import Callable, Generator, Sequence

    from zoo.cost.events import CostEvent
    from zoo.cost.settings import CostSettings
    from zoo.outcome import Outcome


ANCHOR = "torchvision/resnet18"

Member = tuple[str, str | None, int]
"""Model, weights and replica: what a process holds, whatever it is timed at."""


def measure_cost(
    subjects: Sequence[Subject],
    protocol: Protocol | None = None,
    anchor: str | None = ANCHOR,
    on_event: Callable[[CostEvent], None] | None = None,
) -> Generator[tuple[Subject, Outcome], None, None]:
    """Time subjects in interleaved rounds, each model in a process of its own.

    Subjects that share device, precision and memory format are served by the same processes, one cohort
    a setting; the cheapest models come first, so that the first outcomes come soon.

    Parameters
    ----------
    subjects : sequence of Subject
        Labels are unique.
    protocol : Protocol, optional
    anchor : str or None
        A model timed in every cohort as a yardstick, beside the subjects unless it is one of them.
    on_event : callable, optional
        Told of every step.

    Yields
    ------
    (Subject, Outcome)
        As soon as a subject is resolved, has failed, or its cohort's budget is spent. Closing the
        generator ends all processes.
    """
    protocol = protocol or Protocol()
    say = on_event or (lambda _event: None)
    for crew in crews(subjects, protocol.cohort_size):
        yield from _run_crew(crew, protocol, anchor, say)


def crews(subjects: Sequence[Subject], size: int) -> list[list[Subject]]:
    """Subjects by the processes that serve them: at most ``size`` members, twins together, cheap first."""
    found: list[list[Subject]] = []
    for layout in dict.fromkeys(_layout(s.settings) for s in subjects):
        mine = [s for s in subjects if _layout(s.settings) == layout]
        by_model: dict[tuple[str, str | None], list[Member]] = {}
        for subject in sorted(mine, key=_work):
            members = by_model.setdefault((subject.model, subject.weights), [])
            if _member(subject) not in members:
                members.append(_member(subject))
        crew: list[Member] = []
        for twins in by_model.values():
            if crew and len(crew) + len(twins) > size:
                found.append([s for s in mine if _member(s) in crew])
                crew = []
            crew += twins
        if crew:
            found.append([s for s in mine if _member(s) in crew])
    return found


def _run_crew(
    subjects: list[Subject], protocol: Protocol, anchor: str | None, say: Callable[[CostEvent], None]
) -> Generator[tuple[Subject, Outcome], None, None]:
    workers: dict[Member, WorkerProcess] = {}
    try:
        for setting in dict.fromkeys(_setting(s.settings) for s in subjects):
            cohort = [s for s in subjects if _setting(s.settings) == setting]
            hidden = _anchor_for(cohort, anchor)
            everyone = [*cohort, hidden] if hidden is not None and hidden not in cohort else cohort
            for subject in everyone:
                member = _member(subject)
                if member not in workers or not workers[member].alive:
                    workers[member] = _start(subject, protocol)
            running = {subject: workers[_member(subject)] for subject in everyone}
            crowded = []
            for subject, outcome in run_cohort(running, hidden, protocol, say):
                if outcome.status == Status.OOM and subject.settings.device != "cpu" and len(everyone) > 1:
                    crowded.append(subject)
                elif subject in cohort:
                    yield subject, outcome
            for subject in [s for s in crowded if s in cohort]:
                # The others' models and contexts lie on the same GPU: what it cannot hold beside them may fit alone.
                for worker in workers.values():
                    worker.close()
                alone = workers[_member(subject)] = _start(subject, protocol)
                yield from run_cohort({subject: alone}, None, protocol, say)
    finally:
        for worker in workers.values():
            worker.close()


def _start(subject: Subject, protocol: Protocol) -> WorkerProcess:
    return WorkerProcess(subject.model, subject.weights, protocol, subject.settings.device)


def _anchor_for(cohort: list[Subject], anchor: str | None) -> Subject | None:
    """The subject that is the anchor, or one beside the cohort, at the cohort's setting.

    Its images have the cohort's size where all have one and the anchor takes it, else the size of its own.
    """
    if anchor is None:
        return None
    for subject in cohort:
        if subject.model == anchor and subject.replica == 0:
            return subject
    sizes = {subject.settings.input_size for subject in cohort}
    size = _own_size(anchor)
    if len(sizes) == 1 and _takes(anchor, size[0], *sizes):
        size = sizes.pop()
    settings = replace(cohort[0].settings, input_size=size, replica=HIDDEN, code="")
    return Subject(label=f"anchor {id(cohort)}", model=anchor, weights=None, settings=settings)


def _own_size(model: str) -> tuple[int, int, int]:
    from zoo.registry.catalogue import get

    return get(model).input_size


def _takes(model: str, channels: int, size: tuple[int, int, int]) -> bool:
    from zoo.models.input_size import smallest_input_size

    return size[0] == channels and min(size[1:]) >= smallest_input_size(model)


def _member(subject: Subject) -> Member:
    return subject.model, subject.weights, subject.replica


def _layout(settings: CostSettings) -> tuple[str, str, str]:
    return settings.device, settings.precision, settings.memory_format


def _setting(settings: CostSettings) -> tuple[str, int, int]:
    return settings.metric, settings.batch, settings.threads


def _work(subject: Subject) -> float:
    """MACs of one image at the subject's size; unknown ones come last."""
    from zoo.errors import ZooError
    from zoo.registry.catalogue import get

    try:
        spec = get(subject.model)
    except ZooError:
        return float("inf")
    if spec.macs is None:
        return float("inf")
    size = subject.settings.input_size
    return spec.macs * size[1] * size[2] / (spec.input_size[1] * spec.input_size[2])
