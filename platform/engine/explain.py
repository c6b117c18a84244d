"""Why a condition does not hold: the parts of it that fail, with the values they saw. Plain data; words come at the
edge.

A condition is taken apart at its outermost `and`s; each part is evaluated by itself, by the evaluator that decides, so
an explanation never disagrees with the decision.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from blankett.engine import feel
from blankett.engine.blueprint.model import Formula, Place
from blankett.engine.feel import tree
from blankett.engine.feel.members import read_member

#: Formulas whose parts are kept compiled.
KEPT = 4_096
#: Of a list, the first so many values are told.
MOST_VALUES = 5

#: Tells whether the reader may see the value at a path of names: ("customer", "credit_limit").
MayRead = Callable[[tuple[str, ...]], bool]


@dataclass(frozen=True)
class Seen:
    """A value that a condition looked at."""

    #: From the names in scope: ("customer", "tier").
    path: tuple[str, ...]
    #: As formulas know it; None for null and for what the reader may not see.
    value: Any
    #: Whether the reader may not see it.
    is_hidden: bool = False


@dataclass(frozen=True)
class Condition:
    """A part of a condition that does not hold."""

    #: As the author wrote it: ``total < 10000``.
    text: str
    #: False: it does not hold. None: a value it needs is missing.
    holds: bool | None
    seen: tuple[Seen, ...]
    place: Place

    @property
    def missing(self) -> tuple[tuple[str, ...], ...]:
        """Return the paths of the values that are null."""
        return tuple(seen.path for seen in self.seen if seen.value is None and not seen.is_hidden)


@dataclass(frozen=True)
class Part:
    """One of the conditions that an `and` joins."""

    text: str
    compiled: feel.Formula
    reads: tuple[tuple[str, ...], ...]


def failing(
    formula: Formula, names: Mapping[str, Any], moment: feel.Moment, may_read: MayRead = lambda path: True
) -> tuple[Condition, ...]:
    """Return the parts of *formula* that do not hold for *names*, in the order they are written."""
    failed = []
    for part in parts_of(formula.text, formula.compiled):
        found = part.compiled.evaluate(names, moment)
        if found is not True:
            seen = tuple(_seen(path, names, may_read) for path in part.reads)
            failed.append(Condition(part.text, False if found is False else None, seen, formula.place))
    return tuple(failed)


@lru_cache(maxsize=KEPT)
def parts_of(text: str, compiled: feel.Formula) -> tuple[Part, ...]:
    """Return the conditions that the outermost `and`s of a formula join; the whole formula when there is none."""
    return tuple(_part(text, piece, compiled.scope) for piece in conjuncts(compiled.expression))


def conjuncts(expression: tree.Expression) -> Iterator[tree.Expression]:
    """Yield the operands of the outermost `and`s of *expression*, or itself."""
    if isinstance(expression, tree.Logic) and expression.operator == "and":
        for operand in expression.operands:
            yield from conjuncts(operand)
    else:
        yield expression


def _part(text: str, piece: tree.Expression, scope: feel.Scope) -> Part:
    reads = feel.check(piece, scope).reads
    # customer and customer.tier are read: the tier is what was looked at.
    longest = sorted(
        path for path in reads if not any(len(other) > len(path) and other[: len(path)] == path for other in reads)
    )
    return Part(without_brackets(text[piece.start : piece.end]), feel.compile(piece, scope), tuple(longest))


def without_brackets(text: str) -> str:
    """Return *text* without blanks and brackets around the whole of it: ``(total > 1)`` is ``total > 1``."""
    text = text.strip()
    while text.startswith("(") and text.endswith(")") and _closes_at_end(text):
        text = text[1:-1].strip()
    return text


def _closes_at_end(text: str) -> bool:
    """Tell whether the bracket that opens *text* is closed by its last character."""
    depth, in_text = 0, False
    for place, letter in enumerate(text):
        in_text ^= letter == '"'
        depth += 0 if in_text else (letter == "(") - (letter == ")")
        if depth == 0:
            return place == len(text) - 1
    return False


def _seen(path: tuple[str, ...], names: Mapping[str, Any], may_read: MayRead) -> Seen:
    if not may_read(path):
        return Seen(path, None, is_hidden=True)
    return Seen(path, value_at(names, path))


def value_at(names: Mapping[str, Any], path: tuple[str, ...]) -> Any:
    """Return what *path* leads to from *names*; of a list the first few values."""
    value = names.get(path[0])
    for key in path[1:]:
        value = read_member(value, key)
    return value[:MOST_VALUES] if isinstance(value, list) else value
