"""`notify`: tell people in the application and by letter; write to somebody who is no user."""

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
    """Tell people in the application, and where the message is a letter by e-mail; or write to addresses."""

    word: ClassVar[str] = "notify"
    help: ClassVar[str] = "Tells people."
    shape: ClassVar[str] = "notify"
    shape_words: ClassVar[str] = "notify"
    about: ClassVar[str] = "Tells people in the application, and by e-mail where the message is a letter."
    keys: ClassVar[tuple[EffectKey, ...]] = (
        EffectKey("role", "role", "Everybody who holds the role,"),
        EffectKey("user", "value", "or the person, or the list of people, a formula gives,"),
        EffectKey("to", "who", "or several: roles, owner, assignee, and formulas that give people,"),
        EffectKey("address", "formula", "or who has the e-mail address, or addresses, it gives, and is no user."),
        EffectKey("language", "formula", "With `address`: the language they read; the blueprint's first unless told."),
        EffectKey("send", "message", "What they are told.", required=True),
    )
    one_of: ClassVar[tuple[str, ...]] = ("role", "user", "to", "address")
    held: ClassVar[Mapping[str, str | tuple[str, ...]]] = {"to": ("role", "user", "to"), "message": "send"}
    told: ClassVar[str] = "outcome.notify"
    told_of: ClassVar[ToldOf] = "roles"

    to: Who
    #: The key of a message.
    message: str
    #: Gives e-mail addresses, and the language of who reads there.
    address: Formula | None = None
    language: Formula | None = None

    @classmethod
    def read(cls, reader: EffectReader) -> Self | None:
        """Return it with who is told, and what."""
        inner = reader.below(cls.word)
        message = inner.message("send")
        if message is None:
            return None
        return cls(
            to=inner.told(role="role", user="user", who="to"),
            message=message,
            address=inner.address("address", message),
            language=inner.text("language", beside="address"),
            place=reader.place,
        )

    def run(self, door: Door[Refused]) -> Refused | None:
        """Tell them."""
        if self.address is not None:
            return door.write_to(self.address, self.language, self.message)
        return door.notify(self.to, self.message)

    def own_formulas(self) -> Iterator[Formula]:
        """Yield the formulas that give people, addresses and a language."""
        yield from self.to.formulas
        yield from (formula for formula in (self.address, self.language) if formula is not None)

    @property
    def sends(self) -> str:
        """Return the message."""
        return self.message

    @property
    def leaves_house(self) -> bool:
        """Tell whether it writes to addresses."""
        return self.address is not None

    @property
    def named_roles(self) -> frozenset[str]:
        """Return the roles that are told."""
        return self.to.names - OF_THE_RECORD

    def describe(self, write: Write) -> str:
        """Return ``notify finance order_on_hold``."""
        if self.address is None:
            return f"notify {write.who(self.to)} {self.message}"
        spoken = f" in {write.formula(self.language)}" if self.language is not None else ""
        return f"notify address {write.formula(self.address)}{spoken} {self.message}"

    def trace(self, changed: Collection[str] | None = None) -> tuple[str, ...]:
        """Return ``notify finance``, ``notify finance, people``, ``notify people`` or ``notify address``."""
        if self.address is not None:
            return ("notify address",)
        people = ["people"] if self.to.formulas or self.to.names & OF_THE_RECORD else []
        return (f"notify {', '.join([*sorted(self.named_roles), *people])}",)
