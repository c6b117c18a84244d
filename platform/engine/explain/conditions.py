"""Why a condition does not hold: the parts of it that fail, with the values they saw. Plain data; words come at the
edge.

A condition is taken apart at its outermost `and`s; each part is evaluated by itself, by the evaluator that decides, so
an explanation never disagrees with the decision.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from blankett.engine import feel
from blankett.engine.blueprint.model import Formula, Place
from blankett.engine.explain.plain import MOST_VALUES
from blankett.engine.explain.traces import MayRead, Seen
from blankett.engine.explain.tracing import longest, value_at, without_brackets
from blankett.engine.feel import tree

#: Formulas whose parts are kept compiled.
KEPT = 4_096


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
    reads = longest(feel.check(piece, scope).reads)
    return Part(without_brackets(text[piece.start : piece.end]), feel.compile(piece, scope), reads)


def _seen(path: tuple[str, ...], names: Mapping[str, Any], may_read: MayRead) -> Seen:
    if not may_read(path):
        return Seen(path, None, is_hidden=True)
    value = value_at(names, path)
    return Seen(path, value[:MOST_VALUES] if isinstance(value, list) else value)
