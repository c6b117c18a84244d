"""White space of templates, taken out when they are compiled, so that their lines may be broken and indented at will.

- Between tags, words, expressions and statements a line break is nothing; between two words it is one space.
- A space inside a line stays one space. One that a line would end with is written `{{ ' ' }}`.
- Inside a tag, and inside the value of an attribute that goes over lines, a line break is one space, and none where
  nothing follows: an attribute in `{% if %}`, or one that an expression gives, brings its space along.
- `pre`, `textarea`, `script`, `style` and comments of HTML stay as they are.

No token of Jinja's is changed but text, so that line numbers stay those of the template.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from enum import Enum, auto
from typing import Final

from jinja2 import Environment, TemplateSyntaxError
from jinja2.ext import Extension
from jinja2.lexer import Token, TokenStream
from markupsafe import Markup

KEPT: Final = frozenset({"pre", "textarea", "script", "style"})
#: Statements whose body is drawn or not: each body takes the space that stands before the statement.
OPENING: Final = frozenset({"if", "for"})
BETWEEN: Final = frozenset({"elif", "else"})
CLOSING: Final = frozenset({"endif", "endfor"})

SPACE: Final = " \t\n\r\f"
_run = re.compile(f"[{SPACE}]+")
_tag_start = re.compile(r"<(?:(!--)|/?([a-zA-Z][\w:-]*)|[/!]|$)")
_tag_part = re.compile(rf"(?P<space>[{SPACE}]+)|(?P<quote>[\"'])|(?P<end>/?>)|[^{SPACE}\"'>/]+|/")


class Where(Enum):
    """What surrounds a place of a template."""

    TEXT = auto()
    TAG = auto()
    VALUE = auto()
    #: Between the tags of an element, or in a comment, that is left as it is.
    KEPT = auto()


class Pending(Enum):
    """A space inside a tag that is written when something follows it."""

    NONE = auto()
    ON_LINE = auto()
    BREAK = auto()
    #: Stands before the statement whose body begins here.
    OUTSIDE = auto()


class WhiteSpace(Extension):
    """Takes white space out of templates, as the module says."""

    def __init__(self, environment: Environment) -> None:
        super().__init__(environment)
        environment.filters["spaced"] = spaced

    def filter_stream(self, stream: TokenStream) -> Iterator[Token]:
        """Give the tokens of a template, its text without what only indents it."""
        return TemplatePass(stream.name, stream.filename).tokens(stream)


def spaced(value: object) -> object:
    """Return what an expression gives inside a tag with one space before it, or nothing if it gives nothing."""
    if not value and value != 0:
        return ""
    text = value if isinstance(value, str) else str(value)
    text = text.lstrip(SPACE)
    return (Markup(" ") if isinstance(text, Markup) else " ") + text if text else ""


class TemplatePass:
    """One pass over the tokens of a template, which knows where in the markup it is."""

    def __init__(self, name: str | None, filename: str | None) -> None:
        self.name, self.filename = name, filename
        self.where = Where.TEXT
        self.pending = Pending.NONE
        #: The element that the tag opens or closes; what ends text that is kept; the quote around a value.
        self.element = self.until = self.quote = ""
        #: Line of the tag that is open.
        self.line = 0
        #: Nothing of the value has been read.
        self.is_fresh = False
        #: For each open statement: whether a space stands before it.
        self.outside: list[bool] = []
        #: That space was left to a statement which has ended.
        self.is_owed = False

    def tokens(self, stream: TokenStream) -> Iterator[Token]:
        """Give the tokens of *stream* with what is left of its text."""
        is_wrapped = False
        for token, following in _joined(stream):
            if token.type == "data":
                yield from self._data(token.lineno, self._read(token))
                continue
            if token.type == "block_begin":
                yield from self._data(token.lineno, self._statement(following.value if following else ""))
            elif token.type == "variable_begin" and self.pending is not Pending.NONE:
                self.pending, is_wrapped = Pending.NONE, True
                yield from (token, Token(token.lineno, "lparen", "("))
                continue
            elif token.type == "variable_end" and is_wrapped:
                is_wrapped = False
                yield Token(token.lineno, "rparen", ")")
                yield Token(token.lineno, "pipe", "|")
                yield Token(token.lineno, "name", "spaced")
            if token.type.endswith("_begin"):
                self.is_fresh = self.is_owed = False
            if token.type == "block_begin" and following and following.value in CLOSING:
                self.is_owed = self.outside.pop() if self.outside else False
            yield token
        if self.where is not Where.TEXT:
            raise TemplateSyntaxError("this tag is not closed", self.line, self.name, self.filename)

    @staticmethod
    def _data(line: int, text: str) -> Iterator[Token]:
        if text:
            yield Token(line, "data", text)

    def _statement(self, word: str) -> str:
        """Take a statement's first *word* into account, and return the space that must stand before it."""
        is_own = self.pending in (Pending.ON_LINE, Pending.BREAK)
        if word in OPENING:
            self.outside.append(self.pending is not Pending.NONE)
            self.pending = Pending.OUTSIDE if self.outside[-1] else Pending.NONE
            return ""
        if word == "set":
            return ""
        space = " " if is_own and (self.pending is Pending.ON_LINE or word not in BETWEEN | CLOSING) else ""
        is_outside = word in BETWEEN and bool(self.outside) and self.outside[-1]
        self.pending = Pending.OUTSIDE if is_outside else Pending.NONE
        return space

    def _read(self, token: Token) -> str:
        """Return what is left of a token's text."""
        text, at, parts = token.value, 0, []
        while at < len(text):
            if self.where is Where.TEXT:
                part, at = self._text(text, at, token)
            elif self.where is Where.KEPT:
                part, at = self._kept(text, at)
            elif self.where is Where.VALUE:
                part, at = self._value(text, at, token)
            else:
                part, at = self._tag(text, at, token)
            parts.append(part)
        return "".join(parts)

    def _text(self, text: str, at: int, token: Token) -> tuple[str, int]:
        found = _tag_start.search(text, at)
        words = text[at : found.start() if found else len(text)]
        if found is None:
            return _words(words), len(text)
        self.line = token.lineno + text.count("\n", 0, found.start())
        if found[1]:
            self.where, self.element, self.until = Where.KEPT, "", "-->"
        else:
            self.where, self.element = Where.TAG, (found[2] or "").lower()
            if found[0].startswith("</"):
                self.element = ""
        return _words(words) + found[0], found.end()

    def _kept(self, text: str, at: int) -> tuple[str, int]:
        end = text.lower().find(self.until, at)
        if end < 0:
            return text[at:], len(text)
        self.element = ""
        self.where = Where.TEXT if self.until == "-->" else Where.TAG
        return text[at : end + len(self.until)], end + len(self.until)

    def _tag(self, text: str, at: int, token: Token) -> tuple[str, int]:
        found = _tag_part.match(text, at)
        assert found is not None
        if found["space"]:
            self.is_owed = False
            self.pending = Pending.BREAK if "\n" in found["space"] else Pending.ON_LINE
            return "", found.end()
        if found["end"]:
            self.pending, self.is_owed = Pending.NONE, False
            self.where = Where.TEXT
            if self.element in KEPT and found[0] == ">":
                self.where, self.until = Where.KEPT, f"</{self.element}"
            return found[0], found.end()
        part = self._space(text, at, token) + found[0]
        if found["quote"]:
            self.where, self.quote, self.is_fresh = Where.VALUE, found["quote"], True
        return part, found.end()

    def _value(self, text: str, at: int, token: Token) -> tuple[str, int]:
        end = text.find(self.quote, at)
        is_end = end >= 0
        value, parts = text[at : end if is_end else len(text)], []
        for found in re.finditer(rf"[{SPACE}]+|[^{SPACE}]+", value):
            if "\n" in found[0]:
                self.pending = Pending.NONE if self.is_fresh else Pending.BREAK
                self.is_owed = False
            elif found[0].isspace():
                parts.append(found[0])
                self.pending, self.is_owed = Pending.NONE, False
            else:
                parts.append(self._space(text, at + found.start(), token) + found[0])
            self.is_fresh = False
        if is_end:
            parts.append(self.quote)
            self.where, self.pending, self.is_owed = Where.TAG, Pending.NONE, False
        return "".join(parts), end + 1 if is_end else len(text)

    def _space(self, text: str, at: int, token: Token) -> str:
        """Return the space before something inside a tag."""
        if self.is_owed:
            line = token.lineno + text.count("\n", 0, at)
            raise TemplateSyntaxError("a space is missing after the statement", line, self.name, self.filename)
        space = "" if self.pending is Pending.NONE else " "
        self.pending = Pending.NONE
        return space


def _joined(stream: TokenStream) -> Iterator[tuple[Token, Token | None]]:
    """Give each token with the one after it; texts with only a comment between them are one."""
    held: Token | None = None
    for token in stream:
        if held and held.type == token.type == "data":
            held = Token(held.lineno, "data", held.value + token.value)
            continue
        if held:
            yield held, token
        held = token
    if held:
        yield held, None


def _words(text: str) -> str:
    """Return text that stands between tags, expressions and statements."""
    core = text.strip(SPACE)
    if not core:
        return " " if text and "\n" not in text else ""
    start, end = text[: text.index(core[0])], text[len(text.rstrip(SPACE)) :]
    return (" " if start and "\n" not in start else "") + _run.sub(" ", core) + (" " if end and "\n" not in end else "")
