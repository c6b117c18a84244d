"""Migrations of the tables, run by `blankett db upgrade`."""
