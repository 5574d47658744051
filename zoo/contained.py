"""Somebody else's code in this process, which it cannot end."""

from __future__ import annotations

import os
import sys
from contextlib import contextmanager, redirect_stdout
from typing import TYPE_CHECKING, NoReturn

if TYPE_CHECKING:
    from collections.abc import Iterator


class EndedError(Exception):
    """What somebody else's code raised, or called, to end the process."""


@contextmanager
def contained() -> Iterator[None]:
    """Run somebody else's code.

    What it prints goes to standard error. Where it would end the process, by ``SystemExit`` or ``os._exit``, it
    raises instead.

    Raises
    ------
    EndedError
    """
    usual = os._exit

    def refused(status: int) -> NoReturn:
        raise EndedError(f"it called os._exit({status})")

    os._exit = refused
    try:
        with redirect_stdout(sys.stderr):
            yield
    except SystemExit as error:
        raise EndedError(f"it raised SystemExit({error.code if error.code is not None else ''})") from error
    finally:
        os._exit = usual
