"""Texts with formulas in braces: `Order {record.number} was shipped`; `{{` and `}}` are braces."""

from __future__ import annotations

from blankett.engine.feel import tree
from blankett.engine.feel.errors import FeelSyntaxError
from blankett.engine.feel.formula_reader import parse_expression


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
