"""Measurements, as ratios in one run on one machine. Never tests: `make bench` writes build/bench.json and prints a table."""
