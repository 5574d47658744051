"""Memory of this process: resident now, and at its peak."""

from __future__ import annotations

from pathlib import Path

STATUS, CLEAR = Path("/proc/self/status"), Path("/proc/self/clear_refs")


def resident_bytes() -> int | None:
    """Bytes of memory that lie in RAM, None where that is not told."""
    return _field("VmRSS")


def peak_bytes() -> int | None:
    """The most there was since the process began, or since :func:`reset_peak`."""
    return _field("VmHWM")


def reset_peak() -> bool:
    """Begin anew with the peak, and say whether the system did."""
    try:
        CLEAR.write_text("5")
    except OSError:
        return False
    return True


def _field(name: str) -> int | None:
    try:
        for line in STATUS.read_text().splitlines():
            if line.startswith(f"{name}:"):
                return 1024 * int(line.split()[1])
    except (OSError, ValueError, IndexError):
        pass
    return None
