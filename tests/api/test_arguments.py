"""Whatever stands in the place of an argument: a ZooError that names the argument, or what was meant."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

import zoo
from zoo.errors import InputFileError, UnknownNameError, ZooError, option

if TYPE_CHECKING:
    from collections.abc import Callable

NET = "resnet18"

WRONG: list[tuple[Callable[..., Any], tuple[Any, ...], dict[str, Any], str]] = [
    (zoo.get, (None,), {}, "a model is named by text, not by None"),
    (zoo.get, (True,), {}, "a model is named by text, not by True"),
    (zoo.measure, (None,), {}, "models must be one or several, not None"),
    (zoo.measure, ([],), {}, "models: name at least one"),
    (zoo.measure, ([None],), {}, "models are named by text, not by None"),
    (zoo.measure, (NET,), {"batches": ["8"]}, "batches must be a whole number of at least 1, not '8'"),
    (zoo.measure, (NET,), {"batches": 0}, "batches must be a whole number of at least 1, not 0"),
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
    (zoo.transfer, (NET,), {"shots": True}, "shots must be one or several, not True"),
    (zoo.transfer, (NET,), {"strategies": "ful"}, "strategies: unknown strategy 'ful': did you mean full?"),
    (zoo.transfer, (NET,), {"probe": None}, "probe must be non-empty text, not None"),
    (zoo.transfer, (NET,), {"corrupt": True}, "corrupt must be non-empty text, not True"),
    (zoo.transfer, (NET,), {"recipe": 3}, "recipe must be a dict of settings, not 3"),
    (zoo.transfer, (NET,), {"recipe": {"steps": True}}, "recipe: steps is a whole number from 1, not True"),
    (zoo.list_models, (3,), {}, "globs must be non-empty text, not 3"),
    (zoo.list_models, (), {"max_params": "30M"}, "max_params must be a number above 0, not '30M'"),
    (zoo.list_models, (), {"max_macs": True}, "max_macs must be a number above 0, not True"),
    (zoo.list_models, (), {"sort": None}, "unknown sort key None: permitted: name, params"),
    (zoo.list_models, (), {"source": 3}, "unknown source 3"),
    (zoo.run, (None,), {}, "suite must be non-empty text, not None"),
    (zoo.run, (), {"again": 1}, "again is true or false, not 1"),
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
