"""A worker as the parent has it: a child process that holds one model."""

from __future__ import annotations

from typing import TYPE_CHECKING

from zoo.cost.worker.serve import serve
from zoo.plugins import registered_here as parts_registered_here
from zoo.processes.child import Child
from zoo.processes.fork import CAN_FORK
from zoo.sources.user import registered_here

if TYPE_CHECKING:
    from pathlib import Path

    from zoo.cost.protocol import Protocol


PRELOAD = ("zoo.cost.worker.preload",)


class WorkerProcess(Child):
    """One process that holds one model.

    Where processes can be forked, all of a run are forks of one that has imported the libraries: they start
    soon, and the libraries lie at the same addresses in each, so that no model has the better ones.

    Parameters
    ----------
    model : str
        ``source/architecture``.
    weights : str, Path or None
        A tag, or None for random initialisation.
    protocol : Protocol
    device : str
    forks : bool
        Whether the engine lets a fork call what it built.
    keeps_memory : bool
        Whether it keeps what it frees.
    """

    def __init__(
        self,
        model: str,
        weights: str | Path | None,
        protocol: Protocol,
        device: str = "cpu",
        *,
        forks: bool = True,
        keeps_memory: bool = True,
    ) -> None:
        on_cpu = device == "cpu"
        # A GPU's driver does not survive a fork, whoever may have woken it: its workers start from nothing.
        forked = on_cpu and forks and CAN_FORK
        super().__init__(
            serve,
            (model, weights, protocol),
            name=f"zoo-cost {model}",
            noun="worker",
            script_needed=bool(registered_here() or parts_registered_here()),
            preload=PRELOAD if forked else (),
            # Threads of an idle worker must sleep, not spin on the next model's cores. Where each round is a
            # process its threads end with it and wait as they do in anybody's program; see
            # docs/measuring.md#how-threads-wait.
            variables={} if forked else {"OMP_WAIT_POLICY": "PASSIVE"},
            memory=protocol.worker_memory if on_cpu else None,
            keeps_memory=keeps_memory,
        )
