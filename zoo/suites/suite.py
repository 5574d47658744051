"""A suite: which models, at which settings, in which regimes."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING

from zoo.cost.settings import KEPT
from zoo.executors import LOCAL
from zoo.images.files import CROP, SQUASH
from zoo.regimes.pretrain import tag_of
from zoo.regimes.strategies import DEFAULT_STRATEGIES, STRATEGIES
from zoo.sources.forms import DEPLOYED
from zoo.sources.naming import AUTO
from zoo.tasks.catalogue import task_name
from zoo.training.precision import BF16, FP32
from zoo.training.recipe import TUNED

if TYPE_CHECKING:
    from zoo.tasks.outline import TaskOutline
    from zoo.training.recipe import Recipe

if TYPE_CHECKING:
    from collections.abc import Mapping


@dataclass(frozen=True)
class CostPlan:
    """What of a suite is timed.

    Attributes
    ----------
    devices : tuple of str
        ``"auto"`` (the CPU, and CUDA where there is one), ``"cpu"``, ``"cuda"``, ``"cuda:1"``.
    engines : tuple of str
        What runs the models; see :data:`zoo.cost.engines.ENGINES`.
    forms : tuple of str
        Of the models: ``"deployed"``, with branches and batch norms put into convolutions; ``"trained"``, as built.
    allocators : tuple of str
        ``"kept"``: processes keep what they free; ``"default"``: they do as a program does that is told nothing.
    metrics : tuple of str
        What is measured; see :data:`zoo.cost.metrics.METRICS`.
    batches : tuple of int or "curve"
        Images in a batch, for metrics that are measured at batches; the others are at one image. ``"curve"``: powers
        of two as far as a model's throughput rises.
    threads, throughput_threads : tuple of int or "all"
        CPU threads for latency and its like, and for throughput and its like; a GPU is measured once, whatever
        stands here.
    input_size : "native", "smallest" or int
        Native is the size the weights were published for; a number is the side in pixels.
    aa_pair : bool
        Measure the anchor twice in one cohort, for the noise floor.
    cohort_budget_s : float or None
        Seconds a cohort may take before its models end as ``unconverged``; None is the protocol's.
    timeout_s : float or None
        Seconds a model may take to start, and beyond its calls to answer, before it counts as hung; None is
        the protocol's.
    """

    devices: tuple[str, ...] = ("auto",)
    precisions: tuple[str, ...] = ("fp32",)
    memory_formats: tuple[str, ...] = ("contiguous",)
    engines: tuple[str, ...] = ("eager",)
    forms: tuple[str, ...] = (DEPLOYED,)
    allocators: tuple[str, ...] = (KEPT,)
    metrics: tuple[str, ...] = ("latency", "throughput")
    batches: tuple[int | str, ...] = (8,)
    threads: tuple[int | str, ...] = (1, "all")
    throughput_threads: tuple[int | str, ...] = ("all",)
    input_size: int | str = "native"
    weights: str = AUTO
    aa_pair: bool = True
    cohort_budget_s: float | None = None
    timeout_s: float | None = None


@dataclass(frozen=True)
class TransferPlan:
    """What of a suite is trained and tested.

    Attributes
    ----------
    models : tuple of str
        Empty for the suite's own models.
    shots : tuple of int or "all"
        Training images a class.
    seeds : int
        Seeds 0 to ``seeds - 1``; each draws its own nested training sets.
    weights : str
        ``"auto"`` takes published weights where they are at hand and else trains on ``pretrain_task``;
        otherwise ``"default"`` or a tag.
    pretrain_task : str
        The embedded task whose name is also the tag of the weights trained on it.
    input_size : "auto", "native", "smallest" or int
        ``"auto"`` is the weights' own of a user's images, and the smallest that suits the architecture of drawn ones.
    fit : str
        How a user's images become squares: ``"crop"``, ``"squash"`` or ``"pad"``; ``"auto"`` crops, as for published
        figures. Drawn images are squares.
    augment : str
        How training images are changed; ``"auto"`` crops and flips a user's images at random, and shifts drawn ones.
    recipe : Recipe
        How networks are trained, and their rates found.
    precision : str
        What networks compute in: ``"fp32"`` or ``"bf16"``.
    in_bf16 : tuple of str
        Models that compute in bf16 on a user's images all the same, since that was found faster.
    device : str
        ``"auto"`` is the first GPU where there is one, else the CPU.
    corrupt : str
        What an image folder's unreadable files mean: ``"refuse"`` or ``"skip"``.
    timeout_s : float
        Seconds one trial may take.
    """

    models: tuple[str, ...] = ()
    tasks: tuple[str, ...] = ("digits",)
    strategies: tuple[str, ...] = DEFAULT_STRATEGIES
    shots: tuple[int | str, ...] = (10,)
    seeds: int = 3
    weights: str = AUTO
    pretrain_task: str = "letters-am"
    input_size: int | str = AUTO
    fit: str = AUTO
    augment: str = AUTO
    probe: str = "ridge"
    recipe: Recipe = TUNED
    precision: str = FP32
    in_bf16: tuple[str, ...] = ()
    device: str = "auto"
    corrupt: str = "refuse"
    timeout_s: float = 1800.0

    @property
    def own_tag(self) -> str:
        """The tag of weights that are trained on the pretraining task."""
        return tag_of(task_name(self.pretrain_task))

    def fit_for(self, task: TaskOutline) -> str:
        """How images of a task become squares."""
        if task.native_size is not None:
            return SQUASH
        return CROP if self.fit == AUTO else self.fit

    def recipe_for(self, task: TaskOutline) -> Recipe:
        """How networks are trained on a task."""
        usual = "standard" if task.native_size is None else "shift"
        return replace(self.recipe, augment=usual if self.augment == AUTO else self.augment)

    def precision_for(self, task: TaskOutline, model: str) -> str:
        """What a model computes in on a task."""
        return BF16 if task.native_size is None and model in self.in_bf16 else self.precision

    @property
    def uses_weights(self) -> bool:
        """Whether any strategy starts from pretrained weights."""
        return any(STRATEGIES.get(name).start == "weights" for name in self.strategies)


@dataclass(frozen=True)
class Suite:
    """A named set of questions.

    Attributes
    ----------
    executor : str
        Where its jobs run, unless the command says otherwise.
    budget_s : float or None
        Seconds after which nothing more is started, unless the command says otherwise.
    weights : mapping
        Weights of single models, which go before those of the parts: a tag, a word, or the path of a checkpoint.
    """

    name: str
    models: tuple[str, ...]
    description: str = ""
    cost: CostPlan | None = None
    transfer: TransferPlan | None = None
    executor: str = LOCAL
    budget_s: float | None = None
    weights: Mapping[str, str | Path] = field(default_factory=dict)

    def weights_of(self, model: str, part: CostPlan | TransferPlan) -> str | Path:
        """The weights that are asked for a model in a part."""
        return self.weights.get(model, part.weights)

    @property
    def checkpoints(self) -> dict[str, Path]:
        """Files of the user's, by model."""
        return {model: asked for model, asked in self.weights.items() if isinstance(asked, Path)}
