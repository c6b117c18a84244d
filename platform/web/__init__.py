"""The pages: Flask over the engine."""
