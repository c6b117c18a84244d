"""A place in the tokens of a formula, moving forward, with the errors that every reader raises."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Final

from blankett.engine.feel.errors import FeelSyntaxError
from blankett.engine.feel.lexer import Token, odd_character, tokens_of
from blankett.engine.feel.types import Type

#: Levels of nesting a formula may have.
MAX_DEPTH: Final = 100
#: Members whose name has a space.
SPACED_MEMBERS: Final = ("time offset", "start included", "end included")
_CLOSERS: Final = {"(": "')'", "[": "']'", "{": "'}'"}


class SpacedNames:
    """Names of several words (or with signs in them) that are known where a formula stands."""

    def __init__(self, names: Iterable[str] = ()) -> None:
        self._by_first: dict[str, list[tuple[str, ...]]] = {}
        self._written: dict[tuple[str, ...], str] = {}
        for name in names:
            self.add(name)

    def add(self, name: str) -> None:
        """Learn *name*; a single plain word needs no learning, and what no formula can write is left out, too."""
        try:
            words = tuple(token.text for token in tokens_of(name)[:-1])
        except FeelSyntaxError:
            return
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


class TokenCursor:
    """One formula being read. *functions* are the function names of several words."""

    def __init__(
        self,
        text: str,
        functions: SpacedNames,
        names: Iterable[str] = (),
        types: Mapping[str, Type] | None = None,
        offset: int = 0,
    ) -> None:
        self.text = text
        self.offset = offset
        self.tokens = tokens_of(text, offset)
        self.position = 0
        self.depth = 0
        self.functions = functions
        self.names = SpacedNames((*SPACED_MEMBERS, *names))
        self.types = types or {}
        #: True while the end of a range is read, where `[` closes the range.
        self.in_endpoint = False

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
        if starts_value(self.token):
            raise self.unexpected(self.token)
        raise self.missing(f"'{closers[0]}'")

    def missing(self, expected: str) -> FeelSyntaxError:
        """Return the error that *expected* is missing before the next token."""
        token = self.token
        if token.kind == "end":
            params = {"expected": expected, "instead": "else null" if expected == "'else'" else None}
            return FeelSyntaxError("feel.expected_at_end", params, *self.end_place())
        if token.kind == "other":
            return odd_character(token)
        return FeelSyntaxError("feel.expected", {"expected": expected, "found": shown(token)}, token.start, token.end)

    def unexpected(self, token: Token) -> FeelSyntaxError:
        """Return the error for a token that cannot stand where it does."""
        if token.kind == "other":
            return odd_character(token)
        before = self.tokens[self.position - 1] if self.position else None
        after = self.tokens[self.position + 1 : self.position + 2]
        if token.text == "," and before is not None and before.kind == "number" and after and after[0].kind == "number":
            instead = f"{before.text}.{after[0].text}"
            return FeelSyntaxError("feel.decimal_comma", {"instead": instead}, before.start, after[0].end, instead)
        if before is not None and starts_value(token) and ends_value(before):
            params = {"left": shown(before), "right": shown(token)}
            return FeelSyntaxError("feel.missing_operator", params, before.start, token.end)
        return FeelSyntaxError("feel.unexpected", {"found": shown(token)}, token.start, token.end)

    def go_deeper(self) -> None:
        """Count one more level of nesting. Raises FeelSyntaxError where that is too deep."""
        self.depth += 1
        if self.depth > MAX_DEPTH:
            raise self.too_deep(self.token.start, self.token.end)

    def too_deep(self, start: int, end: int) -> FeelSyntaxError:
        """Return the error of a place that is nested too deeply."""
        return FeelSyntaxError("feel.too_deep", {"limit": MAX_DEPTH}, start, end)

    def end_place(self) -> tuple[int, int]:
        """Return the place of the last thing written, for errors at the end."""
        last = self.tokens[self.position - 1] if self.position else self.token
        return last.start, last.end

    def written(self, start: int, end: int) -> str:
        """Return what is written between two places, with single spaces."""
        return " ".join(self.text[start - self.offset : end - self.offset].split())

    def spoken_name(self) -> tuple[str, int]:
        """Step over a name, the longest known one, and return it with its end."""
        known = self.names.longest(self.tokens, self.position)
        if known is None:
            token = self.take()
            return token.text, token.end
        self.position += known[1]
        return known[0], self.tokens[self.position - 1].end


def shown(token: Token) -> str:
    """Return a token as messages quote it."""
    return "the end" if token.kind == "end" else f"'{token.text}'"


def starts_value(token: Token) -> bool:
    """Say whether *token* can begin a value."""
    return token.kind in ("name", "number", "text", "at") or token.text in (
        "(",
        "[",
        "{",
        "if",
        "for",
        "some",
        "every",
        "not",
        "null",
        "true",
        "false",
    )


def ends_value(token: Token) -> bool:
    """Say whether *token* can end a value."""
    return token.kind in ("name", "number", "text", "at") or token.text in (")", "]", "}", "null", "true", "false")
