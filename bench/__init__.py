"""Measures what Blankett costs: `python -m bench` prints a table and writes docs/performance.md."""
