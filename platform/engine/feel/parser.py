"""Reads a formula into its parts: precedence climbing over tokens, with humane messages and exact places."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from decimal import Decimal
from typing import Final, TypeVar

from blankett.engine.feel import tree
from blankett.engine.feel.decimals import number_from
from blankett.engine.feel.errors import FeelSyntaxError
from blankett.engine.feel.lexer import Token, odd_character, tokens_of, unquoted
from blankett.engine.feel.temporal import read_temporal
from blankett.engine.feel.type_names import TYPE_NAMES
from blankett.engine.feel.types import Context, FunctionType, ListOf, RangeOf, Type

P = TypeVar("P", bound=tree.Part)

#: Levels of nesting a formula may have.
MAX_DEPTH: Final = 100

# How tightly each operator binds; a higher number binds tighter.
OR, AND, COMPARE, ADD, MULTIPLY, POWER, NEGATE, INSTANCE, POSTFIX = range(10, 100, 10)
COMPARISONS: Final = frozenset(["=", "!=", "<", "<=", ">", ">="])
ARITHMETIC: Final = {"+": ADD, "-": ADD, "*": MULTIPLY, "/": MULTIPLY, "**": POWER}
#: Members whose name has a space.
SPACED_MEMBERS: Final = ("time offset", "start included", "end included")
_CLOSERS: Final = {"(": "')'", "[": "']'", "{": "'}'"}
_KEY_SYMBOLS: Final = frozenset("+-*/.'")


class Names:
    """Names of several words (or with signs in them) that are known where a formula stands."""

    def __init__(self, names: Iterable[str] = ()) -> None:
        self._by_first: dict[str, list[tuple[str, ...]]] = {}
        self._written: dict[tuple[str, ...], str] = {}
        for name in names:
            self.add(name)

    def add(self, name: str) -> None:
        """Learn *name*; a single plain word needs no learning and is left out."""
        words = tuple(token.text for token in tokens_of(name)[:-1])
        if len(words) < 2 or words in self._written:
            return
        self._written[words] = name
        same_first = self._by_first.setdefault(words[0], [])
        same_first.append(words)
        same_first.sort(key=len, reverse=True)

    def longest(self, tokens: list[Token], position: int) -> tuple[str, int] | None:
        """Return the longest known name that starts at *position*, and how many tokens it takes."""
        for words in self._by_first.get(tokens[position].text, ()):
            if tuple(token.text for token in tokens[position : position + len(words)]) == words:
                return self._written[words], len(words)
        return None


class Parser:
    """One formula being read. *functions* are the function names of several words."""

    def __init__(self, text: str, functions: Names, names: Iterable[str] = (), types: Mapping[str, Type] | None = None, offset: int = 0) -> None:
        self.text = text
        self.offset = offset
        self.tokens = tokens_of(text, offset)
        self.position = 0
        self.depth = 0
        self.functions = functions
        self.names = Names((*SPACED_MEMBERS, *names))
        self.types = types or {}
        #: True while the end of a range is read, where `[` closes the range.
        self.in_endpoint = False

    # ---- tokens ----

    @property
    def token(self) -> Token:
        """The token to be read next."""
        return self.tokens[self.position]

    def take(self) -> Token:
        """Return the next token and step over it (the end stays)."""
        token = self.tokens[self.position]
        if token.kind != "end":
            self.position += 1
        return token

    def is_symbol(self, *texts: str) -> bool:
        """Say whether the next token is one of these symbols."""
        return self.token.kind == "symbol" and self.token.text in texts

    def is_keyword(self, *texts: str) -> bool:
        """Say whether the next token is one of these keywords."""
        return self.token.kind == "keyword" and self.token.text in texts

    def expect(self, text: str) -> Token:
        """Step over the symbol or keyword *text*, or raise that it is missing."""
        if self.token.text != text or self.token.kind not in ("symbol", "keyword"):
            raise self.missing(f"'{text}'")
        return self.take()

    def close(self, opening: Token, *closers: str) -> Token:
        """Step over what closes *opening*, or raise that it is not closed."""
        if self.is_symbol(*closers):
            return self.take()
        if self.token.kind == "end":
            expected = _CLOSERS.get(opening.text, "']'")
            raise FeelSyntaxError(
                "feel.unclosed", {"opened": f"'{opening.text}'", "expected": expected}, opening.start, opening.end
            )
        if _starts_value(self.token):
            raise self.unexpected(self.token)
        raise self.missing(f"'{closers[0]}'")

    def missing(self, expected: str) -> FeelSyntaxError:
        """Return the error that *expected* is missing before the next token."""
        token = self.token
        if token.kind == "end":
            return FeelSyntaxError("feel.expected_at_end", {"expected": expected}, *self._end_place())
        if token.kind == "other":
            return odd_character(token)
        return FeelSyntaxError("feel.expected", {"expected": expected, "found": _shown(token)}, token.start, token.end)

    def unexpected(self, token: Token) -> FeelSyntaxError:
        """Return the error for a token that cannot stand where it does."""
        if token.kind == "other":
            return odd_character(token)
        before = self.tokens[self.position - 1] if self.position else None
        if before is not None and _starts_value(token) and _ends_value(before):
            params = {"left": _shown(before), "right": _shown(token)}
            return FeelSyntaxError("feel.missing_operator", params, before.start, token.end)
        return FeelSyntaxError("feel.unexpected", {"found": _shown(token)}, token.start, token.end)

    def _end_place(self) -> tuple[int, int]:
        """Return the place of the last thing written, for errors at the end."""
        last = self.tokens[self.position - 1] if self.position else self.token
        return last.start, last.end

    def written(self, start: int, end: int) -> str:
        """Return what is written between two places, with single spaces."""
        return " ".join(self.text[start - self.offset : end - self.offset].split())

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
        opening = (self.take(), self.take())[1] if negated else None
        tests = self.tests()
        if opening is not None:
            self.close(opening, ")")
        if self.token.kind != "end":
            raise self.unexpected(self.token)
        return self._measured(tree.UnaryTests(tests, negated, start=start, end=self._end_place()[1]))

    def _refuse_empty(self) -> None:
        if self.token.kind == "end":
            raise FeelSyntaxError("feel.empty", {}, self.offset, self.offset + len(self.text))

    def _measured(self, part: P) -> P:
        """Return *part*, or raise where it is nested too deeply (a long sum is deep, too)."""
        waiting: list[tuple[tree.Part, int]] = [(part, 1)]
        while waiting:
            inner, depth = waiting.pop()
            if depth > MAX_DEPTH:
                raise self._too_deep(inner.start, inner.end)
            waiting.extend((child, depth + 1) for child in tree.children(inner))
        return part

    def _too_deep(self, start: int, end: int) -> FeelSyntaxError:
        return FeelSyntaxError("feel.too_deep", {"limit": MAX_DEPTH}, start, end)

    # ---- expressions ----

    def expression(self, power: int = 0) -> tree.Expression:
        """Return the expression that starts here and binds at least as tightly as *power*."""
        self.depth += 1
        if self.depth > MAX_DEPTH:
            raise self._too_deep(self.token.start, self.token.end)
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
            raise FeelSyntaxError("feel.missing_right", {"operator": f"'{operator.text}'"}, operator.start, operator.end)
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
        """Return *left* extended by the operator that follows, or None where none follows that binds as tightly as *power*."""
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
        test = self.test()
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
            test = self.test()
            return tree.In(value, (test,), start=value.start, end=test.end)
        closing = self.close(opening, ")")
        return tree.In(value, tests, start=value.start, end=closing.end)

    def tests(self) -> tuple[tree.Expression, ...]:
        """Return the tests separated by commas."""
        found = [self.test()]
        while self.is_symbol(","):
            self.take()
            found.append(self.test())
        return tuple(found)

    def test(self) -> tree.Expression:
        """Return one test: `< 5`, a range, or a value."""
        if self.token.kind == "symbol" and self.token.text in COMPARISONS:
            return self._unary_test()
        return self.expression(COMPARE)

    def _unary_test(self) -> tree.UnaryTest:
        operator = self.take()
        value = self.operand(operator, COMPARE)
        return tree.UnaryTest(operator.text, value, start=operator.start, end=value.end)

    def _instance_of(self, value: tree.Expression) -> tree.InstanceOf:
        self.take()
        self.expect("of")
        start = self.token.start
        found = self.type()
        end = self._end_place()[1]
        return tree.InstanceOf(value, found, self.written(start, end), start=value.start, end=end)

    def _member(self, owner: tree.Expression) -> tree.Member:
        self.take()
        token = self.token
        if token.kind not in ("name", "keyword"):
            raise FeelSyntaxError("feel.member_name", {}, *((token.start, token.end) if token.kind != "end" else self._end_place()))
        name, end = self._name()
        return tree.Member(owner, name, token.start, start=owner.start, end=end)

    def _name(self) -> tuple[str, int]:
        """Step over a name, the longest known one, and return it with its end."""
        known = self.names.longest(self.tokens, self.position)
        if known is None:
            token = self.take()
            return token.text, token.end
        self.position += known[1]
        return known[0], self.tokens[self.position - 1].end

    def _filter(self, source: tree.Expression) -> tree.Filter:
        opening = self.take()
        condition = self.nested(lambda: self.operand(opening, 0))
        closing = self.close(opening, "]")
        return tree.Filter(source, condition, start=source.start, end=closing.end)

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
        read = _PREFIXES.get(token.kind) or _PREFIXES.get(token.text)
        if read is None:
            raise self._no_value(token)
        return read(self)

    def _no_value(self, token: Token) -> FeelSyntaxError:
        if token.kind == "end":
            return FeelSyntaxError("feel.missing_end", {}, *self._end_place())
        if token.kind == "other":
            return odd_character(token)
        if token.text in COMPARISONS or token.text in ARITHMETIC or token.text in ("and", "or", "in", "between"):
            return FeelSyntaxError("feel.missing_left", {"operator": f"'{token.text}'"}, token.start, token.end)
        return FeelSyntaxError("feel.missing_value", {"found": _shown(token)}, token.start, token.end)

    def _number(self) -> tree.Literal:
        token = self.take()
        return tree.Literal(number_from(token.text), start=token.start, end=token.end)

    def _text(self) -> tree.Literal:
        token = self.take()
        return tree.Literal(unquoted(token.text), start=token.start, end=token.end)

    def _at(self) -> tree.AtLiteral:
        token = self.take()
        text = unquoted(token.text[1:].lstrip())
        return tree.AtLiteral(text, read_temporal(text), start=token.start, end=token.end)

    def _constant(self) -> tree.Literal:
        token = self.take()
        value = {"null": None, "true": True, "false": False}[token.text]
        return tree.Literal(value, start=token.start, end=token.end)

    def _name_or_function(self) -> tree.Name:
        token = self.token
        function = self.functions.longest(self.tokens, self.position)
        if function and self.tokens[self.position + function[1]].text == "(":
            self.position += function[1]
            return tree.Name(function[0], start=token.start, end=self.tokens[self.position - 1].end)
        name, end = self._name()
        return tree.Name(name, start=token.start, end=end)

    def _not(self) -> tree.Name:
        token = self.take()
        if not self.is_symbol("("):
            raise FeelSyntaxError("feel.expected", {"expected": "'('", "found": _shown(self.token)}, token.start, token.end)
        return tree.Name("not", start=token.start, end=token.end)

    def _negation(self) -> tree.Expression:
        token = self.take()
        operand = self.operand(token, NEGATE)
        if isinstance(operand, tree.Literal) and isinstance(operand.value, Decimal):
            return tree.Literal(operand.value.copy_negate(), start=token.start, end=operand.end)
        return tree.Negation(operand, start=token.start, end=operand.end)

    def _round_brackets(self) -> tree.Expression:
        opening = self.take()
        if self.token.kind == "symbol" and self.token.text in COMPARISONS:
            inner: tree.Expression = self._unary_test()
            self.close(opening, ")")
            return inner
        inner = self.nested(self.expression)
        if self.is_symbol(".."):
            return self._range(opening, inner)
        closing = self.close(opening, ")")
        return _widened(inner, opening.start, closing.end)

    def _square_brackets(self) -> tree.Expression:
        opening = self.take()
        items: list[tree.Expression] = []
        if not self.is_symbol("]"):
            items.append(self.nested(self._item))
            if self.is_symbol(".."):
                return self._range(opening, items[0])
            while self.is_symbol(","):
                self.take()
                items.append(self.nested(self._item))
        closing = self.close(opening, "]")
        return tree.ListLiteral(tuple(items), start=opening.start, end=closing.end)

    def _item(self) -> tree.Expression:
        """Return an item of a list: an expression, a range without brackets, or a test."""
        if self.token.kind == "symbol" and self.token.text in COMPARISONS:
            return self._unary_test()
        return self.expression()

    def _outward_range(self) -> tree.Expression:
        opening = self.take()
        return self._range(opening, self.nested(self.expression))

    def _range(self, opening: Token, low: tree.Expression) -> tree.RangeLiteral:
        dots = self.expect("..")
        before, self.in_endpoint = self.in_endpoint, True
        high = self.operand(dots, 0)
        self.in_endpoint = before
        closing = self.close(opening, "]" if opening.text != "(" else ")", "]", ")", "[")
        closed = opening.text == "[", closing.text == "]"
        return tree.RangeLiteral(low, high, *closed, start=opening.start, end=closing.end)

    def _context(self) -> tree.ContextLiteral:
        opening = self.take()
        entries: list[tree.Entry] = []
        while not self.is_symbol("}"):
            entries.append(self._entry({entry.name for entry in entries}))
            if not self.is_symbol(","):
                break
            self.take()
        closing = self.close(opening, "}")
        return tree.ContextLiteral(tuple(entries), start=opening.start, end=closing.end)

    def _entry(self, taken: set[str]) -> tree.Entry:
        start = self.token.start
        name, end = self._entry_name()
        if name in taken:
            raise FeelSyntaxError("feel.repeated_key", {"name": name}, start, end)
        if not self.is_symbol(":"):
            raise FeelSyntaxError("feel.key_name", {}, start, max(end, self.token.end))
        self.take()
        value = self.nested(self.expression)
        return tree.Entry(name, value, start=start, end=value.end)

    def _entry_name(self) -> tuple[str, int]:
        token = self.token
        if token.kind == "text":
            self.take()
            return unquoted(token.text), token.end
        begin = self.position
        while self.token.kind in ("name", "keyword", "number", "other") or self.token.text in _KEY_SYMBOLS:
            self.take()
        if self.position == begin or token.kind not in ("name", "keyword"):
            raise FeelSyntaxError("feel.key_name", {}, token.start, token.end)
        name = self.written(token.start, self.tokens[self.position - 1].end)
        self.names.add(name)
        return name, self.tokens[self.position - 1].end

    def _if(self) -> tree.If:
        word = self.take()
        condition = self.operand(word, 0)
        then = self.operand(self.expect("then"), 0)
        otherwise = self.operand(self.expect("else"), 0)
        return tree.If(condition, then, otherwise, start=word.start, end=otherwise.end)

    def _loops(self) -> tuple[tree.Loop, ...]:
        loops: list[tree.Loop] = []
        while True:
            start = self.token.start
            name = self._loop_name()
            source = self.operand(self.expect("in"), 0)
            if self.is_symbol(".."):
                high = self.operand(self.take(), 0)
                source = tree.RangeLiteral(source, high, True, True, start=source.start, end=high.end)
            loops.append(tree.Loop(name, source, start=start, end=source.end))
            if not self.is_symbol(","):
                return tuple(loops)
            self.take()

    def _loop_name(self) -> str:
        begin = self.position
        while not self.is_keyword("in") and self.token.kind in ("name", "keyword", "number", "other"):
            self.take()
        if begin == self.position:
            raise self.missing("a name")
        name = self.written(self.tokens[begin].start, self.tokens[self.position - 1].end)
        self.names.add(name)
        return name

    def _for(self) -> tree.For:
        word = self.take()
        loops = self._loops()
        body = self.operand(self.expect("return"), 0)
        return tree.For(loops, body, start=word.start, end=body.end)

    def _quantified(self) -> tree.Quantified:
        word = self.take()
        loops = self._loops()
        condition = self.operand(self.expect("satisfies"), 0)
        return tree.Quantified(word.text, loops, condition, start=word.start, end=condition.end)

    def _function(self) -> tree.FunctionDefinition:
        word = self.take()
        opening = self.expect("(")
        parameters: list[tree.Parameter] = []
        while not self.is_symbol(")"):
            parameters.append(self._parameter())
            if not self.is_symbol(","):
                break
            self.take()
        self.close(opening, ")")
        external = self.is_keyword("external")
        if external:
            self.take()
        body = self.nested(self.expression)
        return tree.FunctionDefinition(tuple(parameters), body, external, start=word.start, end=body.end)

    def _parameter(self) -> tree.Parameter:
        start, begin = self.token.start, self.position
        while self.token.kind in ("name", "keyword"):
            self.take()
        if begin == self.position:
            raise FeelSyntaxError("feel.parameter_name", {}, self.token.start, self.token.end)
        name = " ".join(token.text for token in self.tokens[begin : self.position])
        self.names.add(name)
        type = None
        if self.is_symbol(":"):
            self.take()
            type = self.type()
        return tree.Parameter(name, type, start=start, end=self._end_place()[1])

    # ---- types ----

    def type(self) -> Type | None:
        """Step over a type and return it; None where its name is not known."""
        if self.is_keyword("function"):
            return self._function_type()
        if self.token.kind != "name":
            raise self.missing("a type")
        word = self.token.text
        follows_bracket = self.tokens[self.position + 1].text == "<"
        if word in ("list", "range") and follows_bracket:
            self.take()
            self.take()
            item = self.type()
            self.expect(">")
            if item is None:
                return None
            return ListOf(item) if word == "list" else RangeOf(item)
        if word == "context" and follows_bracket:
            return self._context_type()
        return self._named_type()

    def _named_type(self) -> Type | None:
        """Step over the longest name of a type; an unknown single name (with dots) is None."""
        for length in range(4, 0, -1):
            words = self.tokens[self.position : self.position + length]
            name = " ".join(token.text for token in words)
            found = self.types.get(name) or TYPE_NAMES.get(name)
            if found is not None:
                self.position += length
                return found
        self.take()
        while self.is_symbol("."):
            self.take()
            self.take()
        return None

    def _context_type(self) -> Type | None:
        self.take()
        self.take()
        fields: dict[str, Type] = {}
        known = True
        while not self.is_symbol(">"):
            name, _ = self._name()
            self.expect(":")
            found = self.type()
            known = known and found is not None
            if found is not None:
                fields[name] = found
            if not self.is_symbol(","):
                break
            self.take()
        self.expect(">")
        return Context(fields) if known else None

    def _function_type(self) -> Type | None:
        self.take()
        found: list[Type | None] = []
        if self.token.text == "<>":
            self.take()
        else:
            self.expect("<")
            while not self.is_symbol(">"):
                found.append(self.type())
                if not self.is_symbol(","):
                    break
                self.take()
            self.expect(">")
        self.expect("->")
        result = self.type()
        params = {str(place): type for place, type in enumerate(found) if type is not None}
        return FunctionType(params, result) if result is not None and len(params) == len(found) else None


_PREFIXES: Final[dict[str, Callable[[Parser], tree.Expression]]] = {
    "number": Parser._number,
    "text": Parser._text,
    "at": Parser._at,
    "name": Parser._name_or_function,
    "null": Parser._constant,
    "true": Parser._constant,
    "false": Parser._constant,
    "not": Parser._not,
    "-": Parser._negation,
    "(": Parser._round_brackets,
    "[": Parser._square_brackets,
    "]": Parser._outward_range,
    "{": Parser._context,
    "if": Parser._if,
    "for": Parser._for,
    "some": Parser._quantified,
    "every": Parser._quantified,
    "function": Parser._function,
}


def _widened(part: tree.Expression, start: int, end: int) -> tree.Expression:
    """Return *part* with its brackets in its place."""
    values = {name: getattr(part, name) for name in part.__dataclass_fields__ if name not in ("start", "end")}  # type: ignore[attr-defined]
    return type(part)(**values, start=start, end=end)


def _shown(token: Token) -> str:
    """Return a token as messages quote it."""
    return "the end" if token.kind == "end" else f"'{token.text}'"


def _starts_value(token: Token) -> bool:
    return token.kind in ("name", "number", "text", "at") or token.text in ("(", "[", "{", "if", "for", "some", "every", "not", "null", "true", "false")


def _ends_value(token: Token) -> bool:
    return token.kind in ("name", "number", "text", "at") or token.text in (")", "]", "}", "null", "true", "false")
