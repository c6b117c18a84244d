"""`notify`: tell people in the application."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar, Self

from blankett.engine.effects.base import Door, Effect, EffectKey, Reader, Refused, ToldOf, Write

if TYPE_CHECKING:
    from blankett.engine.language.model import Formula


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
        EffectKey("user", "value", "or the person, or the list of people, a formula gives."),
        EffectKey("send", "message", "What they are told.", required=True),
    )
    one_of: ClassVar[tuple[str, ...]] = ("role", "user")
    held: ClassVar[Mapping[str, str]] = {"message": "send"}
    told: ClassVar[str] = "outcome.notify"
    told_of: ClassVar[ToldOf] = "roles"

    role: str | None
    user: Formula | None
    #: The key of a message.
    message: str

    @classmethod
    def read(cls, reader: Reader) -> Self | None:
        """Return it with who is told, and what."""
        inner = reader.below(cls.word)
        message = inner.message("send")
        if message is None:
            return None
        return cls(role=inner.role("role"), user=inner.people("user"), message=message, place=reader.place)

    def run(self, door: Door[Refused]) -> Refused | None:
        """Tell them."""
        return door.notify(self.role, self.user, self.message)

    def own_formulas(self) -> Iterator[Formula]:
        """Yield the formula that gives people."""
        if self.user is not None:
            yield self.user

    @property
    def sends(self) -> str:
        """Return the message."""
        return self.message

    @property
    def named_roles(self) -> frozenset[str]:
        """Return the role that is told."""
        return frozenset({self.role} if self.role else ())

    def describe(self, write: Write) -> str:
        """Return ``notify finance order_on_hold``."""
        return f"notify {self.role or write.formula(self.user)} {self.message}"

    def trace(self, changed: Collection[str] | None = None) -> tuple[str, ...]:
        """Return ``notify finance``, or ``notify people``."""
        return (f"notify {self.role or 'people'}",)
