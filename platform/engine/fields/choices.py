"""One of a few: yes or no, and the options an author lists."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, ClassVar

from blankett.engine import feel
from blankett.engine.fields.base import (
    DISPLAY,
    PROCESS,
    Fault,
    FieldType,
    Json,
    SlotKind,
    StoredAsText,
    TextReading,
    TypeOption,
    Value,
    VersionChange,
)
from blankett.engine.fields.cells import ChoiceCells, YesNoCells
from blankett.engine.fields.locale_formats import language_of

if TYPE_CHECKING:
    from blankett.engine.language.model import Field

YES = frozenset({"yes", "true", "on", "1", "y", "ja", "是"})
NO = frozenset({"no", "false", "off", "0", "n", "nej", "nein", "nei", "否"})
#: What blueprints and the API write.
WORDS = {"yes": True, "true": True, "no": False, "false": False}
#: How a yes is kept in a number slot.
SLOT_YES = 1


class YesNoType(FieldType):
    """Yes or no."""

    name = "yes_no"
    help = "Yes or no."
    synonyms = "ja_nein wahrheitswert 是否 布尔 bool boolean checkbox check flag yesno toggle switch bit"
    slot: ClassVar[SlotKind | None] = "number"
    column = "boolean"
    filter = "options"
    is_clearable = False
    cells = YesNoCells()
    is_column = True
    widget = "yes_no"

    def feel_type(self, of: Field) -> feel.Type:
        """Return a boolean."""
        return feel.Boolean()

    def cases(self, of: Field) -> Sequence[tuple[str, Value]]:
        """Return yes and no."""
        return (("yes", True), ("no", False))

    def blank(self, of: Field) -> str:
        """Return whether the box of a new line is ticked."""
        return "yes" if of.default is not None and of.default.constant is True else "no"

    def parse(self, text: str, of: Field, reading: TextReading) -> Value | Fault:
        """Return what a check box posts or a person types."""
        word = text.casefold()
        if word in YES or word in NO:
            return word in YES
        return Fault("field.not_yes_no", {"value": text[:100]})

    def parse_api(self, raw: Json, of: Field, reading: TextReading) -> Value | Fault:
        """Return a JSON boolean, or the words yes, no, true and false."""
        found = raw if isinstance(raw, bool) else WORDS.get(raw) if isinstance(raw, str) else None
        return Fault("field.not_yes_no", {"value": str(raw)[:100]}) if found is None else found

    def from_feel(self, value: object, of: Field, currency: str | None = None) -> Value | Fault:
        """Return the boolean a formula gave."""
        if value is None or isinstance(value, bool):
            return value
        return Fault("field.not_yes_no", {"value": str(value)[:100]})

    def to_stored(self, value: Value, of: Field) -> Json:
        """Return the boolean."""
        return value if isinstance(value, bool) else None

    def from_stored(self, stored: Json, of: Field) -> Value:
        """Return the boolean."""
        return stored if isinstance(stored, bool) else None

    def to_text(self, value: Value, of: Field, locale: str, currency: str | None = None) -> str:
        """Return ``yes``, ``no`` or an empty text; the page puts it into words."""
        return "" if value is None else "yes" if value else "no"

    def slot_value(self, value: Value) -> str | int | None:
        """Return 1 or 0 as a number slot holds it."""
        return None if value is None else SLOT_YES if value else 0


#: The key under which an author lists the options.
LISTED = TypeOption(
    "options",
    "choices",
    "A list of keys, a map of keys with their titles, or the name of a list under `options`.",
    required=True,
    part=PROCESS,
)


class ChoiceType(StoredAsText):
    """One of the options an author lists."""

    name = "choice"
    help = "One of a few options."
    synonyms = (
        "auswahl 选择 选项 select dropdown drop_down enum radio option options picklist combobox "
        "single_select status list"
    )
    slot: ClassVar[SlotKind | None] = "text"
    filter = "options"
    tells_apart = True
    is_free_text = True
    holds_code = True
    cells = ChoiceCells()
    widget = "choice"
    width = 1
    options: ClassVar[tuple[TypeOption, ...]] = (
        LISTED,
        TypeOption(
            "widget",
            "word",
            "How it is drawn: a select box, or radio buttons.",
            words=("radio", "select"),
            part=DISPLAY,
        ),
    )

    def feel_type(self, of: Field) -> feel.Type:
        """Return a text with the options, so that a comparison with a word that is none is found."""
        return feel.Text(tuple(of.option_titles()))

    def cases(self, of: Field) -> Sequence[tuple[str, Value]]:
        """Return the options."""
        return [(key, key) for key in of.option_titles()]

    def widget_of(self, of: Field) -> str:
        """Return radio buttons where the author asks for them; a cell of a table has no room for them."""
        return "radio" if of.options.get("widget") == "radio" and of.table is None else self.widget

    def width_of(self, of: Field) -> int:
        """Return a whole row for radio buttons."""
        return 6 if self.widget_of(of) == "radio" else self.width

    def parse(self, text: str, of: Field, reading: TextReading) -> Value | Fault:
        """Return the option whose key, or whose title in any language, was typed."""
        options = of.option_titles()
        if text in options:
            return text
        word = text.casefold()
        titled = [
            key
            for key, option in options.items()
            if key.casefold() == word or any(title.casefold() == word for title in option.title.by_language.values())
        ]
        return titled[0] if len(titled) == 1 else Fault("field.no_such_option", {"value": text[:100]})

    def parse_api(self, raw: Json, of: Field, reading: TextReading) -> Value | Fault:
        """Return the key of an option."""
        return raw if isinstance(raw, str) else Fault("field.no_such_option", {"value": str(raw)[:100]})

    def check(self, value: Value, of: Field) -> Fault | None:
        """Return a fault for a key that is no option."""
        if value in of.option_titles():
            return None
        return Fault("field.no_such_option", {"value": str(value)[:100]})

    def from_feel(self, value: object, of: Field, currency: str | None = None) -> Value | Fault:
        """Return the option a formula gave."""
        if value is None or value == "":
            return None
        return value if isinstance(value, str) else Fault("field.no_such_option", {"value": str(value)[:100]})

    def keep(self, value: Value, old: Field, new: Field, change: VersionChange) -> Value | Fault:
        """Return what the option becomes, unless it is gone."""
        kept = change.option(old, str(value))
        return kept if kept in new.option_titles() else Fault("option_gone", {"keys": (str(value),)})

    def may_lose(self, old: Field, new: Field, change: VersionChange) -> bool:
        """Tell whether an option is gone."""
        return not {change.option(old, key) for key in old.option_titles()} <= new.option_titles().keys()

    def show(self, value: Value, of: Field, locale: str, currency: str | None = None) -> str:
        """Return the title of the option in the locale's language, or the key of one that is gone."""
        if not isinstance(value, str):
            return ""
        option = of.option_titles().get(value)
        return option.title.say(language_of(locale)) if option else value

    def slot_value(self, value: Value) -> str | int | None:
        """Return the key."""
        return value if isinstance(value, str) else None
