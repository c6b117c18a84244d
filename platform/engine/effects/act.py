"""`act`: take an action on other records."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from typing import ClassVar, Self

from blankett.engine.effects.base import (
    OWN,
    Door,
    EffectKey,
    EffectReader,
    Reaching,
    Refused,
    ToldOf,
    Write,
    values_text,
)
from blankett.engine.fields.base import Setting


@dataclass(frozen=True, kw_only=True)
class ActEffect(Reaching):
    """Take an action on linked records: the one a link field names, or all of *form* for which *where* holds."""

    word: ClassVar[str] = "act"
    help: ClassVar[str] = "Takes an action on linked records, or, in a timer, on its own."
    shape: ClassVar[str] = "act"
    shape_words: ClassVar[str] = "act"
    about: ClassVar[str] = "Takes an action on other records; in a timer, with neither `link` nor `form`, on its own."
    keys: ClassVar[tuple[EffectKey, ...]] = (
        EffectKey("link", "link", "The link field that names the record."),
        EffectKey("form", "form", "Or the form whose records are meant,"),
        EffectKey("where", "formula", "all for which this holds; bare names are theirs, `this` is this record."),
        EffectKey("action", "action", "The action of the other form.", required=True),
        EffectKey("with", "values", "What it asks."),
    )
    one_of: ClassVar[tuple[str, ...]] = ()
    held: ClassVar[Mapping[str, str | tuple[str, ...]]] = {"inputs": "with"}
    told: ClassVar[str] = "outcome.act"
    told_of: ClassVar[ToldOf] = "action"

    action: str
    inputs: Mapping[str, Setting]

    @classmethod
    def read(cls, reader: EffectReader) -> Self | None:
        """Return it with whom it reaches, the action, and the answers to what that asks."""
        inner = reader.below(cls.word)
        target = inner.target(link="link", form="form", own=True)
        action = inner.action("action", target) if target else None
        if target is None or action is None:
            return None
        return cls(
            link=target.link,
            form=target.form,
            where=inner.where("where", target),
            action=action,
            inputs=inner.inputs("with", target, action),
            place=reader.place,
        )

    def run(self, door: Door[Refused]) -> Refused | None:
        """Take the action on each of the records."""
        return door.act(self.target, self.action, self.inputs)

    @property
    def settings(self) -> Iterable[Setting]:
        """Return the answers to what the action asks."""
        return self.inputs.values()

    @property
    def takes(self) -> str:
        """Return the action."""
        return self.action

    def describe(self, write: Write) -> str:
        """Return ``act cancel on shipment``."""
        return f"act {self.action} on {self.target.describe(write)} {values_text(self.inputs, write)}".rstrip()

    def trace(self, changed: Collection[str] | None = None) -> tuple[str, ...]:
        """Return ``act shipment cancel``: the link or the form, and the action; ``act this cancel``."""
        return (f"act {self.link or self.form or OWN} {self.action}",)
