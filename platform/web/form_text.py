"""Small things that pages send: texts that administrators type, and numbers that pages carry along."""

from __future__ import annotations

from flask import request

from blankett.engine.fields.text import BAD_CHARACTERS
from blankett.engine.fields.text import is_line as is_line


def typed(name: str) -> str:
    """Return what was typed into the control *name*, without blanks around it."""
    return request.form.get(name, "").strip()


def is_clean(text: str) -> bool:
    """Tell whether every character of *text* can be kept."""
    return BAD_CHARACTERS.search(text) is None


def whole_number(text: str) -> int | None:
    """Return the number in *text*, as a page carries revisions; None for anything else."""
    return int(text) if text.isascii() and text.isdigit() and len(text) < 10 else None
