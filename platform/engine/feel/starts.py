"""Reads what an expression starts with: literals, names, brackets, and the forms that begin with a word."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from typing import TYPE_CHECKING, Final

from blankett.engine.feel import tree
from blankett.engine.feel.binding import COMPARISONS, NEGATE
from blankett.engine.feel.decimals import number_from
from blankett.engine.feel.errors import FeelSyntaxError
from blankett.engine.feel.lexer import Token, unquoted
from blankett.engine.feel.temporal import read_temporal

if TYPE_CHECKING:
    from blankett.engine.feel.parser import Parser

_KEY_SYMBOLS: Final = frozenset("+-*/.'")


def _number(parser: Parser) -> tree.Literal:
    token = parser.take()
    number = number_from(token.text)
    if number is None:
        raise FeelSyntaxError("feel.number_too_large", {"found": token.text}, token.start, token.end)
    foreign = "" if token.text.isascii() else token.text
    return tree.Literal(number, foreign, start=token.start, end=token.end)


def _text(parser: Parser) -> tree.Literal:
    token = parser.take()
    return tree.Literal(unquoted(token.text), start=token.start, end=token.end)


def _at(parser: Parser) -> tree.AtLiteral:
    token = parser.take()
    text = unquoted(token.text[1:].lstrip())
    return tree.AtLiteral(text, read_temporal(text), start=token.start, end=token.end)


def _constant(parser: Parser) -> tree.Literal:
    token = parser.take()
    value = {"null": None, "true": True, "false": False}[token.text]
    return tree.Literal(value, start=token.start, end=token.end)


def _name_or_function(parser: Parser) -> tree.Name:
    token = parser.token
    function = parser.functions.longest(parser.tokens, parser.position)
    if function and parser.tokens[parser.position + function[1]].text == "(":
        parser.position += function[1]
        return tree.Name(function[0], start=token.start, end=parser.tokens[parser.position - 1].end)
    name, end = parser.spoken_name()
    return tree.Name(name, start=token.start, end=end)


def _not(parser: Parser) -> tree.Name:
    token = parser.take()
    if not parser.is_symbol("("):
        raise FeelSyntaxError("feel.not_brackets", {}, token.start, token.end)
    return tree.Name("not", start=token.start, end=token.end)


def _negation(parser: Parser) -> tree.Expression:
    token = parser.take()
    operand = parser.operand(token, NEGATE)
    if isinstance(operand, tree.Literal) and isinstance(operand.value, Decimal):
        return tree.Literal(operand.value.copy_negate(), start=token.start, end=operand.end)
    return tree.Negation(operand, start=token.start, end=operand.end)


def _round_brackets(parser: Parser) -> tree.Expression:
    opening = parser.take()
    if parser.token.kind == "symbol" and parser.token.text in COMPARISONS:
        inner: tree.Expression = parser.unary_test()
        parser.close(opening, ")")
        return inner
    inner = parser.nested(parser.expression)
    if parser.is_symbol(".."):
        return _range(parser, opening, inner)
    closing = parser.close(opening, ")")
    return _widened(inner, opening.start, closing.end)


def _square_brackets(parser: Parser) -> tree.Expression:
    opening = parser.take()
    items: list[tree.Expression] = []
    if not parser.is_symbol("]"):
        items.append(parser.nested(lambda: _item(parser)))
        if parser.is_symbol(".."):
            return _range(parser, opening, items[0])
        while parser.is_symbol(","):
            parser.take()
            items.append(parser.nested(lambda: _item(parser)))
    closing = parser.close(opening, "]")
    return tree.ListLiteral(tuple(items), start=opening.start, end=closing.end)


def _item(parser: Parser) -> tree.Expression:
    """Return an item of a list: an expression, a range without brackets, or a test."""
    if parser.token.kind == "symbol" and parser.token.text in COMPARISONS:
        return parser.unary_test()
    return parser.expression()


def _outward_range(parser: Parser) -> tree.Expression:
    opening = parser.take()
    return _range(parser, opening, parser.nested(parser.expression))


def _range(parser: Parser, opening: Token, low: tree.Expression) -> tree.RangeLiteral:
    dots = parser.expect("..")
    before, parser.in_endpoint = parser.in_endpoint, True
    high = parser.operand(dots, 0)
    parser.in_endpoint = before
    closing = parser.close(opening, "]" if opening.text != "(" else ")", "]", ")", "[")
    closed = opening.text == "[", closing.text == "]"
    return tree.RangeLiteral(low, high, *closed, start=opening.start, end=closing.end)


def _context(parser: Parser) -> tree.ContextLiteral:
    opening = parser.take()
    entries: list[tree.Entry] = []
    while not parser.is_symbol("}"):
        entries.append(_entry(parser, {entry.name for entry in entries}))
        if not parser.is_symbol(","):
            break
        parser.take()
    closing = parser.close(opening, "}")
    return tree.ContextLiteral(tuple(entries), start=opening.start, end=closing.end)


def _entry(parser: Parser, taken: set[str]) -> tree.Entry:
    start = parser.token.start
    name, end = _entry_name(parser)
    if name in taken:
        raise FeelSyntaxError("feel.repeated_key", {"name": name}, start, end)
    if not parser.is_symbol(":"):
        raise FeelSyntaxError("feel.key_name", {}, start, max(end, parser.token.end))
    parser.take()
    value = parser.nested(parser.expression)
    return tree.Entry(name, value, start=start, end=value.end)


def _entry_name(parser: Parser) -> tuple[str, int]:
    token = parser.token
    if token.kind == "text":
        parser.take()
        parser.names.add(unquoted(token.text))
        return unquoted(token.text), token.end
    begin = parser.position
    while parser.token.kind in ("name", "keyword", "number", "other") or parser.token.text in _KEY_SYMBOLS:
        parser.take()
    if parser.position == begin or token.kind not in ("name", "keyword"):
        raise FeelSyntaxError("feel.key_name", {}, token.start, token.end)
    name = parser.written(token.start, parser.tokens[parser.position - 1].end)
    parser.names.add(name)
    return name, parser.tokens[parser.position - 1].end


def _if(parser: Parser) -> tree.If:
    word = parser.take()
    condition = parser.operand(word, 0)
    then = parser.operand(parser.expect("then"), 0)
    otherwise = parser.operand(parser.expect("else"), 0)
    return tree.If(condition, then, otherwise, start=word.start, end=otherwise.end)


def _loops(parser: Parser) -> tuple[tree.Loop, ...]:
    loops: list[tree.Loop] = []
    while True:
        start = parser.token.start
        name = _loop_name(parser)
        source = parser.operand(parser.expect("in"), 0)
        if parser.is_symbol(".."):
            high = parser.operand(parser.take(), 0)
            source = tree.RangeLiteral(source, high, True, True, True, start=source.start, end=high.end)
        loops.append(tree.Loop(name, source, start=start, end=source.end))
        if not parser.is_symbol(","):
            return tuple(loops)
        parser.take()


def _loop_name(parser: Parser) -> str:
    begin = parser.position
    while not parser.is_keyword("in") and parser.token.kind in ("name", "keyword", "number", "other"):
        parser.take()
    if begin == parser.position:
        raise parser.missing("a name")
    name = parser.written(parser.tokens[begin].start, parser.tokens[parser.position - 1].end)
    parser.names.add(name)
    return name


def _for(parser: Parser) -> tree.For:
    word = parser.take()
    loops = _loops(parser)
    body = parser.operand(parser.expect("return"), 0)
    return tree.For(loops, body, start=word.start, end=body.end)


def _quantified(parser: Parser) -> tree.Quantified:
    word = parser.take()
    loops = _loops(parser)
    condition = parser.operand(parser.expect("satisfies"), 0)
    return tree.Quantified(word.text, loops, condition, start=word.start, end=condition.end)


def _function(parser: Parser) -> tree.FunctionDefinition:
    word = parser.take()
    opening = parser.expect("(")
    parameters: list[tree.Parameter] = []
    while not parser.is_symbol(")"):
        parameters.append(_parameter(parser))
        if not parser.is_symbol(","):
            break
        parser.take()
    parser.close(opening, ")")
    external = parser.is_keyword("external")
    if external:
        parser.take()
    body = parser.nested(parser.expression)
    return tree.FunctionDefinition(tuple(parameters), body, external, start=word.start, end=body.end)


def _parameter(parser: Parser) -> tree.Parameter:
    start, begin = parser.token.start, parser.position
    while parser.token.kind in ("name", "keyword"):
        parser.take()
    if begin == parser.position:
        raise FeelSyntaxError("feel.parameter_name", {}, parser.token.start, parser.token.end)
    name = " ".join(token.text for token in parser.tokens[begin : parser.position])
    parser.names.add(name)
    type = None
    if parser.is_symbol(":"):
        parser.take()
        type = parser.type()
    return tree.Parameter(name, type, start=start, end=parser.end_place()[1])


def _widened(part: tree.Expression, start: int, end: int) -> tree.Expression:
    """Return *part* with its brackets in its place."""
    values = {name: getattr(part, name) for name in part.__dataclass_fields__ if name not in ("start", "end")}
    return type(part)(**values, start=start, end=end)


#: {kind or text of the first token: what reads the expression}
STARTS: Final[dict[str, Callable[[Parser], tree.Expression]]] = {
    "number": _number,
    "text": _text,
    "at": _at,
    "name": _name_or_function,
    "null": _constant,
    "true": _constant,
    "false": _constant,
    "not": _not,
    "-": _negation,
    "(": _round_brackets,
    "[": _square_brackets,
    "]": _outward_range,
    "{": _context,
    "if": _if,
    "for": _for,
    "some": _quantified,
    "every": _quantified,
    "function": _function,
}
