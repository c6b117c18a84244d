"""Cuts the text of a formula into tokens, and moves along them, with the errors that every reader raises.

What a sequence of words means (`date and time`) is the parser's business.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Final, NamedTuple

from blankett.engine.feel.errors import FeelSyntaxError
from blankett.engine.feel.types import Type

#: A formula may have this many characters.
MAX_LENGTH: Final = 10_000

KEYWORDS: Final = frozenset(
    "and between else every external false for function if in instance not null of or return satisfies some then"
    " true".split()
)

#: What authors know from elsewhere, and what it is here.
FOREIGN: Final = {
    "==": "=",
    "&&": "and",
    "||": "or",
    "<>": "!=",
    "!": "not(…)",
    "^": "**",
    "=>": ">=",
    "=<": "<=",
    "&": "+",
    "|": "or",
    "~": "not(…)",
    "≠": "!=",
    "≥": ">=",
    "≤": "<=",
    "×": "*",
    "·": "*",
    "÷": "/",
    # A minus and a dash that a word processor made, and the signs of a Chinese keyboard.
    "−": "-",
    "–": "-",
    "＝": "=",
    "＞": ">",
    "＜": "<",
    "＋": "+",
    "（": "(",
    "）": ")",
    "，": ",",
    "、": ",",
    "；": ",",
    ";": ",",
    "：": ":",
}

_NAME_START = r"(?:[^\W\d]|[?_\U00010000-\U000EFFFF])"
_NAME_PART = r"(?:\w|[?\u00B7\u200C\u200D\u203F\u2040\U00010000-\U000EFFFF])"
_TOKEN = re.compile(
    rf"""
    (?P<space>(?:[\s\u180E\u200B\uFEFF]|//[^\n\r]*|/\*.*?\*/)+)
  | (?P<number>(?:\d+(?:\.\d+)?|\.\d+)(?:[eE][+-]?\d+)?)
  | (?P<name>{_NAME_START}{_NAME_PART}*)
  | (?P<at>@\s*"(?:[^"\\]|\\.)*")
  | (?P<text>"(?:[^"\\]|\\.)*")
  | (?P<comment>/\*)
  | (?P<foreign>==|&&|\|\||<>|=>|=<)
  | (?P<symbol>\.\.|\*\*|!=|<=|>=|->|[-+*/=<>()\[\]{{}},:.])
""",
    re.VERBOSE | re.DOTALL,
)
_ESCAPE = re.compile(r"\\(?:u([0-9A-Fa-f]{4})|U([0-9A-Fa-f]{6})|(.))", re.DOTALL)
_PLAIN_ESCAPES = {'"': '"', "'": "'", "\\": "\\", "n": "\n", "r": "\r", "t": "\t", "b": "\b", "f": "\f", "/": "/"}


class Token(NamedTuple):
    """A piece of a formula. `kind` is name, keyword, number, text, at, symbol, other or end; `text` is as written."""

    kind: str
    text: str
    start: int
    end: int


def tokens_of(text: str, offset: int = 0) -> list[Token]:
    """Return the tokens of *text*, ending with one of kind `end`.

    Places count from *offset*. Raises FeelSyntaxError.
    """
    if len(text) > MAX_LENGTH:
        raise FeelSyntaxError("feel.too_long", {"length": len(text), "limit": MAX_LENGTH}, offset, offset + len(text))
    tokens: list[Token] = []
    position, length = 0, len(text)
    while position < length:
        match = _TOKEN.match(text, position)
        kind = match.lastgroup if match else None
        if match is None or kind is None:
            tokens.append(_odd_token(text, position, offset))
            position += 1
            continue
        found, end = match.group(), match.end()
        if kind == "comment":
            raise FeelSyntaxError("feel.unclosed_comment", {}, offset + position, offset + length)
        if kind == "foreign" and found != "<>":  # `function<>` has no parameters
            raise _foreign(found, offset + position, offset + end)
        if kind == "name" and found in KEYWORDS:
            kind = "keyword"
        elif kind == "foreign":
            kind = "other"
        if kind != "space":
            tokens.append(Token(kind, found, offset + position, offset + end))
        position = end
    tokens.append(Token("end", "", offset + length, offset + length))
    return tokens


def _odd_token(text: str, position: int, offset: int) -> Token:
    """Return the character at *position* as a token that only a known name may hold, or raise what is wrong with it."""
    character = text[position]
    if character == '"' or text.startswith('@"', position):
        raise FeelSyntaxError("feel.unclosed_text", {}, offset + position, offset + len(text))
    return Token("other", character, offset + position, offset + position + 1)


def odd_character(token: Token) -> FeelSyntaxError:
    """Return the error for a character that is no part of the language."""
    if token.text in FOREIGN:
        return _foreign(token.text, token.start, token.end)
    if token.text in "'‘’“”`":
        return FeelSyntaxError("feel.single_quotes", {}, token.start, token.end)
    return FeelSyntaxError("feel.unexpected_character", {"character": repr(token.text)}, token.start, token.end)


def _foreign(found: str, start: int, end: int) -> FeelSyntaxError:
    instead = FOREIGN[found]
    return FeelSyntaxError(
        "feel.foreign_operator", {"found": repr(found), "instead": repr(instead)}, start, end, instead
    )


def unquoted(quoted: str) -> str:
    """Return the text that the literal *quoted* (with its quotes) stands for.

    An escape that means nothing stays as written.
    """
    inner = quoted[1:-1]
    if "\\" not in inner:
        return inner
    raw = _ESCAPE.sub(_escaped, inner)
    # Two halves of a character beyond the first plane, written as two escapes, are one character.
    return raw.encode("utf-16", "surrogatepass").decode("utf-16", "replace") if _has_surrogate(raw) else raw


def _escaped(match: re.Match[str]) -> str:
    code = match[1] or match[2]
    if code:
        value = int(code, 16)
        return chr(value) if value <= 0x10FFFF else "\ufffd"
    return _PLAIN_ESCAPES.get(match[3], match[0])


def _has_surrogate(text: str) -> bool:
    return any("\ud800" <= character <= "\udfff" for character in text)


# A place in the tokens ------------------------------------------------------------------------------------------------


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
