"""The blueprints that ship with Blankett; a package so that they are found in a wheel."""
