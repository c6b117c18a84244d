"""`create`: make a record of another form."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import ClassVar, Self

from blankett.engine.effects.base import (
    Door,
    Effect,
    EffectKey,
    EffectReader,
    Moment,
    Refused,
    ToldOf,
    Write,
    values_text,
)
from blankett.engine.fields.base import Setting
from blankett.engine.formula import Formula


@dataclass(frozen=True, kw_only=True)
class CreateEffect(Effect):
    """Create a record of another form."""

    word: ClassVar[str] = "create"
    help: ClassVar[str] = "Makes a record of another form."
    shape: ClassVar[str] = "create"
    shape_words: ClassVar[str] = "create"
    about: ClassVar[str] = "Makes a record."
    keys: ClassVar[tuple[EffectKey, ...]] = (
        EffectKey("form", "form", "The form of the new record.", required=True),
        EffectKey("with", "values", "Its values."),
        EffectKey(
            "each",
            "value",
            "One record for each line of a table, or each item of a list a formula gives; `with` knows it as `that`.",
        ),
        EffectKey(
            "link",
            "link",
            "A link field of this record that then points at the new one; with `each`, a column of the table: "
            "`lines.task`.",
        ),
    )
    held: ClassVar[Mapping[str, str | tuple[str, ...]]] = {"values": "with", "table": "each"}
    told: ClassVar[str] = "outcome.create"
    told_of: ClassVar[ToldOf] = "form"
    reaches_on: ClassVar[bool] = True

    form: str
    values: Mapping[str, Setting]
    #: A link field of this record that then points to the new one: ``shipment``, or of its line: ``lines.task``.
    link: str | None
    #: One record is made for each line of this table, or for each item that this formula gives.
    table: str | None = None
    each: Formula | None = None

    @classmethod
    def read(cls, reader: EffectReader) -> Self | None:
        """Return it with the new record's form and values, and the link that points at it."""
        inner = reader.below(cls.word)
        target = inner.target(link=None, form="form")
        if target is None or target.form is None:
            return None
        items = inner.items("each")
        link = inner.link("link", target) if items is None else inner.line_link("link", target, items)
        return cls(
            form=target.form,
            values=inner.values("with", target, that=items),
            link=link,
            table=items.table if items is not None else None,
            each=items.formula if items is not None else None,
            place=reader.place,
        )

    def run(self, door: Door[Refused]) -> Refused | None:
        """Make the record, or one for each."""
        if self.table is not None or self.each is not None:
            return door.create_each(self.form, self.table or self.each, self.values, self.link)
        return door.create(self.form, self.values, self.link)

    def own_formulas(self) -> Iterator[Formula]:
        """Yield what gives the items, and the values."""
        if self.each is not None:
            yield self.each
        yield from super().own_formulas()

    def nonsense_at(self, moment: Moment, *, sees_change: bool) -> str | None:
        """Return that every save would make one."""
        if moment != "save" or sees_change:
            return None
        return "every save would make one more; say on which change in 'when', with 'old', or do it at an action"

    @property
    def settings(self) -> Iterable[Setting]:
        """Return the new record's values."""
        return self.values.values()

    @property
    def field_values(self) -> Mapping[str, Setting]:
        """Return the values by field."""
        return self.values

    @property
    def makes(self) -> str:
        """Return the new record's form."""
        return self.form

    @property
    def makes_again(self) -> bool:
        """Tell whether it makes one for each item, or for each line without noting there that it has one."""
        return self.each is not None or (self.table is not None and self.link is None)

    def writes(self, own: str, reached: str) -> Iterator[tuple[str, Collection[str]]]:
        """Yield what the new record is given, and the link to it."""
        yield self.form, self.values.keys()
        if self.link:
            yield own, (self.link.partition(".")[0],)

    def describe(self, write: Write) -> str:
        """Return ``create shipment with order: = record link shipment``."""
        each = f" each {self.table or f'= {write.formula(self.each)}'}" if self.table or self.each else ""
        made = f"create {self.form}{each} with {values_text(self.values, write)}"
        return f"{made} link {self.link}" if self.link else made

    def trace(self, changed: Collection[str] | None = None) -> tuple[str, ...]:
        """Return ``create shipment``."""
        return (f"create {self.form.partition('.')[2]}",)
