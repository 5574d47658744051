"""Options and parameters of the benchmark suites: ``pytest benchmarks --suite quick``."""

from __future__ import annotations

import pytest

from zoo.errors import ZooError


def pytest_xdist_auto_num_workers() -> int:
    """None: what is timed has the machine to itself."""
    return 0


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--suite", default="quick", help="suite whose models are timed: a name or a TOML path")
    parser.addoption("--pairs", default=30, type=int, help="A/A pairs that the harness and a plain loop are tried on")
    parser.addoption("--images", default=100_000, type=int, help="JPEGs that are planned and decoded")


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """One benchmark for each cost trial of the suite on this machine, the A/A replica left out."""
    if "planned_cost" not in metafunc.fixturenames:
        return
    from zoo.cost.metrics import METRICS
    from zoo.plans.cost import plan_cost
    from zoo.suites.file import load_suite

    try:
        suite = load_suite(metafunc.config.getoption("suite"))
        planned = [item for item in plan_cost(suite) if item.case.replica == 0]
        # Of what is a call of the model: steps of training, memory and the like are the harness's own to measure.
        timed = [name for name in METRICS if METRICS.get(name).timed and not METRICS.get(name).make_call]
        planned = [item for item in planned if item.case.settings.metric in timed]
    except ZooError as error:
        raise pytest.UsageError(str(error)) from None
    metafunc.parametrize("planned_cost", planned, ids=[_identifier(item) for item in planned])


def _identifier(item) -> str:  # type: ignore[no-untyped-def]
    settings = item.case.settings
    return (
        f"{item.case.model}-{settings.device}-{settings.precision}-{settings.memory_format}-{settings.form}"
        f"-batch{settings.batch}-threads{settings.threads}"
    )
