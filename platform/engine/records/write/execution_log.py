"""What happened while somebody listens: rules that fired, and the ways that conditions of actions took.

Scenarios learn from it what they cover. What a command did is told also where it was then refused.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from threading import local

from blankett.engine.language.model import Form


@dataclass
class ExecutionLog:
    """What was seen, in order."""

    #: (form's full name, rule) that fired.
    rules: list[tuple[str, str]] = field(default_factory=list)
    #: (form's full name, way): ``submit: notify finance, done``; see `language.form_formulas.ways_of`.
    ways: list[tuple[str, str]] = field(default_factory=list)


class _Witness(local):
    """Who looks on in this thread."""

    seen: ExecutionLog | None = None


_WITNESS = _Witness()


def note_rule(form: Form, rule: str) -> None:
    """Note that a rule fired."""
    if _WITNESS.seen is not None:
        _WITNESS.seen.rules.append((form.name, rule))


def note_way(form: Form, way: str) -> None:
    """Note which way a condition of an action took."""
    if _WITNESS.seen is not None:
        _WITNESS.seen.ways.append((form.name, way))


@contextmanager
def execution_logged() -> Iterator[ExecutionLog]:
    """Collect what happens inside, in this thread."""
    before, seen = _WITNESS.seen, ExecutionLog()
    _WITNESS.seen = seen
    try:
        yield seen
    finally:
        _WITNESS.seen = before
