"""`update`: give fields of other records new values."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import ClassVar, Self

from blankett.engine.effects.base import Door, EffectKey, EffectReader, Reaching, Refused, ToldOf, Write, values_text
from blankett.engine.fields.base import Setting


@dataclass(frozen=True, kw_only=True)
class UpdateEffect(Reaching):
    """Give fields of other records new values: the one a link field names, or all of *form* where *where* holds."""

    word: ClassVar[str] = "update"
    help: ClassVar[str] = "Gives fields of linked records new values."
    shape: ClassVar[str] = "update"
    shape_words: ClassVar[str] = "update"
    about: ClassVar[str] = "Changes other records."
    keys: ClassVar[tuple[EffectKey, ...]] = (
        EffectKey("link", "link", "The link field that names the record."),
        EffectKey("form", "form", "Or the form whose records are changed,"),
        EffectKey("where", "formula", "all for which this holds; bare names are theirs, `this` is this record."),
        EffectKey(
            "set",
            "own_values",
            "The new values; bare names are this record's, `that` is the other record.",
            required=True,
        ),
    )
    held: ClassVar[Mapping[str, str | tuple[str, ...]]] = {"values": "set"}
    told: ClassVar[str] = "outcome.update"
    told_of: ClassVar[ToldOf] = "reached"

    values: Mapping[str, Setting]

    @classmethod
    def read(cls, reader: EffectReader) -> Self:
        """Return it with whom it reaches and what it gives them."""
        inner = reader.below(cls.word)
        target = inner.target(link="link", form="form")
        return cls(
            link=target.link if target else None,
            form=target.form if target else None,
            values=inner.values("set", target, that=target) if target else {},
            where=inner.where("where", target) if target else None,
            place=reader.place,
        )

    def run(self, door: Door[Refused]) -> Refused | None:
        """Change the records."""
        return door.update(self.target, self.values)

    @property
    def settings(self) -> Iterable[Setting]:
        """Return the values."""
        return self.values.values()

    @property
    def field_values(self) -> Mapping[str, Setting]:
        """Return the values by field."""
        return self.values

    def writes(self, own: str, reached: str) -> Iterator[tuple[str, Collection[str]]]:
        """Yield what the other records are given."""
        yield reached, self.values.keys()

    def describe(self, write: Write) -> str:
        """Return ``update buyer set size: 7``."""
        return f"update {self.target.describe(write)} set {values_text(self.values, write)}"

    def trace(self, changed: Collection[str] | None = None) -> tuple[str, ...]:
        """Return ``update buyer``, the link, or ``update orders.task``, the form."""
        return (f"update {self.link or self.form}",)
