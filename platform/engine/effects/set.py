"""`set`: give fields of this record new values."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import ClassVar, Self

from blankett.engine.effects.base import Door, Effect, EffectReader, KeyKind, Refused, Stage, ToldOf, Write, values_text
from blankett.engine.fields.base import Setting


@dataclass(frozen=True, kw_only=True)
class SetEffect(Effect):
    """Give fields of this record new values."""

    word: ClassVar[str] = "set"
    help: ClassVar[str] = "Gives fields of this record new values."
    kind: ClassVar[KeyKind] = "own_values"
    held: ClassVar[Mapping[str, str | tuple[str, ...]]] = {"values": "set"}
    stage: ClassVar[Stage] = "between"
    told: ClassVar[str] = "outcome.set"
    told_of: ClassVar[ToldOf] = "field"

    values: Mapping[str, Setting]

    @classmethod
    def read(cls, reader: EffectReader) -> Self:
        """Return it with its values; a rule is looked at again and again, and would make lines each time."""
        return cls(values=reader.own_values(cls.word, tables=not reader.is_outcome), place=reader.place)

    def run(self, door: Door[Refused]) -> Refused | None:
        """Set the fields, and work the record out."""
        return door.set(self.values)

    @property
    def settings(self) -> Iterable[Setting]:
        """Return the values."""
        return self.values.values()

    @property
    def given(self) -> Mapping[str, Setting]:
        """Return the values by field."""
        return self.values

    def describe(self, write: Write) -> str:
        """Return ``set hold: yes``."""
        return f"set {values_text(self.values, write)}"

    def trace(self, changed: Collection[str] | None = None) -> tuple[str, ...]:
        """Return ``set hold`` for each field."""
        return tuple(f"set {key}" for key in self.values if changed is None or key in changed)

    def meanings(self, write: Write) -> Iterator[tuple[str, ...]]:
        """Yield each field with its value."""
        for key, setting in self.values.items():
            yield "give", key, write.setting(setting)
