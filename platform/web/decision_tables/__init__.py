"""Decision tables: the grid, what is found in it, files in and out, trying out."""
