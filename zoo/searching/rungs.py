"""The rungs of a search: scores, halving and the last round."""

from __future__ import annotations

from typing import TYPE_CHECKING

from zoo.outcome import Status
from zoo.plans.estimate import rounded
from zoo.searching.halving import PARTS, Scored, in_places, survivors
from zoo.searching.judging import Judging, noted
from zoo.searching.runner import PATIENCE_S
from zoo.searching.trail import HALVING, LAST, SCORES
from zoo.searching.trials import arms_of, last_trial, scores_trial, shorter, with_recipe

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from zoo.executors.job import Job
    from zoo.plans.transfer import PlannedTransfer
    from zoo.results.record import Record
    from zoo.results.trial import Trial
    from zoo.searching.question import Question
    from zoo.searching.runner import Runner
    from zoo.searching.trials import Arm
    from zoo.tasks.outline import TaskOutline


SCORED_IMAGES, FEWEST_SHOTS = 1000, 10
"""Training images whose features are scored at most, and as few a class at least, as far as there are so many."""

FINALISTS, MOST_FINALISTS = 3, 6
"""Models of the last round, and as many at most where there is the time for all their seeds."""

LATE = "not reached in time"

STEPS = (1, 2, 4)
"""Parts of the recipe's steps that a smaller budget leaves."""


class Rungs:
    """What is tried of candidates, rung by rung.

    Parameters
    ----------
    question : Question
    runner : Runner
    task : TaskOutline
    planned : mapping
        Trainings of the last round, by model with its weights.
    facts : mapping
        Published top-1 in percent, or None, and MACs at the size of the images, by model with its weights.
    """

    def __init__(
        self,
        question: Question,
        runner: Runner,
        task: TaskOutline,
        planned: Mapping[str, Sequence[PlannedTransfer]],
        facts: Mapping[str, tuple[float | None, float]],
    ) -> None:
        self.question, self.runner, self.task, self.planned, self.facts = question, runner, task, planned, facts
        self.judging = Judging(runner, task)
        self._scored: dict[str, Scored] = {}
        self._turns: dict[str, bool] = {}
        self.leading = ""

    def scores(self) -> list[str]:
        """Models in the order of their places, by cheap scores and the prior."""
        shots = self.runner.decided("shots", self._scored_shots)
        trials = {name: scores_trial(items[0], self.task, shots) for name, items in self.planned.items()}
        self.runner.run([trials[name] for name in self._cheap_and_promising()], SCORES)
        scored = []
        for name, (trial, _) in trials.items():
            outcome = self.runner.outcome(trial)
            if outcome is None or outcome.status != Status.OK:
                self.runner.note(name, SCORES, "", LATE if outcome is None else outcome.reason)
                continue
            probe = outcome.metrics["validation"].value
            scored.append(Scored(name, probe, noted(outcome, "knn"), noted(outcome, "logme"), *self.facts[name]))
        self._scored = {one.model: one for one in scored}
        self._turns = dict(in_places(scored))
        return list(self._turns)

    def halving(self, models: Sequence[str]) -> list[Arm]:
        """The best arm of each of the models that are left, the best first."""
        every = {name: arms_of(self.planned[name], rates=self._chooses_rates) for name in models}
        self._pilot(every)
        divisor, taken, trains = self.runner.decided("halved", lambda: list(self._affordable(models, every)))
        whole = trains and divisor == 1 and len(taken) == len(models)
        self.judging.rates = self.runner.decided("rates", lambda: whole and self._fits(taken, every, 1, rates=True))
        for place, name in enumerate(models, 1):
            one, turn = self._scored[name], self._turns[name]
            found = f"probe {one.probe:.1%}, k-NN {one.knn:.1%}, LogME {one.logme:.3f}" + (" (prior)" if turn else "")
            lost = "" if name in taken else f"place {place} of {len(models)}, and {len(taken)} fit the time"
            self.runner.note(name, SCORES, found, lost)
        arms = [shorter(arm, divisor) for name in taken for arm in every[name]]
        fitted = [arm for arm in arms if arm.rate is None]
        trained = [arm for arm in arms if arm.rate is not None]
        self.runner.run([self.judging.of(arm, 1.0) for arm in fitted], HALVING)
        self._drop([arm for arm in fitted if not self.judging.found(arm, 1.0)], 1.0, LATE)
        final = [(arm, 1.0) for arm in fitted if self.judging.found(arm, 1.0)]
        if trains:
            final += self._halved(trained, whole=whole)
        else:
            self._drop(trained, PARTS[0], "no training fits the time")
        self.runner.run(self.judging.every([arm for arm, _ in final if arm.rate is None], 1.0, first=1), HALVING)
        self.judging.share([arm for arm, part in final if part == 1.0], 1.0)
        final.sort(key=lambda pair: self.judging.score(*pair), reverse=True)
        if self.judging.rates and not self.judging.tells_rates(self._shots, self.question.recipe.validation):
            other = self.judging.at_other_rates(final)
            self._drop([arm for arm, _ in other], PARTS[-1], "another rate is better over all models")
            final = [one for one in final if one not in other]
        return self._finalists(final)

    def _pilot(self, every: Mapping[str, Sequence[Arm]]) -> None:
        """Begin the first arm that is trained, which tells how long the others will take."""
        arm = next((arm for arms in every.values() for arm in arms if arm.rate is not None), None)
        if arm is not None:
            self.runner.run([self.judging.of(arm, PARTS[0])], HALVING)

    def _halved(self, arms: list[Arm], *, whole: bool) -> list[tuple[Arm, float]]:
        """Arms that are left after each part of the steps, and how far they came."""
        reached: dict[str, float] = {}
        if whole:
            self.runner.run(self.judging.every(arms, PARTS[0]), HALVING)  # which tells what more folds will take
            most = self.judging.most_folds(self._shots, self.question.recipe.validation)
            self.judging.folds = self.runner.decided("folds", lambda: self._folds(arms, most, done=0.0))
        for part in PARTS:
            self.runner.run(self.judging.every(arms, part), HALVING)
            self.judging.share(arms, part)
            ranked = sorted(arms, key=lambda arm: self.judging.score(arm, part), reverse=True)
            done = [arm for arm in ranked if self.judging.found(arm, part) is not None]
            reached |= {arm.name: part for arm in done}
            if not done:
                break
            self._drop([arm for arm in ranked if arm not in done], part, LATE)
            arms = done if part == PARTS[-1] else self._going_on(done, part)
            for place, arm in enumerate(done, 1):
                if arm not in arms:
                    other = any(arm.pair == kept.pair for kept in arms)
                    where = "another rate is better" if other else f"place {place} of {len(done)}"
                    self._drop([arm], part, f"{where} after {part:.0%} of the steps")
                    self.judging.forget(arm, part)
        self._drop([arm for arm in arms if arm.name not in reached], PARTS[0], LATE)
        return [(arm, reached[arm.name]) for arm in arms if arm.name in reached]

    def _going_on(self, arms: Sequence[Arm], part: float) -> list[Arm]:
        """Those of some arms, the best first, that go on after a part, as far as the time goes."""
        places = survivors([arm.pair for arm in arms], part, MOST_FINALISTS, rates=self.judging.rates)
        kept = [arms[place] for place in places]
        self.judging.folds = self.runner.decided(
            f"folds after {part:.2f}", lambda: self._folds(kept, self.judging.folds, done=part)
        )
        seconds_of, left = self.runner.session.estimate.seconds_of, self.runner.clock.left(HALVING)
        following, folds = PARTS[PARTS.index(part) + 1], self.judging.folds
        for pair in reversed(list(dict.fromkeys(arm.pair for arm in kept))[1:]):
            if folds * sum(seconds_of(self.judging.of(arm, following)[0]) for arm in kept) <= left:
                break
            kept = [arm for arm in kept if arm.pair != pair]
        return kept

    def last(self, arms: Sequence[Arm]) -> list[Record]:
        """Tests of the arms that are left, seed by seed over all of them."""
        asked = [self._last(arm, seed) for seed in range(self.question.seeds) for arm in arms]
        rounds = [one for one in asked if one is not None]
        self.runner.run(rounds, LAST)
        found = [self.runner.session.done[trial.key] for trial, _ in rounds if trial.key in self.runner.session.done]
        for arm in arms:
            mine = [
                r for r in found if (r.trial.display_name, r.trial.transfer.strategy) == (arm.model, arm.strategy)
            ]
            tested = [record.outcome for record in mine if record.outcome.status == Status.OK]
            values = ", ".join(f"{one.metrics['accuracy'].value:.1%}" for one in tested)
            reason = next((record.outcome.reason for record in mine if record.outcome.reason), LATE)
            self.runner.note(arm.name, LAST, f"tested {values}" if tested else "", "" if tested else reason)
        return found

    @property
    def _chooses_rates(self) -> bool:
        return self.task.fewest(self._shots) >= self.question.recipe.least_to_choose

    @property
    def _shots(self) -> int | str:
        """Training images a class that are asked for."""
        return next(iter(self.planned.values()))[0].job.shots

    def _last(self, arm: Arm, seed: int) -> tuple[Trial, Job] | None:
        """The training of an arm that is tested; None of a seed that gives the same as the first."""
        for item in self.planned[arm.model]:
            if (item.job.strategy, item.job.seed) == (arm.strategy, seed):
                rate = arm.rate if self._chooses_rates else None
                return last_trial(with_recipe(item, arm.planned.job.recipe), rate, PATIENCE_S)
        return None

    def _last_seconds(self, arm: Arm) -> float:
        """Expected seconds of one test of an arm."""
        found = self._last(arm, 0)
        return 0.0 if found is None else self.runner.session.estimate.seconds_of(found[0])

    def _finalists(self, final: Sequence[tuple[Arm, float]]) -> list[Arm]:
        """The best arm of each model whose test fits the time, of as many models as go on."""
        found: dict[str, Arm] = {}
        self.leading = final[0][0].name if final else ""
        left = self.runner.clock.left()
        for arm, part in final:
            seconds = self._last_seconds(arm)
            whole = self.question.seeds * (seconds + sum(map(self._last_seconds, found.values())))
            lost = ""
            if arm.model in found:
                lost = "another arm of the model is better"
            elif len(found) == MOST_FINALISTS or (len(found) >= FINALISTS and whole > self.runner.clock.left()):
                lost = f"beyond the best {len(found)} models"
            elif seconds > left:
                lost = f"its test would take {rounded(seconds)}, of {max(0.0, left):.0f} s left"
            self.runner.note(arm.name, HALVING, self.judging.figure(arm, part), lost)
            if not lost:
                found[arm.model] = arm
                left -= seconds
        return list(found.values())

    def _scored_shots(self) -> int | str:
        """Training images a class whose features are scored, as many as the rung's time holds."""
        most = self.task.fewest(self._shots)
        shots = max(min(most, FEWEST_SHOTS), min(most, SCORED_IMAGES // len(self.task.classes)))
        while shots > min(most, FEWEST_SHOTS):
            trials = [scores_trial(items[0], self.task, shots)[0] for items in self.planned.values()]
            reading = self.task.read_s * self.task.trained_on(shots)
            if sum(map(self.runner.session.estimate.seconds_of, trials)) + reading < self.runner.clock.left(SCORES):
                break
            shots = max(min(most, FEWEST_SHOTS), shots // 2)
        return shots

    def _cheap_and_promising(self) -> list[str]:
        """The cheapest first, and in turn the most promising by the prior."""
        cheap = sorted(self.planned, key=lambda name: (self.facts[name][1], name))
        promising = sorted(self.planned, key=lambda name: (-(self.facts[name][0] or 0.0), -self.facts[name][1], name))
        both = [name for pair in zip(cheap, promising, strict=True) for name in pair]
        return list(dict.fromkeys(both))

    def _affordable(self, models: Sequence[str], every: Mapping[str, Sequence[Arm]]) -> tuple[int, list[str], bool]:
        """By what steps are divided, the models that are halved, and whether any is trained.

        So that all ends in time, and no model takes more than its part of it. Fewer steps are taken only where fewer
        models would be left than are tested.
        """
        least, most = min(FINALISTS, len(models)), (STEPS[-1], list[str]())
        for divisor in STEPS:
            found: list[str] = []
            for name in models:
                if self._fits([name], every, divisor, 1 / FINALISTS) and self._fits([*found, name], every, divisor):
                    found.append(name)
            most = max(most, (divisor, found), key=lambda pair: len(pair[1]))
            if len(found) >= least:
                return divisor, found, True
        return (*most, True) if most[1] else (1, list(models), False)

    def _folds(self, arms: Sequence[Arm], most: int, done: float) -> int:
        """On how many folds arms are judged from a part on, as many as fit the time."""
        rest, left = self._halved_seconds(arms, done, rates=self.judging.rates), self.runner.clock.left(HALVING)
        spent = 0.0 if done else sum(map(self._seconds, arms)) * PARTS[0]  # the first part of the first fold
        return next((folds for folds in range(most, 1, -1) if folds * rest - spent <= left), 1)

    def _fits(
        self,
        models: Sequence[str],
        every: Mapping[str, Sequence[Arm]],
        divisor: int,
        share: float = 1,
        *,
        rates: bool = False,
    ) -> bool:
        """Whether models can be halved in a share of the rung's time, and two of them tested after it."""
        of_models = [[shorter(arm, divisor) for arm in every[name]] for name in models]
        halved = self._halved_seconds([arm for arms in of_models for arm in arms], rates=rates)
        tests = sorted((max(map(self._last_seconds, arms), default=0.0) for arms in of_models), reverse=True)
        left = self.runner.clock.left(HALVING)
        return halved < share * left and sum(tests[:2]) < self.runner.clock.left() - left

    def _halved_seconds(self, arms: Sequence[Arm], done: float = 0.0, *, rates: bool) -> float:
        """Expected seconds of all parts of some arms from one on, on a fold, the dearest of which go on."""
        fitted = sum(self._seconds(arm) for arm in arms if arm.rate is None)
        dearest, total = sorted((arm for arm in arms if arm.rate is not None), key=self._seconds, reverse=True), 0.0
        for part in (one for one in PARTS if one > done):
            total += (part - done) * sum(map(self._seconds, dearest))
            places = survivors([arm.pair for arm in dearest], part, FINALISTS, rates=rates)
            dearest, done = [dearest[place] for place in places], part
        return fitted + total

    def _seconds(self, arm: Arm) -> float:
        """Expected seconds of an arm to its end."""
        parts = PARTS if arm.rate is not None else PARTS[-1:]
        return sum(self.runner.session.estimate.seconds_of(self.judging.of(arm, part)[0]) for part in parts)

    def _drop(self, arms: Sequence[Arm], part: float, why: str) -> None:
        for arm in arms:
            outcome = self.judging.outcome(arm, part)
            failed = outcome.reason if outcome is not None and outcome.status != Status.OK else why
            self.runner.note(arm.name, HALVING, self.judging.figure(arm, part), failed)
