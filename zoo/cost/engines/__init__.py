"""How a model is run while it is measured, one module an engine."""

from __future__ import annotations

from typing import TYPE_CHECKING

from zoo.plugins import Table

if TYPE_CHECKING:
    from zoo.cost.engines.base import Engine


ENGINES: Table[Engine] = Table(
    "engine",
    {
        "eager": "zoo.cost.engines.eager:EAGER",
        "compiled": "zoo.cost.engines.compiled:COMPILED",
        "cuda_graph": "zoo.cost.engines.cuda_graph:CUDA_GRAPH",
        "onnxruntime": "zoo.cost.engines.exported:ONNXRUNTIME",
        "openvino": "zoo.cost.engines.exported:OPENVINO",
    },
    "zoo.engines",
)
"""Every engine by the name that suites and records give it."""
