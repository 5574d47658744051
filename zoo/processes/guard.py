"""Work that may fail in any way, answered with its result or failure."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from zoo.outcome import reason_of, status_of

if TYPE_CHECKING:
    from collections.abc import Callable

    from zoo.outcome import Status


@dataclass(frozen=True, slots=True)
class Failure:
    """Why a request could not be answered."""

    status: Status
    reason: str


def failure_of(error: BaseException) -> Failure:
    """The failure that an error is."""
    return Failure(status_of(error), reason_of(error))


def guarded(work: Callable[[], Any]) -> Any:
    """What ``work`` returns in inference mode, or its :class:`Failure`."""
    import torch

    try:
        with torch.inference_mode():
            return work()
    except BaseException as error:  # noqa: BLE001 - the model is anybody's code; its error is its row
        return failure_of(error)
