"""Checks that look at a blueprint as a whole, one module per subject. `blankett.engine.checker` lists them."""
