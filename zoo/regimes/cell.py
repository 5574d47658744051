"""A model under one strategy, on one training set, tested once."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

from zoo.errors import ZooError
from zoo.machine.cuda import on_device
from zoo.outcome import Outcome, Status, outcome_of
from zoo.regimes.measures import measures, recalls
from zoo.regimes.strategies import STRATEGIES
from zoo.statistics.measurement import Measurement
from zoo.tasks.catalogue import get_task

if TYPE_CHECKING:
    from zoo.regimes.strategies.base import OnProgress, TransferJob


def run_job(
    job: TransferJob,
    *,
    device: str = "cpu",
    threads: int | None = None,
    on_progress: OnProgress | None = None,
) -> Outcome:
    """Fit on the training split, then read the test split once.

    Parameters
    ----------
    job : TransferJob
    device : str
        For the backbone, without TF32 wherever it is; probes are fitted on the CPU.
    threads : int, optional
        CPU threads; torch's present number otherwise.
    on_progress : callable, optional
        Called with the step and the number of steps while a network is trained.

    Returns
    -------
    Outcome
        Metrics as :func:`zoo.regimes.measures.measures` has them, ``validation`` and ``validation_balanced`` where
        training images were held out, ``trained_params``, ``seconds``; samples ``correct`` (0 or 1), ``predicted``
        and ``labels`` (class indices) for each test image, in the task's order. A failure of the model or of its
        training is an outcome too.

    Raises
    ------
    ZooError
        What the user has to mend: an unknown name, too few images, missing weights.
    """
    import torch

    strategy = STRATEGIES.get(job.strategy)
    if threads is not None:
        torch.set_num_threads(threads)
    started, clock = time.time(), time.perf_counter()
    try:
        task = get_task(job.task, job.corrupt)
        with on_device(device):
            tested = strategy.run(job, task, device, on_progress)
    except ZooError:
        raise
    except (Exception, SystemExit) as error:  # noqa: BLE001 - the model is anybody's code; its error is its row
        return outcome_of(error, started, time.perf_counter() - clock)
    predicted = tested.predictions.numpy()
    found = measures(
        predicted,
        task.test_labels,
        len(task.classes),
        None if tested.probabilities is None else tested.probabilities.numpy(),
    )
    held_out = {"validation": tested.validation, "validation_balanced": tested.validation_balanced}
    found |= {name: Measurement(value, "fraction") for name, value in held_out.items() if value is not None}
    seconds = time.perf_counter() - clock
    trained_on = len(task.train_labels) if job.shots == "all" else int(job.shots) * len(task.classes)
    return Outcome(
        Status.OK,
        metrics={
            **found,
            "trained_params": Measurement(tested.trained_params, "count"),
            "seconds": Measurement(seconds, "s"),
        },
        samples={
            "correct": (predicted == task.test_labels).astype(int).tolist(),
            "predicted": predicted.astype(int).tolist(),
            "labels": task.test_labels.astype(int).tolist(),
        },
        flags=tested.flags,
        started=started,
        duration_s=seconds,
        notes=tested.notes
        | {
            "classes": len(task.classes),
            "train_images": trained_on,
            "recalls": recalls(predicted, task.test_labels, task.classes),
        }
        | {"device": device, "precision": job.precision},
    )
