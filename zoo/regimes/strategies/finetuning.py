"""Gradient steps on a network: what all strategies share that take them."""

from __future__ import annotations

import copy
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Literal

from zoo.loading.create import create_to_train
from zoo.models.heads import classifier_parameters
from zoo.regimes.probes import PROBES
from zoo.regimes.strategies.base import Tested
from zoo.regimes.strategies.inputs import chosen_images, random_network, transform_for
from zoo.regimes.strategies.probing import frozen_features
from zoo.training.cell import Cell
from zoo.training.heads import take_classifier
from zoo.training.openings import head_alone
from zoo.training.recipe import NO_TUNING
from zoo.training.trainer import Trainer, seeded
from zoo.training.tuning import train_at, train_tuned

if TYPE_CHECKING:
    from torch import Tensor, nn

    from zoo.regimes.strategies.base import OnProgress, TransferJob
    from zoo.tasks.task import Task
    from zoo.training.images import Prepared
    from zoo.training.opened import Opened, Opening
    from zoo.training.recipe import Recipe
    from zoo.training.trainer import Training
    from zoo.training.tuning import Rows, Start, Tuned


@dataclass(frozen=True)
class FineTuning:
    """The way of a strategy that trains the network.

    Attributes
    ----------
    opening : callable
        Says what of the network is trained; see :mod:`zoo.training.openings`.
    rate_factor : float
        Its own rate over the recipe's ``full_rate``; of a random start over ``scratch_rate``.
    head : str
        ``"new"``, or ``"trained"`` where it is that of the classifier.
    """

    opening: Opening
    rate_factor: float = 1.0
    head: Literal["new", "trained"] = "new"

    def __call__(self, job: TransferJob, task: Task, device: str, on_progress: OnProgress | None) -> Tested:
        """Train on the cell, then give the probabilities of the test images."""
        recipe, from_random = job.recipe, job.weights is None
        start, cell, flag = self.begin(job, task, device, again=recipe.tuning != NO_TUNING and job.rate is None)
        if job.rate is not None:
            tuned = train_at(start, cell, recipe, rate=job.rate, on_progress=on_progress)
        else:
            rate = self.own_rate(recipe, from_random=from_random)
            tuned = train_tuned(start, cell, recipe, rate=rate, from_random=from_random, on_progress=on_progress)
        return _tested(tuned, job, len(task.classes), flag)

    def own_rate(self, recipe: Recipe, *, from_random: bool = False) -> float:
        """The strategy's learning rate, around which others are tried."""
        return self.rate_factor * (recipe.scratch_rate if from_random else recipe.full_rate)

    def begin(
        self, job: TransferJob, task: Task, device: str, *, again: bool, tested: bool = True
    ) -> tuple[Start, Cell, str]:
        """What gives the network as it is before training, the cell, and a flag.

        The flag says where a random start is not random.

        Parameters
        ----------
        job, task, device
        again : bool
            Whether the network is asked for twice or more.
        tested : bool
            Whether the cell has the test images, which are then read.
        """
        cell, flag = _cell(job, task, tested=tested), ""
        if job.weights is None:
            network, flag = random_network(job, cell.classes, cell.transform.size)
        else:
            with seeded(job.seed):
                network = create_to_train(job.model, job.weights, cell.classes, cell.transform.size)
        network.to(device)
        head = None
        if self.head == "trained":
            head = _Head(cell, job, frozen_features(job, task, device, tested=False).train)
        return _starts(network, self.opening, job, head, again=again), cell, flag


def _cell(job: TransferJob, task: Task, *, tested: bool) -> Cell:
    chosen, labels = chosen_images(job, task)
    transform = transform_for(job, task)
    train = transform.prepare(task.train_images, chosen)
    return Cell(
        train=train,
        labels=labels,
        test=transform.prepare(task.test_images) if tested else train[:0],
        classes=len(task.classes),
        transform=transform,
        seed=job.seed,
        precision=job.precision,
    )


def _starts(network: nn.Module, opening: Opening, job: TransferJob, head: _Head | None, *, again: bool) -> Start:
    """Gives the network before training, a copy of it where it is asked for more than once."""

    def start(rows: Rows) -> Opened:
        with seeded(job.seed):  # of what is added to a network, such as adapters
            found = copy.deepcopy(network) if again else network
            if head is not None:
                head.train(found, rows)
            return opening(found, job.recipe)

    return start


@dataclass
class _Head:
    """A head on a backbone that stays as it is: the probe, where it can be."""

    cell: Cell
    job: TransferJob
    features: Tensor
    trained: dict[int, dict[str, Tensor]] = field(default_factory=dict)

    def train(self, network: nn.Module, rows: Rows) -> None:
        """Train the head of a copy on some of the training images.

        What was trained once on as many is taken.
        """
        if len(rows) not in self.trained:
            images, labels = self.cell.train[rows], self.cell.labels[rows]
            if not self._by_probe(network, images, labels, self.features[rows]):
                self._by_steps(network, images, labels)
            self.trained[len(rows)] = {name: value.detach().clone() for name, value in classifier_parameters(network)}
        network.load_state_dict(self.trained[len(rows)], strict=False)

    def _by_probe(self, network: nn.Module, images: Prepared, labels: Tensor, features: Tensor) -> bool:
        probed = PROBES.get(self.job.probe)(features, labels, features, self.cell.classes)
        return probed.head is not None and take_classifier(
            network,
            *probed.head,
            images=images,
            features=features,
            transform=self.cell.transform,
            precision=self.job.precision,
        )

    def _by_steps(self, network: nn.Module, images: Prepared, labels: Tensor) -> None:
        recipe = self.job.recipe
        Trainer(
            head_alone(network, recipe),
            images,
            labels,
            transform=self.cell.transform,
            recipe=recipe,
            steps=recipe.steps_for(len(self.cell.labels), from_random=False),
            rate=recipe.full_rate,
            seed=self.job.seed,
            precision=self.job.precision,
        ).go()


def _tested(tuned: Tuned, job: TransferJob, classes: int, flag: str) -> Tested:
    done: Training = tuned.training
    notes = {
        "batch_norm": done.batch_norm,
        "steps": done.steps,
        "batch": done.batch,
        "first_loss": done.first_loss,
        "last_loss": done.last_loss,
        "training_s": done.seconds,
    }
    cut_short = job.recipe.is_cut_short(done.last_loss, classes)
    short = f"cut short at a training loss of {done.last_loss:.2f}" if cut_short else ""
    return Tested(
        predictions=tuned.probabilities.argmax(dim=1),
        trained_params=tuned.trained_params,
        notes=notes | tuned.notes,
        flags=tuple(filter(None, (short, flag))),
        probabilities=tuned.probabilities,
        validation=tuned.validation.accuracy if tuned.validation else None,
        validation_balanced=tuned.validation.balanced if tuned.validation else None,
    )
