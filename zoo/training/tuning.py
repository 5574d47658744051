"""A learning rate found on training images alone, or predictions at all."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from zoo.training.recipe import CHOSEN, KEPT, TRAINED
from zoo.training.trainer import Trainer, TrainingDivergedError
from zoo.training.validation import held_out, score_of

if TYPE_CHECKING:
    from collections.abc import Callable

    import numpy as np
    from numpy.typing import NDArray
    from torch import Tensor

    from zoo.canonical import JsonObject
    from zoo.training.cell import Cell
    from zoo.training.opened import Opened
    from zoo.training.recipe import Recipe
    from zoo.training.trainer import Training
    from zoo.training.validation import Score

    OnProgress = Callable[[int, int], None]
    Rows = NDArray[np.int64]
    Start = Callable[[Rows], Opened]


@dataclass
class Tuned:
    """A training at the rate that was found, or at all of them.

    Attributes
    ----------
    probabilities : Tensor
        Of the test images' classes, (N, C).
    training : Training
        Of the network that predicts; the one that ended at the lowest loss where several do.
    trained_params : int
        Of one network.
    validation : Score or None
        What the chosen rate reached on images held out of the training set.
    notes : dict
        What was tried and chosen, as JSON.
    """

    probabilities: Tensor
    training: Training
    trained_params: int
    validation: Score | None = None
    notes: JsonObject = field(default_factory=dict)


@dataclass
class _Steps:
    """Steps taken of those expected, over all rates."""

    expected: int
    say: OnProgress | None
    taken: int = 0

    def __call__(self) -> None:
        self.taken += 1
        self.expected = max(self.expected, self.taken)
        if self.say is not None:
            self.say(self.taken, self.expected)


def train_tuned(
    start: Start,
    cell: Cell,
    recipe: Recipe,
    *,
    rate: float,
    from_random: bool,
    on_progress: OnProgress | None = None,
) -> Tuned:
    """Train at a rate that is found on the cell's training images alone.

    Where each class has images enough, some are held out: training goes on at all rates from the same start, after
    each part of the steps the rate that is worst on them is dropped, and the network is trained anew on all images
    at the one that is left. Where it is the lowest or the highest, one beyond is tried too. Where what batch norm
    does is to be chosen, the best rate is tried once more with statistics kept. With fewer images nothing is
    chosen, since what is held out says nothing: batch norm keeps its statistics, and the probabilities at all rates
    are averaged (arXiv 2603.00478).

    Parameters
    ----------
    start : callable
        Gives the network as it is before training, the same at each call, from the rows of the training images that
        it may know of.
    rate : float
        The strategy's own, in the middle of those that are tried.
    from_random : bool
        Whether it starts from random, which takes more steps.

    Raises
    ------
    TrainingDivergedError
        Where the loss becomes no number at every rate.
    """
    rates, enough = recipe.rates(rate), cell.fewest >= recipe.least_to_choose
    chooses = enough and len(rates) > 1
    expected = round(recipe.trainings(cell.fewest) * recipe.steps_for(len(cell.train), from_random=from_random))
    both = chooses and recipe.batch_norm == CHOSEN
    search = _Search(start, cell, settled(recipe, cell), from_random, _Steps(expected, on_progress), both)
    return search.chosen(rates) if chooses else search.averaged(rates)


def train_at(
    start: Start,
    cell: Cell,
    recipe: Recipe,
    *,
    rate: float,
    on_progress: OnProgress | None = None,
) -> Tuned:
    """Train on all images at a rate that was found before.

    As after the rate of :func:`train_tuned` is found: as much longer, and on from there where that was too short.
    """
    recipe = settled(recipe, cell)
    expected = round(recipe.last_steps_factor * recipe.steps_for(len(cell.train), from_random=False))
    search = _Search(start, cell, recipe, from_random=False, count=_Steps(expected, on_progress), both=False)
    return search.last(rate)


def settled(recipe: Recipe, cell: Cell) -> Recipe:
    """The recipe with what batch norm does where nothing tries it out."""
    if recipe.batch_norm != CHOSEN:
        return recipe
    return replace(recipe, batch_norm=TRAINED if cell.fewest >= recipe.least_to_choose else KEPT)


@dataclass
class _Search:
    start: Start
    cell: Cell
    recipe: Recipe
    from_random: bool
    count: _Steps
    both: bool
    tried: list[JsonObject] = field(default_factory=list)
    extended: JsonObject = field(default_factory=dict)

    def averaged(self, rates: tuple[float, ...]) -> Tuned:
        """Trainings at each of some rates, whose probabilities are averaged."""
        cell, found, trainings, error, trained = self.cell, [], [], None, 0
        for rate in rates:
            trainer = self._trainer(rate)
            try:
                self._finish(trainer)
                found.append(cell.probabilities(trainer, cell.test))
            except TrainingDivergedError as diverged:
                error = diverged
                self._note(rate, trainer, str(diverged))
                continue
            trainings.append(trainer.done)
            trained = trainer.opened.trained_params
            self._note(rate, trainer)
        if not found:
            raise error or TrainingDivergedError("no rate was tried")
        best = min(trainings, key=lambda training: training.last_loss)
        notes = {"rates": self.tried, "chosen_by": "nothing, the average of all"} if len(rates) > 1 else {}
        return Tuned(sum(found[1:], found[0]) / len(found), best, trained, notes=notes | self.extended)

    def chosen(self, rates: tuple[float, ...]) -> Tuned:
        """The training on all images at the rate that did best on those held out."""
        recipe = self.recipe
        rate, score, may_keep = self._best_rate(rates)
        beyond = {rates[0]: rates[0] / recipe.spread, rates[-1]: rates[-1] * recipe.spread}.get(rate)
        if beyond is not None:
            further = self._alone(beyond)
            if further is not None and further > score:
                rate, score = beyond, further
        if self.both and may_keep:
            self.recipe = replace(recipe, batch_norm=KEPT)
            kept = self._alone(rate)
            if kept is not None and kept > score:
                score = kept
            else:
                self.recipe = recipe
        last = self.last(rate)
        held = sum(entry["reached"] == score.value for entry in self.tried if "reached" in entry)
        notes = {
            "rates": self.tried,
            "chosen_rate": rate,
            "chosen_by": f"{recipe.measure} on {score.images} training images held out",
            "equally_good_rates": held,
        }
        return replace(last, validation=score, notes=notes | last.notes)

    def last(self, rate: float) -> Tuned:
        """The training on all images at one rate."""
        trainer = self._trainer(rate, longer=self.recipe.last_steps_factor)
        self._finish(trainer)
        found = self.cell.probabilities(trainer, self.cell.test)
        return Tuned(found, trainer.done, trainer.opened.trained_params, notes=self.extended)

    def _best_rate(self, rates: tuple[float, ...]) -> tuple[float, Score, bool]:
        """The rate that is left when the worst was dropped after each part of the steps.

        And whether batch norm learnt its statistics and may keep them instead.
        """
        kept, held = self._held_out()
        alive = {rate: self._trainer(rate, kept) for rate in rates}
        scores: dict[float, Score] = {}
        last: TrainingDivergedError | None = None
        for part in range(1, len(rates) + 1):
            for rate, trainer in list(alive.items()):
                try:
                    trainer.go(round(trainer.steps * part / len(rates)), self.count)
                    scores[rate] = self._score(trainer, held)
                except TrainingDivergedError as diverged:
                    last = diverged
                    scores.pop(rate, None)
                    self._note(rate, alive.pop(rate), str(diverged))
            if not alive:
                raise last or TrainingDivergedError("no rate was tried")
            while len(alive) > max(1, len(rates) - part):
                worst = min(alive, key=lambda rate: scores[rate])
                self._note(worst, alive.pop(worst), score=scores[worst])
        rate, trainer = next(iter(alive.items()))
        if len(trainer.losses) < trainer.steps:
            trainer.go(on_step=self.count)
            scores[rate] = self._score(trainer, held)
        self._note(rate, trainer, score=scores[rate])
        return rate, scores[rate], trainer.opened.may_keep(trainer.done.batch, self.recipe)

    def _alone(self, rate: float) -> Score | None:
        """What a rate by itself reaches on the images held out, None where it diverges."""
        kept, held = self._held_out()
        trainer = self._trainer(rate, kept)
        self.count.expected = max(self.count.expected, self.count.taken + 2 * trainer.steps)
        try:
            trainer.go(on_step=self.count)
            score = self._score(trainer, held)
        except TrainingDivergedError as diverged:
            self._note(rate, trainer, str(diverged))
            return None
        self._note(rate, trainer, score=score)
        return score

    def _held_out(self) -> tuple[Rows, Rows]:
        """Rows of the training images without some of each class, and of those."""
        import numpy as np

        held = held_out(self.cell.labels.numpy(), self.recipe.validation, self.cell.seed)
        return np.setdiff1d(np.arange(len(self.cell.labels)), held), held

    def _trainer(self, rate: float, rows: Rows | None = None, *, longer: float = 1.0) -> Trainer:
        import numpy as np

        cell = self.cell
        rows = np.arange(len(cell.labels)) if rows is None else rows
        return Trainer(
            self.start(rows),
            cell.train[rows],
            cell.labels[rows],
            transform=cell.transform,
            recipe=self.recipe,
            steps=round(longer * self.recipe.steps_for(len(rows), from_random=self.from_random)),
            rate=rate,
            seed=cell.seed,
            precision=cell.precision,
        )

    def _finish(self, trainer: Trainer) -> None:
        """Train to the end, and on from there where that was too short."""
        trainer.go(on_step=self.count)
        first = trainer.done
        for _ in range(self.recipe.extensions):
            if not self.recipe.is_cut_short(trainer.done.last_loss, self.cell.classes):
                break
            trainer.extend()
            trainer.go(on_step=self.count)
        if trainer.done.steps > first.steps:
            self.extended = {"extended_from": {"steps": first.steps, "last_loss": first.last_loss}}

    def _score(self, trainer: Trainer, held: Rows) -> Score:
        found = self.cell.probabilities(trainer, self.cell.train[held])
        return score_of(found, self.cell.labels[held], self.recipe.measure)

    def _note(self, rate: float, trainer: Trainer, diverged: str = "", score: Score | None = None) -> None:
        entry: JsonObject = {"rate": rate, "steps": len(trainer.losses)}
        if diverged:
            entry["diverged"] = diverged
        else:
            entry["last_loss"] = trainer.done.last_loss
            entry |= {"batch_norm": trainer.done.batch_norm} if self.both else {}
        if score is not None:
            entry |= {"reached": score.value, "log_loss": score.log_loss}
        self.tried.append(entry)
