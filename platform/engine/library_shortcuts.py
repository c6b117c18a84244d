"""Ways past the public interfaces of libraries: the versions each was tried with, and the switch that closes them.

A shortcut gives what the library gives, sooner, and a test compares both. Where shortcuts are closed, or the library is
of another version, it is asked as its documentation says.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from functools import cache
from importlib.metadata import version
from typing import Final

#: `off` closes them.
VARIABLE: Final = "BLANKETT_SHORTCUTS"

#: Library → the versions its shortcuts were tried with.
#: SQLAlchemy: what a compiled query gives back (`engine.store.prepared_queries`).
#: Jinja2: how calls and what is put out are compiled (`web.templating`).
TRIED: Mapping[str, tuple[str, ...]] = {"SQLAlchemy": ("2.1",), "Jinja2": ("3.1",)}


@cache
def is_open(library: str) -> bool:
    """Tell whether the shortcuts past *library* are taken in this process."""
    if os.environ.get(VARIABLE, "") == "off":
        return False
    return ".".join(version(library).split(".")[:2]) in TRIED[library]
