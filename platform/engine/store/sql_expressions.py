"""Expressions that SQLite and PostgreSQL write each in its own words."""

from __future__ import annotations

from collections.abc import Callable
from string import Formatter
from typing import Any, TypeVar

from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.compiler import SQLCompiler
from sqlalchemy.sql.functions import FunctionElement

Kind = TypeVar("Kind", bound=type[FunctionElement[Any]])


def written(*, postgresql: str, sqlite: str) -> Callable[[Kind], Kind]:
    """Let the expressions of a class be written so: ``{0}`` is the first of what they are made of."""

    def spell(kind: Kind) -> Kind:
        compiles(kind)(_writer(postgresql))
        compiles(kind, "sqlite")(_writer(sqlite))
        return kind

    return spell


def _writer(text: str) -> Callable[..., str]:
    pieces = [(words, None if place is None else int(place)) for words, place, *_ in Formatter().parse(text)]

    def write(found: FunctionElement[Any], compiler: SQLCompiler, **how: Any) -> str:
        parts = list(found.clauses)
        # Each place of a value is written anew, in order: SQLite binds values by their places.
        return "".join(
            words + ("" if place is None else compiler.process(parts[place], **how)) for words, place in pieces
        )

    return write
