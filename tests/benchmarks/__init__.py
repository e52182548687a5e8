"""Benches: ratios of ours to named floors and peers, measured in turns in one run. `make bench` runs them all."""
