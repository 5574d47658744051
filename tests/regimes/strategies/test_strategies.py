"""The table of strategies: open to others, in one order everywhere, and read without PyTorch."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator

import pytest

from zoo.errors import UnknownNameError, ZooError
from zoo.plans.pretrain import plan_pretraining
from zoo.plans.transfer import plan_transfer
from zoo.regimes.cell import run_job
from zoo.regimes.probes import PROBES
from zoo.regimes.strategies import DEFAULT_STRATEGIES, STRATEGIES, find_strategy, in_order, is_usable
from zoo.regimes.strategies.base import TransferJob
from zoo.suites.suite import Suite, TransferPlan
from zoo.tasks.catalogue import get_task
from zoo.training.recipe import Recipe


@pytest.fixture
def others() -> Iterator[None]:
    """Two strategies from outside the package."""
    STRATEGIES.register("guess", "tests.regimes.planted:GUESS")
    STRATEGIES.register("kept", "tests.regimes.planted:KEPT")
    yield
    STRATEGIES.unregister("guess")
    STRATEGIES.unregister("kept")


def planned(*strategies: str, probe: str = "ridge", steps: int = 60) -> list[tuple[str, str, str]]:
    """Model, weights and key of the trials of some strategies on one cell."""
    plan = TransferPlan(
        strategies=strategies, shots=(5,), seeds=1, device="cpu", probe=probe, recipe=Recipe(steps=steps)
    )
    found = plan_transfer(Suite("planned", ("timm/test_resnet",), transfer=plan))
    return [(item.trial.model, item.trial.weights, item.trial.key) for item in found]


def test_parts_are_named_as_the_table_names_them() -> None:
    assert [STRATEGIES.get(name).name.partition("(")[0] for name in STRATEGIES] == list(STRATEGIES)
    assert set(DEFAULT_STRATEGIES) <= set(STRATEGIES)


def test_a_number_in_brackets_is_the_strategys_own() -> None:
    assert STRATEGIES.get("partial").name == "partial(1)"
    assert STRATEGIES.get("partial(2)").trained == "last 2 stages and head"
    assert STRATEGIES.get("layer_decay(.5)").name == STRATEGIES.get("layer_decay( 0.50 )").name == "layer_decay(0.5)"
    assert "lora(4)" in STRATEGIES
    assert in_order(["lora(4)", "pixels", "partial(2)"]) == ["partial(2)", "lora(4)", "pixels"]
    for name, line in (
        ("full(2)", r"the strategy full takes no number, and 'full\(2\)' was asked for"),
        ("partial(0)", r"partial\(k\) trains a whole number of stages, 1 at least, not 0"),
        ("partial(1.5)", r"partial\(k\) trains a whole number of stages, 1 at least, not 1.5"),
        ("layer_decay(1)", r"layer_decay\(g\) takes a fraction between 0 and 1, not 1"),
        ("lora(0)", r"lora\(r\) takes a whole rank, 1 at least, not 0"),
        ("lora(1.2.3)", "'1.2.3' is no number"),
    ):
        assert name not in STRATEGIES
        with pytest.raises(ZooError, match=line):
            STRATEGIES.get(name)


def test_a_strategy_from_outside_is_planned_run_and_ordered_like_the_others(others: None) -> None:
    (control, kept) = sorted(planned("kept", "guess"))
    assert control[:2] == ("control/guess", "none")
    assert kept[0] == "timm/test_resnet"
    job = TransferJob("control/guess", None, "guess", "digits", 5, 0, None)
    outcome = run_job(job)
    labels = get_task("digits").test_labels.tolist()
    assert outcome.metrics["accuracy"].value == labels.count(0) / len(labels)
    assert (outcome.notes["class"], outcome.metrics["trained_params"].value) == (0, 1)
    assert in_order(["pixels", "gone", "guess", "random_features", "kept", "full", "full", "classifier"]) == [
        "classifier", "full", "kept", "random_features", "pixels", "guess", "gone",
    ]  # fmt: skip
    assert [name for name in ("kept", "guess", "pixels", "gone", "scratch") if is_usable(name)] == ["kept", "scratch"]
    with pytest.raises(UnknownNameError, match=r"did you mean guess"):
        run_job(TransferJob("control/guess", None, "gues", "digits", 5, 0, None))


def test_weights_are_made_only_for_strategies_that_start_from_them(others: None) -> None:
    def made(*strategies: str) -> int:
        plan = TransferPlan(strategies=strategies, shots=(5,), seeds=1)
        return len(plan_pretraining(Suite("p", ("timm/test_resnet",), transfer=plan)))

    assert made("scratch", "random_features", "pixels", "guess") == 0
    assert made("scratch", "kept") == 1


def test_a_key_depends_on_what_the_strategy_uses_and_on_nothing_else(others: None) -> None:
    for name, by_probe, by_recipe in (
        ("random_features", True, False),
        ("pixels", True, False),
        ("scratch", False, True),
        ("guess", False, False),
    ):
        (plain,), (probed,), (trained,) = planned(name), planned(name, probe="logistic"), planned(name, steps=61)
        assert (plain != probed, plain != trained) == (by_probe, by_recipe), name


def test_a_record_of_a_strategy_that_nobody_brings_is_no_error() -> None:
    for name in ("gone", "gone(2)", "full(2)", "partial(0)", "lora(1.2.3)"):  # as a file of anybody's may have it
        assert find_strategy(name) is None
        assert not is_usable(name)
    assert in_order(["full(2)", "pixels", "full"]) == ["full", "pixels", "full(2)"]


def test_an_unknown_probe_is_told_what_is_near() -> None:
    assert tuple(PROBES) == ("ridge", "logistic")
    with pytest.raises(UnknownNameError, match=r"unknown probe 'logistics': did you mean logistic"):
        PROBES.get("logistics")


def test_steps_from_random_are_more() -> None:
    recipe = Recipe(steps=60, scratch_steps_factor=2.0)
    assert recipe.steps_for(100, from_random=False) == 60
    assert recipe.steps_for(400, from_random=True) == 240


def test_planning_imports_neither_torch_nor_timm() -> None:
    script = (
        "import sys\n"
        "import zoo.regimes.cell, zoo.evaluation.evaluate, zoo.regimes.pretrain, zoo.regimes.settings\n"
        "from zoo.regimes.probes import PROBES\n"
        "from zoo.regimes.strategies import STRATEGIES\n"
        "assert STRATEGIES.values() and tuple(PROBES)\n"
        "from zoo.plans.transfer import plan_transfer\n"
        "from zoo.suites.suite import Suite, TransferPlan\n"
        "plan = TransferPlan(tasks=('gratings',), shots=(5,), seeds=1, device='cpu', input_size='native')\n"
        "assert plan_transfer(Suite('p', ('torchvision/resnet18',), transfer=plan))\n"
        "heavy = {'torch', 'torchvision', 'timm'} & set(sys.modules)\n"
        "assert not heavy, heavy\n"
    )
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
