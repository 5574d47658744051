"""Work that may fail in any way, answered with its result or with the failure."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from zoo.outcome import Status

if TYPE_CHECKING:
    from collections.abc import Callable


CPU_ALLOCATOR = "DefaultCPUAllocator: can't allocate memory"
"""How PyTorch says on a CPU that memory is exhausted; any other RuntimeError is a failure."""


@dataclass(frozen=True, slots=True)
class Failure:
    """Why a request could not be answered."""

    status: Status
    reason: str


def guarded(work: Callable[[], Any]) -> Any:
    """What ``work`` returns in inference mode, or the :class:`Failure` that it ended in."""
    import torch

    try:
        with torch.inference_mode():
            return work()
    except torch.OutOfMemoryError as error:
        return Failure(Status.OOM, error_line(error))
    except MemoryError as error:
        return Failure(Status.OOM, error_line(error))
    except SystemExit as leaving:
        return Failure(Status.FAILED, f"the model ended its program: sys.exit({leaving.code!r})"[:200])
    except Exception as error:  # noqa: BLE001 - the model is anybody's code; its error is its row
        status = Status.OOM if CPU_ALLOCATOR in str(error) else Status.FAILED
        return Failure(status, error_line(error))


def error_line(error: BaseException) -> str:
    """An error in one line of at most 200 characters."""
    lines = [line for line in str(error).splitlines() if line.strip()] or [""]
    # PyTorch puts the place in its own C++ before the message.
    message = next((line for line in lines if CPU_ALLOCATOR in line), lines[0])
    text = f"{type(error).__name__}: {message}".rstrip(": ")
    return text if len(text) <= 200 else text[:197] + "..."
