"""Several of the options an author lists."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, ClassVar
from zoneinfo import ZoneInfo

from blankett.engine import feel
from blankett.engine.fields.base import Fault, Json, TextReading, TypeOption, Value, VersionChange
from blankett.engine.fields.choices import LISTED, ChoiceType
from blankett.engine.fields.locale_formats import language_of

if TYPE_CHECKING:
    from blankett.engine.language.model import Field

#: Between options, as they are stored and as people type them.
BETWEEN = ", "
_TYPED_BETWEEN = re.compile(r"\s*[,;、，；]\s*")


class ChoicesType(ChoiceType):
    """Several of the options an author lists: in memory a tuple of keys in the author's order, never an empty one."""

    name = "choices"
    help = 'Any of a few options; in formulas a list, or null for none: list contains(colours, "red").'
    synonyms = "multiselect multi_select multichoice multiple_choice checkboxes tags labels"
    column = "list"
    tells_apart = False
    is_free_text = False
    holds_code = False
    is_cell = False
    joins_posted = True
    changes_in_formulas = True
    width = 6
    options: ClassVar[tuple[TypeOption, ...]] = (LISTED,)

    def feel_type(self, of: Field) -> feel.Type:
        """Return a list of texts."""
        return feel.ListOf(super().feel_type(of))

    def cases(self, of: Field) -> Sequence[tuple[str, Value]]:
        """Return nothing: there are too many."""
        return ()

    def widget_of(self, of: Field) -> str:
        """Return boxes to tick; in a cell of a table their titles are typed."""
        return "choices" if of.table is None else "text"

    def width_of(self, of: Field) -> int:
        """Return a whole row."""
        return self.width

    def in_formulas(self, value: Value, zone: ZoneInfo) -> object:
        """Return a list."""
        return list(value) if isinstance(value, tuple) else value

    def joined(self, texts: Iterable[str]) -> str:
        """Return what was posted for each box as one text."""
        return BETWEEN.join(text for text in texts if text)

    def parse(self, text: str, of: Field, reading: TextReading) -> Value | Fault:
        """Return the options whose keys or titles were typed, with commas between them."""
        found = []
        for part in _TYPED_BETWEEN.split(text):
            one = super().parse(part, of, reading) if part else None
            if isinstance(one, Fault):
                return one
            found.append(one)
        return in_order(found, of)

    def parse_option(self, text: str, of: Field, reading: TextReading) -> Value | Fault:
        """Return the one option that was typed."""
        return super().parse(text, of, reading)

    def parse_api(self, raw: Json, of: Field, reading: TextReading) -> Value | Fault:
        """Return the options of a list of keys, or of keys with commas between them."""
        keys = _TYPED_BETWEEN.split(raw) if isinstance(raw, str) else raw
        if not isinstance(keys, list) or not all(isinstance(key, str) for key in keys):
            return Fault("field.no_such_option", {"value": str(raw)[:100]})
        return in_order(keys, of)

    def check(self, value: Value, of: Field) -> Fault | None:
        """Return a fault for a key that is no option."""
        return next((fault for key in keys_of(value) if (fault := super(ChoicesType, self).check(key, of))), None)

    def from_feel(self, value: object, of: Field, currency: str | None = None) -> Value | Fault:
        """Return the options a formula gave, as a list or as one."""
        keys = [value] if isinstance(value, str) else value
        if keys is None:
            return None
        if not isinstance(keys, (list, tuple)) or not all(isinstance(key, str) for key in keys):
            return Fault("field.no_such_option", {"value": str(value)[:100]})
        return in_order(keys, of)

    def keep(self, value: Value, old: Field, new: Field, change: VersionChange) -> Value | Fault:
        """Return what each option becomes, unless one is gone."""
        kept = {key: super(ChoicesType, self).keep(key, old, new, change) for key in keys_of(value)}
        gone = tuple(key for key, each in kept.items() if isinstance(each, Fault))
        return Fault("option_gone", {"keys": gone}) if gone else in_order(kept.values(), new)

    def to_stored(self, value: Value, of: Field) -> Json:
        """Return the keys with commas between them."""
        return BETWEEN.join(keys_of(value)) or None

    def from_stored(self, stored: Json, of: Field) -> Value:
        """Return the keys; those that are no options any more are kept."""
        return keys_of(stored if isinstance(stored, str) else None) or None

    def to_text(self, value: Value, of: Field, locale: str, currency: str | None = None) -> str:
        """Return the keys; in a cell, where they are typed, the titles."""
        return self.show(value, of, locale) if of.table is not None else BETWEEN.join(keys_of(value))

    def show(self, value: Value, of: Field, locale: str, currency: str | None = None) -> str:
        """Return the titles in the locale's language."""
        between = "、" if language_of(locale) == "zh" else BETWEEN
        return between.join(super(ChoicesType, self).show(key, of, locale) for key in keys_of(value))

    def slot_value(self, value: Value) -> str | int | None:
        """Return the keys with a comma before and behind each, so that one of them can be looked for."""
        keys = keys_of(value)
        return f"{BETWEEN}{BETWEEN.join(keys)}{BETWEEN}" if keys else None

    def options_in(self, kept: str) -> tuple[str, ...]:
        """Return each of the keys."""
        return keys_of(kept)


def keys_of(value: object) -> tuple[str, ...]:
    """Return the keys of a value, of the list it is in formulas, of one key, or of what a slot holds."""
    if isinstance(value, (tuple, list)):
        return tuple(str(key) for key in value)
    return tuple(key for key in value.split(BETWEEN) if key) if isinstance(value, str) else ()


def in_order(keys: Iterable[object], of: Field) -> Value:
    """Return keys once each, in the order of the options, those that are none behind; None for none."""
    found = {str(key) for key in keys if key}
    known = [key for key in of.option_titles() if key in found]
    return (*known, *sorted(found.difference(known))) or None
