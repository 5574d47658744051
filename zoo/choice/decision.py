"""What was taken of some candidates, and how the others stand to it."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from zoo.choice.margins import Margins
from zoo.errors import ZooError
from zoo.registry.catalogue import get
from zoo.sources.forms import TRAINED
from zoo.sources.naming import NO_WEIGHTS, RANDOM
from zoo.weights.digests import path_of

if TYPE_CHECKING:
    from collections.abc import Mapping

    from zoo.candidates.basis import Basis
    from zoo.candidates.candidate import Candidate
    from zoo.candidates.floor import Shortfall
    from zoo.choice.gap import Gap
    from zoo.choice.limits import Violation
    from zoo.choice.price import Price
    from zoo.choice.unmeasured import Unmeasured


@dataclass(frozen=True)
class Decision:
    """What was taken, and how the others stand to it.

    Attributes
    ----------
    chosen : Candidate or None
        None where nothing qualifies.
    runners_up : tuple of Candidate
        The next three, in order.
    ties : tuple of Candidate
        Those that are not told apart from the best within the margin, or the best one itself.
    excluded : tuple of (Candidate, violations)
    unranked : tuple of Candidate
        Within the limits, but without a measured objective.
    nearest_miss : (Candidate, violations) or None
        Where nothing qualifies, what breaks the limits by least.
    ranked : int
        How many qualified and have a value of the objective.
    best : Candidate or None
        Whose value of the objective is the best; among ties not always the chosen.
    untold : tuple of Candidate
        Those that are not told apart from the best because one of the two has no interval.
    unproven : tuple of Candidate
        Those that the best is better than by more than the margin, without being told apart.
    behind : tuple of Candidate
        Those that the best is better than for certain.
    gaps : mapping of str to Gap
        How much better the best is than each of the others, by model.
    margins : Margins
        Within which a tie was broken.
    prices : tuple of Price
        What each limit costs, of those that change what is taken.
    unmeasured : tuple of Unmeasured
        What might win by what is published of it, where that was looked for.
    """

    objective: str
    basis: Basis
    chosen: Candidate | None
    runners_up: tuple[Candidate, ...]
    ties: tuple[Candidate, ...]
    excluded: tuple[tuple[Candidate, tuple[Violation, ...]], ...]
    unranked: tuple[Candidate, ...]
    doubts: tuple[str, ...]
    nearest_miss: tuple[Candidate, tuple[Violation, ...]] | None
    ranked: int = 0
    best: Candidate | None = None
    untold: tuple[Candidate, ...] = ()
    unproven: tuple[Candidate, ...] = ()
    behind: tuple[Candidate, ...] = ()
    gaps: Mapping[str, Gap] = field(default_factory=dict)
    margins: Margins = field(default_factory=Margins)
    prices: tuple[Price, ...] = ()
    unmeasured: tuple[Unmeasured, ...] = ()

    @property
    def is_best(self) -> bool:
        """Whether what was taken is also the best by the objective."""
        return self.chosen is not None and self.chosen is self.best

    @property
    def shortfalls(self) -> tuple[Shortfall, ...]:
        """What takes no backbone, and the chosen one does not exceed."""
        return self.basis.floor.shortfalls(self.chosen.accuracy if self.chosen else None)

    @property
    def python_line(self) -> str:
        """The line of Python that loads the choice, to be run as it stands.

        With the form that was timed, the transform of photographs, and in a comment what of the setting it has not.
        A checkpoint of the user's is named by its path here, which no record holds, or by its digest where no file
        that is known here has it.
        """
        if self.chosen is None:
            return ""
        weights, digest = self.chosen.weights, self.chosen.file_digest
        shown = "None" if weights in (RANDOM, NO_WEIGHTS) else repr(weights)
        path = path_of(digest) if digest else None
        shown = repr(str(path)) if path else shown
        asked = f"{self.chosen.model!r}, weights={shown}"
        form = "" if self.form == TRAINED else f", form={self.form!r}"
        line = f"import zoo; model = zoo.create({asked}{form})"
        if _states_preprocessing(self.chosen.model):
            line += f"; transform = zoo.image_transform({asked})"
        notes = [f"your file of SHA-256 {digest[:12]}"] if digest and path is None else []
        notes += [f"timed {', '.join(self.timed_by)}"] if self.timed_by else []
        return f"{line}  # {'; '.join(notes)}" if notes else line

    @property
    def form(self) -> str:
        """The form that was timed, as the library builds it where nothing was."""
        return next((found.setting.form for found in self.basis.costs.values()), TRAINED)

    @property
    def timed_by(self) -> tuple[str, ...]:
        """What of the setting of the costs the line of Python has not."""
        setting = next((found.setting for found in self.basis.costs.values()), None)
        if setting is None:
            return ()
        engine = () if setting.engine == "eager" else (f"by the engine {setting.engine}",)
        precision = () if setting.precision == "fp32" else (f"in {setting.precision}",)
        last = ("channels last",) if setting.memory_format == "channels_last" else ()
        return engine + precision + last


def _states_preprocessing(model: str) -> bool:
    """Whether a photograph's way into a model is known."""
    try:
        return get(model).preprocessing is not None
    except ZooError:  # a user's model whose module is not imported now
        return False
