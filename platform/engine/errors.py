"""The base of every exception Blankett raises for a cause outside its own code."""

from __future__ import annotations


class BlankettError(Exception):
    """Something outside the code is wrong: a blueprint, the store, a setting. The text says what to do."""
