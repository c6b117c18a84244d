"""Cells that are legal and hardly mean what stands there: `>= 10,000` is two tests, `3-5` is -2, `10.000` is 10."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Final

from blankett.engine.feel import tree
from blankett.engine.feel.constants import UNKNOWN, constant_of, reads_nothing
from blankett.engine.feel.tree import parts_of
from blankett.engine.language.table_cells import written_value

_DIGITS: Final = re.compile(r"-?[0-9]+(?:\.[0-9]+)?\Z")
_COMMENT: Final = re.compile(r"//\s*([\w.]+)\s*\Z")
_ZEROS: Final = re.compile(r"0[0-9]")
#: A number in which the point separates thousands: ``10.000``, ``1.234.500``.
#: Functions that give null where that is what is asked for.
_NULL_ON_PURPOSE: Final = frozenset({"get value"})
_BLANK: Final = "; put a blank after the comma if that is meant"
_POINTED: Final = re.compile(r"[0-9]{1,3}\.[0-9]{2}0\Z")


@dataclass(frozen=True)
class Slip:
    """A place in a cell: the name of a problem, with its params and what to write."""

    name: str
    start: int
    end: int
    found: str
    meaning: str
    #: What was probably meant.
    instead: str
    #: How it is written where it is meant as it stands: the end of a sentence.
    otherwise: str = ""


def slips_in(expression: tree.UnaryTests, text: str, *, is_money: bool, decimals: int | None) -> Iterator[Slip]:
    """Yield what in a cell of numbers hardly means what stands there. *text*: the cell, in which places count."""
    split = list(_split_numbers(expression.tests, text, is_money=is_money))
    split += slips_in_formula(expression, text)
    yield from split
    for part in _compared(expression.tests):
        if any(slip.start <= part.start < slip.end for slip in split):
            continue
        if isinstance(part, tree.Arithmetic) and _is_numeric(part):
            yield _calculation(part, text)
        elif isinstance(part, tree.Literal) and isinstance(part.value, Decimal):
            yield from _pointed(text[part.start : part.end], part.start, decimals)


def slips_in_formula(expression: tree.Expression, text: str) -> Iterator[Slip]:
    """Yield what in the lists behind `in` of a formula hardly means what stands there."""
    for part in parts_of(expression):
        if isinstance(part, tree.In):
            yield from _split_numbers(part.tests, text, is_money=False)


def eaten_division(text: str, names: Iterable[str]) -> tuple[int, str] | None:
    """Return where a formula ends with `// 2`, a comment that was hardly meant as one, and what is in it; or None.

    *names*: those that the formula may read.
    """
    found = _COMMENT.search(text)
    if found is None or text[: found.start()].count('"') % 2 or not text[: found.start()].strip():
        return None
    word = found[1]
    return (found.start(), word) if _DIGITS.match(word) or word.split(".")[0] in set(names) else None


def unanswered_calls(expression: tree.Expression) -> Iterator[tree.Call]:
    """Yield the calls of what is written out alone that have no answer: `sqrt(-1)`, `number("abc")`."""
    known: dict[int, object] = {}  # a part that takes long is tried once, and nothing around it

    def value_of(part: tree.Expression) -> object:
        if id(part) not in known:
            given = map(value_of, (each.value for each in part.arguments)) if isinstance(part, tree.Call) else ()
            known[id(part)] = UNKNOWN if any(value is UNKNOWN for value in given) else constant_of(part)
        return known[id(part)]

    for part in parts_of(expression):
        if isinstance(part, tree.Call) and isinstance(part.function, tree.Name) and reads_nothing(part):
            given = [value_of(argument.value) for argument in part.arguments]
            if part.function.name not in _NULL_ON_PURPOSE and None not in given and value_of(part) is None:
                yield part


def slips_in_result(text: str, decimals: int | None) -> Iterator[Slip]:
    """Yield what in a result that is a number hardly means what stands there."""
    yield from _pointed(text, 0, decimals)


def _pointed(found: str, start: int, decimals: int | None) -> Iterator[Slip]:
    if _POINTED.match(found) and (decimals is None or decimals < 3):
        whole = found.replace(".", "")
        value = f"'{written_value(Decimal(found).normalize())}'"
        yield Slip("number_apart", start, start + len(found), found, value, whole)


# Numbers with a comma in them ---------------------------------------------------------------------------------------


def _split_numbers(tests: Sequence[tree.Expression], text: str, *, is_money: bool) -> Iterator[Slip]:
    """Yield neighbouring tests that look like one number, and those in lists among them."""
    at = 0
    while at < len(tests):
        last = at
        while last + 1 < len(tests) and _looks_like_rest(tests[last], tests[last + 1], last > at, text, is_money):
            last += 1
        if last > at:
            start, end = tests[at].start, tests[last].end
            pieces = [text[test.start : test.end] for test in tests[at : last + 1]]
            quoted = [f"'{piece}'" for piece in pieces]
            meaning = f"{', '.join(quoted[:-1])} or {quoted[-1]}"
            # With a blank they are two, but for `000`, which is none.
            is_doubt = ", " not in text[start:end] and not any(_ZEROS.match(piece) for piece in pieces[1:])
            yield Slip("number_apart", start, end, text[start:end], meaning, _joined(pieces), _BLANK * is_doubt)
        elif isinstance(test := tests[at], tree.ListLiteral):
            yield from _split_numbers(test.items, text, is_money=is_money)
        at = last + 1


def _looks_like_rest(
    first: tree.Expression, second: tree.Expression, is_inner: bool, text: str, is_money: bool
) -> bool:
    """Tell whether *second*, a bare number, looks like the rest of the one that *first* ends with."""
    number = first.value if isinstance(first, tree.UnaryTest) else first
    number = number.operand if isinstance(number, tree.Negation) else number
    if not (isinstance(number, tree.Literal) and isinstance(second, tree.Literal)):
        return False
    before, after = text[number.start : number.end], text[second.start : second.end]
    if not (_DIGITS.match(before) and _DIGITS.match(after)):
        return False
    whole, is_bound = after.partition(".")[0], isinstance(first, tree.UnaryTest)
    if len(whole) > 1 and whole.startswith("0"):
        return True  # `000` is no number that anybody writes
    if len(whole) == 3 and is_bound and _holds(first, second):
        return True  # `>= 10, 500` says nothing that `>= 10` does not
    is_close = text[number.end : second.start] == ","
    if not is_close:
        return False
    if len(whole) == 3 and "." not in before and (len(before.lstrip("-")) <= 3 or is_inner):
        return True
    return is_bound or (is_money and len(after) == 2)


def _holds(bound: tree.Expression, number: tree.Literal) -> bool:
    """Tell whether a bound accepts a number already."""
    assert isinstance(bound, tree.UnaryTest)
    edge = constant_of(bound.value)
    if not isinstance(edge, Decimal) or not isinstance(number.value, Decimal):
        return False
    return number.value > edge if bound.operator.startswith(">") else number.value < edge


def _joined(pieces: Sequence[str]) -> str:
    """Return pieces of a number as one: thousands where each has three digits, else a comma before decimals."""
    first, rest = pieces[0].replace(".", "") if "." in pieces[0] else pieces[0], list(pieces[1:])
    groups = [piece.partition(".")[0] for piece in rest]
    if all(len(group) == 3 for group in groups) and "." not in pieces[0]:
        return first + "".join(rest)
    return f"{first}{''.join(rest[:-1])}.{rest[-1]}"


# What is worked out -------------------------------------------------------------------------------------------------


def _compared(tests: Sequence[tree.Expression]) -> Iterator[tree.Expression]:
    """Yield what the tests compare with."""
    for test in tests:
        if isinstance(test, tree.UnaryTest):
            yield test.value
        elif isinstance(test, tree.RangeLiteral):
            yield from (test.low, test.high)
        elif isinstance(test, tree.ListLiteral):
            yield from _compared(test.items)
        else:
            yield test


def _is_numeric(part: tree.Expression) -> bool:
    """Tell whether a part is made of numbers alone, written out."""
    if isinstance(part, tree.Arithmetic):
        return _is_numeric(part.left) and _is_numeric(part.right)
    if isinstance(part, tree.Negation):
        return _is_numeric(part.operand)
    return isinstance(part, tree.Literal) and isinstance(part.value, Decimal)


def _calculation(part: tree.Arithmetic, text: str) -> Slip:
    value = constant_of(part)
    result = written_value(value) if isinstance(value, Decimal) else "null"
    low, high = constant_of(part.left), constant_of(part.right)
    is_range = part.operator == "-" and isinstance(low, Decimal) and isinstance(high, Decimal) and low < high
    left, right = text[part.left.start : part.left.end], text[part.right.start : part.right.end]
    instead = f"[{left}..{right}]" if is_range else result
    return Slip("cell_calculates", part.start, part.end, text[part.start : part.end], result, instead)
