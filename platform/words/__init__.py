"""The texts of the product in its languages."""
