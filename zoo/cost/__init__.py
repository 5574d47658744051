"""What a model costs to run: latency and throughput by interleaved rounds."""
