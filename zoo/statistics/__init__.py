"""Pure numbers: measurements, intervals, comparisons, the frontier."""
