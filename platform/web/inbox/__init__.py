"""The inbox and its count in the frame of every page."""
