"""New processes beside a user's script, which is not run again in them."""

from __future__ import annotations

import multiprocessing
import os
import sys
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from zoo.errors import ScriptError

if TYPE_CHECKING:
    from collections.abc import Iterator


RUN_IN_A_WORKER = 97
"""Exit code of a worker in which the user's script began to measure while the worker imported it."""


@contextmanager
def script_left_out(needed: bool) -> Iterator[None]:
    """Start processes inside that do not run the main script again.

    multiprocessing has each new process import the script, so that what it defines can be found there, and a
    script without ``if __name__ == "__main__":`` measures again in each. Only models that the script registers,
    or a module that it imports, need that.

    Parameters
    ----------
    needed : bool
        Whether the new processes can find something in the script alone.
    """
    main = sys.modules["__main__"]
    if needed and has_script():
        yield
        return
    hidden = {name: getattr(main, name) for name in ("__file__", "__spec__") if hasattr(main, name)}
    try:
        if "__file__" in hidden:
            del main.__file__
        main.__spec__ = None
        yield
    finally:
        for name, value in hidden.items():
            setattr(main, name, value)


def has_script() -> bool:
    """Whether this process runs a script or module that new ones can import.

    A notebook, a prompt and what comes through a pipe are none.
    """
    main = sys.modules["__main__"]
    file = getattr(main, "__file__", None)
    return getattr(main, "__spec__", None) is not None or (file is not None and Path(file).is_file())


def leave_if_in_a_worker() -> None:
    """End this process where it is a worker that still imports the script.

    The parent says why.
    """
    if getattr(multiprocessing.current_process(), "_inheriting", False):
        os._exit(RUN_IN_A_WORKER)


def check_exit(code: int | None) -> None:
    """Refuse to go on where a worker left because the script measures.

    It does so whenever it is imported.

    Raises
    ------
    ScriptError
    """
    if code == RUN_IN_A_WORKER:
        raise ScriptError(
            "this script registers models, so each worker imports it, and it measures again there: put what it runs "
            'under `if __name__ == "__main__":`'
        ) from None
