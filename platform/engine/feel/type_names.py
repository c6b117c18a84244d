"""The names of types as formulas write them, `number`, `list<string>`, `function<number> -> Any`: written, and read."""

from __future__ import annotations

from collections.abc import Mapping

from blankett.engine.feel.lexer import TokenCursor
from blankett.engine.feel.types import (
    Any,
    Boolean,
    Context,
    Date,
    DateTime,
    DaysTimeDuration,
    FunctionType,
    ListOf,
    Null,
    Number,
    RangeOf,
    Text,
    Time,
    Type,
    YearsMonthsDuration,
)

#: {name in a formula: type}
TYPE_NAMES: Mapping[str, Type] = {
    "Any": Any(),
    "Null": Null(),
    "number": Number(),
    "string": Text(),
    "boolean": Boolean(),
    "date": Date(),
    "time": Time(),
    "date and time": DateTime(),
    "dateTime": DateTime(),
    "days and time duration": DaysTimeDuration(),
    "dayTimeDuration": DaysTimeDuration(),
    "years and months duration": YearsMonthsDuration(),
    "yearMonthDuration": YearsMonthsDuration(),
    "context": Context(),
}


class TypeReader(TokenCursor):
    """A cursor that can step over types."""

    def type(self) -> Type | None:
        """Step over a type and return it; None where its name is not known."""
        self.go_deeper()
        found = self._type()
        self.depth -= 1
        return found

    def _type(self) -> Type | None:
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
            name, _ = self.spoken_name()
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
