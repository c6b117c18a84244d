"""Cuts the text of a formula into tokens. What a sequence of words means (`date and time`) is the parser's business."""

from __future__ import annotations

import re
from typing import Final, NamedTuple

from blankett.engine.feel.errors import FeelSyntaxError

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
