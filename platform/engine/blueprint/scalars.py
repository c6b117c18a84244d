"""Checks how single words of a blueprint are written: yes and no, whole numbers, keys, patterns."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping

from blankett.engine.blueprint.grammar import RESERVED
from blankett.engine.blueprint.kinds import KeyKind, Word
from blankett.engine.blueprint.model import KEY
from blankett.engine.blueprint.source import NO_WORDS, YES_WORDS, Scalar
from blankett.engine.fields.text import pattern_fault
from blankett.engine.problems import Report, in_words, suggest

LONGEST_KEY = 60
LONGEST_TITLE = 2_000
WHOLE = re.compile(r"[+-]?[0-9]{1,15}\Z")


def _is_word(scalar: Scalar, kind: Word, what: str, report: Report) -> bool:
    if scalar.text in kind.words:
        return True
    meant = suggest(scalar.text, kind.words)
    words = in_words(kind.words)
    report.add("unknown_word", scalar.place, suggestion=meant, word=scalar.text[:LONGEST_KEY], what=what, words=words)
    return False


def _is_yes_no(scalar: Scalar, kind: Word, what: str, report: Report) -> bool:
    if scalar.text in YES_WORDS or scalar.text in NO_WORDS:
        return True
    report.add("not_yes_no", scalar.place, what=what, given=scalar.text[:LONGEST_KEY])
    return False


def _is_whole(scalar: Scalar, kind: Word, what: str, report: Report) -> bool:
    number = int(scalar.text) if WHOLE.match(scalar.text) else None
    low = kind.least is not None and number is not None and number < kind.least
    high = kind.most is not None and number is not None and number > kind.most
    if number is not None and not low and not high:
        return True
    report.add("not_whole", scalar.place, what=what, expected=_bounds(kind), given=scalar.text[:LONGEST_KEY])
    return False


def _bounds(kind: Word) -> str:
    if kind.least is not None and kind.least == kind.most:
        return str(kind.least)
    if kind.least is not None and kind.most is not None:
        return f"a whole number from {kind.least} to {kind.most:,}"
    return f"a whole number from {kind.least}" if kind.least is not None else "a whole number"


def _is_key_word(scalar: Scalar, kind: Word, what: str, report: Report) -> bool:
    return is_key(scalar, "key", report)


def _is_title(scalar: Scalar, kind: Word, what: str, report: Report) -> bool:
    tell_braces(scalar, what, report)
    return is_short_enough(scalar, what, report)


def is_short_enough(scalar: Scalar, what: str, report: Report) -> bool:
    """Tell whether a text is no longer than titles and helps may be; a problem goes to *report*."""
    if len(scalar.text) <= LONGEST_TITLE:
        return True
    report.add("text_too_long", scalar.place, what=what, limit=LONGEST_TITLE)
    return False


def tell_braces(scalar: Scalar, what: str, report: Report) -> None:
    """Tell of a formula in a text that is shown where there is no record; versions published before may have one."""
    rest = scalar.text.replace("{{", "").replace("}}", "")
    if "{" in rest or "}" in rest:
        with report.sparing():
            report.add("formula_in_title", scalar.place, what=what)


def _is_pattern(scalar: Scalar, kind: Word, what: str, report: Report) -> bool:
    reason = pattern_fault(scalar.text)
    if reason is not None:
        report.add("bad_pattern", scalar.place, reason=reason)
    return reason is None


#: {kind of scalar: check}; kinds that are not here are read later, by what knows their names and types.
SCALAR_CHECKS: Mapping[str, Callable[[Scalar, Word, str, Report], bool]] = {
    "word": _is_word,
    "yes_no": _is_yes_no,
    "whole": _is_whole,
    "key": _is_key_word,
    "title": _is_title,
    "pattern": _is_pattern,
}


def is_key(key: Scalar, kind: KeyKind, report: Report) -> bool:
    """Tell whether a key of a map is written as keys of its kind are; a problem goes to *report*."""
    if kind == "reference":
        return True
    if kind in ("option", "free"):
        return _is_option(key, kind, report)
    word = key.text[:LONGEST_KEY]
    if not KEY.match(key.text) or len(key.text) > LONGEST_KEY:
        meant = re.sub(r"[^a-z0-9_]+", "_", word.lower()).strip("_")
        report.add("bad_key", key.place, suggestion=meant if KEY.match(meant) and meant != word else None, key=word)
        return False
    if kind == "name" and key.text in RESERVED:
        report.add("reserved_key", key.place, key=word)
        return False
    return True


def _is_option(key: Scalar, kind: KeyKind, report: Report) -> bool:
    longest = LONGEST_KEY if kind == "option" else LONGEST_KEY * 4
    if key.text == key.text.strip() and 0 < len(key.text) <= longest and "\n" not in key.text:
        return True
    report.add("bad_option", key.place, key=key.text[:LONGEST_KEY], limit=longest)
    return False
