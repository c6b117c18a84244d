"""Reads a formula into its parts: precedence climbing over tokens, with humane messages and exact places."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from typing import Final, TypeVar

from blankett.engine.feel import tree
from blankett.engine.feel.errors import FeelSyntaxError
from blankett.engine.feel.lexer import MAX_DEPTH, Token, odd_character, shown, unquoted
from blankett.engine.feel.operators import number_from
from blankett.engine.feel.temporal import read_temporal
from blankett.engine.feel.type_names import TypeReader

# How tightly each operator binds; a higher number binds tighter.
OR, AND, COMPARE, ADD, MULTIPLY, POWER, NEGATE, INSTANCE, POSTFIX = range(10, 100, 10)
COMPARISONS: Final = frozenset(["=", "!=", "<", "<=", ">", ">="])
ARITHMETIC: Final = {"+": ADD, "-": ADD, "*": MULTIPLY, "/": MULTIPLY, "**": POWER}


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
    entries: list[tree.ContextEntry] = []
    while not parser.is_symbol("}"):
        entries.append(_entry(parser, {entry.name for entry in entries}))
        if not parser.is_symbol(","):
            break
        parser.take()
    closing = parser.close(opening, "}")
    return tree.ContextLiteral(tuple(entries), start=opening.start, end=closing.end)


def _entry(parser: Parser, taken: set[str]) -> tree.ContextEntry:
    start = parser.token.start
    name, end = _entry_name(parser)
    if name in taken:
        raise FeelSyntaxError("feel.repeated_key", {"name": name}, start, end)
    if not parser.is_symbol(":"):
        raise FeelSyntaxError("feel.key_name", {}, start, max(end, parser.token.end))
    parser.take()
    value = parser.nested(parser.expression)
    return tree.ContextEntry(name, value, start=start, end=value.end)


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


P = TypeVar("P", bound=tree.Part)


class Parser(TypeReader):
    """A formula being read as an expression or as a cell of a decision table."""

    # ---- whole formulas ----

    def whole_expression(self) -> tree.Expression:
        """Return the formula as an expression; everything must be read."""
        self._refuse_empty()
        expression = self.expression()
        if self.token.kind != "end":
            raise self.unexpected(self.token)
        return self._measured(expression)

    def whole_tests(self) -> tree.UnaryTests:
        """Return the formula as the cell of a decision table."""
        self._refuse_empty()
        start = self.token.start
        if self.is_symbol("-") and self.tokens[self.position + 1].kind == "end":
            return tree.UnaryTests((), False, start=start, end=self.token.end)
        negated = self.is_keyword("not") and self.tokens[self.position + 1].text == "("
        tests = self._negated_tests() if negated else None
        if tests is None:
            negated, tests = False, self.tests()
        if self.token.kind != "end":
            raise self.unexpected(self.token)
        return self._measured(tree.UnaryTests(tests, negated, start=start, end=self.end_place()[1]))

    def _negated_tests(self) -> tuple[tree.Expression, ...] | None:
        """Return the tests in the brackets of `not(…)`, where that is the whole cell; else None, with nothing read.

        Brackets cannot be counted to tell: a range may close with the other kind, as in `not([1..5))`.
        """
        begin, depth = self.position, self.depth
        self.take()
        opening = self.take()
        try:
            tests = self.tests()
            self.close(opening, ")")
        except FeelSyntaxError as error:
            if self._is_expression(begin, depth):
                return None
            raise error
        if self.token.kind == "end":
            return tests
        self.position = begin
        return None

    def _is_expression(self, begin: int, depth: int) -> bool:
        """Tell whether what stands from *begin* on can be read as tests without `not`, and go back there."""
        self.position, self.depth = begin, depth
        try:
            self.tests()
        except FeelSyntaxError:
            return False
        finally:
            self.position, self.depth = begin, depth
        return True

    def _refuse_empty(self) -> None:
        if self.token.kind == "end":
            raise FeelSyntaxError("feel.empty", {}, self.offset, self.offset + len(self.text))

    def _measured(self, part: P) -> P:
        """Return *part*, or raise where it is nested too deeply (a long sum is deep, too)."""
        waiting: list[tuple[tree.Part, int]] = [(part, 1)]
        while waiting:
            inner, depth = waiting.pop()
            if depth > MAX_DEPTH:
                raise self.too_deep(inner.start, inner.end)
            waiting.extend((child, depth + 1) for child in tree.children(inner))
        return part

    # ---- expressions ----

    def expression(self, power: int = 0) -> tree.Expression:
        """Return the expression that starts here and binds at least as tightly as *power*."""
        self.go_deeper()
        left = self.prefix()
        while True:
            longer = self.infix(left, power)
            if longer is None:
                self.depth -= 1
                return left
            left = longer

    def operand(self, operator: Token, power: int) -> tree.Expression:
        """Return what stands on the right of *operator*, or raise that it is missing."""
        closes = self.is_symbol(")", "]", "}", ",") or self.is_keyword("then", "else", "return", "and", "or")
        if self.token.kind == "end" or (closes and not self._opens_range()):
            raise FeelSyntaxError(
                "feel.missing_right", {"operator": f"'{operator.text}'"}, operator.start, operator.end
            )
        return self.expression(power)

    def _opens_range(self) -> bool:
        """Say whether `]` here begins a range that leaves its start out, as `]1..10]`."""
        if not self.is_symbol("]"):
            return False
        for token in self.tokens[self.position + 1 :]:
            if token.text == ".." or token.kind == "end" or token.text in ("]", "[", ")", "}", ","):
                return token.text == ".."
        return False

    def nested(self, read: Callable[[], tree.Expression]) -> tree.Expression:
        """Return what *read* gives, inside brackets, where `[` is a filter again."""
        before, self.in_endpoint = self.in_endpoint, False
        result = read()
        self.in_endpoint = before
        return result

    def infix(self, left: tree.Expression, power: int) -> tree.Expression | None:
        """Return *left* extended by the operator that follows.

        Or None where none follows that binds as tightly as *power*.
        """
        token = self.token
        if token.kind == "symbol":
            return self._symbol_infix(left, token, power)
        if token.kind != "keyword":
            return None
        if token.text == "or" and power < OR:
            return self._logic(left, "or", OR)
        if token.text == "and" and power < AND:
            return self._logic(left, "and", AND)
        if token.text == "between" and power < COMPARE:
            return self._between(left)
        if token.text == "in" and power < COMPARE:
            return self._in(left)
        if token.text == "instance" and power < INSTANCE:
            return self._instance_of(left)
        return None

    def _symbol_infix(self, left: tree.Expression, token: Token, power: int) -> tree.Expression | None:
        text = token.text
        if text in COMPARISONS and power < COMPARE:
            self.take()
            right = self.operand(token, COMPARE)
            return tree.Comparison(text, left, right, start=left.start, end=right.end)
        binds = ARITHMETIC.get(text)
        if binds is not None and power < binds:
            self.take()
            right = self.operand(token, binds)
            return tree.Arithmetic(text, left, right, start=left.start, end=right.end)
        if text == "." and power < POSTFIX:
            return self._member(left)
        if text == "[" and power < POSTFIX and not self.in_endpoint:
            return self._filter(left)
        if text == "(" and power < POSTFIX:
            return self._call(left)
        return None

    def _logic(self, left: tree.Expression, operator: str, power: int) -> tree.Logic:
        operands = [left]
        while self.is_keyword(operator):
            operands.append(self.operand(self.take(), power))
        return tree.Logic(operator, tuple(operands), start=left.start, end=operands[-1].end)

    def _between(self, value: tree.Expression) -> tree.Between:
        word = self.take()
        low = self.operand(word, COMPARE)
        high = self.operand(self.expect("and"), COMPARE)
        return tree.Between(value, low, high, start=value.start, end=high.end)

    def _in(self, value: tree.Expression) -> tree.In:
        word = self.take()
        if self.is_symbol("("):
            return self._in_brackets(value)
        if self.token.kind == "end":
            raise FeelSyntaxError("feel.missing_right", {"operator": "'in'"}, word.start, word.end)
        test = self.test(COMPARE)
        return tree.In(value, (test,), start=value.start, end=test.end)

    def _in_brackets(self, value: tree.Expression) -> tree.In:
        """Read `in (1, < 5)`; `in (1..5]` and `in (a + b) * 2` begin the same way."""
        begin = self.position
        opening = self.take()
        before, self.in_endpoint = self.in_endpoint, False
        tests = self.tests()
        self.in_endpoint = before
        if len(tests) == 1 and not isinstance(tests[0], tree.UnaryTest):
            self.position = begin
            test = self.test(COMPARE)
            return tree.In(value, (test,), start=value.start, end=test.end)
        closing = self.close(opening, ")")
        return tree.In(value, tests, start=value.start, end=closing.end)

    def tests(self) -> tuple[tree.Expression, ...]:
        """Return the tests separated by commas."""
        found = [self.test(0)]
        while self.is_symbol(","):
            self.take()
            found.append(self.test(0))
        return tuple(found)

    def test(self, power: int) -> tree.Expression:
        """Return one test: `< 5`, a range, or an expression that binds at least as tightly as *power*."""
        if self.token.kind == "symbol" and self.token.text in COMPARISONS:
            return self.unary_test()
        return self.expression(power)

    def unary_test(self) -> tree.UnaryTest:
        """Return the test that starts with a comparison sign: `< 5`."""
        operator = self.take()
        value = self.operand(operator, COMPARE)
        return tree.UnaryTest(operator.text, value, start=operator.start, end=value.end)

    def _instance_of(self, value: tree.Expression) -> tree.InstanceOf:
        self.take()
        self.expect("of")
        start = self.token.start
        found = self.type()
        end = self.end_place()[1]
        return tree.InstanceOf(value, found, self.written(start, end), start=value.start, end=end)

    def _member(self, owner: tree.Expression) -> tree.PathExpression:
        self.take()
        token = self.token
        if token.kind not in ("name", "keyword"):
            raise FeelSyntaxError(
                "feel.member_name", {}, *((token.start, token.end) if token.kind != "end" else self.end_place())
            )
        name, end = self.spoken_name()
        return tree.PathExpression(owner, name, token.start, start=owner.start, end=end)

    def _filter(self, source: tree.Expression) -> tree.FilterExpression:
        opening = self.take()
        condition = self.nested(lambda: self.operand(opening, 0))
        closing = self.close(opening, "]")
        return tree.FilterExpression(source, condition, start=source.start, end=closing.end)

    def _call(self, function: tree.Expression) -> tree.Call:
        opening = self.take()
        arguments: list[tree.Argument] = []
        while not self.is_symbol(")"):
            arguments.append(self._argument())
            if not self.is_symbol(","):
                break
            self.take()
            if self.is_symbol(")"):
                raise self.missing("a value")
        closing = self.close(opening, ")")
        if len({argument.name is None for argument in arguments}) > 1:
            raise FeelSyntaxError("feel.mixed_arguments", {}, opening.start, closing.end)
        return tree.Call(function, tuple(arguments), start=function.start, end=closing.end)

    def _argument(self) -> tree.Argument:
        start, ahead = self.token.start, self.position
        while self.tokens[ahead].kind in ("name", "keyword"):
            ahead += 1
        name = None
        if ahead > self.position and self.tokens[ahead].text == ":":
            name = " ".join(token.text for token in self.tokens[self.position : ahead])
            self.position = ahead + 1
        value = self.nested(self.expression)
        return tree.Argument(name, value, start=start, end=value.end)

    # ---- the start of an expression ----

    def prefix(self) -> tree.Expression:
        """Return the expression that starts with the next token, without what may follow it."""
        token = self.token
        read = STARTS.get(token.kind) or STARTS.get(token.text)
        if read is None:
            raise self._no_value(token)
        return read(self)

    def _no_value(self, token: Token) -> FeelSyntaxError:
        if token.kind == "end":
            return FeelSyntaxError("feel.missing_end", {}, *self.end_place())
        if token.kind == "other":
            return odd_character(token)
        if token.text in COMPARISONS or token.text in ARITHMETIC or token.text in ("and", "or", "in", "between"):
            return FeelSyntaxError("feel.missing_left", {"operator": f"'{token.text}'"}, token.start, token.end)
        return FeelSyntaxError("feel.missing_value", {"found": shown(token)}, token.start, token.end)
