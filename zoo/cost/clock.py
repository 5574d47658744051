"""The clock of one call: wall time, and on a GPU the device's own too."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any, Protocol

if TYPE_CHECKING:
    from collections.abc import Callable


PAUSE_S = 0.005


class Clock(Protocol):
    """Times a call."""

    def time_call(self, call: Callable[[], Any]) -> tuple[float, float | None]:
        """Seconds of wall time, and of device time where there is a device apart."""


class CpuClock:
    """The monotonic clock around a call that returns when it is done."""

    def time_call(self, call: Callable[[], Any]) -> tuple[float, None]:
        """Seconds of wall time."""
        start = time.perf_counter()
        call()
        return time.perf_counter() - start, None


class CudaClock:
    """Wall time from idle device to idle device, and events in between.

    The events stand around the work that the call queued.
    """

    def __init__(self, device: str) -> None:
        import torch

        self._device = torch.device(device)
        self._start = torch.cuda.Event(enable_timing=True)  # type: ignore[no-untyped-call]
        self._end = torch.cuda.Event(enable_timing=True)  # type: ignore[no-untyped-call]

    def time_call(self, call: Callable[[], Any]) -> tuple[float, float]:
        """Seconds of wall time and of device time.

        Their gap is the cost of launching.
        """
        import torch

        # Without a stream an event is recorded on whichever GPU is the current one.
        stream = torch.cuda.current_stream(self._device)
        torch.cuda.synchronize(self._device)
        start = time.perf_counter()
        self._start.record(stream)
        call()
        self._end.record(stream)
        torch.cuda.synchronize(self._device)
        wall = time.perf_counter() - start
        return wall, self._start.elapsed_time(self._end) / 1000

    def watch(self, call: Callable[[], Any], calls: int, read: Callable[[], None]) -> None:
        """Queue calls and read the device's state until it has done them."""
        import torch

        for index in range(calls):
            call()
            if index == calls // 2:  # where launching is what takes the time, the queue is never long
                read()
        done = torch.cuda.Event()  # type: ignore[no-untyped-call]
        done.record(torch.cuda.current_stream(self._device))
        while not done.query():  # type: ignore[no-untyped-call]
            read()
            time.sleep(PAUSE_S)


def clock_for(device: str) -> Clock:
    """The clock of a device."""
    return CpuClock() if device == "cpu" else CudaClock(device)
