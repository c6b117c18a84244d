"""Cells of a decision table as authors write them, and as the expression language has them.

A bare word that is an option of its column stands for that option, `yes` and `no` for true and false, a day needs no
marks and a percentage has its sign: `new, silver`, `not(new)`, `>= 2026-01-01`, `[5%..10%)`. Everything else is the
language's own.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date, time, timedelta
from decimal import Decimal

from blankett.engine.feel import tree
from blankett.engine.feel.temporal import temporal_text
from blankett.engine.fields.base import Field, Value
from blankett.engine.fields.cells import quoted

#: What accepts anything.
ANY = "-"
#: A text in quotes, which nothing in it changes; or what separates the parts of a cell.
_PIECES = re.compile(r'"(?:\\.|[^"\\])*"?|[,()]')
_OPERATOR = re.compile(r"\s*(?:!=|=)?\s*")


@dataclass(frozen=True)
class Spelled:
    """A cell in the expression language; *origins*: where each of its characters, and its end, was written."""

    text: str
    origins: tuple[int, ...]
    #: Where in the text percentages stand that were written with their sign.
    percentages: frozenset[int] = frozenset()

    def origin(self, place: int) -> int:
        """Return where the character at *place* was written."""
        return self.origins[min(place, len(self.origins) - 1)]


def spell_out(written: str, field: Field) -> Spelled:
    """Return a cell of *field*'s column in the expression language."""
    replaced = _replacements(written, field)
    text: list[str] = []
    origins: list[int] = []
    reached = 0
    percentages = set()
    for start, end, by in replaced:
        text += [written[reached:start], by]
        if written[start:end].endswith("%"):
            percentages.add(len(origins) + start - reached)
        origins += [*range(reached, start), *_spread(start, end, len(by))]
        reached = end
    text.append(written[reached:])
    origins += range(reached, len(written) + 1)
    return Spelled("".join(text), tuple(origins), frozenset(percentages))


def _spread(start: int, end: int, count: int) -> list[int]:
    """Return for *count* characters that stand for those from *start* to *end* where they were written."""
    return [min(start + place, end - 1) for place in range(count)]


def _replacements(written: str, field: Field) -> list[tuple[int, int, str]]:
    """Return (start, end, text instead) for what is written in short, in order."""
    words = field.type.cells.words(field)
    found: list[tuple[int, int, str]] = []
    for start, end in _bare_parts(written):
        part = written[start:end]
        skipped = _OPERATOR.match(part)
        begin = start + (skipped.end() if skipped else 0)
        whole = written[begin:end].rstrip()
        if whole in words and written[end : end + 1] != "(":
            found.append((begin, begin + len(whole), words[whole]))
        else:
            found += field.type.cells.marks(written, start, end, field)
    return found


def unsigned(spelled: Spelled, expression: tree.UnaryTests) -> list[tree.Literal]:
    """Return the numbers that a cell of percentages compares with although they have no sign; none means both."""
    waiting: list[tree.Expression] = list(expression.tests)
    found: list[tree.Literal] = []
    while waiting:
        part = waiting.pop()
        if isinstance(part, tree.UnaryTest):
            waiting.append(part.value)
        elif isinstance(part, tree.RangeLiteral):
            waiting += [part.low, part.high]
        elif isinstance(part, tree.ListLiteral):
            waiting += part.items
        elif isinstance(part, tree.Literal) and isinstance(part.value, Decimal) and part.value:
            start = part.start + (spelled.text[part.start] == "-")
            found += [part] if start not in spelled.percentages else []
    return found


def _bare_parts(written: str) -> list[tuple[int, int]]:
    """Return where the parts of a cell stand that commas and brackets separate, without texts in quotes."""
    parts: list[tuple[int, int]] = []
    reached = 0
    for match in _PIECES.finditer(written):
        parts.append((reached, match.start()))
        reached = match.end()
    parts.append((reached, len(written)))
    return [(start, end) for start, end in parts if written[start:end].strip()]


def written_value(value: Value) -> str:
    """Return a constant as the expression language writes it."""
    if value is None or isinstance(value, bool):
        return {None: "null", True: "true", False: "false"}[value]
    if isinstance(value, Decimal):
        return format(value.normalize(), "f")
    if isinstance(value, (date, time, timedelta)):
        return f'@"{temporal_text(value)}"'
    return quoted(str(value))


def constant_part(value: Value) -> tree.Expression:
    """Return a constant as a part of an expression."""
    if isinstance(value, (date, time, timedelta)):
        return tree.AtLiteral(temporal_text(value), value, start=0, end=0)
    if value is None or isinstance(value, (bool, Decimal, str)):
        return tree.Literal(value, start=0, end=0)
    raise TypeError(f"no constant of a table is {type(value).__name__}")


def write_short(text: str, field: Field) -> str:
    """Return a cell in the expression language as an author would write it; `spell_out` makes it what it was."""
    text, short = field.type.cells.shortened(text, field)
    return short if spell_out(short, field).text == text else text
