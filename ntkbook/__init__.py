"""Four papers on overparameterised networks: every claim stated, run and judged."""
