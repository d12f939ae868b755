"""Where work runs: compiled kernels and, later, workers."""
