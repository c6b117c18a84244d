"""The door to the parser: the text of a formula, of a cell, or with formulas in braces, in; its parts out."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Final

from blankett.engine.feel import foreign_idioms, tree
from blankett.engine.feel.builtins import BUILTINS
from blankett.engine.feel.errors import FeelSyntaxError
from blankett.engine.feel.lexer import SpacedNames
from blankett.engine.feel.parser import Parser
from blankett.engine.feel.types import Type

_FUNCTIONS: Final = SpacedNames(BUILTINS)
#: Errors that say no more than where reading ended: what is wrong may be a habit from elsewhere.
_VAGUE: Final = frozenset(
    f"feel.{name}"
    for name in (
        "expected expected_at_end key_name missing_end missing_left missing_operator missing_right missing_value "
        "not_brackets unclosed unexpected unexpected_character"
    ).split()
)
#: Errors that say what is wrong by themselves, unless just there stands a habit from elsewhere.
_LOCAL: Final = frozenset(("feel.decimal_comma", "feel.foreign_operator", "feel.single_quotes"))


def parse_expression(
    text: str, names: Iterable[str] = (), types: Mapping[str, Type] | None = None, offset: int = 0
) -> tree.Expression:
    """Return the parts of the formula *text*. Raises FeelSyntaxError.

    *names* are names of several words that the formula may use, *types* further types by name (for `instance of`).
    Places are counted from *offset*, where the formula stands in a longer text.
    """
    parser = Parser(text, _FUNCTIONS, names, types, offset)
    try:
        return parser.whole_expression()
    except FeelSyntaxError as error:
        raise _told(parser, error) from None


def parse_unary_tests(text: str, names: Iterable[str] = (), types: Mapping[str, Type] | None = None) -> tree.UnaryTests:
    """Return the parts of *text*, the cell of a decision table.

    `-`, `< 10, 20`, `not("new")`. Raises FeelSyntaxError.
    """
    parser = Parser(text, _FUNCTIONS, names, types)
    try:
        return parser.whole_tests()
    except FeelSyntaxError as error:
        raise _told(parser, error) from None


def _told(parser: Parser, error: FeelSyntaxError) -> FeelSyntaxError:
    """Return the error of a formula that cannot be read; of a habit from elsewhere with what to write."""
    if error.code not in _VAGUE | _LOCAL:
        return error
    found = foreign_idioms.in_tokens(parser.tokens, error.start, only_there=error.code in _LOCAL)
    if found is None:
        return error
    start, end, words, instead = found
    if not instead:
        return FeelSyntaxError("feel.left_out", {"found": words}, start, end)
    instead = instead if {'"', "'"} & set(instead) else f"'{instead}'"
    return FeelSyntaxError("feel.foreign_words", {"found": words, "instead": instead}, start, end, None)


# Texts with formulas in braces: `Order {record.number} was shipped`; `{{` and `}}` are braces -------------------------


def parse_template(text: str) -> list[str | tree.Expression]:
    """Return the texts and expressions of *text* in order.

    Places in expressions are places in *text*. Raises FeelSyntaxError.
    """
    parts: list[str | tree.Expression] = []
    plain: list[str] = []
    position = 0
    while position < len(text):
        character = text[position]
        if text[position : position + 2] in ("{{", "}}"):
            plain.append(character)
            position += 2
        elif character == "{":
            end = _formula_end(text, position)
            if plain:
                parts.append("".join(plain))
                plain = []
            parts.append(parse_expression(text[position + 1 : end], offset=position + 1))
            position = end + 1
        elif character == "}":
            raise FeelSyntaxError("feel.stray_brace", {}, position, position + 1)
        else:
            plain.append(character)
            position += 1
    if plain:
        parts.append("".join(plain))
    return parts


def _formula_end(text: str, start: int) -> int:
    """Return where the formula that opens at *start* closes: braces and texts inside it are stepped over."""
    depth, in_text = 0, False
    position = start
    while position < len(text):
        character = text[position]
        if in_text:
            if character == "\\":
                position += 1
            in_text = character != '"'
        elif character == '"':
            in_text = True
        elif character == "{":
            depth += 1
        elif character == "}":
            depth -= 1
            if depth == 0:
                return position
        position += 1
    raise FeelSyntaxError("feel.unclosed_brace", {}, start, len(text))
