"""Tests that drive a real browser, which they share: see `browser` in conftest.py."""
