"""The order of texts: keys that compare as the words of a language sort, numbers in them by value.

A stored key has one order, so an organisation has one collation. The keys are of ICU, as texts that databases compare
by code point.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any

import icu

#: The collations an organisation may choose: language → ICU's name of its order.
LOCALES = {"en": "en", "da": "da", "de": "de", "nb": "nb", "zh": "zh-u-co-pinyin"}
DEFAULT = "en"
#: Counted up when keys are made otherwise than before.
RULES = 1
#: So much of a text is looked at, and so much of its key is kept: what is equal until there follows each other by id.
LONGEST_TEXT = 200
LONGEST_KEY = 250


@dataclass(frozen=True)
class Collation:
    """How texts of an organisation are sorted."""

    language: str
    #: Tells keys of one making from those of another: they do not compare.
    version: str
    _collator: Any = field(repr=False, compare=False)

    def key(self, text: str) -> str:
        """Return what sorts *text*, compared by code point."""
        # No byte of a key but its last is 0, and UTF-8 keeps the order of the letters that stand for the bytes.
        made: bytes = self._collator.getSortKey(text[:LONGEST_TEXT])
        return made.rstrip(b"\0").decode("latin-1")[:LONGEST_KEY]


@lru_cache(maxsize=16)
def collation_of(language: str) -> Collation:
    """Return the collation of a language; of one that has none here, the default."""
    known = language if language in LOCALES else DEFAULT
    collator = icu.Collator.createInstance(icu.Locale.forLanguageTag(LOCALES[known]))
    collator.setAttribute(icu.UCollAttribute.NUMERIC_COLLATION, icu.UCollAttributeValue.ON)
    collator.setAttribute(icu.UCollAttribute.NORMALIZATION_MODE, icu.UCollAttributeValue.ON)
    return Collation(known, f"{known}/{icu.ICU_VERSION}/{RULES}", collator)
