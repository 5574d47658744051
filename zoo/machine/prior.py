"""What a core is taken to compute before anything was measured on it."""

from __future__ import annotations

EFFECTIVE_MACS_PER_S = 30e9
"""Of one CPU core at fp32; only the first estimate of a run rests on it."""
