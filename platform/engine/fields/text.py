"""Texts: one line, several lines, and e-mail addresses."""

from __future__ import annotations

import re
from collections.abc import Iterable
from functools import lru_cache
from hashlib import sha256
from typing import TYPE_CHECKING, Any, ClassVar
from urllib.parse import quote

import re2

from blankett.engine import feel
from blankett.engine.fields.base import PROCESS, Fault, Json, SlotKind, StoredAsText, TextReading, TypeOption, Value
from blankett.engine.fields.cells import TextCells

if TYPE_CHECKING:
    from blankett.engine.language.model import Field

#: NUL and lone surrogates are refused by PostgreSQL, the others by people.
BAD_CHARACTERS = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ud800-\udfff\ufffe\uffff]")
LINE_BREAKS = re.compile("[\r\n\x0b\x0c\x85\u2028\u2029]")
EMAIL = re.compile(r"[^\s@,;<>\"()]{1,64}@[^\s@.,;<>\"()]+(?:\.[^\s@.,;<>\"()]+)+\Z")

TEXT_LENGTH = 500
LONG_TEXT_LENGTH = 20_000
EMAIL_LENGTH = 254
#: No `max_length` goes beyond.
LONGEST = 100_000
#: A slot holds texts of so many characters whole: with four bytes each they fit an entry of PostgreSQL's indexes.
SLOT_LENGTH = 500
#: Of longer ones, so much of the beginning, then CUT and what tells the whole from every other, in characters that no
#: value has, so that no search meets them.
SLOT_BEGINNING = 450
CUT = "\x1f"
_MARKS = str.maketrans("0123456789abcdef", "".join(chr(0x0E + number) for number in range(16)))


def is_line(text: str, longest: int) -> bool:
    """Tell whether *text* is one line that can be kept: not empty, not too long, nothing invisible in it."""
    return 0 < len(text) <= longest and not BAD_CHARACTERS.search(text) and not LINE_BREAKS.search(text)


@lru_cache(maxsize=256)
def compile_pattern(pattern: str) -> Any:
    """Return the pattern compiled by RE2, whose time is linear in the text; raise `re2.error` for a bad one."""
    options = re2.Options()
    options.log_errors = False
    options.max_mem = 1 << 20
    return re2.compile(pattern, options)


def pattern_fault(pattern: str) -> str | None:
    """Return why a pattern cannot be used, in RE2's words, or None for a good one."""
    try:
        compile_pattern(pattern)
    except re2.error as error:
        reason = error.args[0] if error.args else ""
        return reason.decode("utf-8", "replace") if isinstance(reason, bytes) else str(reason)
    return None


def kept_text(text: str) -> str:
    """Return what a slot keeps of *text*: equal for equal texts alone, however long they are."""
    if len(text) <= SLOT_LENGTH:
        return text
    return f"{text[:SLOT_BEGINNING]}{CUT}{sha256(text.encode()).hexdigest()[:40].translate(_MARKS)}"


def is_cut(kept: object) -> bool:
    """Tell whether what a slot keeps is not the text itself."""
    return isinstance(kept, str) and CUT in kept


def any_cut(kept: Iterable[object]) -> bool:
    """Tell whether any of what slots keep is cut. One look into all texts together is quicker than one into each."""
    return CUT in "".join([each for each in kept if isinstance(each, str)])


class TextType(StoredAsText):
    """One line of text."""

    name = "text"
    help = "One line of text."
    synonyms = "data 文本 string str varchar char nvarchar line shorttext short_text single_line name password"
    slot: ClassVar[SlotKind | None] = "text"
    options: ClassVar[tuple[TypeOption, ...]] = (
        TypeOption(
            "max_length", "whole", f"The most characters; {TEXT_LENGTH} unless told.", least=1, most=2_000, part=PROCESS
        ),
        TypeOption("min_length", "whole", "The fewest characters.", least=0, most=2_000, part=PROCESS),
        TypeOption("pattern", "pattern", "A regular expression (RE2) the whole text matches.", part=PROCESS),
        TypeOption("pattern_message", "text", "What to say of a text that does not match it.", part=PROCESS),
    )
    #: The most characters where the blueprint says nothing.
    longest: ClassVar[int] = TEXT_LENGTH
    #: Whether it holds line breaks.
    is_multiline: ClassVar[bool] = False
    is_free_text = True
    cells = TextCells()
    is_column: ClassVar[bool] = True
    is_worded: ClassVar[bool] = True
    can_be_key: ClassVar[bool] = True
    holds_code: ClassVar[bool] = True
    tells_apart: ClassVar[bool] = True
    names_record: ClassVar[bool] = True

    def feel_type(self, of: Field) -> feel.Type:
        """Return a text."""
        return feel.Text()

    def parse(self, text: str, of: Field, reading: TextReading) -> Value | Fault:
        """Return the text itself; browsers send line breaks as CR LF."""
        return text.replace("\r\n", "\n") if self.is_multiline else text

    def parse_api(self, raw: Json, of: Field, reading: TextReading) -> Value | Fault:
        """Return the text without blanks around it; no other JSON value is a text."""
        if not isinstance(raw, str):
            return Fault("field.not_a_text")
        text = raw.strip()
        return self.parse(text, of, reading) if text else None

    def check(self, value: Value, of: Field) -> Fault | None:
        """Return a fault for bad characters, length and pattern."""
        if not isinstance(value, str):
            return Fault("field.not_a_text")
        longest = of.options.get("max_length") or self.longest
        shortest = of.options.get("min_length")
        if isinstance(longest, int) and len(value) > longest:
            return Fault("field.too_long", {"max": longest, "length": len(value)})
        if BAD_CHARACTERS.search(value):
            return Fault("field.bad_characters")
        if not self.is_multiline and LINE_BREAKS.search(value):
            return Fault("field.one_line")
        if isinstance(shortest, int) and len(value) < shortest:
            return Fault("field.too_short", {"min": shortest, "length": len(value)})
        return self._check_pattern(value, of)

    def _check_pattern(self, value: str, of: Field) -> Fault | None:
        pattern = of.options.get("pattern")
        if isinstance(pattern, str) and compile_pattern(pattern).fullmatch(value) is None:
            if of.pattern_message is not None:
                return Fault("field.not_as_told", {"text": of.pattern_message})
            return Fault("field.no_match", {"pattern": pattern})
        return None

    def from_feel(self, value: object, of: Field, currency: str | None = None) -> Value | Fault:
        """Return the text a formula gave."""
        if value is None or value == "":
            return None
        if not isinstance(value, str):
            return Fault("field.not_a_text")
        longest = of.options.get("max_length") or self.longest
        if isinstance(longest, int) and len(value) > longest:
            return Fault("field.too_long", {"max": longest, "length": len(value)})
        return value if not BAD_CHARACTERS.search(value) else Fault("field.bad_characters")

    def slot_value(self, value: Value) -> str | int | None:
        """Return the text itself, or what stands for a long one."""
        return kept_text(value) if isinstance(value, str) else None


class LongTextType(TextType):
    """A text with line breaks."""

    name = "long_text"
    help = "A text of several lines."
    synonyms = (
        "small_text text_editor 多行文本 textarea text_area longtext multiline multi_line memo note notes richtext "
        "rich_text markdown"
    )
    slot: ClassVar[SlotKind | None] = None
    widget = "long_text"
    options: ClassVar[tuple[TypeOption, ...]] = (
        TypeOption(
            "max_length",
            "whole",
            f"At most this long; {LONG_TEXT_LENGTH} unless told.",
            least=1,
            most=LONGEST,
            part=PROCESS,
        ),
    )
    longest: ClassVar[int] = LONG_TEXT_LENGTH
    is_multiline: ClassVar[bool] = True
    is_worded: ClassVar[bool] = False
    is_long = True
    can_be_key: ClassVar[bool] = False
    holds_code: ClassVar[bool] = False
    tells_apart: ClassVar[bool] = False
    names_record: ClassVar[bool] = False
    is_column: ClassVar[bool] = False
    width = 6

    def slot_value(self, value: Value) -> str | int | None:
        """Return None: a long text has no slot."""
        return None


def is_email(text: str) -> bool:
    """Tell whether a text can be an e-mail address."""
    return len(text) <= EMAIL_LENGTH and EMAIL.match(text) is not None


class EmailType(TextType):
    """An e-mail address."""

    name = "email"
    help = "An e-mail address."
    synonyms = "mail e_mail e-mail"
    widget = "email"
    options: ClassVar[tuple[TypeOption, ...]] = ()
    longest: ClassVar[int] = EMAIL_LENGTH
    keyboard = "email"
    is_column: ClassVar[bool] = False
    holds_code: ClassVar[bool] = False
    tells_apart: ClassVar[bool] = False
    names_record: ClassVar[bool] = False

    def address(self, value: Value) -> str:
        """Return what opens a message to it."""
        return f"mailto:{quote(value, safe='@')}" if isinstance(value, str) else ""

    def check(self, value: Value, of: Field) -> Fault | None:
        """Return a fault for what cannot be an address."""
        fault = super().check(value, of)
        if fault is None and isinstance(value, str) and not is_email(value):
            return Fault("field.not_an_email", {"value": value})
        return fault
