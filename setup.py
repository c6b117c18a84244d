"""List the packages for setuptools; everything else about the build is in pyproject.toml.

`platform/` is the import name `blankett` and has no __init__.py of its own (a package called "platform" would shadow
Python's module), so setuptools cannot find its packages by itself.
"""

from setuptools import find_packages, setup

setup(
    packages=[
        *(f"blankett.{name}" for name in find_packages("platform")),
        "blankett.templates",
        "blankett.blueprints",
    ]
)
