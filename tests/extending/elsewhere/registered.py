"""Registers all of them, for processes that name this module in ``ZOO_IMPORT``."""

from __future__ import annotations

from elsewhere.engine import ONE_BY_ONE
from elsewhere.executor import BACKWARDS
from elsewhere.metric import DISK
from elsewhere.section import COUNT
from elsewhere.source import ELSEWHERE
from elsewhere.strategy import NEAREST_MEAN
from elsewhere.task import SQUARES

from zoo.cost.engines import ENGINES
from zoo.cost.metrics import METRICS
from zoo.executors import EXECUTORS
from zoo.regimes.strategies import STRATEGIES
from zoo.report.sections import SECTIONS
from zoo.sources import SOURCES
from zoo.tasks.catalogue import TASKS

METRICS.register("disk", DISK)
ENGINES.register("one-by-one", ONE_BY_ONE)
STRATEGIES.register("nearest_mean", NEAREST_MEAN)
TASKS.register("squares", SQUARES)
EXECUTORS.register("backwards", BACKWARDS)
SECTIONS.register("count", COUNT)
SOURCES.register("elsewhere", ELSEWHERE)
