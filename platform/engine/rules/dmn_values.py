"""Values and names of DMN files as an author of a blueprint writes them."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

from blankett.engine import feel
from blankett.engine.blueprint.cells import ANY, write_short
from blankett.engine.blueprint.model import Field
from blankett.engine.feel import tree
from blankett.engine.feel.constants import UNKNOWN, constant_of
from blankett.engine.fields.locales import plain


def cell_text(text: str, field: Field) -> str:
    """Return a cell of the expression language as an author writes it in a column of *field*'s type."""
    return write_short(text, field) if text and text != ANY else ANY


def value_text(text: str, field: Field) -> str:
    """Return a result of the expression language as an author writes it in a column of *field*'s type."""
    if not text or text == ANY:
        return ""
    try:
        expression = feel.parse_expression(text)
    except feel.FeelSyntaxError:
        return f"= {text}"
    # What is worked out stays a formula, also where it always gives the same.
    value = constant_of(expression) if _is_written_out(expression) else UNKNOWN
    found = field.type.cells.constant(value)
    return f"= {text}" if found is None else found


def _is_written_out(expression: tree.Expression) -> bool:
    """Tell whether an expression is a value as such: ``12``, ``-3``, ``"a"``, ``date("2026-01-31")``."""
    if isinstance(expression, tree.Negation):
        return isinstance(expression.operand, tree.Literal)
    if isinstance(expression, tree.Call):
        return isinstance(expression.function, tree.Name) and expression.function.name == "date"
    return isinstance(expression, (tree.Literal, tree.AtLiteral))


def listed_values(values: str) -> list[str]:
    """Return the constants that a list of values names, as an author writes them; none where it is no such list."""
    try:
        tests = feel.parse_unary_tests(values).tests if values else ()
    except feel.FeelSyntaxError:
        return []
    found = [_plain_text(test.value) for test in tests if isinstance(test, (tree.Literal, tree.AtLiteral))]
    return [text for text in found if text is not None] if len(found) == len(tests) and None not in found else []


def _plain_text(value: object) -> str | None:
    if isinstance(value, str):
        return value
    if isinstance(value, bool) or value is None:
        return None
    return plain(value) if isinstance(value, Decimal) else value.isoformat() if isinstance(value, date) else None
