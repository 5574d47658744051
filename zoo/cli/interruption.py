"""What a command says that is interrupted, by Ctrl-C or by SIGTERM."""

from __future__ import annotations

import shlex
import signal
import threading
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, NoReturn

if TYPE_CHECKING:
    from collections.abc import Iterator

INTERRUPTED, TERMINATED = 130, 143

GOES_ON = ("run", "transfer", "evaluate", "fetch")
"""Commands that find what they did before, and go on from there."""

KEEPS = ("bench", "doctor")
"""Commands whose finished trials are in the store, and that measure all anew when they are given again."""

AGAIN = "--again"


@contextmanager
def signals_as_interruption() -> Iterator[list[int]]:
    """Have SIGTERM end a command as Ctrl-C does.

    Gives a list that holds each signal once it came: a library whose import was interrupted may raise something else.
    """
    came: list[int] = []

    def end(number: int, _frame: Any) -> NoReturn:
        came.append(number)
        raise KeyboardInterrupt

    if threading.current_thread() is not threading.main_thread():
        yield came
        return
    # Who starts a command in the background has it pass Ctrl-C over.
    heard = [signal.SIGTERM, *([signal.SIGINT] if signal.getsignal(signal.SIGINT) != signal.SIG_IGN else [])]
    before = {number: signal.signal(number, end) for number in heard}
    try:
        yield came
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def interrupted(words: list[str]) -> str:
    """What was kept, and how to go on with the options that were given.

    Parameters
    ----------
    words : list of str
        Of the command line, after ``zoo``.
    """
    name = words[0] if words else ""
    same = shlex.join(["zoo", *(word for word in words if word != AGAIN)])
    if name in GOES_ON:
        return f"interrupted; what was finished is kept: `{same}` goes on from there"
    if name in KEEPS:
        return f"interrupted; the trials that were finished are kept (`zoo results list`): `{same}` measures all anew"
    return f"interrupted; nothing was changed by halves: `{same}` begins anew"
