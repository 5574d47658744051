"""Questions about a model, asked where it can end nothing."""

from __future__ import annotations

import multiprocessing
from contextlib import closing, suppress
from typing import TYPE_CHECKING, Any

from zoo import plugins
from zoo.contained import EndedError, contained
from zoo.errors import ZooError
from zoo.outcome import Status
from zoo.processes.answer import answer_requests
from zoo.processes.child import Child
from zoo.processes.guard import Failure
from zoo.sources import user

if TYPE_CHECKING:
    from multiprocessing.connection import Connection


PATIENCE_S = 120.0
"""For torch and the user's modules to be imported, and the model to be built and called."""


def ask_apart(model: str, question: str, *words: Any) -> Any:
    """What a function answers of a model.

    A child is asked, so that nothing of the model runs in this process. What only this process knows, a model that
    is registered in a running session, is asked here, where it can neither end the process nor print to its output.

    Parameters
    ----------
    model : str
        ``source/architecture``.
    question : str
        ``"module:function"``, called with the words.

    Returns
    -------
    object
        The answer, or a :class:`Failure` with why there is none.
    """
    known = user.registered().get(model)
    if multiprocessing.parent_process() is not None:  # a child itself, whose end is seen
        return plugins.load(question)(*words)
    if known is None or known.in_every_process:
        with suppress(ZooError), closing(Child(_serve, name="zoo-apart")) as child:
            return child.ask((model, question, words), PATIENCE_S)
    try:
        with contained():
            return plugins.load(question)(*words)
    except EndedError as error:
        return Failure(Status.FAILED, f"{model}: {error}")


def _serve(pipe: Connection) -> None:
    def answered(request: Any, _step: Any) -> Any:
        model, question, words = request
        user.load_in_worker(model)
        return plugins.load(question)(*words)

    answer_requests(pipe, answered)
