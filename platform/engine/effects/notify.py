"""`notify`: tell people in the application."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from typing import ClassVar, Self

from blankett.engine.effects.base import Door, Effect, EffectKey, EffectReader, Refused, ToldOf, Write
from blankett.engine.formula import Formula, Who

#: Names that are no roles: each record has its own.
OF_THE_RECORD = frozenset({"owner", "assignee"})


@dataclass(frozen=True, kw_only=True)
class NotifyEffect(Effect):
    """Tell people in the application."""

    word: ClassVar[str] = "notify"
    help: ClassVar[str] = "Tells people."
    shape: ClassVar[str] = "notify"
    shape_words: ClassVar[str] = "notify"
    about: ClassVar[str] = "Tells people in the application."
    keys: ClassVar[tuple[EffectKey, ...]] = (
        EffectKey("role", "role", "Everybody who holds the role,"),
        EffectKey("user", "value", "or the person, or the list of people, a formula gives,"),
        EffectKey("to", "who", "or several: roles, owner, assignee, and formulas that give people."),
        EffectKey("send", "message", "What they are told.", required=True),
    )
    one_of: ClassVar[tuple[str, ...]] = ("role", "user", "to")
    held: ClassVar[Mapping[str, str | tuple[str, ...]]] = {"to": ("role", "user", "to"), "message": "send"}
    told: ClassVar[str] = "outcome.notify"
    told_of: ClassVar[ToldOf] = "roles"

    to: Who
    #: The key of a message.
    message: str

    @classmethod
    def read(cls, reader: EffectReader) -> Self | None:
        """Return it with who is told, and what."""
        inner = reader.below(cls.word)
        message = inner.message("send")
        if message is None:
            return None
        return cls(to=inner.told(role="role", user="user", who="to"), message=message, place=reader.place)

    def run(self, door: Door[Refused]) -> Refused | None:
        """Tell them."""
        return door.notify(self.to, self.message)

    def own_formulas(self) -> Iterator[Formula]:
        """Yield the formulas that give people."""
        yield from self.to.formulas

    @property
    def sends(self) -> str:
        """Return the message."""
        return self.message

    @property
    def named_roles(self) -> frozenset[str]:
        """Return the roles that are told."""
        return self.to.names - OF_THE_RECORD

    def describe(self, write: Write) -> str:
        """Return ``notify finance order_on_hold``."""
        return f"notify {write.who(self.to)} {self.message}"

    def trace(self, changed: Collection[str] | None = None) -> tuple[str, ...]:
        """Return ``notify finance``, ``notify finance, people`` or ``notify people``."""
        people = ["people"] if self.to.formulas or self.to.names & OF_THE_RECORD else []
        return (f"notify {', '.join([*sorted(self.named_roles), *people])}",)
