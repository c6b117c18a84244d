"""`start` and `stop`: let a timer of the record run from now on, or no more."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from typing import ClassVar, Self

from blankett.engine.effects.base import Door, Effect, EffectReader, KeyKind, Refused, ToldOf, Write


@dataclass(frozen=True, kw_only=True)
class TimerEffect(Effect):
    """An effect on a timer of its own record."""

    kind: ClassVar[KeyKind] = "timer"
    told_of: ClassVar[ToldOf] = "timer"

    timer: str

    @classmethod
    def read(cls, reader: EffectReader) -> Self | None:
        """Return it with the timer."""
        timer = reader.timer(cls.word)
        return cls(timer=timer, place=reader.place) if timer is not None else None

    def describe(self, write: Write) -> str:
        """Return ``start survey``."""
        return f"{self.word} {self.timer}"

    def trace(self, changed: Collection[str] | None = None) -> tuple[str, ...]:
        """Return ``start survey``."""
        return (f"{self.word} {self.timer}",)

    def meanings(self, write: Write) -> Iterator[tuple[str, ...]]:
        """Yield the timer: who starts and stops it in one action says one thing too many."""
        yield "timer", self.timer


@dataclass(frozen=True, kw_only=True)
class StartEffect(TimerEffect):
    """Let a timer run from now on."""

    word: ClassVar[str] = "start"
    help: ClassVar[str] = "Lets a timer of the record run from now on, from the beginning where it runs already."
    held: ClassVar[Mapping[str, str | tuple[str, ...]]] = {"timer": "start"}
    told: ClassVar[str] = "outcome.start"

    def run(self, door: Door[Refused]) -> Refused | None:
        """Start it."""
        return door.start(self.timer)


@dataclass(frozen=True, kw_only=True)
class StopEffect(TimerEffect):
    """Let a timer run no more."""

    word: ClassVar[str] = "stop"
    help: ClassVar[str] = "Lets a timer of the record run no more while it stays in the timer's states."
    held: ClassVar[Mapping[str, str | tuple[str, ...]]] = {"timer": "stop"}
    told: ClassVar[str] = "outcome.stop"

    def run(self, door: Door[Refused]) -> Refused | None:
        """Stop it."""
        return door.stop(self.timer)
