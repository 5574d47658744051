"""Where jobs are run, one module a place."""

from __future__ import annotations

from typing import TYPE_CHECKING

from zoo.plugins import Table

if TYPE_CHECKING:
    from zoo.executors.base import Executor

LOCAL = "local"

EXECUTORS: Table[Executor] = Table("executor", {LOCAL: "zoo.executors.local:LOCAL"}, "zoo.executors")
"""Every executor by the name that a suite, ``zoo run --executor`` and ``zoo.run`` give it."""
