"""Somebody else's code in this process, which it cannot end."""

from __future__ import annotations

import ctypes
import os
import sys
import threading
from contextlib import contextmanager, redirect_stdout, suppress
from typing import TYPE_CHECKING, NoReturn

if TYPE_CHECKING:
    from collections.abc import Iterator


class EndedError(Exception):
    """What somebody else's code raised, or called, to end the process."""


class _Output:
    """The file of standard output, lent to standard error by all who contain code at a time."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._lent = 0
        self._own: int | None = None

    def lend(self) -> None:
        """What is written to its number from here on, by whatever language or program, is an error's."""
        with self._lock:
            self._lent += 1
            if self._lent == 1:
                with suppress(OSError, ValueError, AttributeError):  # closed, or none at all
                    sys.stdout.flush()
                    self._own = os.dup(1)
                    os.dup2(2, 1)

    def take_back(self) -> None:
        """The last one gives it back."""
        with self._lock:
            self._lent -= 1
            if self._lent == 0 and self._own is not None:
                _flush_c()
                os.dup2(self._own, 1)
                os.close(self._own)
                self._own = None


_OUTPUT = _Output()


def _flush_c() -> None:
    """Write out what code in C has printed, which waits in its library's own buffer."""
    with suppress(OSError, AttributeError, TypeError):
        ctypes.CDLL(None).fflush(None)


@contextmanager
def contained() -> Iterator[None]:
    """Run somebody else's code.

    What it prints, or lets a program or a library in C print, goes to standard error. Where it would end the process,
    by ``SystemExit``, ``os._exit`` or what else is no ``Exception``, it raises instead. Ctrl-C is the user's.

    Raises
    ------
    EndedError
    """
    usual = os._exit

    def refused(status: int) -> NoReturn:
        raise EndedError(f"it called os._exit({status})")

    os._exit = refused
    _OUTPUT.lend()
    try:
        with redirect_stdout(sys.stderr):
            yield
    except SystemExit as error:
        raise EndedError(f"it raised SystemExit({error.code if error.code is not None else ''})") from error
    except (Exception, KeyboardInterrupt):
        raise
    except BaseException as error:
        raise EndedError(f"it raised {type(error).__name__}") from error
    finally:
        os._exit = usual
        _OUTPUT.take_back()
