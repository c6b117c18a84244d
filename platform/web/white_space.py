"""White space of templates, taken out when they are compiled, so that their lines may be broken and indented at will.

- Between tags, words, expressions and statements a line break is nothing; between two words it is one space.
- A space inside a line stays one space. One that a line would end with is written `{{ ' ' }}`. Where words of an
  expression and other words have only a line break between them, it is an error: nobody would see that they touch; also
  where `<strong>` or another element that stands in sentences begins or ends there. Two such elements beside each other
  are taken for boxes, as the links of a menu are.
- Inside a tag, and inside the value of an attribute that goes over lines, a line break is one space, and none where
  nothing follows: an attribute in `{% if %}`, or one that an expression gives, brings its space along.
- `pre`, `textarea`, `script`, `style` and comments of HTML stay as they are.

No token of Jinja's is changed but text, so that line numbers stay those of the template.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from enum import Enum, auto
from itertools import pairwise
from typing import Final

from jinja2 import Environment, TemplateSyntaxError
from jinja2.ext import Extension
from jinja2.lexer import Token, TokenStream
from markupsafe import Markup

KEPT: Final = frozenset({"pre", "textarea", "script", "style"})
#: Elements that stand in a sentence: words in them touch those around them, unless something stands between.
IN_SENTENCES: Final = frozenset("a abbr b code del em i ins kbd mark s strong sub sup time u var".split())
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


class WordsBefore(Enum):
    """What stands before a place between tags."""

    #: A tag, a statement, a space, or a macro, which draws elements.
    APART = auto()
    WORDS = auto()
    #: Words, and then a line break.
    BREAK = auto()


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
        self.beside = WordsBefore.APART
        #: Only spaces stand behind the end of an element that stands in sentences.
        self.is_behind_element = False
        #: What draws elements, or a space, and not words.
        self.macros = {"caller", "super", "gap", "between"}

    def tokens(self, stream: TokenStream) -> Iterator[Token]:
        """Give the tokens of *stream* with what is left of its text."""
        is_wrapped = False
        every = list(stream)
        self.macros.update(_macros(every))
        for token, following in _joined(every):
            if token.type == "data":
                yield from self._data(token.lineno, self._read(token))
                continue
            self._stand_beside(token, following)
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

    def _stand_beside(self, token: Token, following: Token | None) -> None:
        """Refuse an expression that gives words right behind others, though it stands on a line of its own."""
        if token.type == "block_begin":
            self.beside = WordsBefore.APART
        elif token.type == "variable_begin" and self.where is Where.TEXT and following is not None:
            # Of a text that is written out, the spaces are too.
            if following.type == "string" or following.value in self.macros:
                self.beside = WordsBefore.APART
            else:
                self._write_words(token.lineno)

    def _write_words(self, line: int) -> None:
        if self.beside is WordsBefore.BREAK:
            message = "these words touch those of the line before: write {{ ' ' }} at its end, or both in one line"
            raise TemplateSyntaxError(message, line, self.name, self.filename)
        self.beside, self.is_behind_element = WordsBefore.WORDS, False

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
        self._read_words(words, token.lineno + text.count("\n", 0, at))
        if found is None:
            return _words(words), len(text)
        self._stand_beside_tag((found[2] or "").lower(), is_end=found[0].startswith("</"))
        self.line = token.lineno + text.count("\n", 0, found.start())
        if found[1]:
            self.where, self.element, self.until = Where.KEPT, "", "-->"
        else:
            self.where, self.element = Where.TAG, (found[2] or "").lower()
            if found[0].startswith("</"):
                self.element = ""
        return _words(words) + found[0], found.end()

    def _stand_beside_tag(self, element: str, *, is_end: bool) -> None:
        """Let words touch through the tag of an element that stands in sentences, but not from one such to the next."""
        if element not in IN_SENTENCES or (self.is_behind_element and not is_end):
            self.beside = WordsBefore.APART
        self.is_behind_element = is_end and element in IN_SENTENCES

    def _read_words(self, words: str, line: int) -> None:
        """Take into account what stands between tags, from *line* on."""
        core = words.strip(SPACE)
        start, end = words[: words.index(core[0]) if core else len(words)], words[len(words.rstrip(SPACE)) :]
        if start:
            is_break = "\n" in start and self.beside is not WordsBefore.APART
            self.beside = WordsBefore.BREAK if is_break else WordsBefore.APART
        if core:
            self._write_words(line + start.count("\n"))
            if end:
                self.beside = WordsBefore.BREAK if "\n" in end else WordsBefore.APART

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


def _macros(tokens: Sequence[Token]) -> Iterator[str]:
    """Yield the names of the macros that a template defines or imports."""
    word, is_named = "", False
    for before, token in pairwise(tokens):
        if before.type == "block_begin":
            word, is_named = token.value, False
        elif word == "macro" and before.value == "macro":
            yield token.value
        elif word in ("from", "import") and token.type == "name":
            if is_named or before.value == "as":
                yield token.value
            is_named = is_named or (word == "from" and token.value == "import")
        elif token.type == "block_end":
            word = ""


def _joined(stream: Iterable[Token]) -> Iterator[tuple[Token, Token | None]]:
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
