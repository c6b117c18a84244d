"""What controls are called: ``customer``, ``lines.<line id>.price``; and the engine's paths ``lines/<line id>/price``.

Names that begin with an underscore are the page's own (`_intent`, `_revision`); no field can have one.
"""

from __future__ import annotations

import re

#: A line that the record does not have yet carries this before its id, as the engine wants it.
NEW_LINE = "+"

LINE_ID = re.compile(r"\+?[0-9A-Za-z]{1,32}\Z")


def path_of(name: str) -> str:
    """Return the engine path of a control's name."""
    return name.replace(".", "/")


def is_new_line(line_id: str) -> bool:
    """Tell whether the record does not have the line yet."""
    return line_id.startswith(NEW_LINE)
