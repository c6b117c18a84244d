"""Cells of a decision table as authors write them, and as the expression language has them.

A bare word that is an option of its column stands for that option, `yes` and `no` for true and false, a day needs no
marks and a percentage has its sign: `new, silver`, `not(new)`, `>= 2026-01-01`, `[5%..10%)`. Everything else is the
language's own.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import TYPE_CHECKING

from blankett.engine.feel import tree
from blankett.engine.feel.temporal import read_date

if TYPE_CHECKING:
    from blankett.engine.blueprint.model import Field
    from blankett.engine.fields.base import Value

#: What accepts anything.
ANY = "-"
YES_NO = {"yes": "true", "no": "false"}
#: A text in quotes, which nothing in it changes; or what separates the parts of a cell.
_PIECES = re.compile(r'"(?:\\.|[^"\\])*"?|[,()]')
_WORD = re.compile(r"(?<![\w.?])[^\W\d]\w*(?![\w]|\s*[.(])")
_DAY = re.compile(r"(?<![\w\-])\d{4}-\d{2}-\d{2}(?![\w\-])")
_PERCENTAGE = re.compile(r"(?<!\w)(?:(?<!\.)|(?<=\.\.))(\d+(?:\.\d+)?|\.\d+)\s*%")
#: A number by itself, of which nothing else is made.
_NUMBER = re.compile(r"(?<!\w)(?:(?<!\.)|(?<=\.\.))(?:\d+(?:\.\d+)?|\.\d+)(?!\w|\.\d|\s*[%*/+(])")
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
    words = _words_of(field)
    found: list[tuple[int, int, str]] = []
    for start, end in _bare_parts(written):
        part = written[start:end]
        skipped = _OPERATOR.match(part)
        begin = start + (skipped.end() if skipped else 0)
        whole = written[begin:end].rstrip()
        if whole in words and written[end : end + 1] != "(":
            found.append((begin, begin + len(whole), words[whole]))
        elif field.type.name == "percent":
            signed = _PERCENTAGE.finditer(written, start, end)
            found += [(*match.span(), _plain(Decimal(match[1]) / 100)) for match in signed]
        elif field.type.name == "date":
            days = (match for match in _DAY.finditer(part) if read_date(match[0]) is not None)
            found += [(start + match.start(), start + match.end(), f'@"{match[0]}"') for match in days]
        else:
            # With what follows the part, which tells a word from the name of a function.
            known = (match for match in _WORD.finditer(written, start) if match.end() <= end and match[0] in words)
            found += [(*match.span(), words[match[0]]) for match in known]
    return found


def _plain(number: Decimal) -> str:
    return format(number.normalize(), "f")


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


def _words_of(field: Field) -> Mapping[str, str]:
    """Return {word as written: the expression it stands for}."""
    if field.type.name == "yes_no":
        return YES_NO
    return {key: quoted(key) for key in field.option_titles()}


def _bare_parts(written: str) -> list[tuple[int, int]]:
    """Return where the parts of a cell stand that commas and brackets separate, without texts in quotes."""
    parts: list[tuple[int, int]] = []
    reached = 0
    for match in _PIECES.finditer(written):
        parts.append((reached, match.start()))
        reached = match.end()
    parts.append((reached, len(written)))
    return [(start, end) for start, end in parts if written[start:end].strip()]


def quoted(text: str) -> str:
    """Return a text as the expression language writes it."""
    escaped = text.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n").replace("\t", "\\t")
    return f'"{escaped}"'


def written_value(value: Value) -> str:
    """Return a constant as the expression language writes it."""
    if value is None or isinstance(value, bool):
        return {None: "null", True: "true", False: "false"}[value]
    if isinstance(value, Decimal):
        return format(value, "f")
    return f'@"{value.isoformat()}"' if isinstance(value, date) else quoted(str(value))


def constant_part(value: Value) -> tree.Expression:
    """Return a constant as a part of an expression."""
    if isinstance(value, date):
        return tree.AtLiteral(value.isoformat(), value, start=0, end=0)
    if value is None or isinstance(value, (bool, Decimal, str)):
        return tree.Literal(value, start=0, end=0)
    raise TypeError(f"no constant of a table is {type(value).__name__}")


_QUOTED = re.compile(r'"((?:\\.|[^"\\])*)"')
_MARKED_DAY = re.compile(r'@"(\d{4}-\d{2}-\d{2})"')
_DATE_CALL = re.compile(r'date\(("\d{4}-\d{2}-\d{2}")\)')
_TRUTH = re.compile(r"\b(?:true|false)\b")


def _signed(number: re.Match[str]) -> str:
    """Return a fraction as a percentage; as it is where something is computed with it."""
    before = number.string[: number.start()].rstrip()
    return number[0] if before[-1:] in ("*", "/", "+") else f"{_plain(Decimal(number[0]) * 100)}%"


def write_short(text: str, field: Field) -> str:
    """Return a cell in the expression language as an author would write it; `spell_out` makes it what it was."""
    if field.type.name == "date":
        text = _DATE_CALL.sub(r"@\1", text)
        short = _MARKED_DAY.sub(r"\1", text)
    elif field.type.name == "percent":
        text = _NUMBER.sub(lambda match: _plain(Decimal(match[0])), text)
        short = _NUMBER.sub(_signed, text)
    elif field.type.name == "yes_no":
        short = _TRUTH.sub(lambda match: {"true": "yes", "false": "no"}[match[0]], text)
    else:
        options = field.option_titles()
        short = _QUOTED.sub(lambda match: match[1] if match[1] in options else match[0], text)
    return short if spell_out(short, field).text == text else text
