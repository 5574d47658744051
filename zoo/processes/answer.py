"""The child's side: how it begins, and how it answers requests."""

from __future__ import annotations

import contextlib
import multiprocessing
import os
import signal
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from zoo.errors import ZooError
from zoo.machine.allocator import keep_freed_memory
from zoo.machine.memory import limit_memory
from zoo.processes.guard import failure_of
from zoo.processes.parent import die_when_closed

if TYPE_CHECKING:
    from multiprocessing.connection import Connection

Step = Callable[[int, int], None]


@dataclass(frozen=True, slots=True)
class Progress:
    """Sent by a child at work: so many steps of so many are done."""

    done: int
    total: int


@dataclass(frozen=True, slots=True)
class Refusal:
    """Sent by a child in place of an answer: what is the user's to mend."""

    text: str


def answer_requests(pipe: Connection, answer: Callable[[Any, Step], Any]) -> None:
    """Answer requests until the pipe closes.

    Parameters
    ----------
    pipe : Connection
    answer : callable
        From a request, and a function to tell (step, steps) to, to an answer. What it raises is sent as a
        :class:`Refusal` or a :class:`Failure`.
    """

    def step(done: int, total: int) -> None:
        try:
            pipe.send(Progress(done, total))
        except (BrokenPipeError, ConnectionError):
            os._exit(1)  # the parent is gone: nobody waits for what would be done from here on

    while True:
        try:
            request = pipe.recv()
        except (EOFError, ConnectionError):
            return
        reply: Any
        try:
            reply = answer(request, step)
        except ZooError as error:
            reply = Refusal(str(error))
        except BaseException as error:  # noqa: BLE001 - anybody's code may raise any, and Ctrl-C is the parent's
            reply = failure_of(error)
        try:
            pipe.send(reply)
        except (BrokenPipeError, ConnectionError):
            return


def begin(
    pipe: Connection,
    lifeline: Connection,
    serve: Callable[..., None],
    args: tuple[Any, ...],
    environment: dict[str, str],
    memory: float | None,
    *,
    keeps: bool = True,
) -> None:
    """Begin as a child, then serve.

    It ends with its parent, has its environment, keeps to the bound on memory and, as a rule, keeps what it frees. A
    fork of an older process has that one's environment until it gets its parent's here.
    """
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C reaches the whole group; the parent decides what ends
    with contextlib.suppress(OSError):
        os.dup2(2, 1)  # what a user's code prints is no part of a command's output
    die_when_closed(lifeline)
    multiprocessing.current_process().daemon = False  # so that it may have children too, which end with it
    for name in os.environ.keys() - environment.keys():
        del os.environ[name]
    os.environ.update(environment)
    if keeps:
        keep_freed_memory()
    if memory is not None:
        limit_memory(memory)
    serve(pipe, *args)
