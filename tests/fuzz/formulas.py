"""Throws formulas at the language: `make fuzz`, or `python tests/fuzz/formulas.py [options of libFuzzer]`.

Bytes become a formula (as text, or as words of the language) that is read, checked, compiled and evaluated. It must
give a value or a located error, within its budget. `make test` runs the same on bytes that hypothesis makes.
"""

from __future__ import annotations

import sys
import time
from contextlib import suppress
from datetime import UTC, date, datetime
from decimal import Decimal
from functools import lru_cache
from typing import Any, Final
from zoneinfo import ZoneInfo

#: A formula that uses up its budget and does nothing else.
PLAINEST: Final = "for a in 1..100000, b in 1..100000 return a"
#: How often the processor may work as long as for that on one formula, from its text to its value.
MOST_WORK: Final = 250
#: Longest formula that is made of bytes.
MAX_BYTES: Final = 600

_WORDS: Final = (
    "text number items lines customer day nothing item partial x y ( ) [ ] { } , : . .. + - * / ** = != < <= > >= "
    'and or not if then else for some every in return satisfies between instance of function external ? " @ // /* */ '
    'true false null list<number> range<date> context<a:number> 1 0 2.5 -1 1e99 1e-6000 1e6144 "a" "" "(a+)+$" '
    '"[a-z]*" "$1" "\\u0041" @"P1D" @"-P1Y" @"PT0.000000001S" @"2026-03-01" @"999999999-12-31" '
    '@"10:00:00@Europe/Paris" @"2026-03-29T02:30:00@Europe/Paris" @"2026-13-99" 1..100000 [1..3] (>2) {a:1} '
    "function(x)x function(x,y)x<y"
).split(" ")


def words() -> list[str]:
    """Return what formulas are put together of: the words above and the names of all functions."""
    from blankett.engine import feel

    return [*_WORDS, *(f"{name}(" for name in sorted(feel.BUILTINS))]


def formula_of(data: bytes) -> str:
    """Return the formula that *data* stands for: plain text after an even first byte, else a word for each byte."""
    body = data[1:MAX_BYTES]
    if not data or data[0] % 2 == 0:
        return body.decode("utf-8", "replace")
    known = words()
    return " ".join(known[byte % len(known)] for byte in body)


def hold(formula: str) -> None:
    """Raise AssertionError where *formula* gives anything but a value or a located error, or takes too long."""
    times = _work_of(formula) / _whole_budget()
    assert times < MOST_WORK, f"{times:.0f} times the work of a whole budget for {formula!r}"


@lru_cache(maxsize=1)
def _whole_budget() -> float:
    return min(_work_of(PLAINEST) for _ in range(3))


def _work_of(formula: str) -> float:
    """Return how long the processor works on *formula*, however busy the machine is."""
    began = time.thread_time()
    _read_and_run(formula)
    return time.thread_time() - began


def _read_and_run(formula: str) -> None:
    from blankett.engine import feel

    scope = feel.Scope({name: feel.Any() for name in _NAMES})
    for read in (feel.parse_template, feel.parse_unary_tests, feel.parse_expression):
        try:
            expression: Any = read(formula)
        except feel.FeelSyntaxError as error:
            expression = None
            _must_lie_inside(error.start, error.end, formula)
    if expression is None:
        return
    for finding in feel.check(expression, scope).findings:
        _must_lie_inside(finding.start, finding.end, formula)
        assert finding.message
    moment = feel.Moment(datetime(2026, 3, 1, tzinfo=UTC), ZoneInfo("Europe/Copenhagen"))
    compiled = feel.compile(expression, scope)
    for evaluate in (compiled.evaluate, compiled.evaluate_wide):
        with suppress(feel.BudgetExceeded):
            evaluate(_names(feel), moment)


def _must_lie_inside(start: int, end: int, formula: str) -> None:
    assert 0 <= start <= end <= len(formula), (start, end, formula)


_NAMES: Final = ("text", "number", "items", "lines", "customer", "day", "nothing")


def _names(feel: Any) -> dict[str, Any]:
    values = (
        "abc",
        Decimal(3),
        [Decimal(1), Decimal(2), None],
        [{"a": Decimal(1)}, {"a": None}],
        feel.Reference("c1", "ACME", {"name": "ACME"}),
        date(2026, 3, 1),
        None,
    )
    return dict(zip(_NAMES, values, strict=True))


def main() -> None:
    """Let atheris make bytes, guided by the code they reach, until its options say stop."""
    import atheris

    with atheris.instrument_imports(include=["blankett.engine.feel"]):
        pass

    atheris.Setup(sys.argv, lambda data: hold(formula_of(data)))
    atheris.Fuzz()


if __name__ == "__main__":
    main()
