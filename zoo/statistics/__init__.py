"""Pure numbers: measurements, intervals, comparisons, the Pareto frontier; knows nothing of torch."""
