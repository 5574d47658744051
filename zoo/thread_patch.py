"""Methods of a library's classes, exchanged for one thread alone."""

from __future__ import annotations

import threading
from contextlib import contextmanager
from functools import wraps
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator


_LOCK = threading.RLock()
"""Classes belong to the whole process: who changes them second must not put back what the first put there."""


@contextmanager
def exchanged(owner: type, name: str, make: Callable[[Any], Callable[..., Any]]) -> Iterator[None]:
    """Exchange a method for what this thread calls, within a block.

    Every other thread keeps the usual one.

    Parameters
    ----------
    owner : type
        The class that defines the method.
    name : str
    make : callable
        From the usual function to the one that stands in for it.
    """
    with _LOCK:
        usual = getattr(owner, name)
        other, mine = make(usual), threading.get_ident()

        @wraps(usual)
        def method(*args: Any, **named: Any) -> Any:
            return (other if threading.get_ident() == mine else usual)(*args, **named)

        setattr(owner, name, method)
        try:
            yield
        finally:
            setattr(owner, name, usual)
