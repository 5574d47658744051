"""Suites are read whole or refused in one line that names the file, the key and what is permitted."""

from __future__ import annotations

from dataclasses import fields
from pathlib import Path

import pytest

from zoo.errors import UnknownNameError, ZooError
from zoo.regimes.strategies import STRATEGIES
from zoo.suites.file import COST, TRANSFER, load_suite, parse_suite, suite_names
from zoo.suites.suite import CostPlan, TransferPlan

CLASSICS = (
    "alexnet",
    "vgg16",
    "resnet18",
    "densenet161",
    "squeezenet1_0",
    "googlenet",
    "mobilenet_v2",
    "inception_v3",
)


def parse(text: str):
    return parse_suite(text.encode(), where="mine.toml")


@pytest.mark.parametrize("name", ["quick", "classics"])
def test_shipped_suites_measure_all_eight_classics(name: str) -> None:
    suite = load_suite(name)
    beside = {"quick": ("timm/tf_efficientnet_lite0.packaged",)}.get(name, ())
    assert suite.models == (*(f"torchvision/{model}" for model in CLASSICS), *beside)
    assert suite.cost is not None
    assert suite.cost.input_size == "native"
    assert suite.transfer is not None
    few = {"classifier", "full", "scratch", "random_features", "pixels"}
    found = {strategy.partition("(")[0] for strategy in suite.transfer.strategies}
    assert found == (set(STRATEGIES) if name == "classics" else few)


def test_classics_asks_what_its_name_promises() -> None:
    suite = load_suite("classics")
    assert suite.cost is not None
    assert suite.transfer is not None
    assert suite.cost.batches == (16,)
    assert suite.transfer.models == ()  # the suite's own eight
    assert suite.transfer.shots == (10, 50)
    assert suite.transfer.seeds == 3


def test_every_shipped_suite_loads_and_has_its_own_name() -> None:
    names = suite_names()
    assert {"smoke", "quick", "classics", "rule"} <= set(names)
    assert [load_suite(name).name for name in names] == names


def test_a_path_is_read_like_a_name(tmp_path: Path) -> None:
    path = tmp_path / "mine.toml"
    path.write_text('[suite]\nname = "mine"\nmodels = ["resnet18", "torchvision/resnet18"]\n[cost]\n')
    suite = load_suite(str(path))
    assert suite.models == ("torchvision/resnet18",)
    assert suite.cost == CostPlan()
    assert suite.transfer is None


@pytest.mark.parametrize(
    ("stated", "batches"),
    [("'curve'", ("curve",)), ("['curve']", ("curve",)), ("[24, 'curve']", (24, "curve")), ("[4, 2]", (4, 2))],
)
def test_batches_are_numbers_or_a_curve(stated: str, batches: tuple[int | str, ...]) -> None:
    suite = parse_suite(f"{HEAD}[cost]\nbatches = {stated}\n".encode(), where="x")
    assert suite.cost is not None
    assert suite.cost.batches == batches


def test_an_unknown_suite_is_named_with_its_neighbours() -> None:
    with pytest.raises(UnknownNameError, match="unknown suite 'clasics': did you mean classics"):
        load_suite("clasics")


def test_a_missing_file_says_so(tmp_path: Path) -> None:
    with pytest.raises(ZooError, match=r"no-such.toml: cannot read this suite: No such file"):
        load_suite(tmp_path / "no-such.toml")


HEAD = '[suite]\nname = "x"\nmodels = ["resnet18"]\n'


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", "this suite is empty"),
        ("[suite", "not valid TOML"),
        ("\x00", "not valid TOML"),
        ("[cost]\n", r"\[suite\] must be a table, and is missing"),
        (HEAD, r"nothing to measure; add a table \[cost\] or \[transfer\]"),
        (HEAD + "[costs]\n", "unknown key 'costs': did you mean cost"),
        (HEAD + "[cost]\nmetric = ['latency']\n", "unknown key 'cost.metric': did you mean cost.metrics"),
        (HEAD + "[cost]\nmetrics = ['latencies']\n", "unknown metric 'latencies': did you mean latency"),
        (HEAD + "[cost]\nengines = ['eagre']\n", "cost.engines: unknown engine 'eagre': did you mean eager"),
        (HEAD + "[cost]\nforms = ['fused']\n", "cost.forms: unknown form 'fused'"),
        (HEAD + "[cost]\nallocators = ['jemalloc']\n", "cost.allocators: unknown allocator 'jemalloc'"),
        (HEAD + "[cost]\nprecisions = ['fp31']\n", "unknown precision 'fp31'"),
        (HEAD + "[cost]\nprecisions = ['int8']\n", "cost.precisions: 'int8' is not run by engine eager"),
        (HEAD + "[cost]\ndevices = ['gpu']\n", r"cost.devices: .*'gpu'"),
        (HEAD + "[cost]\nbatches = [0]\n", "cost.batches must be a whole number of at least 1 or 'curve', not 0"),
        (HEAD + "[cost]\nbatches = 'all'\n", "cost.batches must be a list with at least one entry, not 'all'"),
        (
            HEAD + "[cost]\nmetrics = ['latency']\nbatches = 'curve'\n",
            "cost.batches: 'curve' is of throughput, which is not among the metrics; name it there, or give numbers",
        ),
        (
            HEAD + "[cost]\nmetrics = ['throughput', 'memory', 'latency']\nbatches = 'curve'\n",
            "cost.batches: 'curve' is of throughput alone; add a number for memory",
        ),
        (HEAD + "[cost]\nthreads = ['some']\n", "cost.threads must be a whole number of at least 1 or 'all'"),
        (HEAD + "[cost]\ncohort_budget_s = -3\n", "cost.cohort_budget_s must be a number above 0, not -3"),
        (HEAD + "[cost]\ninput_size = 'big'\n", "cost.input_size is native or smallest or a number"),
        (HEAD + "[cost]\naa_pair = 'yes'\n", "cost.aa_pair is true or false"),
        (HEAD + "[transfer]\nseeds = 0\n", "transfer.seeds must be a whole number of at least 1, not 0"),
        (HEAD + "[transfer]\nshots = [-5]\n", "transfer.shots must be a whole number of at least 1 or 'all'"),
        (HEAD + "[transfer]\nshots = 5\n", "transfer.shots must be a list with at least one entry"),
        (HEAD + "[transfer]\ntasks = ['digit']\n", "unknown task 'digit': did you mean digits"),
        (HEAD + "[transfer]\nstrategies = ['ful']\n", "unknown strategy 'ful': did you mean full"),
        (HEAD + "[transfer]\nprobe = 'ridged'\n", "unknown probe 'ridged': did you mean ridge"),
        (HEAD + "[transfer.recipe]\nlearning = 3\n", "unknown key 'transfer.recipe.learning'"),
        ('[suite]\nname = "x"\nmodels = []\n[cost]\n', "suite.models must be a list with at least one entry"),
        ('[suite]\nname = "x"\nmodels = ["resnet19"]\n[cost]\n', "unknown model 'resnet19': did you mean"),
        ('[suite]\nname = "x"\nmodels = [18]\n[cost]\n', "models are named by text, not by 18"),
        ('[suite]\nname = "../x"\nmodels = ["resnet18"]\n[cost]\n', "suite.name must be a name without / or"),
        (HEAD + "[transfer]\nseeds = 1001\n", "transfer.seeds must be at most 1000, not 1001"),
        ('[suite]\nname = ""\nmodels = ["resnet18"]\n[cost]\n', "suite.name must be non-empty text"),
    ],
)
def test_a_mistake_is_one_line_with_file_and_key(text: str, expected: str) -> None:
    with pytest.raises(ZooError, match=expected) as caught:
        parse(text)
    line = str(caught.value)
    assert line.startswith("mine.toml: ")
    assert "\n" not in line


def test_every_key_of_a_plan_is_read() -> None:
    assert list(COST) == [field.name for field in fields(CostPlan)]
    # How rates are found, and what they are chosen by, is a part of the recipe; what is faster in bf16 is found out.
    assert [key for key in TRANSFER if key not in ("tuning", "measure")] == [
        field.name for field in fields(TransferPlan) if field.name != "in_bf16"
    ]


def test_single_models_have_weights_of_their_own() -> None:
    suite = parse(
        '[suite]\nname = "m"\nmodels = ["resnet18", "timm/test_resnet", "timm/test_vit.r160_in1k"]\n'
        '[suite.weights]\nresnet18 = "runs/best.pth"\n"timm/test_resnet" = "default"\n[transfer]\n'
    )
    assert suite.transfer is not None
    asked = [suite.weights_of(model, suite.transfer) for model in suite.models]
    assert asked == [Path("runs/best.pth"), "default", "auto"]
    assert suite.checkpoints == {"torchvision/resnet18": Path("runs/best.pth")}


@pytest.mark.parametrize(
    ("weights", "line"),
    [
        ('vgg16 = "a.pth"', "suite.weights.vgg16: torchvision/vgg16 is none of this suite's models"),
        ('"timm/test_vit" = "a.pth"', "stands in this suite as timm/test_vit.r160_in1k, with a tag"),
        ('"timm/test_vit.r160_in1k" = "a.pth"', "names its weights already"),
        ("resnet18 = 3", "suite.weights.resnet18"),
        ('resnet18 = ""', "suite.weights.resnet18"),
        ('resnet81 = "a.pth"', "did you mean resnet18"),
    ],
)
def test_weights_that_are_nobodys_are_refused(weights: str, line: str) -> None:
    with pytest.raises(ZooError, match=line):
        parse(
            '[suite]\nname = "m"\nmodels = ["resnet18", "timm/test_vit.r160_in1k"]\n'
            f"[suite.weights]\n{weights}\n[transfer]\n"
        )


@pytest.mark.parametrize("part", ["cost", "transfer"])
def test_a_file_is_not_the_weights_of_all_models(part: str) -> None:
    with pytest.raises(ZooError, match=rf"{part}\.weights: 'runs/best\.pth' is a file, and of one model"):
        parse(f'[suite]\nname = "m"\nmodels = ["resnet18"]\n[{part}]\nweights = "runs/best.pth"\n')
