"""`assign`: hand the record to a person."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import ClassVar, Self

from blankett.engine.effects.base import Door, Effect, EffectReader, KeyKind, Refused, Write
from blankett.engine.fields.base import Setting


@dataclass(frozen=True, kw_only=True)
class AssignEffect(Effect):
    """Hand the record to a user."""

    word: ClassVar[str] = "assign"
    help: ClassVar[str] = "Hands the record to a person."
    kind: ClassVar[KeyKind] = "value"
    held: ClassVar[Mapping[str, str | tuple[str, ...]]] = {"to": "assign"}
    told: ClassVar[str] = "outcome.assign"

    to: Setting

    @classmethod
    def read(cls, reader: EffectReader) -> Self | None:
        """Return it with the formula that gives the person."""
        to = reader.person(cls.word)
        return cls(to=to, place=reader.place) if to is not None else None

    def run(self, door: Door[Refused]) -> Refused | None:
        """Hand the record over."""
        return door.assign(self.to)

    @property
    def settings(self) -> Iterable[Setting]:
        """Return whom it is handed to."""
        return (self.to,)

    @property
    def assignee(self) -> Setting:
        """Return whom it is handed to."""
        return self.to

    def describe(self, write: Write) -> str:
        """Return ``assign = user``."""
        return f"assign {write.setting(self.to)}"

    def meanings(self, write: Write) -> Iterator[tuple[str, ...]]:
        """Yield whom it is handed to."""
        yield "give", "record.assignee", write.setting(self.to)
