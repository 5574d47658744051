"""A function run in a fork, so that what it leaves behind ends with it."""

from __future__ import annotations

import os
import pickle
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from zoo.processes.parent import die_with_parent

if TYPE_CHECKING:
    from collections.abc import Callable


CAN_FORK = sys.platform == "linux"
"""Elsewhere the libraries under PyTorch start threads, or talk to the window system, and must not be forked."""


def may_fork() -> bool:
    """Whether a fork of this process has all that it needs.

    It lacks the threads of the process, and may wait for one without end.
    """
    try:
        return CAN_FORK and len(list(Path("/proc/self/task").iterdir())) == 1
    except OSError:
        return False


@dataclass(frozen=True, slots=True)
class Died:
    """A child ended without an answer.

    ``exit_code`` is negative for a signal, as in :mod:`subprocess`.
    """

    exit_code: int


def run_in_child(work: Callable[[], Any]) -> Any:
    """What ``work`` returns in a fork of this process, or :class:`Died`.

    The answer is pickled. This process must not have started threads, and its memory is as it was before. The child
    ends with it. What ``work`` raises ends the child with exit code 1.
    """
    sys.stdout.flush()
    sys.stderr.flush()
    reading, writing = os.pipe()
    child = os.fork()
    if child == 0:
        code = 1
        try:
            os.close(reading)
            die_with_parent()
            answer = pickle.dumps(work())
            with os.fdopen(writing, "wb") as stream:
                stream.write(answer)
            sys.stdout.flush()
            sys.stderr.flush()
            code = 0
        finally:
            os._exit(code)  # none of the parent's handlers at exit are the child's to run
    os.close(writing)
    with os.fdopen(reading, "rb") as stream:
        answer = stream.read()
    _, status = os.waitpid(child, 0)
    code = os.waitstatus_to_exitcode(status)
    # An exit in the midst of the work leaves no answer, whatever its code.
    return pickle.loads(answer) if code == 0 and answer else Died(code)  # noqa: S301 - our own child's
