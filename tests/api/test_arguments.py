"""Whatever stands in the place of an argument: a ZooError that names the argument, or what was meant."""

from __future__ import annotations

import inspect
import re
from types import FunctionType
from typing import TYPE_CHECKING, Any

import pytest

import zoo
from tests.results.planted import a_suite
from zoo.api.results import Results
from zoo.choice.limits import limits_by_name
from zoo.compare.compare import compare, compare_models
from zoo.compare.settings import compare_settings
from zoo.errors import InputFileError, UnknownNameError, ZooError, option
from zoo.registry.search import list_specs

if TYPE_CHECKING:
    from collections.abc import Callable

NET = "timm/test_resnet"

RESULTS = Results(a_suite())

WRONG: list[tuple[Callable[..., Any], tuple[Any, ...], dict[str, Any], str]] = [
    (zoo.get, (None,), {}, "a model is named by text, not by None"),
    (zoo.get, (True,), {}, "a model is named by text, not by True"),
    (zoo.measure, (None,), {}, "models must be one or several, not None"),
    (zoo.measure, ([],), {}, "models: name at least one"),
    (zoo.measure, ([None],), {}, "models are named by text, not by None"),
    (zoo.measure, (NET,), {"batches": ["8"]}, "batches must be a whole number of at least 1 or 'curve', not '8'"),
    (zoo.measure, (NET,), {"batches": 0}, "batches must be a whole number of at least 1 or 'curve', not 0"),
    (zoo.measure, (NET,), {"batches": "curve"}, "batches: 'curve' is of throughput, which is not among the metrics"),
    (zoo.measure, (NET,), {"threads": True}, "threads must be one or several, not True"),
    (zoo.measure, (NET,), {"threads": "most"}, "threads must be a whole number of at least 1 or 'all', not 'most'"),
    (zoo.measure, (NET,), {"device": None}, "device must be non-empty text, not None"),
    (zoo.measure, (NET,), {"device": 0}, "device must be non-empty text, not 0"),
    (zoo.measure, (NET,), {"device": "gpu"}, "device: unknown device 'gpu'"),
    (zoo.measure, (NET,), {"input_size": None}, "input_size must be a whole number of at least 1, not None"),
    (zoo.measure, (NET,), {"budget_s": "x"}, "budget_s must be a number above 0, not 'x'"),
    (zoo.measure, (NET,), {"metrics": "lat"}, "metrics: unknown metric 'lat'"),
    (zoo.measure, (NET,), {"precisions": [None]}, "precisions must be non-empty text, not None"),
    (zoo.measure, (NET,), {"again": "no"}, "again is true or false, not 'no'"),
    (zoo.transfer, (NET,), {"task": 3}, "tasks must be non-empty text, not 3"),
    (zoo.transfer, (NET,), {"task": "nope"}, "tasks: unknown task 'nope'"),
    (zoo.transfer, (NET,), {"seeds": "3"}, "seeds must be a whole number of at least 1, not '3'"),
    (zoo.transfer, (NET,), {"budget_s": "soon"}, "budget_s must be a number above 0, not 'soon'"),
    (zoo.transfer, (NET,), {"budget_s": 0}, "budget_s must be a number above 0, not 0"),
    (zoo.transfer, (NET,), {"shots": True}, "shots must be one or several, not True"),
    (zoo.transfer, (NET,), {"strategies": "ful"}, "strategies: unknown strategy 'ful': did you mean full?"),
    (zoo.transfer, (NET,), {"precision": "fp16"}, "precision: unknown precision 'fp16'"),
    (zoo.transfer, (NET,), {"probe": None}, "probe must be non-empty text, not None"),
    (zoo.transfer, (NET,), {"corrupt": True}, "corrupt must be non-empty text, not True"),
    (zoo.transfer, (NET,), {"recipe": 3}, "recipe must be a dict of settings, not 3"),
    (zoo.transfer, (NET,), {"recipe": {"steps": True}}, "recipe: steps is a whole number from 1, not True"),
    (zoo.list_models, (3,), {}, "globs must be non-empty text, not 3"),
    (zoo.list_models, (), {"max_params": "30M"}, "max_params must be a number above 0, not '30M'"),
    (zoo.list_models, (), {"max_macs": True}, "max_macs must be a number above 0, not True"),
    (zoo.list_models, (), {"sort": None}, "sort must be non-empty text, not None"),
    (zoo.list_models, (), {"source": 3}, "source must be non-empty text, not 3"),
    (zoo.run, (None,), {}, "suite must be non-empty text, not None"),
    (zoo.run, (), {"again": 1}, "again is true or false, not 1"),
    (zoo.evaluate, ([], "."), {}, "names: name at least one"),
    (zoo.evaluate, (NET, None), {}, "data must be non-empty text, not None"),
    (zoo.evaluate, (NET, "."), {"corrupt": "keep"}, "unknown policy for corrupt images 'keep'"),
    (zoo.choose, ([],), {}, "results must be results, such as zoo.run gives, not []"),
    (zoo.choose, (RESULTS,), {"max_latency_ms": "20"}, "max_latency_ms must be a number above 0, not '20'"),
    (zoo.choose, (RESULTS,), {"margin": -1}, "margin must be a number of at least 0, not -1"),
    (zoo.choose, (RESULTS,), {"margin_latency": "5%"}, "margin_latency must be a number of at least 0, not '5%'"),
    (zoo.choose, (RESULTS,), {"min_accuracy": 70}, "min_accuracy is a fraction up to 1, not 70"),
    (zoo.choose, (RESULTS,), {"limits": {"max_nothing": 1}}, "unknown limit 'max_nothing'"),
    (zoo.choose, (RESULTS,), {"limits": {"max_macs": 1}, "max_macs": 2}, "limits: max_macs is also given by itself"),
    (zoo.choose, (RESULTS,), {"threads": 0}, "threads must be a whole number of at least 1, not 0"),
    (zoo.choose, (RESULTS,), {"shots": "most"}, "shots must be a whole number of at least 1 or 'all', not 'most'"),
    (
        zoo.choose,
        (RESULTS,),
        {"input_size": "smallest"},
        "input_size must be a whole number of at least 1 or 'native'",
    ),
    (zoo.choose, (RESULTS,), {"task": "published", "shots": 5}, "published accuracies have no shots and no strategy"),
]


@pytest.mark.parametrize(
    ("function", "words", "named", "line"),
    WRONG,
    ids=[f"{function.__name__} {words} {named}" for function, words, named, _ in WRONG],
)
def test_an_argument_in_the_wrong_form_is_named(
    function: Callable[..., Any], words: tuple[Any, ...], named: dict[str, Any], line: str
) -> None:
    with pytest.raises(ZooError) as caught:
        function(*words, **named)
    assert str(caught.value).startswith(line)
    assert "--" not in str(caught.value)


TEXT: tuple[Any, ...] = (None, True, 3, 1.5, "", b"text", ["a", 3], {})
TEXT_OR_NONE = TEXT[1:]
PATH = TEXT
SEVERAL: tuple[Any, ...] = (None, True, {}, [], [None], [True], [[]])
NAMES: tuple[Any, ...] = (*SEVERAL, 3, [""])
FLAG: tuple[Any, ...] = (None, 0, 1, "yes", [])
COUNT: tuple[Any, ...] = (None, True, 0, -1, 1.5, "3", [])
COUNT_OR_NONE = COUNT[1:]
NUMBER: tuple[Any, ...] = (None, True, 0, -1.5, float("nan"), float("inf"), "3", [])
NUMBER_OR_NONE = NUMBER[1:]
NOT_NEGATIVE = tuple(value for value in NUMBER if value != 0)
RECORDS: tuple[Any, ...] = (None, True, 3, "records.jsonl", [], {})
FUNCTION: tuple[Any, ...] = (True, 3, "print", [])

COMPARE: dict[str, tuple[Any, ...]] = {"margin": NUMBER}
CHOOSE: dict[str, tuple[Any, ...]] = dict.fromkeys(
    [
        "min_accuracy",
        "min_balanced_accuracy",
        "min_robustness",
        "max_latency_ms",
        "max_p99_ms",
        "min_throughput",
        "max_training_ms",
        "max_memory_bytes",
        "max_training_memory_bytes",
        "max_load_ms",
        "max_first_call_ms",
        "max_compile_ms",
        "max_disk_bytes",
        "max_energy_j",
        "max_params",
        "max_macs",
    ],
    NUMBER_OR_NONE,
)
CALL: dict[str, tuple[Any, ...]] = {"store_url": TEXT_OR_NONE, "on_event": FUNCTION, "again": FLAG}

ARGUMENTS: dict[Callable[..., Any], tuple[dict[str, Any], dict[str, tuple[Any, ...]]]] = {
    zoo.fast_allocator: ({}, {}),
    zoo.image_transform: (
        {"name": NET}, {"name": TEXT, "weights": (3, 1.5, "", []), "input_size": COUNT_OR_NONE}
    ),
    zoo.get: ({"name": NET}, {"name": TEXT, "weights": TEXT_OR_NONE}),
    zoo.create: (
        {"name": NET},
        {
            "name": TEXT, "weights": (3, 1.5, "", []), "num_classes": (True, -1, 1.5, "3", []),
            "in_chans": COUNT_OR_NONE, "input_size": COUNT_OR_NONE, "form": TEXT,
        },
    ),
    zoo.register: (
        {"name": "mine/net"},
        {
            "name": (*TEXT, "net", "timm/net", print), "input_size": (None, True, 224, "224", (3, 224), (3, "a", 1)),
            "preprocessing": (True, 3, "bicubic", {}), "family": TEXT_OR_NONE, "licence": TEXT_OR_NONE,
            "weights": (True, 3, "", [], {}),
        },
    ),
    zoo.list_models: (
        {},
        {
            "globs": TEXT, "source": TEXT_OR_NONE, "family": TEXT_OR_NONE, "max_params": NUMBER_OR_NONE,
            "max_macs": NUMBER_OR_NONE, "min_top1": NUMBER_OR_NONE, "pretrained": FLAG,
            "licence": (None, True, 3, "", {}, [3], [""]), "sort": TEXT,
        },
    ),
    zoo.run: ({}, {**CALL, "suite": TEXT, "retry": FLAG, "executor": TEXT_OR_NONE, "sample": FLAG}),
    zoo.measure: (
        {"models": NET},
        {
            **CALL, "models": NAMES, "device": TEXT, "metrics": NAMES, "batches": (*SEVERAL, 0, 1.5, "3", ["3"]),
            "threads": (*SEVERAL, 0, 1.5, "most", ["3"]), "precisions": NAMES, "memory_formats": NAMES,
            "engines": NAMES, "forms": NAMES, "allocators": NAMES, "input_size": (None, True, 0, 1.5, "large", []),
            "weights": (3, 1.5, "", [], {}), "aa_pair": FLAG, "budget_s": NUMBER_OR_NONE,
        },
    ),
    zoo.tune: (
        {"model": NET},
        {
            "store_url": TEXT_OR_NONE, "on_event": FUNCTION, "model": TEXT, "metric": (*TEXT, "memory"),
            "device": TEXT, "batches": (*SEVERAL, 0, 1.5, "3", ["3"]), "threads": (*SEVERAL, 0, 1.5, "most", ["3"]),
            "precisions": NAMES, "memory_formats": NAMES, "engines": NAMES, "max_difference": NUMBER,
            "min_agreement": (*NUMBER_OR_NONE, 1.5),
            "input_size": (None, True, 0, 1.5, "large", []), "weights": (3, 1.5, "", [], {}), "budget_s": NUMBER,
        },
    ),
    zoo.transfer: (
        {"models": NET, "task": "digits"},
        {
            **CALL, "models": NAMES, "task": (True, 3, "", [3], {}), "tasks": NAMES, "strategies": NAMES[1:],
            "shots": (*SEVERAL[1:], 0, 1.5, "most", ["3"]), "seeds": (*COUNT_OR_NONE, 10**6),
            "budget_s": NUMBER_OR_NONE,
            "weights": (3, 1.5, "", [], {}), "input_size": (None, True, 0, 1.5, "large", []), "probe": TEXT,
            "fit": TEXT, "augment": TEXT, "tuning": TEXT, "measure": TEXT, "precision": TEXT,
            "recipe": (True, 3, "fast", [], {"steps": "3"}, {"speed": 3}), "device": TEXT, "corrupt": TEXT,
            "download": FLAG,
        },
    ),
    zoo.evaluate: (
        {"names": NET, "data": "nowhere"},
        {
            **CALL, "names": NAMES, "data": PATH, "weights": (None, False, 3, 1.5, "", [], {}),
            "classes": (True, 3, 1.5, [], {}, [3], {"a": "b"}), "device": TEXT, "batch": COUNT, "test_size": FLAG,
            "corrupt": TEXT, "timeout_s": NUMBER_OR_NONE, "executor": TEXT,
        },
    ),
    zoo.search: (
        {"data": "digits"},
        {
            "store_url": TEXT_OR_NONE, "on_event": FUNCTION, "data": ("", "nope"), "budget_s": NUMBER,
            "models": (True, 3, "", [3]), "strategies": NAMES, "limits": (True, 3, "max_macs", [], {3: 3}),
            "licence": (None, True, 3, "", {}, [3], [""]), "shots": (*SEVERAL[1:], 0, 1.5, "most", ["3"]),
            "seeds": (*COUNT, 10**6), "input_size": (None, True, 0, 1.5, "large", []), "fit": TEXT, "augment": TEXT,
            "measure": TEXT, "recipe": (True, 3, "fast", [], {"steps": "3"}, {"speed": 3}), "device": TEXT,
            "corrupt": TEXT, "fetch": FLAG, "margin": NOT_NEGATIVE, "margin_latency": NOT_NEGATIVE,
        },
    ),
    zoo.choose: (
        {"results": RESULTS},
        {
            **CHOOSE, "results": RECORDS, "objective": TEXT,
            "limits": (True, 3, "max_macs", [], {3: 3}, {"max_macs": "3"}),
            "licence": (None, True, 3, "", {}, [3], [""]), "device": TEXT_OR_NONE, "threads": COUNT_OR_NONE,
            "input_size": COUNT_OR_NONE, "batch": COUNT_OR_NONE, "task": TEXT_OR_NONE, "shots": COUNT_OR_NONE,
            "strategy": TEXT_OR_NONE,
            "measure": TEXT, "margin": NOT_NEGATIVE, "margin_latency": NOT_NEGATIVE,
        },
    ),
    zoo.choose_published: (
        {},
        {
            "on": TEXT_OR_NONE, "licence": (None, True, 3, "", {}, [3], [""]), "min_accuracy": NUMBER_OR_NONE,
            "min_robustness": NUMBER_OR_NONE, "min_throughput": NUMBER_OR_NONE, "max_params": NUMBER_OR_NONE,
            "max_macs": NUMBER_OR_NONE,
        },
    ),
    compare: ({"a": RESULTS, "b": RESULTS}, {**COMPARE, "a": RECORDS, "b": RECORDS, "absolute": FLAG}),
    compare_models: (
        {"results": RESULTS, "a": "resnet18", "b": "squeezenet1_0"},
        {**COMPARE, "results": RECORDS, "a": TEXT, "b": TEXT},
    ),
    compare_settings: (
        {"results": RESULTS, "a": {"threads": 1}, "b": {"threads": 2}},
        {
            **COMPARE, "results": RECORDS, "a": (None, True, 3, "", {}),
            "b": (None, "threads=2", {}, {"batch": 1}),
        },
    ),
}  # fmt: skip
"""Of each public function what it needs to be called, and of each argument what it is not."""

SAID = {
    "limits": ("limits", "max_macs"),
    "name": ("model", "register"),
    "task": ("task", "tasks"),
    "models": ("models", "model"),
}
"""Words by which a line names an argument otherwise than by its name."""


def test_the_table_has_every_argument_of_every_public_function() -> None:
    functions = {getattr(zoo, name) for name in zoo.__all__ if isinstance(getattr(zoo, name), FunctionType)}
    assert functions <= set(ARGUMENTS)
    for function, (_, wrong) in ARGUMENTS.items():
        taken = [*inspect.signature(function).parameters]
        if function is zoo.list_models:
            taken = [*inspect.signature(list_specs).parameters]
        assert set(wrong) == set(taken), function.__name__


@pytest.mark.parametrize(
    ("function", "key", "value"),
    [
        pytest.param(function, key, value, id=f"{function.__name__} {key} {value!r}")
        for function, (_, wrong) in ARGUMENTS.items()
        for key, values in wrong.items()
        for value in values
    ],
)
def test_what_an_argument_is_not_is_a_line_that_names_it(function: Callable[..., Any], key: str, value: Any) -> None:
    given = {name: one for name, one in ARGUMENTS[function][0].items() if (name, key) != ("task", "tasks")}
    words = (value,) if key == "globs" else ()
    with pytest.raises(ZooError) as caught:
        function(*words, **given | ({} if words else {key: value}))
    line = str(caught.value)
    assert "\n" not in line
    assert "--" not in line
    named = "|".join(SAID.get(key, (key,)))
    assert re.search(rf"\b({named})\b" if len(key) > 1 else f"^{key} must be ", line), line


def test_every_limit_of_the_zoos_own_is_an_argument_of_choose() -> None:
    arguments = inspect.signature(zoo.choose).parameters
    assert [name for name in arguments if name.startswith(("min_", "max_"))] == list(limits_by_name())
    assert not any(one.kind == one.VAR_KEYWORD for one in arguments.values())


def test_one_line_names_an_argument_as_its_reader_writes_it() -> None:
    error = InputFileError(f"{option('budget_s')} is over; pass {option('corrupt', repr('skip'))}")
    assert str(error) == "budget_s is over; pass corrupt='skip'"
    assert error.for_command == "--budget is over; pass --corrupt skip"
    again = ZooError(
        f"measured before; {option('again', 'True')} measures it anew, into another {option('store_url')}"
    )
    assert str(again) == "measured before; again=True measures it anew, into another store_url"
    assert again.for_command == "measured before; --again measures it anew, into another --store"


def test_a_name_that_is_no_text_is_near_to_nothing() -> None:
    assert UnknownNameError("probe", None, ["ridge"], "permitted: ridge").nearest == ()


def test_one_name_may_stand_alone() -> None:
    assert zoo.list_models("torchvision/resnet18", licence="bsd-3-clause") == zoo.list_models(
        "torchvision/resnet18", licence=["bsd-3-clause"]
    )
    with pytest.raises(ZooError, match="unknown strategy 'x'"):
        zoo.transfer(NET, task="digits", shots=10, strategies="x")
