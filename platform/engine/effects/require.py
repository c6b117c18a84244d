"""`require`: only who holds a role may do it."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from typing import ClassVar, Self

from blankett.engine.effects.base import Effect, EffectReader, KeyKind, Moment, Stage, ToldOf, Verdict, Write


@dataclass(frozen=True, kw_only=True)
class RequireOutcome(Effect):
    """Only who holds one of *roles* may take the action, or save."""

    word: ClassVar[str] = "require"
    help: ClassVar[str] = "Only who holds the role, or one of them, may do it."
    kind: ClassVar[KeyKind] = "roles"
    held: ClassVar[Mapping[str, str | tuple[str, ...]]] = {"roles": "require"}
    stage: ClassVar[Stage] = "last"
    told: ClassVar[str] = "outcome.require"
    may_refuse: ClassVar[bool] = True
    told_of: ClassVar[ToldOf] = "roles"

    roles: frozenset[str]

    @classmethod
    def read(cls, reader: EffectReader) -> Self:
        """Return it with its roles."""
        return cls(roles=reader.roles(cls.word), place=reader.place)

    def decide(self, verdict: Verdict) -> None:
        """Require one of the roles."""
        verdict.require(self.roles)

    def nonsense_at(self, moment: Moment, *, sees_change: bool) -> str | None:
        """Return that it is too late."""
        if moment != "completed":
            return None
        return "who may act is asked before it is done; say it at the action itself"

    @property
    def named_roles(self) -> frozenset[str]:
        """Return its roles."""
        return self.roles

    def describe(self, write: Write) -> str:
        """Return ``require director, finance``."""
        return f"require {', '.join(sorted(self.roles))}"

    def trace(self, changed: Collection[str] | None = None) -> tuple[str, ...]:
        """Return ``require director, finance``."""
        return (f"require {', '.join(sorted(self.roles))}",)

    def meanings(self, write: Write) -> Iterator[tuple[str, ...]]:
        """Yield its roles."""
        yield "require", *sorted(self.roles)
