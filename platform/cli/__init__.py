"""The `blankett` command."""
