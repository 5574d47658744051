"""The open table of probes: linear classifiers on features."""

from __future__ import annotations

from typing import TYPE_CHECKING

from zoo.plugins import Table

if TYPE_CHECKING:
    from zoo.regimes.probes.base import Probe


PROBES: Table[Probe] = Table(
    "probe",
    {
        "ridge": "zoo.regimes.probes.ridge:probe_by_ridge",
        "logistic": "zoo.regimes.probes.logistic:probe_by_logistic_regression",
    },
    "zoo.probes",
)
"""Every probe by name; the first is the default."""
