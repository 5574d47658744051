"""Work on many items, by several processes where there is enough of it."""

from __future__ import annotations

import time
from collections import deque
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, closing
from functools import partial
from typing import TYPE_CHECKING, Any, TypeVar

from zoo.errors import ZooError
from zoo.processes.answer import answer_requests
from zoo.processes.child import Child
from zoo.processes.guard import Failure

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from multiprocessing.connection import Connection

Item = TypeVar("Item")
Answer = TypeVar("Answer")

AT_ONCE = 64
"""Items that are handed over together."""

AHEAD = 3
"""Handfuls that a process is given before its first is answered."""

WORTH_S = 1.5
"""Of work left here before processes are begun for it, which takes some tenths of a second."""

PATIENCE_S = 600.0
"""For one handful."""


def spread(
    work: Callable[[Item], Answer],
    items: Sequence[Item],
    cores: int,
    apart: Callable[[Item], Answer] | None = None,
    worth_s: float = WORTH_S,
) -> Iterator[list[Answer]]:
    """Answers to all items in order, a handful at a time.

    Work begins here, in threads. Once it is known how long the rest takes, it goes on in as many processes as there
    are cores, where that is worth their beginning. They end with this one, and with the iterator.

    Parameters
    ----------
    work : callable
        From an item to its answer.
    items : sequence
    cores : int
    apart : callable, optional
        The same, as another process can be sent it; without it all is done here.
    worth_s : float
        Seconds of work left that other processes are begun for.

    Raises
    ------
    ZooError
        That the work raised, or for a process that ended.
    """
    handfuls = deque(items[start : start + AT_ONCE] for start in range(0, len(items), AT_ONCE))
    begun, done = time.perf_counter(), 0
    with ThreadPoolExecutor(max(1, cores)) as pool:
        while handfuls:
            left = (time.perf_counter() - begun) / done * (len(items) - done) if done else 0.0
            if apart is not None and cores > 1 and (left > worth_s or not worth_s):
                break
            handful = handfuls.popleft()
            yield list(pool.map(work, handful))
            done += len(handful)
    if handfuls and apart is not None:
        yield from _by_processes(apart, handfuls, cores)


def _by_processes(
    work: Callable[[Item], Answer], handfuls: deque[Sequence[Item]], count: int
) -> Iterator[list[Answer]]:
    with ExitStack() as stack:
        children = deque(
            stack.enter_context(closing(Child(_serve, (work,), name="zoo-spread", noun="process at work")))
            for _ in range(min(count, len(handfuls)))
        )
        asked: deque[Child] = deque()
        while handfuls or asked:
            while handfuls and len(asked) < AHEAD * len(children):
                children[0].send(handfuls.popleft())
                asked.append(children[0])
                children.rotate(-1)
            answer: Any = asked.popleft().receive(PATIENCE_S)
            if isinstance(answer, Failure):
                raise ZooError(f"work was cut short: {answer.reason}")
            yield answer


def _serve(pipe: Connection, work: Callable[[Any], Any]) -> None:
    answer_requests(pipe, partial(_answers, work))


def _answers(work: Callable[[Any], Any], items: Sequence[Any], _step: object) -> list[Any]:
    return [work(item) for item in items]
