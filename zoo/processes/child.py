"""A child process as its parent has it: started, asked, awaited, ended."""

from __future__ import annotations

import contextlib
import multiprocessing
import os
import signal
import time
from typing import TYPE_CHECKING, Any

from zoo.errors import ZooError
from zoo.machine.memory import oom_kills
from zoo.outcome import Status
from zoo.processes.answer import Progress, Refusal, begin
from zoo.processes.fork import CAN_FORK, Died
from zoo.processes.guard import Failure
from zoo.processes.script import check_exit, script_left_out

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence
    from multiprocessing.connection import Connection
    from multiprocessing.context import ForkServerContext, SpawnContext
    from multiprocessing.process import BaseProcess

    from zoo.processes.answer import Step


class Child:
    """One process that answers requests in order.

    The parent blocks on its pipe and never polls. The child ends with its parent, and leaves Ctrl-C to the parent.

    Parameters
    ----------
    serve : callable
        Run in the child with its end of the pipe and ``args``; see :func:`zoo.processes.answer.answer_requests`.
    args : tuple
    name : str
        Of the process, as the system lists it.
    noun : str
        What reasons call it: ``"worker"``.
    script_needed : bool
        Whether it can find something in the user's main script alone; see :mod:`zoo.processes.script`.
    preload : sequence of str
        Modules. Where processes can be forked, the child is then a fork of one that has imported them; a new
        Python otherwise.
    variables : mapping of str to str
        Environment variables of the child alone, there when it starts.
    memory : float, optional
        Fraction of the machine's memory that it may fill.
    keeps_memory : bool
        Whether it keeps what it frees; else it does with memory as any program does.
    start_timeout_s : float
        How much longer than the others the first answer may take.
    """

    def __init__(
        self,
        serve: Callable[..., None],
        args: tuple[Any, ...] = (),
        *,
        name: str,
        noun: str = "process",
        script_needed: bool = False,
        preload: Sequence[str] = (),
        variables: Mapping[str, str] | None = None,
        memory: float | None = None,
        keeps_memory: bool = True,
        start_timeout_s: float = 0.0,
    ) -> None:
        self._noun = noun
        self._extra_s = start_timeout_s
        self._oom_kills = oom_kills()
        context = _context(preload)
        own = dict(variables or {})
        self._pipe: Connection
        self._pipe, theirs = context.Pipe()
        their_lifeline, self._lifeline = context.Pipe(duplex=False)
        self._process: BaseProcess = context.Process(
            target=begin,
            args=(theirs, their_lifeline, serve, args, dict(os.environ) | own, memory),
            kwargs={"keeps": keeps_memory},
            daemon=True,
            name=name,
        )
        with script_left_out(script_needed), _environment(own):
            self._process.start()
        theirs.close()
        their_lifeline.close()
        self._closed = False

    @property
    def pid(self) -> int | None:
        """Of the process, until it is closed."""
        return None if self._closed else self._process.pid

    @property
    def alive(self) -> bool:
        """Whether it can still be asked."""
        return not self._closed and self._process.is_alive()

    def send(self, request: Any) -> None:
        """Ask, without waiting."""
        if self._closed:
            return
        if self._process.is_alive():
            self._oom_kills = oom_kills()
        # A dead child's end shows when the answer is waited for.
        with contextlib.suppress(BrokenPipeError, ConnectionError):
            self._pipe.send(request)

    def receive(self, timeout_s: float, doing: str = "", on_step: Step | None = None) -> Any:
        """The answer, or the :class:`Failure` that came instead.

        Silence, death, or the child's own error.

        Parameters
        ----------
        timeout_s : float
            Until the answer; steps that are told meanwhile do not prolong it.
        doing : str
            Ends the reason of a failure: ``"while it warmed up"``.
        on_step : callable, optional
            Told (step, steps).

        Raises
        ------
        ZooError
            What the child found to be the user's to mend.
        """
        if self._closed:
            return Failure(Status.FAILED, f"the {self._noun} had already ended")
        deadline = time.monotonic() + timeout_s + self._extra_s
        self._extra_s = 0.0
        try:
            while True:
                if not self._pipe.poll(max(0.0, deadline - time.monotonic())):
                    self.close()
                    after = f"{timeout_s:g} s {doing}".rstrip()
                    return Failure(Status.TIMEOUT, f"no answer within {after}; the {self._noun} was ended")
                answer = self._pipe.recv()
                if not isinstance(answer, Progress):
                    break
                if on_step is not None:
                    on_step(answer.done, answer.total)
        except (EOFError, ConnectionError):
            return self._obituary(doing)
        if isinstance(answer, Refusal):
            raise ZooError(answer.text)
        return self._cause(answer.exit_code, doing) if isinstance(answer, Died) else answer

    def ask(self, request: Any, timeout_s: float, doing: str = "", on_step: Step | None = None) -> Any:
        """:meth:`send`, then :meth:`receive`."""
        self.send(request)
        return self.receive(timeout_s, doing, on_step)

    def close(self) -> None:
        """End the process at once, safe to call twice."""
        if not self._closed:
            self._closed = True
            self._process.kill()
            self._process.join()
            self._process.close()
            self._pipe.close()
            self._lifeline.close()

    def _obituary(self, doing: str) -> Failure:
        self._process.join(10)
        code = self._process.exitcode
        self.close()
        check_exit(code)
        return self._cause(code, doing)

    def _cause(self, code: int | None, doing: str) -> Failure:
        """Why a process with that exit code ended, the child or one of its own."""
        if code is None or code >= 0:
            how = f"with exit code {code} {doing}" if doing else f"without an answer (exit code {code})"
            return Failure(Status.FAILED, f"the {self._noun} ended {how}")
        kills = oom_kills()
        exhausted = kills is not None and self._oom_kills is not None and kills > self._oom_kills
        if -code == signal.SIGKILL and exhausted:
            what = f"the kernel killed the {self._noun} {doing}".rstrip()
            return Failure(Status.OOM, f"{what}: memory was exhausted")
        what = f"the {self._noun} was killed by signal {-code} ({signal.Signals(-code).name}) {doing}"
        return Failure(Status.FAILED, what.rstrip())


def _context(preload: Sequence[str]) -> SpawnContext | ForkServerContext:
    if not (CAN_FORK and preload):
        return multiprocessing.get_context("spawn")
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload(list(preload))
    return context


@contextlib.contextmanager
def _environment(variables: Mapping[str, str]) -> Iterator[None]:
    before = {name: os.environ.get(name) for name in variables}
    os.environ.update(variables)
    try:
        yield
    finally:
        for name, value in before.items():
            if value is None:
                del os.environ[name]
            else:
                os.environ[name] = value
