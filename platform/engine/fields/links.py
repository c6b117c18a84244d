"""Fields that point at something else: a record of another form, or a person. They hold its id."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, ClassVar

from blankett.engine import feel
from blankett.engine.feel.values import Reference
from blankett.engine.fields.base import (
    PROCESS,
    Fault,
    Json,
    Lookup,
    SlotKind,
    StoredAsText,
    TextReading,
    TypeOption,
    Value,
    VersionChange,
)
from blankett.engine.fields.text import BAD_CHARACTERS, SLOT_LENGTH

if TYPE_CHECKING:
    from blankett.engine.language.model import Field

#: Longer texts name nothing.
LONGEST_NAME = 500


class PointingType(StoredAsText):
    """What links and users share. Subclasses say where to look."""

    slot: ClassVar[SlotKind | None] = "text"
    filter = "pointer"
    is_convertible = False
    #: Message ids: nothing found, and more than one.
    nothing: ClassVar[str]
    several: ClassVar[str]

    def find(self, text: str, of: Field, lookup: Lookup) -> Sequence[tuple[str, str]]:
        """Return (id, title) of what *text* names, at most 2."""
        raise NotImplementedError

    def parse(self, text: str, of: Field, reading: TextReading) -> Value | Fault:
        """Return the id of the one thing the text names; without a lookup the text is the id."""
        if len(text) > LONGEST_NAME or BAD_CHARACTERS.search(text):
            return Fault(self.nothing, {"value": text[:100].encode("utf-8", "replace").decode()})
        if reading.lookup is None:
            return text
        found = self.find(text, of, reading.lookup)
        if len(found) == 1:
            return found[0][0]
        return Fault(self.several if found else self.nothing, {"value": text[:100]})

    def parse_api(self, raw: Json, of: Field, reading: TextReading) -> Value | Fault:
        """Return the id of the one thing the text names."""
        text = raw.strip() if isinstance(raw, str) else None
        if text == "":
            return None
        return Fault(self.nothing, {"value": str(raw)[:100]}) if text is None else self.parse(text, of, reading)

    def from_feel(self, value: object, of: Field, currency: str | None = None) -> Value | Fault:
        """Return the id of the record or the person a formula gave."""
        found = value.id if isinstance(value, Reference) else value
        if found is None or found == "":
            return None
        return found if isinstance(found, str) else Fault(self.nothing, {"value": str(found)[:100]})

    def slot_value(self, value: Value) -> str | int | None:
        """Return the id."""
        return value[:SLOT_LENGTH] if isinstance(value, str) else None


class LinkType(PointingType):
    """A record of a form."""

    name = "link"
    help = "A record of another form. Formulas walk it: customer.tier."
    synonyms = "verweis 关联 lookup reference ref relation relationship foreign_key foreignkey record belongs_to"
    points_to = "record"
    column = "link"
    widget = "link"
    options = (
        TypeOption(
            "to",
            "form",
            "The form of the record; blueprint.form for one of another blueprint.",
            required=True,
            part=PROCESS,
        ),
        TypeOption(
            "where",
            "formula",
            "Which records may be chosen; bare names are theirs, `this` is this record.",
            part=PROCESS,
        ),
    )
    nothing = "field.no_such_record"
    several = "field.several_records"

    def feel_type(self, of: Field) -> feel.Type:
        """Return a record of the form it points at."""
        return feel.RecordType(str(of.options.get("to")))

    def keep(self, value: Value, old: Field, new: Field, change: VersionChange) -> Value | Fault:
        """Return the id, unless the link leads to another form now."""
        return Fault("link_elsewhere") if change.leads_elsewhere(old, new) else value

    def may_lose(self, old: Field, new: Field, change: VersionChange) -> bool:
        """Tell whether the link leads to another form now."""
        return change.leads_elsewhere(old, new)

    def find(self, text: str, of: Field, lookup: Lookup) -> Sequence[tuple[str, str]]:
        """Return the records of the form that the text names."""
        return lookup.link_by_text(str(of.options.get("to")), text)


class UserType(PointingType):
    """A person."""

    name = "user"
    help = "A person of the organisation."
    synonyms = "benutzer 用户 person people member employee assignee owner"
    points_to = "person"
    is_column = True
    column = "user"
    takes_moments = True
    widget = "user"
    options = (TypeOption("role", "role", "Only people who hold the role may be chosen.", part=PROCESS),)
    nothing = "field.no_such_user"
    several = "field.several_users"

    def feel_type(self, of: Field) -> feel.Type:
        """Return a user."""
        return feel.RecordType("user")

    def find(self, text: str, of: Field, lookup: Lookup) -> Sequence[tuple[str, str]]:
        """Return the people that the text names."""
        return lookup.user_by_text(text)
