"""The pages' Jinja templates; a package so that they are found in a wheel."""
